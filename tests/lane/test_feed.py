"""khabar feed against an intake of the test's own: answers late, busy, refused, none at all, and a lane that dies."""
import json
import os
import pty
import random
import subprocess
import sys
import tempfile
import time

import zmq

KHABAR = sys.argv[1]


class Intake:
    """The lane's side of the dialogue; tells what came, answers as it is told."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "feed.sock")
        self.endpoint = "ipc://" + self.path
        self.context = self.socket = None

    def open(self):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.bind(self.endpoint)

    def close(self):
        self.context.destroy(linger=0)  # waits; a socket alone is closed later, and then removes the next one's path

    def receive(self, timeout=10):
        """One request: its envelope, metadata and bytes; None after the timeout."""
        if not self.socket.poll(timeout * 1000):
            return None
        frames = self.socket.recv_multipart()
        split = frames.index(b"")
        return frames[: split + 1], json.loads(frames[split + 1]), frames[split + 2]

    def answer(self, envelope, text):
        self.socket.send_multipart(envelope + [text.encode()])


def feed(intake, *arguments, stdin=None):
    return subprocess.Popen([KHABAR, "feed", "--endpoint", intake.endpoint, "--verbose", *arguments],
                            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process):
    out, err = process.communicate(timeout=30)
    return process.returncode, out.decode().splitlines(), err.decode()


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def answers_of_every_kind(folder):
    """Accepted, busy once and then accepted, refused; answered in any order."""
    path = os.path.join(folder, "many.ndjson")
    with open(path, "w", encoding="utf-8") as file:
        for i in range(300):
            file.write(json.dumps({"id": f"n{i}", "url": f"https://e.org/{i}", "text": f"خبر {i}"}) + "\n")
    intake = Intake(folder)
    process = feed(intake, path)
    time.sleep(0.3)  # the lane comes later than its feeder
    intake.open()
    seen, held, busy, done = {}, [], set(), 0
    order = random.Random(7)
    while done < 300:
        request = intake.receive(0.05 if held else 10)
        if request:
            check(request[1]["content_type"] == "text/plain; charset=utf-8", request[1])
            seen[request[1]["id"]] = request[2].decode()
            held.append(request)
            if len(held) < 40:
                continue
        order.shuffle(held)
        for envelope, about, _ in held:
            number = int(about["id"][1:])
            if number % 3 == 0 and number not in busy:
                busy.add(number)
                intake.answer(envelope, "busy 5")
                continue
            intake.answer(envelope, f"refused it is {number}" if number % 10 == 5 else f"accepted x-{number}")
            done += 1
        held.clear()
    status, lines, err = finish(process)
    intake.close()
    check(status == 1, (status, err))
    check(seen == {f"n{i}": f"خبر {i}" for i in range(300)}, "every document came as it was")
    expected = {f"refused n{i} it is {i}" if i % 10 == 5 else f"accepted n{i} x-{i}" for i in range(300)}
    check(sorted(lines) == sorted(expected), set(lines) ^ expected)


def a_lane_that_dies_gets_it_again(folder):
    """What was not answered when the connection broke is sent to the next, under the same id."""
    path = os.path.join(folder, "page.html")
    with open(path, "wb") as file:
        file.write(b"<p>\xce\xc8\xd1\x00")  # bytes travel untouched
    intake = Intake(folder)
    intake.open()
    process = feed(intake, "--site", "e.org", path)
    first = intake.receive()
    intake.close()
    intake.open()
    second = intake.receive()
    intake.answer(second[0], "accepted y-1")
    status, lines, err = finish(process)
    intake.close()
    check(status == 0, (status, err))
    check(first[1] == second[1] and first[1]["site"] == "e.org", (first, second))
    check(second[2] == b"<p>\xce\xc8\xd1\x00", second[2])
    check(first[1]["content_type"] == "text/html" and lines[0].startswith("accepted " + path), lines)


def a_quiet_pipe_is_answered_at_once(folder):
    """A scraper that writes a line now and then sees each answer before its next line."""
    intake = Intake(folder)
    intake.open()
    process = feed(intake, "--input", "ndjson", "-", stdin=subprocess.PIPE)
    for i in range(3):
        process.stdin.write(json.dumps({"id": i, "html": "<p>"}).encode() + b"\n")
        process.stdin.flush()
        request = intake.receive()
        intake.answer(request[0], f"accepted z-{i}")
        check(process.stdout.readline().decode() == f"accepted {i} z-{i}\n", i)
    process.stdin.write(b"{\"id\":\"bad\"}\nnonsense\n\n")
    process.stdin.close()
    process.stdin = None
    status, lines, _ = finish(process)
    intake.close()
    check(status == 1 and len(lines) == 2, lines)
    check(lines[0].startswith("refused -:4#") and "none of text" in lines[0], lines)
    check(lines[1].startswith("refused -:5#") and "not JSON" in lines[1], lines)


def it_gives_up_when_asked_to(folder):
    """Without a lane, --give-up ends the wait; files that can't be read are told."""
    intake = Intake(folder)
    path = os.path.join(folder, "a.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("a")
    status, _, err = finish(feed(intake, "--give-up", "1", path))
    check(status == 1 and "without an answer" in err, err)
    status, _, err = finish(feed(intake, os.path.join(folder, "none")))
    check(status == 1 and "No such file" in err, err)
    status, _, err = finish(feed(intake, "--window", "0", path))
    check(status == 2, err)


def progress_is_shown(folder):
    """On a terminal: what was accepted, refused and put off, the rate, and the time left where the sizes are known."""
    path = os.path.join(folder, "many.ndjson")
    with open(path, "w", encoding="utf-8") as file:
        for i in range(400):
            file.write(json.dumps({"id": i, "text": "خبر " * 500}) + "\n")
    intake = Intake(folder)
    intake.open()
    terminal, other = pty.openpty()
    process = subprocess.Popen([KHABAR, "feed", "--endpoint", intake.endpoint, "--window", "8", path], stdout=subprocess.PIPE,
                               stderr=other)
    os.close(other)
    busy, begin, answered = set(), time.monotonic(), 0
    while answered < 400:
        envelope, about, _ = intake.receive()
        if about["id"] in ("3", "4", "5") and about["id"] not in busy:
            busy.add(about["id"])
            intake.answer(envelope, "busy 5")
            continue
        answered += 1
        intake.answer(envelope, "refused no" if about["id"] == "7" else "accepted x")
        time.sleep(max(0, begin + answered * 0.006 - time.monotonic()))
    process.wait(20)
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
    os.close(terminal)
    intake.close()
    lines = shown.decode().split("\r")
    progress = [line for line in lines if "on their way" in line]
    check(process.returncode == 1, process.returncode)
    check(any("refused 7 no" in line for line in lines), lines)
    check("1 refused, 3 put off" in progress[-1] and " a second" in progress[-1], progress)
    check(any(" left" in line for line in progress), progress)


def main():
    tests = [answers_of_every_kind, a_lane_that_dies_gets_it_again, a_quiet_pipe_is_answered_at_once,
             it_gives_up_when_asked_to, progress_is_shown]
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(folder)
                print(f"ok {number} - {test.__name__}", flush=True)
            except Exception as error:  # a test that fails must not hide those after it
                failed += 1
                print(f"not ok {number} - {test.__name__}: {type(error).__name__}: {error}", flush=True)
    return failed != 0


sys.exit(main())
