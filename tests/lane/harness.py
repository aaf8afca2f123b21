"""Starts a real lane in a folder, feeds it, disturbs it; used by the lane tests and by the crash tests.

Every wait is bounded and ends with an exception that says what did not come."""
import hashlib
import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time

DAEMONS = ("ingest", "parse", "classify", "sink")
SOURCE = os.environ.get("KHABAR_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
SANITIZED = os.environ.get("KHABAR_SANITIZE", "none") != "none"  # the sanitizers' own memory is several times the program's
SAMPLE = os.path.join(SOURCE, "tests/fixtures/sample/article.txt")


class Timeout(Exception):
    pass


class Skip(Exception):
    """Raised by a test that can't run here; says why."""


def wait_for(what, condition, timeout=20.0, step=0.02):
    """The first true value of condition(); Timeout after so many seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Timeout(f"{what}: not within {timeout} s")
        time.sleep(step)


class Lane:
    """One lane under a folder, by `khabar run`; `with Lane(khabar) as lane` cleans up whatever happens."""

    def __init__(self, khabar, folder=None, settings=None, environment=None):
        self.khabar = os.path.abspath(khabar)
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="kh")
        self.dir = folder or self._temporary.name
        self.environment = {**os.environ, **(environment or {})}
        self.which = ["--dir", self.dir]
        if settings is not None:
            path = os.path.join(self.dir, "lane.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(settings, file)
            self.which = ["--config", path, "--dir", self.dir]
        self.process = None
        self.log_path = os.path.join(self.dir, "log")
        self.sent = {}      # feeder id -> (sha256, size)
        self.answers = {}   # feeder id -> [(accepted or refused, text)]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.kill_all()
        said = self.log() if SANITIZED and os.path.exists(self.log_path) else ""
        if self._temporary:
            self._temporary.cleanup()
        found = re.search(r"^.*(Sanitizer: |runtime error: )(.|\n){0,3000}", said, re.M)
        assert kind or not found, found[0]

    # --- the lane itself

    def start(self, timeout=20.0):
        """Starts all daemons and waits until they are ready."""
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([self.khabar, "run", *self.which], stdout=subprocess.PIPE, stderr=log,
                                        env=self.environment)
        log.close()
        os.set_blocking(self.process.stdout.fileno(), False)
        self.events = b""
        wait_for("a lane that is ready", lambda: b"khabar ready" in self.read_events(), timeout)

    def read_events(self):
        """All lines of `khabar run` so far."""
        chunk = self.process.stdout.read()
        if chunk:
            self.events += chunk
        if not chunk and self.process.poll() is not None and b"khabar ready" not in self.events:
            raise AssertionError(f"khabar run ended: {self.events.decode()} {self.log()}")
        return self.events

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self, timeout=40.0):
        """SIGTERM; the exit status after the drain."""
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise Timeout("the lane did not stop")
            select.select([self.process.stdout], [], [], 0.1)
            self.read_events()
            if self.process.poll() is None and not select.select([self.process.stdout], [], [], 0)[0]:
                continue
            time.sleep(0.01)
        self.read_events()
        self.process.stdout.close()
        return self.process.returncode

    def pid(self, daemon):
        """Process of a daemon; 0 when it does not run."""
        try:
            with open(os.path.join(self.dir, "run", daemon + ".pid"), encoding="ascii") as file:
                pid = int(file.read() or 0)
            os.kill(pid, 0)
            return pid
        except (OSError, ValueError):
            return 0

    def kill(self, daemon, number=signal.SIGKILL):
        """Sends a signal; whether there was someone to take it."""
        pid = self.pid(daemon)
        if pid:
            os.kill(pid, number)
        return bool(pid)

    def kill_all(self):
        """SIGKILL to `khabar run` and to every daemon, stopped ones too, and nothing left of them."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for daemon in DAEMONS:
            self.kill(daemon, signal.SIGKILL)
        for daemon in DAEMONS:
            wait_for(f"the end of {daemon}", lambda: not self.pid(daemon))

    def status(self, daemon):
        """What the daemon told last, {} if nothing."""
        try:
            with open(os.path.join(self.dir, "run", daemon + ".status"), encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return {}

    def wait_drained(self, timeout=40.0):
        """Until the spool is empty, as told after the moment of asking."""
        asked = time.time()

        def drained():
            path = os.path.join(self.dir, "run", "ingest.status")
            try:
                fresh = os.stat(path).st_mtime > asked
            except OSError:
                return False
            return fresh and self.status("ingest").get("spool", {}).get("documents") == 0

        wait_for("an empty spool", drained, timeout, 0.05)

    # --- feeding

    def note(self, feeder_id, body):
        self.sent[feeder_id] = (hashlib.sha256(body).hexdigest(), len(body))

    def start_feeding(self, documents, *arguments):
        """documents: (id, keys of the NDJSON form). Feeds them in the background; finish_feeding() takes the answers."""
        with tempfile.NamedTemporaryFile("w", suffix=".ndjson", delete=False, dir=self.dir, encoding="utf-8") as file:
            for feeder_id, document in documents:
                body = document.get("text", document.get("html"))
                raw = body.encode() if body is not None else None
                if raw is None:
                    import base64
                    raw = base64.b64decode(document["body_base64"])
                self.note(feeder_id, raw)
                file.write(json.dumps({"id": feeder_id, **document}, ensure_ascii=False) + "\n")
        return subprocess.Popen([self.khabar, "feed", *self.which, "--verbose", *arguments, file.name],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment)

    def finish_feeding(self, process, timeout=60.0):
        """Exit status of the feeder; its answers go to self.answers."""
        out, _ = process.communicate(timeout=timeout)
        for line in out.decode().splitlines():
            outcome, feeder_id, text = line.split(" ", 2)
            self.answers.setdefault(feeder_id, []).append((outcome, text))
        return process.returncode

    def feed(self, documents, *arguments, timeout=60.0):
        return self.finish_feeding(self.start_feeding(documents, *arguments), timeout)

    def feed_file(self, path, *arguments, timeout=60.0):
        """Feeds a file as it is; the exit status."""
        process = subprocess.Popen([self.khabar, "feed", *self.which, "--verbose", *arguments, path],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment)
        before = set(self.answers)
        status = self.finish_feeding(process, timeout)
        with open(path, "rb") as file:
            for feeder_id in set(self.answers) - before:
                self.note(feeder_id, file.read())
        return status

    def accepted(self):
        """feeder id -> the lane's id, of all that were told accepted."""
        return {feeder_id: text for feeder_id, answers in self.answers.items()
                for outcome, text in answers if outcome == "accepted"}

    def run(self, *arguments, timeout=30.0):
        """Another subcommand on this lane: exit status and output."""
        done = subprocess.run([self.khabar, arguments[0], *self.which, *arguments[1:]], capture_output=True,
                              timeout=timeout, env=self.environment)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


def run_tests(tests, khabar):
    """Runs functions of one argument, the program, as a TAP stream; the exit status."""
    import sys
    import traceback
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        begin = time.monotonic()
        try:
            test(khabar)
            print(f"ok {number} - {test.__name__}", flush=True)
        except Skip as why:
            print(f"ok {number} - {test.__name__} # SKIP {why}", flush=True)
        except Exception:  # one that fails must not hide those after it
            failed += 1
            print(f"not ok {number} - {test.__name__}", flush=True)
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        print(f"# {time.monotonic() - begin:.1f} s", flush=True)
    sys.stdout.flush()
    return int(failed != 0)
