"""Holds the documents against the tables in the code: every row there, word for word, none that is not; every alert and
every command explained; links that lead somewhere.

check_docs.py SOURCE PRINT-TABLES KHABAR checks; with --write as a last argument it puts the tables into the documents."""
import json
import os
import re
import subprocess
import sys

source, tables, khabar = sys.argv[1:4]
DOCS = os.path.join(source, "docs")
PLACES = {"metrics": "metrics.md", "events": "log.md", "settings": "configuration.md"}


def read(*path):
    with open(os.path.join(source, *path), encoding="utf-8") as file:
        return file.read()


def run(*command):
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def parts(text, table):
    """What stands before, in and after the rows of a table: those are between its marks."""
    found = re.fullmatch(rf"(.*<!-- table: {table} -->\n\|.*?\n\|[- |]+\n)(.*?)(<!-- end -->.*)", text, re.S)
    assert found, f"no place for the table of {table}"
    return found.groups()


def tables_are_those_of_the_code():
    for table, name in PLACES.items():
        rows = run(tables, table)
        before, inside, after = parts(read("docs", name), table)
        if "--write" in sys.argv:
            with open(os.path.join(DOCS, name), "w", encoding="utf-8") as file:
                file.write(before + rows + after)
        else:
            stray = set(inside.splitlines()) ^ set(rows.splitlines())
            assert inside == rows, f"docs/{name}: {sorted(stray) or 'another order'}; check_docs.py … --write writes it anew"


def families():
    """Names under which samples of each metric come."""
    names = set()
    for name, kind in re.findall(r"^\| `(\w+)` \| (\w+) ", run(tables, "metrics"), re.M):
        names |= {name + end for end in ("_bucket", "_count", "_sum")} if kind == "histogram" else {name}
    return names


def queries_name_metrics_that_are():
    used = {"khabar.rules.yml": read("configs/prometheus/khabar.rules.yml"),
            "khabar.rules.test.yml": read("tests/prometheus/khabar.rules.test.yml"),
            "khabar.json": read("configs/grafana/khabar.json")}
    known = families()
    for name, text in used.items():
        found = set(re.findall(r"\bkhabar_\w+", text))
        assert found and found <= known, f"{name}: {sorted(found - known)}"
    dashboard = json.loads(used["khabar.json"])
    places = [(p["gridPos"]["x"] + dx, p["gridPos"]["y"] + dy) for p in dashboard["panels"]
              for dx in range(p["gridPos"]["w"]) for dy in range(p["gridPos"]["h"])]
    assert len(places) == len(set(places)) and max(x for x, _ in places) < 24, "panels lie over each other"
    assert len({p["id"] for p in dashboard["panels"]}) == len(dashboard["panels"])


def labels_in_queries_are_those_of_the_metrics():
    labels = {}
    for name, kind, own in re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w, ]+) \|", run(tables, "metrics"), re.M):
        for end in ("_bucket", "_count", "_sum") if kind == "histogram" else ("",):
            labels[name + end] = set(own.split(", ")) | {"instance"} | ({"le"} if end == "_bucket" else set())
    for name in ("configs/prometheus/khabar.rules.yml", "configs/grafana/khabar.json"):
        for metric, braces in re.findall(r"\b(khabar_\w+)\{([^}]*)\}", read(name)):
            used = set(re.findall(r"(\w+)\s*[=!]~?\s*\\?\"", braces))
            assert used <= labels[metric], f"{name}: {metric} has no {used - labels[metric]}"


def every_alert_is_tested_and_explained():
    alerts = re.findall(r"^ +- alert: (\w+)$", read("configs/prometheus/khabar.rules.yml"), re.M)
    explained = re.findall(r"^### (Khabar\w+)$", read("docs/operation.md"), re.M)
    assert alerts and sorted(alerts) == sorted(explained), sorted(set(alerts) ^ set(explained))
    fired = set(re.findall(r"alertname: (\w+)\n +exp_alerts:\n", read("tests/prometheus/khabar.rules.test.yml")))
    assert fired == set(alerts), sorted(fired ^ set(alerts))


def links_lead_somewhere():
    for folder in ("", "docs", "docs/figures", "configs/sites"):
        for name in sorted(os.listdir(os.path.join(source, folder))):
            if not name.endswith(".md"):
                continue
            for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(folder, name)):
                assert os.path.exists(os.path.join(source, folder, link)), f"{folder}/{name}: {link}"


def every_command_is_in_the_man_page_and_the_documents():
    commands = re.findall(r"^  ([a-z]+) +\S", run(khabar, "--help"), re.M)
    documents = read("README.md") + "".join(read("docs", name) for name in sorted(os.listdir(DOCS)) if name.endswith(".md"))
    assert commands
    missing = [command for command in commands if f"khabar {command}" not in documents]
    assert not missing, missing


TESTS = [tables_are_those_of_the_code, queries_name_metrics_that_are, labels_in_queries_are_those_of_the_metrics,
         every_alert_is_tested_and_explained, links_lead_somewhere, every_command_is_in_the_man_page_and_the_documents]
print(f"1..{len(TESTS)}")
failed = 0
for number, test in enumerate(TESTS, 1):
    try:
        test()
        print(f"ok {number} - {test.__name__}")
    except (AssertionError, OSError, subprocess.CalledProcessError) as problem:
        failed = 1
        print(f"not ok {number} - {test.__name__}\n# {problem}")
sys.exit(failed)
