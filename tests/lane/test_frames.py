"""Foreign, cut, changed and oversized frames on the lane's own sockets: counted, dropped, and no harm done."""
import os
import random
import struct
import sys

import zmq

from harness import DAEMONS, SAMPLE, Lane, run_tests, wait_for
from oracle import judge

HEADER, SECTIONS = 64, 7


def frame(kind, sections, version=1, stage=1):
    """A frame as libcommon/message.h describes it."""
    rows, body, at = b"", b"", HEADER + SECTIONS * 8
    for i in range(SECTIONS):
        data = sections.get(i)
        rows += struct.pack("<II", at if data is not None else 0, len(data or b""))
        body += data or b""
        at += len(data or b"")
    return struct.pack("<4sBBBBQQQqqIIQ", b"KHBR", version, kind, stage, SECTIONS, 7, 1, 1, 0, 0, 1, at, 0) + rows + body


def hostile():
    """Frames that no stage may take for messages."""
    chance = random.Random(1)
    good = frame(1, {0: b"", 1: b"body"})
    yield b""
    yield b"GET / HTTP/1.1\r\n\r\n"
    yield frame(1, {0: b"", 1: b"x"}, version=2)
    yield frame(6, {0: b""})
    yield frame(9, {0: b""})
    yield frame(1, {})
    yield frame(2, {0: b""})
    yield frame(3, {5: b"\0" * 15})
    yield frame(4, {6: b"short"})
    yield good + b"more"
    yield os.urandom(100000)
    for _ in range(200):
        yield good[:chance.randrange(len(good))]
        changed = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(8, len(changed) - 4)] ^= 1 << chance.randrange(8)
        changed[4] = 77
        yield bytes(changed)


def hostile_frames_are_counted_and_dropped(khabar):
    """Every socket of the lane gets all of them; then the sample goes through, and the daemons are the same."""
    with Lane(khabar) as lane:
        lane.start()
        pids = {daemon: lane.pid(daemon) for daemon in DAEMONS}
        context = zmq.Context()
        frames = list(hostile())
        for daemon in DAEMONS:
            socket = context.socket(zmq.PUSH)
            socket.connect(f"ipc://{lane.dir}/run/{daemon}.sock")
            for data in frames:
                socket.send(data)
            socket.send_multipart([frame(1, {0: b""}), b"a second part"])
            socket.close(linger=5000)
        context.term()
        for daemon in DAEMONS:
            wait_for(f"{daemon} to count", lambda: lane.status(daemon).get("bad_frames", 0) >= len(frames))
        assert lane.feed_file(SAMPLE) == 0, lane.log()
        lane.wait_drained()
        assert {daemon: lane.pid(daemon) for daemon in DAEMONS} == pids
        lines = [line for line in lane.log().splitlines() if "event=bad-frame" in line]
        assert 4 <= len(lines) <= 4 * 20, len(lines)  # what repeats is summed up
        assert lane.stop() == 0
        verdict = judge(lane.dir, lane.sent, lane.accepted())
        verdict.raise_if_bad()
        assert len(verdict.records) == 1


if __name__ == "__main__":
    sys.exit(run_tests([hostile_frames_are_counted_and_dropped], sys.argv[1]))
