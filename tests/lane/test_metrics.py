"""Metrics and health of a real lane: what it counts agrees with its output, in a form that others' parsers take."""
import http.client
import os
import signal
import socket
import subprocess
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from harness import SAMPLE, Lane, run_tests, wait_for
from oracle import judge
from test_lane import varied

OPEN = "application/openmetrics-text; version=1.0.0"


def ask(lane, path, accept=None, method="GET"):
    """Status, content type and body of an answer of the lane's endpoint."""
    connection = http.client.HTTPConnection("lane", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(10)
    connection.sock.connect(os.path.join(lane.dir, "run/monitor.sock"))
    connection.request(method, path, headers={"Accept": accept} if accept else {})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get("Content-Type"), body


def samples(lane):
    """(name, labels without the lane's) -> value, read by the reference parser of OpenMetrics."""
    status, form, body = ask(lane, "/metrics", OPEN)
    assert status == 200 and form.startswith(OPEN), (status, form)
    found = {}
    for family in text_string_to_metric_families(body):
        for sample in family.samples:
            assert sample.labels.pop("lane") == "default"
            found[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


def total(found, name, **labels):
    return sum(value for (sample, its), value in found.items()
               if sample == name and set(labels.items()) <= set(its))


def settled(lane):
    """The numbers once all that was accepted is written and told."""
    def whole():
        found = samples(lane)
        done = total(found, "khabar_written_records_total") + total(found, "khabar_written_rejects_total")
        return found if done and done == total(found, "khabar_accepted_documents_total") \
            and not total(found, "khabar_spool_documents") else None
    return wait_for("numbers that agree", whole, 20)


def numbers_agree_with_the_output(khabar):
    """Every document is counted once on each step; sources, reasons, duplicates and bytes as in the files."""
    with Lane(khabar) as lane:
        lane.start()
        assert lane.feed(varied(400)) == 0
        assert lane.feed(varied(100)) == 0  # repeats
        assert lane.feed([("empty", {"text": "", "site": "e.iq"})]) == 1
        assert lane.feed([("nul", {"body_base64": "AAAA" * 3000, "site": "e.iq"})]) == 0
        lane.wait_drained()
        found = settled(lane)
        verdict = judge(lane.dir, lane.sent, lane.accepted())
        verdict.raise_if_bad()
        records, rejects = len(verdict.records), len(verdict.rejects)
        again = total(found, "khabar_redelivered_documents_total")  # a stage's hello may come after the first documents
        assert records + rejects == 401 == total(found, "khabar_accepted_documents_total", way="feed")
        assert total(found, "khabar_repeated_documents_total") == 100
        assert total(found, "khabar_refused_documents_total") == 1
        assert total(found, "khabar_committed_documents_total") == 401
        assert total(found, "khabar_written_records_total") == records
        assert total(found, "khabar_source_records_total") == records
        for reason in {line["reject"] for line in verdict.rejects}:
            count = sum(line["reject"] == reason for line in verdict.rejects)
            assert total(found, "khabar_written_rejects_total", reason=reason) == count, reason
            assert 0 <= total(found, "khabar_stage_rejected_documents_total", reason=reason, stage="parse") - count <= again, reason
        for source in {line["source"] for line in verdict.records}:
            count = sum(line["source"] == source for line in verdict.records)
            assert total(found, "khabar_source_records_total", source=source) == count, source
        assert total(found, "khabar_accepted_bytes_total") == sum(line["bytes"] for line in verdict.records + verdict.rejects)
        for stage in ("parse", "classify", "sink"):
            assert 0 <= total(found, "khabar_stage_received_documents_total", stage=stage) - 401 <= again, stage
        assert 0 <= total(found, "khabar_stage_work_seconds_count", stage="parse") - 401 <= again
        assert 0 <= total(found, "khabar_stage_queue_wait_seconds_count", stage="parse") - 401 <= again
        assert 0 <= total(found, "khabar_stage_work_seconds_count", stage="classify") - (401 - rejects) <= again
        assert 0 <= total(found, "khabar_delivery_seconds_count") - 401 <= again
        assert 0 <= total(found, "khabar_spool_wait_seconds_count") - 401 <= again
        assert total(found, "khabar_spool_sync_seconds_count") > 0 < total(found, "khabar_output_sync_seconds_count")
        size = sum(os.path.getsize(os.path.join(folder, name)) for kind in ("records", "rejects")
                   for folder, _, names in os.walk(os.path.join(lane.dir, kind)) for name in names if ".ndjson.open" in name)
        assert total(found, "khabar_written_bytes_total") == size
        assert total(found, "khabar_stage_up") == 4 and total(found, "khabar_ready") == 1
        assert lane.stop() == 0


def both_forms_are_what_they_say(khabar):
    """promtool finds nothing wrong with the older form; unknown paths and methods are answered so."""
    with Lane(khabar) as lane:
        lane.start()
        assert lane.feed_file(SAMPLE, "--site", 'al"sum\\aria') == 0
        lane.wait_drained()
        status, form, body = ask(lane, "/metrics")
        assert status == 200 and form.startswith("text/plain; version=0.0.4"), form
        done = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0 and not done.stderr, done.stderr
        assert total(samples(lane), "khabar_source_accepted_documents_total", source='al"sum\\aria') == 1
        assert ask(lane, "/")[0] == 404
        assert ask(lane, "/metrics", method="POST")[0] == 405
        assert ask(lane, "/metrics", method="HEAD")[::2] == (200, "")
        assert lane.stop() == 0


def a_lane_that_writes_nothing_is_not_ready(khabar):
    """sink stops working: alive, not ready, and ready again when it works; a daemon that is gone is named."""
    with Lane(khabar, settings={"monitor": {"stall_seconds": 1}}) as lane:
        lane.start()
        assert ask(lane, "/healthz")[::2] == (200, "alive\n") and ask(lane, "/readyz")[::2] == (200, "ready\n")
        lane.kill("sink", signal.SIGSTOP)
        assert lane.feed(varied(20)) == 0

        def stands_still():
            status, _, why = ask(lane, "/readyz")
            return status == 503 and "nothing was written for" in why and "20 documents wait" in why
        wait_for("a lane that is not ready", stands_still)
        _, out, _ = lane.run("status")
        assert "not ready:" in out and "nothing was written for" in out, out
        assert ask(lane, "/healthz")[0] == 200 and total(samples(lane), "khabar_ready") == 0
        lane.kill("sink", signal.SIGCONT)
        wait_for("a lane that is ready again", lambda: ask(lane, "/readyz")[0] == 200)
        lane.process.send_signal(signal.SIGSTOP)  # nobody starts it again
        lane.kill("parse", signal.SIGKILL)
        wait_for("parse to be missed", lambda: "parse does not run" in ask(lane, "/readyz")[2])
        wait_for("parse alone to be down", lambda: total(samples(lane), "khabar_stage_up") == 3)
        lane.process.send_signal(signal.SIGCONT)
        wait_for("a lane that is ready again", lambda: ask(lane, "/readyz")[0] == 200)
        assert total(samples(lane), "khabar_stage_deaths_total", stage="parse") == 1
        assert lane.stop() == 0


def a_taken_address_stops_nothing(khabar):
    """Somebody else has the port: the lane works, says so, and takes the port when it is free."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with Lane(khabar, settings={"monitor": {"listen": f"127.0.0.1:{port}"}}) as lane:
            lane.start()
            assert lane.feed_file(SAMPLE) == 0
            lane.wait_drained()
            assert f"endpoint=127.0.0.1:{port}, trying again: Address already in use" in lane.log(), lane.log()
            other.close()

            def answers():
                with socket.socket() as client:
                    return client.connect_ex(("127.0.0.1", port)) == 0
            wait_for("the port to be taken", answers, 15)
            assert lane.stop() == 0


def greedy_watchers_stop_nothing(khabar):
    """More connections than are served, half-sent and endless requests: the lane goes on, and so does the endpoint."""
    with Lane(khabar) as lane:
        lane.start()
        path = os.path.join(lane.dir, "run/monitor.sock")
        idle = []
        for i in range(40):
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(0.05)
            sock.connect(path)
            try:
                sock.sendall(b"GET /metrics HTTP/1.1\r\nX: " + (b"y" * 100000 if i % 2 else b""))
            except OSError:
                pass  # closed in our face
            idle.append(sock)
        assert lane.feed(varied(50)) == 0
        lane.wait_drained()
        for sock in idle:
            sock.close()
        wait_for("an answer", lambda: ask(lane, "/readyz")[0] == 200)
        assert lane.stop() == 0


if __name__ == "__main__":
    sys.exit(run_tests([numbers_agree_with_the_output, both_forms_are_what_they_say, a_taken_address_stops_nothing,
                        a_lane_that_writes_nothing_is_not_ready, greedy_watchers_stop_nothing], sys.argv[1]))
