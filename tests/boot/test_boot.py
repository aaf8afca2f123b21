"""The Debian package on a booted systemd: installed, started, fed, killed, reloaded, upgraded, unplugged, removed.

usage: test_boot.py SOURCE FOLDER; FOLDER keeps the tree of the machine for the next run."""
import base64
import glob
import hashlib
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback

SOURCE, FOLDER = sys.argv[1:3]
sys.path.insert(0, os.path.join(SOURCE, "tests", "lane"))

from harness import DAEMONS, SAMPLE, wait_for  # noqa: E402
from machine import CantBoot, Machine, in_own_namespace, make_tree  # noqa: E402
from oracle import judge, read_output  # noqa: E402
from test_lane import varied  # noqa: E402

CONFIG = "/etc/khabar/default.json"
STATE = "/var/lib/khabar/default"
RUN = "/run/khabar/default"


class Service:
    """The lane `default` of a machine, and what was fed to it."""

    def __init__(self, machine):
        self.machine = machine
        self.sent, self.accepted = {}, {}

    def systemctl(self, *arguments, check=True):
        return self.machine.run("systemctl", *arguments, check=check)

    def unit(self, daemon):
        return f"khabar-{daemon}@default.service"

    def property(self, daemon, name):
        return self.systemctl("show", "--value", "--property", name, self.unit(daemon)).stdout.strip()

    def pid(self, daemon):
        return int(self.property(daemon, "MainPID"))

    def is_active(self, daemon):
        return self.property(daemon, "ActiveState") == "active"

    def start(self):
        self.systemctl("start", "khabar@default.target")
        wait_for("four active daemons", lambda: all(self.is_active(daemon) for daemon in DAEMONS), 60)

    def status(self, daemon):
        """What a daemon tells of itself. The run folder is a tmpfs of the machine, so it is read inside."""
        done = self.machine.run("cat", f"{RUN}/{daemon}.status", check=False)
        try:
            return json.loads(done.stdout)
        except ValueError:
            return {}

    def spooled(self):
        return self.status("ingest").get("spool", {}).get("documents", -1)

    def start_feeding(self, documents):
        """`khabar feed` inside, in the background."""
        name = f"/root/{len(self.sent)}.ndjson"
        with open(self.machine.path(name), "w", encoding="utf-8") as file:
            for feeder_id, document in documents:
                body = document.get("text", document.get("html"))
                raw = body.encode() if body is not None else base64.b64decode(document["body_base64"])
                self.sent[feeder_id] = (hashlib.sha256(raw).hexdigest(), len(raw))
                file.write(json.dumps({"id": feeder_id, **document}, ensure_ascii=False) + "\n")
        self.answers = tempfile.TemporaryFile("w+", encoding="utf-8")  # a pipe that nobody reads would stop the feeder
        return subprocess.Popen(self.machine.inside("khabar", "feed", "--config", CONFIG, "--verbose", name),
                                stdout=self.answers, stderr=subprocess.STDOUT)

    def finish_feeding(self, process, timeout=120):
        """The exit status; answers are noted even when the feeder was killed."""
        process.wait(timeout)
        with self.answers:
            self.answers.seek(0)
            self.said = self.answers.read()
        for line in self.said.splitlines():
            outcome, _, rest = line.partition(" ")
            if outcome == "accepted":
                feeder_id, lane_id = rest.split(" ")
                self.accepted[feeder_id] = lane_id
        return process.returncode

    def feed(self, documents):
        status = self.finish_feeding(self.start_feeding(documents))
        assert status == 0, self.said[-1000:]

    def wait_drained(self):
        asked = time.time()

        def drained():
            told = self.machine.run("stat", "-c", "%.3Y", f"{RUN}/ingest.status", check=False).stdout
            return told and float(told) > asked and self.spooled() == 0

        wait_for("an empty spool", drained, 90, 0.2)

    def judge(self):
        self.wait_drained()
        verdict = judge(self.machine.path(STATE), self.sent, self.accepted)
        verdict.raise_if_bad()
        return verdict

    def journal(self, *arguments):
        """Entries of the lane as objects, oldest first."""
        out = self.machine.run("journalctl", "--output=json", "--no-pager", "--unit=khabar-*@default.service", *arguments).stdout
        return [json.loads(line) for line in out.splitlines()]


