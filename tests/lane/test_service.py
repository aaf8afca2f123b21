"""What a service manager, the journal and SIGHUP get from the real daemons."""
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading

from harness import DAEMONS, SOURCE, Lane, Skip, run_tests, wait_for
from oracle import judge
from test_lane import finish, varied
from test_metrics import samples, total

JOURNAL = "/run/systemd/journal"


def logfmt(line):
    """The pairs of a line; fails on what is no logfmt."""
    pairs, at = {}, 0
    while at < len(line):
        key, _, rest = line[at:].partition("=")
        assert key and key.isidentifier() and rest, line
        at += len(key) + 1
        value = ""
        if line[at] == '"':
            at += 1
            while line[at] != '"':
                at += line[at] == "\\"
                value += line[at]
                at += 1
            at += 1
        else:
            end = line.find(" ", at)
            end = len(line) if end < 0 else end
            value = line[at:end]
            assert '"' not in value, line
            at = end
        assert key not in pairs, line
        pairs[key] = value
        assert at == len(line) or line[at] == " ", line
        at += 1
    return pairs


def events(lane):
    """All lines of the daemons' log, as pairs."""
    return [logfmt(line) for line in lane.log().splitlines() if line.startswith("time=")]


def count(lane, event):
    return sum(line.get("event") == event for line in events(lane))


def a_reload_under_load_changes_what_can(khabar):
    """All daemons take new settings while documents come in; one that is wrong changes nothing; nothing is lost."""
    with Lane(khabar, settings={}) as lane:
        path = os.path.join(lane.dir, "lane.json")

        def write(text):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            for daemon in DAEMONS:
                assert lane.kill(daemon, signal.SIGHUP)

        lane.start()
        feeding = lane.start_feeding(varied(600, 21), "--window", "16")
        write(json.dumps({"window": {"documents": 8}, "log": {"level": "debug"}, "spool": {"max_bytes": 99999999},
                          "parse": {"document_seconds": 20}, "sink": {"format": "ninjs"}}))
        wait_for("four reloads", lambda: count(lane, "reloaded") == 4)
        said = {line["program"]: line["text"] for line in events(lane) if line.get("event") == "reloaded"}
        assert said["khabar-ingest"] == "changed: log.level window.documents", said
        assert said["khabar-parse"] == "changed: log.level parse.document_seconds", said
        wait = {line["program"]: line["text"].rsplit(": ", 1)[1] for line in events(lane) if "next start only" in line["text"]}
        assert wait == {"khabar-ingest": "spool.max_bytes", "khabar-sink": "sink.format"}, wait
        wait_for("the new window", lambda: total(samples(lane), "khabar_window_documents") == 8)
        write('{"window": {"documents": 9}')
        wait_for("four refusals", lambda: count(lane, "not-reloaded") == 4)
        found = wait_for("them counted", lambda: (f := samples(lane)) and total(f, "khabar_stage_reloads_failed_total") == 4 and f)
        assert total(found, "khabar_stage_reloads_total") == 4 and total(found, "khabar_window_documents") == 8
        assert lane.finish_feeding(feeding) == 0
        lane.wait_drained()
        verdict = judge(lane.dir, lane.sent, lane.accepted())
        verdict.raise_if_bad()
        last = max(verdict.records, key=lambda line: line["seq"])["id"]
        life = [line["event"] for line in events(lane) if line.get("id") == last]
        assert sorted(life) == ["accepted", "sent", "worked", "worked", "written"], life
        finish(lane)


class Journal(threading.Thread):
    """Takes what daemons send to the journal, in a mount namespace in which it is the journal."""

    def __init__(self):
        super().__init__(daemon=True)
        os.makedirs(JOURNAL)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(os.path.join(JOURNAL, "socket"))
        self.entries = []
        self.start()

    @staticmethod
    def fields(data):
        """The native protocol: KEY=value lines, or KEY, a size in eight bytes and the value."""
        found = {}
        while data:
            line, _, rest = data.partition(b"\n")
            if b"=" in line:
                key, _, value = line.partition(b"=")
                data = rest
            else:
                size = int.from_bytes(rest[:8], "little")
                key, value, data = line, rest[8:8 + size], rest[9 + size:]
            found[key.decode()] = value.decode()
        return found

    def run(self):
        while True:
            self.entries.append(self.fields(self.socket.recv(1 << 20)))


