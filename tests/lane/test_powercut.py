"""Power cuts at the fault points, with torn writes: no acknowledged document is missing, none is there twice.

test_powercut.py KHABAR SHIM SEEDS"""
import os
import shutil
import sys
import tempfile
import time

from crash import RESTLESS, Faults, documents, fault_points, finish, wait_for
from harness import Lane, run_tests
from powercut import Disk
from test_faults import BEFORE, PASSAGE

BATCH = 250
FOLDERS = ("spool", "records", "rejects")


def cut_at(khabar, shim, folder, point, seed):
    """Runs until a daemon reaches the point, cuts the power of all, starts again on what is left."""
    faults, disk = Faults(folder), Disk(folder)
    asked = [f"{point}:die@{PASSAGE.get(point, 1)}*1"] + [f"{BEFORE[point]}*1" for _ in range(point in BEFORE)]
    with Lane(khabar, folder, RESTLESS) as lane:
        usual = dict(lane.environment)
        lane.environment.update(faults.environment(*asked), **disk.environment(shim))
        for name in FOLDERS:  # made by who installs a lane
            os.mkdir(os.path.join(folder, name))
        lane.start(60)
        lane.environment = usual
        feeding, count = lane.start_feeding(documents(BATCH, seed=1)), BATCH
        while not faults.strikes(point):
            if feeding.poll() is not None:
                assert count < 8 * BATCH, f"{point} was not reached"
                assert lane.finish_feeding(feeding) == 0
                feeding, count = lane.start_feeding(documents(BATCH, seed=1 + count)), count + BATCH
            time.sleep(0.001)
        lane.kill_all()
        disk.cut([os.path.join(folder, name) for name in FOLDERS], seed)
        shutil.rmtree(os.path.join(folder, "run"))
        lane.start(60)
        assert lane.finish_feeding(feeding, timeout=120) == 0, lane.log()[-2000:]
        finish(lane, count)


def each(shim, seeds):
    def named(point, seed):
        def test(khabar):
            with tempfile.TemporaryDirectory(prefix="kh") as folder:
                cut_at(khabar, shim, folder, point, seed)
        test.__name__ = f"{point}:{seed}"
        return test
    # what recovery keeps aside has a test of its own, and needs a spool that is torn before
    return [named(point, seed) for point in fault_points() if point != "recovery-keep" for seed in range(seeds)]


if __name__ == "__main__":
    tests = each(os.path.abspath(sys.argv[2]), int(sys.argv[3]))
    chosen = [test for test in tests if test.__name__ in sys.argv[4:]]
    sys.exit(run_tests(chosen or tests, sys.argv[1]))