def a_page_in_the_folder_becomes_a_record(service, packages):
    """apt install, systemctl start, cp: the record is there, and systemctl status tells what the lane is doing."""
    machine = service.machine
    shutil.copy(packages["khabar"], machine.path("/root/khabar.deb"))
    shutil.copy(packages["khabar-doc"], machine.path("/root/khabar-doc.deb"))
    machine.run("apt-get", "-q", "update")
    machine.run("apt-get", "-q", "-y", "--no-install-recommends", "install", "/root/khabar.deb", "/root/khabar-doc.deb")
    assert not any(service.is_active(daemon) for daemon in DAEMONS), "nothing starts unasked"
    service.start()
    with open(SAMPLE, "rb") as file:
        body = file.read()
    shutil.copy(SAMPLE, machine.path("/root/page.txt"))
    machine.run("cp", "/root/page.txt", f"{STATE}/incoming/")
    record = wait_for("a record", lambda: read_output(machine.path(f"{STATE}/records")), 30, 0.2)[0]
    assert record["feeder_id"].startswith("page.txt@"), record["feeder_id"]
    service.sent[record["feeder_id"]] = (hashlib.sha256(body).hexdigest(), len(body))
    verdict = service.judge()
    assert len(verdict.records) == 1 and verdict.records[0]["title"].startswith("العراق يعلن إخلاء"), verdict.records
    told = service.systemctl("status", "--no-pager", "khabar-*@default.service").stdout
    assert told.count("active (running)") == 4 and told.count("Status: ") == 4, told
    assert machine.run("systemctl", "--failed", "--plain", "--no-legend").stdout.strip() == ""


def the_sandbox_is_in_force(service, _):
    """The daemons run as khabar, without rights, and systemd finds them as little exposed as promised."""
    for daemon in DAEMONS:
        assert service.machine.run("stat", "-c", "%U", f"/proc/{service.pid(daemon)}").stdout.strip() == "khabar"
        told = service.machine.run("cat", f"/proc/{service.pid(daemon)}/status").stdout
        lines = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
        assert int(lines["CapEff"], 16) == 0 and lines["NoNewPrivs"].strip() == "1" and lines["Seccomp"].strip() == "2", lines
        limit = 1.5 if daemon == "ingest" else 0.5
        told = service.machine.run("systemd-analyze", "security", "--no-pager", service.unit(daemon), check=False).stdout
        level = float(told.rsplit("Overall exposure level for", 1)[1].split(":")[1].split()[0])
        assert level <= limit, told


def the_journal_has_native_fields(service, _):
    """A document's id, the lane and the stage are fields that journalctl can look for."""
    entries = service.journal()
    for daemon in DAEMONS:
        assert any(entry.get("STAGE") == daemon and entry.get("LANE") == "default" and entry.get("MESSAGE_ID") for entry in entries), daemon
    service.feed([("no-article", {"text": "."})])
    service.wait_drained()
    rejected = [entry for entry in service.journal() if entry.get("REASON") and entry.get("DOC_ID") == service.accepted["no-article"]]
    assert rejected, service.accepted
    found = service.machine.run("journalctl", "--no-pager", "--output=cat", "DOC_ID=" + service.accepted["no-article"]).stdout
    assert found.strip(), "journalctl finds a document by its id"


def secrets_come_as_credentials(service, _):
    """HTTP over tcp with bearer tokens from the credential store; the socket that systemd holds takes lines."""
    machine = service.machine
    with open(machine.path(CONFIG), encoding="utf-8") as file:
        before = file.read()
    with socket.socket() as probe:  # the machine shares the network of this one
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = json.loads(before)
    settings.setdefault("ingest", {})["http"] = {"listen": f"127.0.0.1:{port}", "tokens": "credential:tokens"}
    os.makedirs(machine.path("/etc/credstore"), mode=0o700, exist_ok=True)
    with open(machine.path("/etc/credstore/khabar.default.tokens"), "w", encoding="ascii") as file:
        file.write("a-token-of-the-boot-test\n")
    with open(machine.path(CONFIG), "w", encoding="utf-8") as file:
        json.dump(settings, file)
    service.systemctl("restart", service.unit("ingest"))
    feeder_id, about = next(document for document in varied(30, 16) if "html" in document[1])
    body = about["html"].encode()
    service.sent[feeder_id] = (hashlib.sha256(body).hexdigest(), len(body))
    for token, expected in (("another-token-than-that", 401), ("a-token-of-the-boot-test", 202)):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", "/v1/documents", body=body, headers={
            "Content-Type": "text/html; charset=utf-8", "Idempotency-Key": feeder_id, "Authorization": "Bearer " + token})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        assert answer.status == expected, (answer.status, said)
        connection.close()
    service.accepted[feeder_id] = said["id"]
    stream = socket.socket(socket.AF_UNIX)
    stream.settimeout(20)
    stream.connect(f"/proc/{machine.leader}/root/run/khabar-default.stream")
    service.sent["by stream"] = (hashlib.sha256(body).hexdigest(), len(body))
    stream.sendall(json.dumps({"id": "by stream", "html": about["html"]}).encode() + b"\n")
    said = json.loads(stream.makefile().readline())
    stream.close()
    assert said["outcome"] == "accepted", said
    service.accepted["by stream"] = said["id"]
    service.judge()
    with open(machine.path(CONFIG), "w", encoding="utf-8") as file:
        file.write(before)
    service.systemctl("restart", service.unit("ingest"))