def in_the_journal(khabar):
    """Run in the namespace: a lane whose standard error is the journal's."""
    journal = Journal()
    with Lane(khabar) as lane:
        log = os.stat(os.open(lane.log_path, os.O_WRONLY | os.O_CREAT))
        lane.environment["JOURNAL_STREAM"] = f"{log.st_dev}:{log.st_ino}"
        lane.start()
        assert lane.feed([("nul", {"body_base64": "AAAA" * 3000, "site": "e.iq"})]) == 0
        lane.wait_drained()
        lane.kill("classify")
        wait_for("a death to be told", lambda: any("unclean" in e["MESSAGE"] and e["STAGE"] == "ingest" for e in journal.entries))
        assert lane.stop() == 0
        assert not lane.log(), lane.log()
        document = next(iter(lane.accepted().values()))
    catalog = subprocess.run([os.path.join(os.path.dirname(khabar), "../../docs/print-tables"), "events"],
                             capture_output=True, check=True, text=True).stdout
    ids = {row.split("`")[1]: row.split("`")[3] for row in catalog.splitlines()}
    for entry in journal.entries:
        assert entry["LANE"] == "default" and entry["STAGE"] in DAEMONS, entry
        assert entry["SYSLOG_IDENTIFIER"] == "khabar-" + entry["STAGE"] and entry["PRIORITY"] in "3467", entry
    expected = {ids[name] for name in ("started", "stopping", "stopped", "hello", "reject")}
    wait_for("an entry of each kind", lambda: expected <= {entry.get("MESSAGE_ID") for entry in journal.entries})
    # a hello that comes late has the document sent again: two entries of one document
    rejects = [entry for entry in journal.entries if entry.get("MESSAGE_ID") == ids["reject"]]
    assert {entry["DOC_ID"] for entry in rejects} == {document}, rejects
    reject = rejects[0]
    told = {key: reject.get(key) for key in ("DOC_ID", "SOURCE", "ATTEMPT", "REASON", "STAGE", "PRIORITY")}
    assert told == {"DOC_ID": document, "SOURCE": "e.iq", "ATTEMPT": "1", "REASON": reject["REASON"], "STAGE": "parse",
                    "PRIORITY": "6"}, reject
    assert reject["REASON"] in ("not-text", "empty", "no-article") and f"reject id={document} source=e.iq" in reject["MESSAGE"]


def the_journal_gets_native_fields(khabar):
    """MESSAGE_ID, DOC_ID, LANE, STAGE, SOURCE, ATTEMPT, REASON, and nothing on standard error."""
    script = f"mount -t tmpfs tmpfs /run && exec {sys.executable} {os.path.abspath(__file__)} {khabar} journal"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        raise Skip("no mount namespace can be made here")
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "KHABAR_SOURCE": SOURCE})
    assert done.returncode == 0, done.stdout + done.stderr


def the_service_manager_is_told(khabar):
    """READY once it can be reached, STATUS with what it did, STOPPING; each daemon by itself."""
    with Lane(khabar) as lane:
        path = os.path.join(lane.dir, "notify")
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notices.bind(path)
        notices.settimeout(15)
        folder = os.path.join(os.path.dirname(os.path.abspath(khabar)), "..")
        for daemon in DAEMONS:
            process = subprocess.Popen([os.path.join(folder, daemon, "khabar-" + daemon), "--dir", lane.dir],
                                       env={**os.environ, "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"},
                                       stderr=subprocess.DEVNULL)
            try:
                assert notices.recv(4096).startswith(b"STATUS=starting")
                assert notices.recv(4096) == b"READY=1"
                sockets = os.listdir(os.path.join(lane.dir, "run"))
                modes = {stat.S_IMODE(os.stat(os.path.join(lane.dir, "run", name)).st_mode) for name in sockets if name.endswith(".sock")}
                assert modes == {0o660}, modes
                assert f"{daemon}.sock" in sockets and (daemon != "ingest" or "feed.sock" in sockets), sockets
                told = {notices.recv(4096).split(b"=")[0] for _ in range(2)}
                assert told == {b"STATUS", b"WATCHDOG"}, told
                process.terminate()
                while not (last := notices.recv(4096)).startswith(b"STOPPING=1"):
                    assert last.startswith((b"STATUS=running:", b"WATCHDOG=1")), last
                assert process.wait(15) == 0
            finally:
                process.kill()
                process.wait()
            notices.setblocking(False)
            try:
                while True:
                    notices.recv(4096)
            except BlockingIOError:
                notices.settimeout(15)
        notices.close()


if __name__ == "__main__":
    if sys.argv[2:] == ["journal"]:
        in_the_journal(sys.argv[1])
    else:
        sys.exit(run_tests([a_reload_under_load_changes_what_can, the_journal_gets_native_fields,
                            the_service_manager_is_told], sys.argv[1]))
