"""Documents a second through a whole lane, CPU and memory of each daemon, and the time from accepted to on disk.

tests/bench/run lane [FOLDER [SECONDS]] [--backlog N[,N…] | --flat N]: lanes live in new folders in FOLDER (default: the current one),
on the disk that real ones would use. Every line has, taken just before it, what the same bytes and messages cost without khabar: one
write and one fdatasync for each 256 documents, and a relay of three hops, PUSH to PULL over ipc. What is on disk is told by ingest's
counter of commits: sink tells it after its sync, so that the way back is part of the times.

--backlog: instead, start-up and throughput over so many documents that wait in the spool. --flat: instead, so many documents through
one lane, with its speed, CPU and memory by tenths."""
import argparse
import collections
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lane"))
import harness  # noqa: E402

parser = argparse.ArgumentParser(prog="tests/bench/run lane", usage="%(prog)s [FOLDER [SECONDS]] [--backlog N[,N…] | --flat N]")
parser.add_argument("khabar", help=argparse.SUPPRESS)
parser.add_argument("folder", nargs="?", default=".")
parser.add_argument("seconds", nargs="?", type=float, default=4)
parser.add_argument("--backlog")
parser.add_argument("--flat", type=int)
options = parser.parse_args()

KHABAR = os.path.abspath(options.khabar)
LOAD = os.path.join(os.path.dirname(KHABAR), "../../tests/bench/bench-lane-load")
FOLDER = os.path.abspath(options.folder)
SECONDS = options.seconds
CASE = {"feeders": 16, "size": 6000}  # whose latency is measured
SMALL = {"feeders": 16, "size": 2000}  # of which many go through


def load(*arguments):
    out = subprocess.run([LOAD, *map(str, arguments)], stdout=subprocess.PIPE, check=True, text=True, timeout=3600).stdout
    return [float(word) for word in out.split()]


def cpu(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) / 1024


def records(lane):
    """Sequence numbers in the order in which they were written."""
    for path in sorted(glob.glob(os.path.join(lane.dir, "records/*/*.ndjson.open"))):
        with open(path, encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)["seq"]


def run_lane(size, feeders, rate=0.0):
    """Documents a second, {daemon: (CPU µs a document, MiB)}, latencies in ms in ascending order."""
    with tempfile.TemporaryDirectory(prefix="kb", dir=FOLDER) as folder, harness.Lane(KHABAR, folder) as lane:
        lane.start()
        pids = {daemon: lane.pid(daemon) for daemon in harness.DAEMONS}
        before = {daemon: cpu(pid) for daemon, pid in pids.items()}
        times = os.path.join(folder, "times")
        documents, seconds = load("feed", folder, size, feeders, SECONDS, rate, times)
        costs = {daemon: ((cpu(pid) - before[daemon]) / documents * 1e6, resident_mib(pid)) for daemon, pid in pids.items()}
        written = list(records(lane))
        assert len(written) == documents == len(set(written)), f"{documents} documents, {len(written)} records"
        return documents / seconds, costs, latencies(times, written)


def latencies(times, written):
    """The documents that a step of the counter of commits stands for are the next ones in the files."""
    accepted, steps = {}, []
    with open(times, encoding="ascii") as file:
        for kind, number, time in map(str.split, file):
            if kind == "accepted":
                accepted[int(number)] = int(time)
            else:
                steps.append((int(number), int(time)))
    result, at = [], 0
    for count, time in steps:
        result += [(time - accepted[seq]) / 1000 for seq in written[at:count]]
        at = count
    assert at == len(written)
    return sorted(result)


def beside(size):
    """Documents a second of raw appending and of the relay, and the relay's CPU µs a document."""
    with tempfile.TemporaryDirectory(prefix="kb", dir=FOLDER) as folder:
        documents, seconds = load("raw", folder, size, SECONDS / 4)
        raw = documents / seconds
        documents, seconds, used = load("relay", folder, size, SECONDS / 4)
        return raw, documents / seconds, used / documents * 1e6


def quantile(values, q):
    return values[min(int(len(values) * q), len(values) - 1)]