def pulling_the_plug_on_any_unit_loses_nothing(service, _):
    """kill -9, restart and reload of units chosen by chance while documents come in."""
    chance = random.Random(7)
    feeding = service.start_feeding(varied(4000, 11))
    done = {"kill": 0, "restart": 0, "reload": 0}
    while feeding.poll() is None or min(done.values()) < 3:
        daemon, what = chance.choice(DAEMONS), chance.choice(list(done))
        arguments = ("kill", "--signal=KILL", "--kill-who=main") if what == "kill" else (what,)
        # a unit that is just coming up can't be reloaded
        done[what] += service.systemctl(*arguments, service.unit(daemon), check=False).returncode == 0
        time.sleep(chance.uniform(0.05, 0.4))
        assert sum(done.values()) < 400, "the feeder does not end"
    assert service.finish_feeding(feeding) == 0, service.said[-1000:]
    wait_for("four active daemons", lambda: all(service.is_active(daemon) for daemon in DAEMONS), 30)
    service.judge()
    print(f"# {done}")


def power_fails_and_the_machine_boots_again(service, _):
    """Everything dies while documents come in; after the boot the lane goes on, and the feeder sends again."""
    machine = service.machine
    service.systemctl("enable", "--quiet", "khabar@default.target")
    before = len(service.accepted)
    feeding = service.start_feeding(varied(2000, 12))
    wait_for("documents on their way", lambda: service.status("ingest").get("received", 0) > 200, 30, 0.05)
    machine.cut_power()
    service.finish_feeding(feeding)
    told = len(service.accepted) - before
    machine.boot()
    wait_for("four active daemons", lambda: all(service.is_active(daemon) for daemon in DAEMONS), 60)
    before = dict(service.accepted)
    service.feed(varied(2000, 12))
    changed = [feeder_id for feeder_id in before if service.accepted[feeder_id] != before[feeder_id]]
    assert not changed, f"accepted anew: {changed[:5]}"
    service.judge()
    print(f"# {told} were told accepted before the end")


def an_upgrade_takes_over_a_full_spool(service, packages):
    """A newer package is installed while the spool is full and no record can be written; then it drains."""
    machine = service.machine
    service.systemctl("stop", service.unit("sink"))
    service.feed(varied(1500, 13))
    assert wait_for("a full spool", lambda: service.spooled() >= 1500, 20), service.spooled()
    before = {daemon: service.pid(daemon) for daemon in DAEMONS}
    shutil.copy(packages["newer"], machine.path("/root/newer.deb"))
    machine.run("apt-get", "-q", "-y", "install", "/root/newer.deb")
    for daemon in DAEMONS:
        if daemon != "sink":
            assert service.pid(daemon) not in (0, before[daemon]), f"{daemon} still runs the old version"
    assert not service.is_active("sink"), "what was stopped is not started by an upgrade"
    service.systemctl("start", service.unit("sink"))
    service.judge()


def a_reload_takes_good_settings_and_keeps_off_bad_ones(service, _):
    """HUP by `systemctl reload`: no process ends, whatever the file says."""
    machine = service.machine
    path = machine.path(CONFIG)
    with open(path, encoding="utf-8") as file:
        good = json.load(file)
    pids = {daemon: service.pid(daemon) for daemon in DAEMONS}
    for text in (json.dumps({**good, "log": {"level": "debug"}}), "{ broken", json.dumps(good)):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        for daemon in DAEMONS:
            service.systemctl("reload", service.unit(daemon))
        time.sleep(0.5)
        assert pids == {daemon: service.pid(daemon) for daemon in DAEMONS}
    service.feed(varied(50, 14))
    service.judge()


