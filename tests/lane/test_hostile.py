"""Clients and files that mean no good, over ZeroMQ and in the drop folder: whoever feeds honestly meanwhile is not held up."""
import json
import os
import random
import socket
import struct
import sys
import threading
import time

import zmq

from harness import DAEMONS, Lane, run_tests, wait_for
from oracle import judge
from test_curve import free_port
from test_lane import varied

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)  # ZMTP 3.0, RFC 23
READY = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER\x08Identity" + bytes(4)


def zmtp_frame(data, more=False, size=None):
    return bytes([2 | more]) + struct.pack(">Q", len(data) if size is None else size) + data


class Honest:
    """Feeds 150 documents a time; none may take much longer than the one before the trouble began."""

    def __init__(self, lane):
        self.lane, self.seed = lane, 100
        self.pids = {daemon: lane.pid(daemon) for daemon in DAEMONS}
        self.usual = max(self.feed() for _ in range(2))

    def feed(self):
        self.seed += 1
        begin = time.monotonic()
        assert self.lane.feed(varied(150, self.seed)) == 0, self.lane.log()
        return time.monotonic() - begin

    def check(self, during):
        took = self.feed()
        assert took < 5 * self.usual + 1, f"{during}: {took:.2f} s in place of {self.usual:.2f} s"

    def finish(self):
        """The daemons are the same as before, and the oracle holds."""
        self.lane.wait_drained()
        assert {daemon: self.lane.pid(daemon) for daemon in DAEMONS} == self.pids, self.lane.log()
        assert self.lane.stop() == 0
        verdict = judge(self.lane.dir, self.lane.sent, self.lane.accepted())
        verdict.raise_if_bad()
        return {line["feeder_id"]: line for line in verdict.records + verdict.rejects}


# --- over ZeroMQ


def closed_by_peer(connection, timeout=5.0):
    connection.settimeout(timeout)
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


class Attack:
    """Does one thing on connections of its own, over and over, in a thread, while the block runs."""

    def __init__(self, port, once):
        self.port, self.once, self.over, self.rounds, self.fault = port, once, threading.Event(), 0, None
        self.thread = threading.Thread(target=self.run)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def run(self):
        try:
            while not self.over.is_set():
                self.once(self)
                self.rounds += 1
        except Exception as fault:  # told by the thread that waits for this one
            self.fault = fault

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(20)
        assert not self.thread.is_alive(), self.once.__name__
        if self.fault:
            raise self.fault
        assert self.rounds, self.once.__name__


def send_all(connection, data):
    """Whether the other side took it all."""
    try:
        connection.sendall(data)
        return True
    except OSError:
        return False


def noise(attack):
    with attack.connect() as connection:
        send_all(connection, random.Random(attack.rounds).randbytes(100000))
    time.sleep(0.01)


def another_protocol(attack):
    with attack.connect() as connection:
        send_all(connection, b"POST /v1/documents HTTP/1.1\r\nHost: lane\r\nContent-Length: 5\r\n\r\nhello" * 20)
        connection.shutdown(socket.SHUT_WR)
        assert closed_by_peer(connection)
    time.sleep(0.01)


def half_a_greeting(attack):
    connections = [attack.connect() for _ in range(100)]
    for number, connection in enumerate(connections):
        send_all(connection, GREETING[:number % len(GREETING)])
    attack.over.wait(10)
    for connection in connections:
        connection.close()


def one_byte_a_second(attack):
    with attack.connect() as connection:
        for byte in GREETING:
            send_all(connection, bytes([byte]))
            if attack.over.wait(1):
                return


def handshake(connection):
    send_all(connection, GREETING + b"\x04" + bytes([len(READY)]) + READY)
    got = b""
    while len(got) < 64 + 2 or len(got) < 64 + 2 + got[65]:
        got += connection.recv(4096)


def death_within_multipart(attack):
    with attack.connect() as connection:
        handshake(connection)
        cut = attack.rounds % 3
        send_all(connection, zmtp_frame(b"", more=True) + zmtp_frame(b'{"id":"half"}', more=True))
        send_all(connection, (b"", zmtp_frame(b"x" * 1000, size=100000), zmtp_frame(b"x", more=True))[cut])
    time.sleep(0.01)


