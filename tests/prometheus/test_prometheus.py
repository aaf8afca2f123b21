"""Debian's Prometheus watches a real lane with the shipped configuration and rules; promtool checks the rules and runs
their unit tests.

test_prometheus.py KHABAR"""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

SOURCE = os.environ["KHABAR_SOURCE"]
sys.path.insert(0, os.path.join(SOURCE, "tests/lane"))
from harness import Lane, run_tests, wait_for
from test_lane import varied

SHIPPED = os.path.join(SOURCE, "configs/prometheus")


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Prometheus:
    """A server of its own, with the shipped files; only the target and the intervals differ."""

    def __init__(self, folder, target):
        with open(os.path.join(SHIPPED, "prometheus.yml"), encoding="utf-8") as file:
            text = file.read()
        assert "127.0.0.1:9750" in text and "scrape_interval: 15s" in text
        text = text.replace("127.0.0.1:9750", target).replace("scrape_interval: 15s", "scrape_interval: 1s")
        text = text.replace("khabar.rules.yml", os.path.join(SHIPPED, "khabar.rules.yml"))
        path = os.path.join(folder, "prometheus.yml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("global: {evaluation_interval: 1s}\n" + text)
        self.address = f"127.0.0.1:{free_port()}"
        self.log = open(os.path.join(folder, "prometheus.log"), "wb")
        self.process = subprocess.Popen(["prometheus", f"--config.file={path}", f"--web.listen-address={self.address}",
                                         f"--storage.tsdb.path={folder}/data"], stdout=self.log, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def get(self, path, **query):
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=5) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None  # not up yet

    def value(self, query):
        """Sum of the samples that a query gives now; None while there are none."""
        data = self.get("query", query=query)
        return sum(float(sample["value"][1]) for sample in data["result"]) if data and data["result"] else None


def a_prometheus_watches_a_lane(khabar):
    """It finds the lane up and ready, counts what was fed, and knows when the lane is gone."""
    target = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory(prefix="kh") as folder, \
            Lane(khabar, settings={"monitor": {"listen": target}}) as lane, Prometheus(folder, target) as prometheus:
        lane.start()
        assert lane.feed(varied(200)) == 0
        lane.wait_drained()
        wait_for("a scrape of all that was fed", lambda: prometheus.value("sum(khabar_accepted_documents_total)") == 200, 30, 0.2)
        wait_for("all of it written", lambda: prometheus.value(
            "sum(khabar_written_records_total) + sum(khabar_written_rejects_total)") == 200, 30, 0.2)
        assert prometheus.value('up{job="khabar"}') == 1 == prometheus.value("khabar_ready")
        assert prometheus.value("sum(khabar_stage_up)") == 4 == prometheus.value("count(khabar_build_info)")
        targets = prometheus.get("targets")["activeTargets"]
        assert [target["lastError"] for target in targets] == [""], targets
        types = prometheus.get("metadata")
        assert types["khabar_stage_work_seconds"][0]["type"] == "histogram" and types["khabar_spool_bytes"][0]["type"] == "gauge"
        assert types["khabar_spool_bytes"][0]["unit"] == "bytes", "it took the text for OpenMetrics"
        rules = wait_for("rules that were evaluated", lambda: [
            r for g in prometheus.get("rules")["groups"] for r in g["rules"] if r["health"] != "unknown"], 20, 0.2)
        assert len(rules) > 10 and {rule["health"] for rule in rules} == {"ok"}, [r for r in rules if r["health"] != "ok"]
        active = [a["labels"]["alertname"] for a in prometheus.get("alerts")["alerts"]]
        assert not active, active
        panels = re.findall(r'"expr": "((?:[^"\\]|\\.)*)"', open(os.path.join(SOURCE, "configs/grafana/khabar.json")).read())
        for panel in panels:
            query = json.loads(f'"{panel}"').replace("$__rate_interval", "30s").replace("$lane", ".*")
            assert prometheus.get("query", query=query) is not None, query
        assert lane.stop() == 0
        wait_for("the end to be noticed", lambda: prometheus.value('up{job="khabar"}') == 0, 20, 0.2)
        wait_for("the alert", lambda: "KhabarUnreachable" in [
            a["labels"]["alertname"] for a in prometheus.get("alerts")["alerts"]], 20, 0.2)


def the_rules_pass_their_tests(_):
    """promtool: the syntax, and what each alert makes of made-up series."""
    rules = os.path.join(SHIPPED, "khabar.rules.yml")
    for check in (["rules", rules], ["config", os.path.join(SHIPPED, "prometheus.yml")]):
        done = subprocess.run(["promtool", "check", *check], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    with open(os.path.join(SOURCE, "tests/prometheus/khabar.rules.test.yml"), encoding="utf-8") as file:
        text = file.read()
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        file.write(text.replace("- RULES", f"- {rules}"))
        file.flush()
        done = subprocess.run(["promtool", "test", "rules", file.name], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(run_tests([the_rules_pass_their_tests, a_prometheus_watches_a_lane], sys.argv[1]))