def a_stop_drains_in_order(service, _):
    """`systemctl stop` of the target ends all four by themselves, and nothing is left in the spool."""
    service.feed(varied(300, 15))
    service.systemctl("stop", "khabar@default.target")
    for daemon in DAEMONS:
        wait_for(f"{daemon} stopped", lambda: service.property(daemon, "ActiveState") == "inactive", 60, 0.2)
        assert service.property(daemon, "Result") == "success", daemon
    verdict = judge(service.machine.path(STATE), service.sent, service.accepted)
    verdict.raise_if_bad()


def removal_keeps_what_is_dear_and_purge_takes_it(service, _):
    """remove: no daemon, spool and records and settings kept; purge: nothing of khabar left but its user."""
    machine = service.machine
    service.start()
    machine.run("apt-get", "-q", "-y", "remove", "khabar")
    assert not any(service.is_active(daemon) for daemon in DAEMONS)
    assert read_output(machine.path(f"{STATE}/records")) and os.path.exists(machine.path(CONFIG))
    assert not os.path.exists(machine.path("/usr/bin/khabar"))
    machine.run("apt-get", "-q", "-y", "purge", "khabar", "khabar-doc")
    left = [path for path in ("/etc/khabar", "/var/lib/khabar", "/usr/share/khabar", "/usr/share/doc/khabar")
            if os.path.exists(machine.path(path))]
    assert not left, left
    units = machine.run("systemctl", "list-unit-files", "--no-legend", "khabar*", check=False).stdout
    assert not units.strip(), units


TESTS = [a_page_in_the_folder_becomes_a_record, the_sandbox_is_in_force,
         the_journal_has_native_fields, secrets_come_as_credentials, pulling_the_plug_on_any_unit_loses_nothing,
         a_reload_takes_good_settings_and_keeps_off_bad_ones, power_fails_and_the_machine_boots_again,
         an_upgrade_takes_over_a_full_spool, a_stop_drains_in_order, removal_keeps_what_is_dear_and_purge_takes_it]


def build_packages(scratch):
    """name -> file; `newer` is khabar again, under a higher version."""
    subprocess.run([os.path.join(SOURCE, "scripts", "package")], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "DEB_BUILD_OPTIONS": f"nocheck parallel={os.cpu_count()}"})
    found = {os.path.basename(path).split("_")[0]: path for path in glob.glob(os.path.join(SOURCE, "build-packages", "*.deb"))}
    unpacked = os.path.join(scratch, "newer")
    subprocess.run(["dpkg-deb", "--raw-extract", found["khabar"], unpacked], check=True)
    control = os.path.join(unpacked, "DEBIAN", "control")
    with open(control, encoding="utf-8") as file:
        text = file.read()
    with open(control, "w", encoding="utf-8") as file:
        file.writelines(line + ("+newer" if line.startswith("Version: ") else "") + "\n" for line in text.splitlines())
    found["newer"] = os.path.join(scratch, "newer.deb")
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", unpacked, found["newer"]], check=True, stdout=subprocess.DEVNULL)
    return found


def the_packages_please_lintian(packages):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on=error",
                           *(packages[name] for name in ("khabar", "khabar-doc", "khabar-dbgsym"))], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def main():
    try:
        in_own_namespace()
        make_tree(os.path.join(FOLDER, "tree"))
    except CantBoot as why:
        print(f"1..0 # SKIP no machine: {why}")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory(prefix="khabar-packages-") as scratch:
        packages = build_packages(scratch)
        with Machine(os.path.join(FOLDER, "tree")) as machine:
            try:
                machine.boot()
            except CantBoot as why:
                print(f"1..0 # SKIP no machine: {why}")
                return 0
            service = Service(machine)
            print(f"1..{len(TESTS) + 1}")
            steps = [(the_packages_please_lintian, (packages,))] + [(test, (service, packages)) for test in TESTS]
            for number, (test, arguments) in enumerate(steps, 1):
                begin = time.monotonic()
                try:
                    test(*arguments)
                    print(f"ok {number} - {test.__name__}")
                except Exception:  # one that fails must not hide those after it
                    failed += 1
                    print(f"not ok {number} - {test.__name__}")
                    print("# " + traceback.format_exc().replace("\n", "\n# "))
                    log = machine.run("journalctl", "--no-pager", "-n", "25", check=False).stdout
                    print("# " + log.replace("\n", "\n# "))
                print(f"# {time.monotonic() - begin:.1f} s", flush=True)
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())
