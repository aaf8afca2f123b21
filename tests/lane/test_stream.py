"""The way in over a unix stream socket, our own or handed over; pipes and FIFOs; clients that mean no good."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from harness import DAEMONS, Lane, run_tests, wait_for
from oracle import judge
from test_http import bytes_of, lines_of, varied, whole


def connect(lane, timeout=20):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(timeout)
    sock.connect(os.path.join(lane.dir, "run/stream.sock"))
    return sock


def take_answers(lane, documents, file):
    """Reads an answer for each document, in their order."""
    for number, (feeder_id, document) in enumerate(documents, 1):
        line = json.loads(file.readline())
        assert line["outcome"] == "accepted" and line["feeder_id"] == feeder_id and line["number"] == number, line
        lane.answers.setdefault(feeder_id, []).append(("accepted", line["id"]))


def feed(lane, documents, sock=None):
    """All at once while the answers are read."""
    own = sock or connect(lane)
    for feeder_id, document in documents:
        lane.note(feeder_id, bytes_of(document))
    writer = threading.Thread(target=own.sendall, args=(lines_of(documents),))
    writer.start()
    take_answers(lane, documents, own.makefile("rb"))
    writer.join()
    own.close()


def lines_and_answers(khabar):
    """Answers in order, refusals with their reasons among them, a last line without its end, several clients."""
    with Lane(khabar, settings={"limits": {"document_bytes": 100000}}) as lane:
        lane.start()
        documents = varied(300)
        threads = [threading.Thread(target=feed, args=(lane, documents[i::3])) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with connect(lane) as sock:
            sock.sendall(b'\n{"id": 1}\r\nno\n' + b"x" * 5000000 + b"\n" + lines_of([("last", {"text": "آخر"})])[:-1])
            sock.shutdown(socket.SHUT_WR)
            lines = [json.loads(line) for line in sock.makefile("rb")]
        lane.note("last", "آخر".encode())
        assert [(line["number"], line["outcome"]) for line in lines] == [(2, "refused"), (3, "refused"), (4, "refused"), (5, "accepted")], lines
        assert "too large" in lines[2]["reason"], lines
        lane.answers["last"] = [("accepted", lines[3]["id"])]
        fired = [(f"fired{i}", {"text": f"خبر {i} " * 500}) for i in range(200)]
        for feeder_id, document in fired:
            lane.note(feeder_id, bytes_of(document))
        with connect(lane) as sock:
            sock.sendall(lines_of(fired))  # and goes, without a look at the answers
        wait_for("what was fired off", lambda: lane.status("ingest").get("received") == 501)
        record = whole(lane, 501).records[0]
        assert record["feeder"] == "stream", record
        assert lane.stop() == 0


def handed_over_by_the_service_manager(khabar):
    """ingest takes the socket that is handed to it under the name "stream"; feeders that connect before it starts are served."""
    with Lane(khabar) as lane:
        path = os.path.join(lane.dir, "handed.sock")
        daemon = os.path.join(os.path.dirname(lane.khabar), "..", "ingest", "khabar-ingest")
        activator = subprocess.Popen(["systemd-socket-activate", "-l", path, "--fdname=stream", daemon, "--dir", lane.dir],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        others = []
        try:
            wait_for("the socket", lambda: os.path.exists(path))
            for name in DAEMONS[1:]:
                program = os.path.join(os.path.dirname(lane.khabar), "..", name, "khabar-" + name)
                others.append(subprocess.Popen([program, "--dir", lane.dir], stderr=subprocess.DEVNULL))
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(20)
            sock.connect(path)
            feed(lane, varied(50), sock)
            assert not os.path.exists(os.path.join(lane.dir, "run/stream.sock"))
            whole(lane, 50)
        finally:
            for process in [activator, *others]:
                process.terminate()
            for process in [activator, *others]:
                process.wait(30)


def pipes_are_not_read_while_the_lane_is_busy(khabar):
    """A FIFO and standard input: while the spool is full their writers wait; everything arrives, once."""
    settings = {"spool": {"segment_bytes": 1048576, "max_bytes": 2097152}, "window": {"documents": 2}}
    with Lane(khabar, settings=settings) as lane:
        lane.start()
        lane.kill("sink", signal.SIGSTOP)
        documents = [(f"p{i}", {"text": f"خبر {i} " + "كلمة " * 12000}) for i in range(80)]
        for feeder_id, document in documents:
            lane.note(feeder_id, bytes_of(document))
        fifo = os.path.join(lane.dir, "fifo")
        os.mkfifo(fifo)
        written = []

        def write(file, mine):
            for document in mine:
                file.write(lines_of([document]))
                file.flush()
                written.append(document)
            file.close()
        command = [lane.khabar, "feed", *lane.which, "--verbose", "--window", "1", "--input", "ndjson"]
        by_fifo = subprocess.Popen([*command, fifo], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        by_pipe = subprocess.Popen([*command, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        pipe, by_pipe.stdin = by_pipe.stdin, None
        writers = [threading.Thread(target=lambda: write(open(fifo, "wb"), documents[:40])),
                   threading.Thread(target=write, args=(pipe, documents[40:]))]
        for writer in writers:
            writer.start()

        def rests():
            count = len(written)
            time.sleep(0.7)
            return count == len(written)
        wait_for("writers that wait", rests)
        assert len(written) < 80, "nobody had to wait"
        lane.kill("sink", signal.SIGCONT)
        assert lane.finish_feeding(by_fifo) == 0 and lane.finish_feeding(by_pipe) == 0
        for writer in writers:
            writer.join()
        assert len(lane.accepted()) == 80
        whole(lane, 80)
        assert lane.stop() == 0


def the_stream_is_not_read_while_the_lane_is_busy(khabar):
    """While the spool is full a writer waits, without an answer; afterwards all is accepted in order. ingest is killed meanwhile."""
    settings = {"spool": {"segment_bytes": 1048576, "max_bytes": 2097152}, "window": {"documents": 2}}
    with Lane(khabar, settings=settings) as lane:
        lane.start()
        lane.kill("sink", signal.SIGSTOP)
        documents = [(f"s{i}", {"text": f"خبر {i} " + "كلمة " * 20000}) for i in range(20)]
        for feeder_id, document in documents:
            lane.note(feeder_id, bytes_of(document))

        def feed_until_answered():
            while len(lane.accepted()) < 20:
                rest = [d for d in documents if d[0] not in lane.accepted()]
                try:
                    feed(lane, rest)
                except (OSError, ValueError):
                    time.sleep(0.1)
        feeder = threading.Thread(target=feed_until_answered)
        feeder.start()

        def rests():
            count = len(lane.accepted())
            time.sleep(0.5)
            return 0 < count == len(lane.accepted())
        wait_for("a feeder that waits", rests)
        assert len(lane.accepted()) < 20
        lane.kill("ingest")
        lane.kill("sink", signal.SIGCONT)
        feeder.join(60)
        whole(lane, 20)
        assert lane.stop() == 0


def hostile_clients_harm_nobody(khabar):
    """Clients that drip, never read, send a line of a gigabyte, noise, or die halfway: honest ones are served meanwhile."""
    settings = {"ingest": {"stream": {"connections": 32, "memory_bytes": 4194304}}, "limits": {"document_bytes": 1000000}}
    with Lane(khabar, settings=settings) as lane:
        lane.start()
        stop = threading.Event()
        dripping = [connect(lane) for _ in range(8)]

        def drip():
            while not stop.wait(0.2):
                for sock in dripping:
                    try:
                        sock.send(b"{")
                    except OSError:
                        pass
        deaf = connect(lane, 0.5)
        count = 0

        def ask_and_never_read():
            nonlocal count
            try:
                while not stop.is_set():
                    count += deaf.send(b"x\n" * 1000)
            except OSError:
                pass
        giant = connect(lane)

        def pour():
            try:
                for _ in range(1024):
                    giant.sendall(b"x" * 1048576)
            except OSError:
                pass
        threads = [threading.Thread(target=f) for f in (drip, ask_and_never_read, pour)]
        for thread in threads:
            thread.start()
        for sock in [connect(lane) for _ in range(4)]:  # long lines that never end: most of the memory
            sock.settimeout(0.2)
            try:
                sock.sendall(b'{"text": "' + b"y" * 1000000)
            except TimeoutError:
                pass  # not read: there is no room for more of them
            dripping.append(sock)
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 100000, b"\0" * 5000 + b"\n\n\0\n", b"{" * 3000 + b"\n", b"\x16\x03\x01"):
            with connect(lane) as sock:
                sock.sendall(noise)
        with connect(lane) as sock:
            sock.sendall(lines_of(varied(1))[:200])
        slowest = 0
        documents = varied(100) + [("large", {"text": "كلمة " * 80000})]
        for i in range(0, len(documents), 20):
            begin = time.monotonic()
            feed(lane, documents[i:i + 20])
            slowest = max(slowest, time.monotonic() - begin)
        threads[2].join()
        stop.set()
        for thread in threads:
            thread.join()
        with open(f"/proc/{lane.pid('ingest')}/status", encoding="ascii") as file:
            peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
        print(f"# honest clients waited at most {slowest:.2f} s; ingest took {peak} KiB; {count} bytes of one that never reads", flush=True)
        assert peak < 150 * 1024 and count < 30000000, (peak, count)
        for sock in dripping + [deaf, giant]:
            sock.close()
        whole(lane, 101)
        before = spent(lane)
        time.sleep(0.5)
        assert spent(lane) - before < 10, "the loop spins"
        assert lane.stop() == 0


def spent(lane):
    with open(f"/proc/{lane.pid('ingest')}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


if __name__ == "__main__":
    sys.exit(run_tests([lines_and_answers, handed_over_by_the_service_manager, pipes_are_not_read_while_the_lane_is_busy,
                        the_stream_is_not_read_while_the_lane_is_busy, hostile_clients_harm_nobody], sys.argv[1]))
