"""kill -9 at every fault point of the real daemons, alone and twice in a row, and EIO and ENOSPC there: the oracle holds."""
import os
import signal
import sys
import tempfile

from crash import RESTLESS, Faults, documents, fault_points, finish
from harness import Lane, run_tests, wait_for

BATCH = 150

# at which passage a process dies; where nothing is said it is the first
PASSAGE = {"spool-append": 40, "spool-write": 3, "spool-sync": 3, "spool-synced": 3, "intake-answer": 40,
           "intake-answered": 40, "dispatch-send": 50, "dispatch-sent": 50, "dispatch-commit": 4, "sink-append": 3,
           "sink-appended": 3, "sink-sync": 3, "sink-synced": 3, "sink-commit": 3, "sink-committed": 3,
           "progress-write": 2, "progress-sync": 2, "progress-synced": 2, "sink-rotate": 2, "sink-rotated": 2}

# what has to happen before there is anything to recover
BEFORE = {"recovery-seal": "spool-synced:die@3"}

# where an error ends nobody: a file is finished at the next try, and a spool without room for a segment waits
ENDURED = {("sink-compress", "eio"), ("sink-compress", "enospc"), ("sink-manifest", "eio"),
           ("sink-manifest", "enospc"), ("segment-create", "enospc")}


def spoil_the_end(lane):
    """Noise behind the last entry of the spool, as a write that was cut short leaves it."""
    folder = os.path.join(lane.dir, "spool")
    last = os.path.join(folder, max(name for name in os.listdir(folder) if name.startswith("segment-")))
    with open(last, "r+b") as file:
        end = len(file.read().rstrip(b"\0")) + 7 & ~7
        file.seek(end)
        file.write(b"\x5a" * 200)


def leave_a_torn_spool(lane):
    """Documents in the spool, the lane killed, the spool's end torn."""
    lane.start()
    for daemon in ("sink", "parse", "classify"):
        lane.kill(daemon, signal.SIGSTOP)
    assert lane.feed(documents(50, seed=2)) == 0
    lane.kill_all()
    spoil_the_end(lane)


def strike(khabar, folder, point, action, times):
    """One lane, one kind of fault, so many times."""
    faults = Faults(folder)
    asked = [f"{point}:{action}@{PASSAGE.get(point, 1)}*{times}"]
    if point in BEFORE:
        asked.append(f"{BEFORE[point]}*{times}")
    with Lane(khabar, folder, RESTLESS) as lane:
        count = 0
        if point == "recovery-keep":
            leave_a_torn_spool(lane)
            count = 50
        lane.environment.update(faults.environment(*asked))
        lane.start(60)
        for batch in range(10):  # as many as it takes: when segments and files end depends on how groups fall
            if batch > 1 and faults.strikes(point) >= times:
                break
            assert lane.feed(documents(BATCH, seed=10 + batch), timeout=90) == 0
            count += BATCH
        lane.wait_drained(60)
        wait_for(f"{times} strikes of {point}", lambda: faults.strikes(point) >= times, 10)
        finish(lane, count)
        assert lane.events.count(b"died") >= times or (point, action) in ENDURED, lane.events.decode()


def each(action, times):
    """A test a point."""
    def named(point):
        def test(khabar):
            with tempfile.TemporaryDirectory(prefix="kh") as folder:
                strike(khabar, folder, point, action, times)
        test.__name__ = f"{point}:{action}*{times}"
        return test
    return [named(point) for point in fault_points()]


TESTS = {
    "die": each("die", 1),
    "twice": each("die", 2),
    "errors": each("eio", 1) + each("enospc", 1),
}

if __name__ == "__main__":
    chosen = [test for group in TESTS.values() for test in group if test.__name__ in sys.argv[3:]]
    sys.exit(run_tests(chosen or TESTS[sys.argv[2]], sys.argv[1]))
