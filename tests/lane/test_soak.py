"""kill -9 of random daemons every second while feeders hand in: nothing lost, nothing twice, nobody innocent given up.

test_soak.py KHABAR SECONDS [DOCUMENTS_A_SECOND [SEED]]: figures come as TAP comments."""
import os
import random
import signal
import sys
import time

from crash import RESTLESS, documents, finish
from harness import DAEMONS, Lane, run_tests

FEEDERS, BATCH = 2, 300
MIB = 1024 * 1024


def resident(lane):
    """Bytes of memory that each daemon holds, of those that run."""
    held = {}
    for daemon in DAEMONS:
        try:
            with open(f"/proc/{lane.pid(daemon)}/statm", encoding="ascii") as file:
                held[daemon] = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            continue
    return held


def keep_feeding(lane, feeding, batch):
    """Replaces feeders that are done; the number of the next batch."""
    for i, process in enumerate(feeding):
        if process and process.poll() is None:
            continue
        if process:
            assert lane.finish_feeding(process) == 0, lane.log()[-2000:]
        feeding[i] = lane.start_feeding(documents(BATCH, size=1500, seed=batch), "--window", "64")
        batch += 1
    return batch


def random_daemons_are_killed(khabar, seconds, rate, seed):
    chance = random.Random(seed)
    feeding, batch, kills, most = [None] * FEEDERS, 1, dict.fromkeys(DAEMONS, 0), dict.fromkeys(DAEMONS, 0)
    settings = {**RESTLESS, "sink": {**RESTLESS["sink"], "rotate_bytes": 2 * MIB}, "log": {"level": "warning"}, "dispatch": {"resend_seconds": 5}}
    with Lane(khabar, settings=settings) as lane:
        lane.start()
        begun = time.monotonic()
        end, next_kill = begun + seconds, begun + 1
        while time.monotonic() < end:
            if batch * BATCH <= (time.monotonic() - begun) * rate + FEEDERS * BATCH:
                batch = keep_feeding(lane, feeding, batch)
            lane.read_events()
            time.sleep(0.05)
            if time.monotonic() < next_kill:
                continue
            next_kill += 1
            for daemon, held in resident(lane).items():
                most[daemon] = max(most[daemon], held)
            for daemon in chance.sample(DAEMONS, chance.choice([1, 1, 1, 2])):
                kills[daemon] += lane.kill(daemon, signal.SIGKILL)
        for process in filter(None, feeding):
            assert lane.finish_feeding(process, timeout=120) == 0, lane.log()[-2000:]
        count = (batch - 1) * BATCH
        verdict = finish(lane, count, timeout=180, whole=False)
        given_up = [line for line in verdict.rejects if line["reject"] == "gave-up"]
        assert not given_up, given_up[:3]
        print(f"# documents {count}, records {len(verdict.records)}, rejects {len(verdict.rejects)}, "
              f"kills {sum(kills.values())} {kills}, losses 0, duplicates 0, "
              f"most MiB resident { {name: held // MIB for name, held in most.items()} }", flush=True)
        assert sum(kills.values()) >= seconds * 0.8, kills


if __name__ == "__main__":
    seconds = int(sys.argv[2])
    rate = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else int(time.time())
    print(f"# seconds {seconds}, documents a second {rate}, seed {seed}")

    def random_kills(khabar):
        random_daemons_are_killed(khabar, seconds, rate, seed)
    sys.exit(run_tests([random_kills], sys.argv[1]))