def speed_and_latency():
    speeds, memory = {}, collections.Counter()
    print("bytes feeders  documents/s  of raw  of relay | CPU us a document: ingest parse classify sink   relay")
    for size in (2000, 6000, 20000):
        for feeders in (1, 16, 64):
            raw, relayed, relay_cpu = beside(size)
            speed, costs, _ = run_lane(size, feeders)
            speeds[size, feeders] = speed
            for daemon, (_, mib) in costs.items():
                memory[daemon] = max(memory[daemon], mib)
            print(f"{size:5} {feeders:7} {speed:12.0f} {speed / raw:7.1%} {speed / relayed:9.1%} |                 "
                  + " ".join(f"{costs[daemon][0]:8.0f}" for daemon in harness.DAEMONS) + f" {relay_cpu:7.0f}", flush=True)
    print("MiB resident at the end, the most of all cases: " + ", ".join(f"{d} {memory[d]:.0f}" for d in harness.DAEMONS))
    print(f"\naccepted to on disk, {CASE['size']} bytes, {CASE['feeders']} feeders\n load  documents/s  p50 ms  p99 ms  p99.9 ms")
    for part in (0.1, 0.5, 0.9):
        speed, _, waits = run_lane(rate=part * speeds[CASE["size"], CASE["feeders"]], **CASE)
        print(f"{part:5.0%} {speed:12.0f} " + " ".join(f"{quantile(waits, q):8.1f}" for q in (0.5, 0.99, 0.999)), flush=True)


def over_backlog(documents):
    """Milliseconds until the lane was ready again, documents a second with the backlog, and MiB resident of each daemon."""
    case = (SMALL["size"], SMALL["feeders"])
    with tempfile.TemporaryDirectory(prefix="kb", dir=FOLDER) as folder, harness.Lane(KHABAR, folder) as lane:
        lane.start()
        load("feed", folder, *case, 1)  # what a lane does once in its life, it has done
        if documents:
            lane.kill("sink", signal.SIGSTOP)
            load("fill", folder, *case, documents)
            lane.kill("sink", signal.SIGCONT)
        lane.stop()
        begun = time.monotonic()
        lane.start(timeout=120)
        ready = time.monotonic() - begun
        fed, seconds = load("feed", folder, *case, SECONDS)
        left = lane.status("ingest")["spool"]["documents"]
        assert left > 0 or not documents, "the backlog was gone before the end"
        return ready * 1000, fed / seconds, {daemon: resident_mib(lane.pid(daemon)) for daemon in harness.DAEMONS}


def backlogs():
    print("  backlog  ready ms  documents/s  of raw | MiB resident: ingest parse classify sink")
    for documents in map(int, options.backlog.split(",")):
        raw, _, _ = beside(SMALL["size"])
        ready, speed, memory = over_backlog(documents)
        print(f"{documents:9} {ready:9.0f} {speed:12.0f} {speed / raw:7.1%} |            "
              + " ".join(f"{memory[daemon]:8.0f}" for daemon in harness.DAEMONS), flush=True)


def flat():
    """Tenths of the documents; at the end every one of them is in the spool's count of commits."""
    header = " ".join(f"{daemon:>8}" for daemon in harness.DAEMONS)
    print(f"documents  documents/s | CPU us a document: {header} | MiB resident: {header}")
    with tempfile.TemporaryDirectory(prefix="kb", dir=FOLDER) as folder, harness.Lane(KHABAR, folder) as lane:
        lane.start()
        pids = {daemon: lane.pid(daemon) for daemon in harness.DAEMONS}
        feeding = subprocess.Popen([LOAD, "feed", folder, str(SMALL["size"]), str(SMALL["feeders"]), "1e6"], stdout=subprocess.DEVNULL)
        try:
            count, last, used = 0, time.monotonic(), {daemon: cpu(pid) for daemon, pid in pids.items()}
            for tenth in range(1, 11):
                while lane.status("ingest").get("committed", 0) < tenth * options.flat / 10:
                    assert feeding.poll() is None, f"feeding ended with {feeding.returncode}"
                    time.sleep(0.2)
                committed, now = lane.status("ingest")["committed"], time.monotonic()
                spent = {daemon: cpu(pid) for daemon, pid in pids.items()}
                assert pids == {daemon: lane.pid(daemon) for daemon in harness.DAEMONS}, "a daemon was started again"
                print(f"{committed:9} {(committed - count) / (now - last):12.0f} |                    "
                      + " ".join(f"{(spent[d] - used[d]) / (committed - count) * 1e6:8.0f}" for d in harness.DAEMONS)
                      + " |               " + " ".join(f"{resident_mib(pids[d]):8.0f}" for d in harness.DAEMONS), flush=True)
                count, last, used = committed, now, spent
        finally:
            feeding.kill()
            feeding.wait()


if options.backlog:
    backlogs()
elif options.flat:
    flat()
else:
    speed_and_latency()