def a_frame_of_a_gigabyte(attack):
    with attack.connect() as connection:
        handshake(connection)
        send_all(connection, zmtp_frame(b"", more=True) + zmtp_frame(b"{}", more=True) + zmtp_frame(b"", size=1 << 30))
        sent, block = 0, b"x" * (1 << 20)
        while sent < 1 << 30 and send_all(connection, block):
            sent += len(block)
        assert sent < 100 << 20, f"{sent} bytes were read"
    time.sleep(0.05)


def memory_peak(pid):
    """Bytes that a process has had at most."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))


def clients_that_mean_no_good_harm_nobody(khabar):
    """Noise, HTTP, half a greeting, a byte a second, death within a message, a gigabyte; one at a time, then all at once."""
    port = free_port()
    kinds = (noise, another_protocol, half_a_greeting, one_byte_a_second, death_within_multipart, a_frame_of_a_gigabyte)
    with Lane(khabar, settings={"ingest": {"feed": {"endpoint": f"tcp://127.0.0.1:{port}"}}}) as lane:
        lane.start()
        honest = Honest(lane)
        before = memory_peak(lane.pid("ingest"))
        for kind in kinds:
            with Attack(port, kind):
                honest.check(kind.__name__)
        attacks = [Attack(port, kind) for kind in kinds]
        for attack in attacks:
            attack.__enter__()
        honest.check("all at once")
        for attack in attacks:
            attack.__exit__()
        grown = memory_peak(lane.pid("ingest")) - before
        assert grown < 100 << 20, f"{grown} bytes more"
        assert "half" not in honest.finish()


def a_client_that_never_reads_harms_nobody(khabar):
    """10,000 requests of a DEALER that leaves its answers where they are; each document is written, once."""
    with Lane(khabar) as lane:
        lane.start()
        honest = Honest(lane)
        before = memory_peak(lane.pid("ingest"))
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.rcvhwm, dealer.sndhwm, dealer.linger = 1, 0, 0
        dealer.connect(f"ipc://{lane.dir}/run/feed.sock")
        for number in range(10000):
            body = f"خبر رقم {number % 500} من بغداد عن اجتماع اللجنة".encode()
            lane.note(f"deaf/{number % 500}", body)
            dealer.send_multipart([b"tag", b"", json.dumps({"id": f"deaf/{number % 500}"}).encode(), body])
        honest.check("10,000 requests")
        wait_for("all requests to be taken", lambda: lane.status("ingest").get("repeated", 0) == 9500, 15, 0.05)
        grown = memory_peak(lane.pid("ingest")) - before
        dealer.close()
        context.term()
        assert grown < 100 << 20, f"{grown} bytes more"
        lines = honest.finish()
        assert sum(feeder_id.startswith("deaf/") for feeder_id in lines) == 500, len(lines)


# --- in the drop folder


class Folder:
    """The drop folder of a lane; names are bytes."""

    def __init__(self, lane):
        self.lane = lane
        self.path = os.path.join(lane.dir, "incoming").encode()
        self.part = os.path.join(lane.dir, "part").encode()

    def at(self, name):
        return os.path.join(self.path, name)

    def note(self, path, shown, data):
        """Tells the oracle what the file at path will be handed in as; its id."""
        st = os.stat(path)
        feeder_id = f"{shown}@{st.st_mtime_ns // 10**9}.{st.st_mtime_ns % 10**9:09d}-{st.st_size}"
        self.lane.note(feeder_id, data)
        return feeder_id

    def put(self, name, data, mode=0o644, shown=None):
        """As a careful scraper does: written elsewhere, then renamed. The id that the file gets."""
        with open(self.part, "wb") as file:
            file.write(data)
        os.chmod(self.part, mode)
        feeder_id = self.note(self.part, shown or name.decode(), data)
        os.rename(self.part, self.at(name))
        return feeder_id

    def names(self):
        return set(os.listdir(self.path))

    def wait_for_names(self, expected, timeout=10):
        wait_for(f"only {expected}, not {self.names()}", lambda: self.names() == expected, timeout)


def page(text):
    return (f"<html><title>{text}</title><h1>{text}</h1>" + f"<p>أعلن المتحدث في بغداد عن {text} أمام الصحفيين.</p>" * 4 + "</html>").encode()


def files_that_are_no_pages_harm_nobody(khabar):
    """Open for writing, FIFO, links, a folder, a name that is no UTF-8, a mode that lets nobody read: taken or left, never waited for."""
    with Lane(khabar) as lane:
        lane.start()
        folder = Folder(lane)
        honest = Honest(lane)
        secret = os.path.join(lane.dir, "secret.html")
        with open(secret, "wb") as file:
            file.write(page("سر لا يقرأ"))
        left = {b"fifo.html", b"link.html", b"dangling.html", b"folder.html", b"hidden.part", b".hidden.html"}
        os.mkfifo(folder.at(b"fifo.html"))
        os.symlink(secret, folder.at(b"link.html"))
        os.symlink("/nowhere", folder.at(b"dangling.html"))
        os.mkdir(folder.at(b"folder.html"))
        for name in (b"hidden.part", b".hidden.html"):
            folder.put(name, page("ناقص"))
        taken = [folder.put(b"\xce\xc8\xd1 50%.html", page("خبر باسم قديم"), shown="%CE%C8%D1 50%25.html"),
                 folder.put("خبر 50%.html".encode(), page("خبر باسم جديد"))]
        locked = folder.put(b"locked.html", page("خبر مقفل"), mode=0)
        if os.geteuid():
            left.add(b"locked.html")
        else:
            taken.append(locked)  # root reads it all the same
        with open(folder.at(b"writing.html"), "wb") as file:
            for part in range(20):
                file.write(page(f"جزء {part}"))
                file.flush()
                if part % 10 == 5:
                    honest.check("a file that is being written")
                    folder.wait_for_names(left | {b"writing.html"})
            taken.append(folder.note(folder.at(b"writing.html"), "writing.html", b"".join(page(f"جزء {part}") for part in range(20))))
        folder.wait_for_names(left)
        honest.check("the rest")
        if os.geteuid():
            wait_for("a word about locked.html", lambda: "file=locked.html" in lane.log(), 5)
        lines = honest.finish()
        assert {feeder_id for feeder_id in lines if "@" in feeder_id} == set(taken), (set(lines), taken)


def files_that_change_while_they_are_read_lose_nothing(khabar):
    """Cut, or another put in its place, between reading and putting away: what lies there then is read, too."""
    lines = {f"cut/{number}": f"خبر رقم {number} من بغداد عن اجتماع اللجنة" for number in range(20000)}
    with Lane(khabar, settings={"spool": {"sync_ms": 100}}) as lane:
        lane.start()
        folder = Folder(lane)
        honest = Honest(lane)
        for feeder_id, text in lines.items():
            lane.note(feeder_id, text.encode())
        folder.put(b"cut.ndjson", "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in lines.items()).encode())
        time.sleep(0.15)
        assert b"cut.ndjson" in folder.names(), "read before it could be cut"
        os.truncate(folder.at(b"cut.ndjson"), 1000)
        honest.check("a file that was cut")
        last = []
        for number in range(20):
            name = f"page{number}.html".encode()
            folder.put(name, page(f"الأول رقم {number}"))
            time.sleep(0.03)
            last.append(folder.put(name, page(f"الثاني رقم {number} وهو الأخير")))
        folder.wait_for_names(set())
        honest.check("pages that were replaced")
        written = honest.finish()
        assert set(last) <= set(written), set(last) - set(written)
        assert sum(feeder_id.startswith("cut/") for feeder_id in written) < len(lines)


TESTS = {
    "clients": [clients_that_mean_no_good_harm_nobody, a_client_that_never_reads_harms_nobody],
    "files": [files_that_are_no_pages_harm_nobody, files_that_change_while_they_are_read_lose_nothing],
}

if __name__ == "__main__":
    sys.exit(run_tests(TESTS[sys.argv[2]], sys.argv[1]))
