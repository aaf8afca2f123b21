"""What happens around a lane: disks that fill, clocks that jump, daemons that stand still, floods, damage, upgrades.

test_disturb.py KHABAR WALLCLOCK_SHIM GROUP"""
import contextlib
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import zmq

from crash import MIB, RESTLESS, documents, finish
from harness import DAEMONS, SANITIZED, Lane, run_tests, wait_for

SHIM = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else ""


class Skip(Exception):
    pass


def resident(lane, daemon):
    """Bytes."""
    with open(f"/proc/{lane.pid(daemon)}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def spooled(lane):
    return lane.status("ingest").get("spool", {}).get("documents", 0)


@contextlib.contextmanager
def small_disk(path, size):
    """A tmpfs of so many bytes; only root may make one."""
    os.makedirs(path, exist_ok=True)
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "khabar-test", path],
                                      capture_output=True, check=False).returncode:
        raise Skip("no tmpfs can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def enlarge(path, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", path], check=True)


# --- a sink that stands still


def a_sink_that_stands_still_slows_feeders(khabar, seconds=5):
    """SIGSTOP: the window and the spool fill up to their bounds, memory does not grow, feeders wait; then all goes on."""
    settings = {**RESTLESS, "spool": {**RESTLESS["spool"], "max_bytes": 6 * MIB}}
    with Lane(khabar, settings=settings) as lane:
        lane.start()
        assert lane.feed(documents(50, seed=1)) == 0
        assert lane.kill("sink", signal.SIGSTOP)
        feeding = lane.start_feeding(documents(1000, seed=2))
        wait_for("a full spool", lambda: lane.status("ingest").get("busy", 0) > 0, 60)
        before = {daemon: resident(lane, daemon) for daemon in DAEMONS}
        time.sleep(seconds)
        after = {daemon: resident(lane, daemon) for daemon in DAEMONS}
        assert feeding.poll() is None, "the feeder waits"
        assert lane.status("ingest")["in_flight"] <= 64
        grown = {daemon: after[daemon] - before[daemon] for daemon in DAEMONS}
        assert SANITIZED or max(grown.values()) < 4 * MIB, grown
        assert lane.kill("sink", signal.SIGCONT)
        assert lane.finish_feeding(feeding, timeout=120) == 0
        finish(lane, 1050)


# --- disks that fill


def a_full_spool_makes_feeders_wait(khabar):
    """The disk under the spool has no room for a segment: feeders wait until it has."""
    with tempfile.TemporaryDirectory(prefix="kh") as folder, small_disk(os.path.join(folder, "spool"), 24 * MIB):
        with Lane(khabar, folder, {**RESTLESS, "spool": {"segment_bytes": MIB, "reserve_bytes": 2 * MIB}}) as lane:
            filler = os.path.join(folder, "spool", "filler")
            lane.start()
            assert lane.feed(documents(50, seed=1)) == 0
            with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    continue
            feeding = lane.start_feeding(documents(400, seed=2))
            wait_for("a full disk", lambda: lane.status("ingest").get("busy", 0) > 0, 60)
            assert feeding.poll() is None
            os.unlink(filler)
            assert lane.finish_feeding(feeding, timeout=120) == 0
            finish(lane, 450)


def full_output(khabar, name, rejects):
    """The sink ends with a clear message and comes back; with room again everything is written."""
    with tempfile.TemporaryDirectory(prefix="kh") as folder, small_disk(os.path.join(folder, name), MIB):
        with Lane(khabar, folder, {**RESTLESS, "sink": {**RESTLESS["sink"], "compress": False}}) as lane:
            lane.start()
            feeding = lane.start_feeding(documents(300, rejects=rejects))
            wait_for("a full disk", lambda: "No space left on device" in lane.log(), 60)
            assert lane.finish_feeding(feeding, timeout=60) == 0, "accepting goes on"
            enlarge(os.path.join(folder, name), 64 * MIB)
            finish(lane, 300)
            assert "output failed" in lane.log(), lane.log()[-1000:]


def full_records_are_written_when_there_is_room(khabar):
    full_output(khabar, "records", rejects=0)


def full_rejects_are_written_when_there_is_room(khabar):
    full_output(khabar, "rejects", rejects=1)


# --- clocks that jump


def a_wall_clock_that_jumps_changes_nothing(khabar):
    """A day forwards, two days back, under load; ids of feeders are still known, nothing is sent again for it."""
    day = 86400
    with tempfile.TemporaryDirectory(prefix="kh") as folder:
        path = os.path.join(folder, "wallclock")

        def shift(seconds):
            with open(path, "r+b" if os.path.exists(path) else "wb") as file:
                file.write(struct.pack("<q", seconds))

        shift(0)
        with Lane(khabar, folder, {**RESTLESS, "dispatch": {"resend_seconds": 30}}) as lane:
            usual = dict(lane.environment)
            lane.environment.update({"LD_PRELOAD": SHIM, "KHABAR_WALLCLOCK": path})
            lane.start()
            lane.environment = usual
            for seed, seconds in enumerate((day, -day, 0), 1):
                feeding = lane.start_feeding(documents(200, size=3000, seed=seed))
                time.sleep(0.1)
                shift(seconds)
                assert lane.finish_feeding(feeding) == 0
            first = dict(lane.accepted())
            assert lane.feed(documents(200, size=3000, seed=1)) == 0
            assert lane.accepted() == first, "a repeat is accepted under the first id"
            lane.wait_drained()
            assert lane.status("ingest")["resent"] == 0, lane.status("ingest")
            verdict = finish(lane, 600)
            days = {line["received_at"][:10] for line in verdict.records}
            assert len(days) >= 2, f"the clock did not jump: {days}"


# --- floods and second instances


def a_flood_of_connections_is_endured(khabar):
    """5,000 connections that say nothing or nonsense: memory is bounded, and who has documents is served."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 6000:
        raise Skip(f"only {hard} open files are allowed here")
    with Lane(khabar) as lane:
        lane.start()
        before = resident(lane, "ingest")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # of the flood; the lane runs with what it got
        path, flood = os.path.join(lane.dir, "run", "feed.sock"), []
        try:
            for i in range(5000):
                peer = socket.socket(socket.AF_UNIX)
                wait_for("a place in the queue", lambda: not peer.connect_ex(path), 20, 0.005)
                if i % 2:
                    peer.send(os.urandom(64) if i % 4 == 1 else b"\xff" + bytes(8) + b"\x7f\x03")
                flood.append(peer)
            assert lane.feed(documents(200, size=3000), timeout=120) == 0
            grown = resident(lane, "ingest") - before
            assert SANITIZED or grown < 256 * MIB, f"{grown // MIB} MiB more"
        finally:
            for peer in flood:
                peer.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert lane.feed(documents(100, size=3000, seed=2), timeout=60) == 0
        finish(lane, 300)
        assert lane.events.count(b"died") == 0, lane.events.decode()


def clients_that_do_not_read_cost_little(khabar):
    """Many documents a connection, no answer read: the socket's queues are bounded, others are served."""
    with Lane(khabar) as lane:
        lane.start()
        context, peers = zmq.Context(), []
        for _ in range(50):
            peer = context.socket(zmq.DEALER)
            peer.setsockopt(zmq.RCVHWM, 1)
            peer.setsockopt(zmq.LINGER, 0)
            peer.connect(f"ipc://{lane.dir}/run/feed.sock")
            peers.append(peer)
        before = resident(lane, "ingest")
        for _ in range(200):
            for peer in peers:
                with contextlib.suppress(zmq.Again):
                    peer.send_multipart([b"", b"{\"bad\": " + b" " * 20000], zmq.DONTWAIT)
        try:
            assert lane.feed(documents(50, size=3000)) == 0
            grown = resident(lane, "ingest") - before
            assert SANITIZED or grown < 64 * MIB, grown // MIB
        finally:
            context.destroy(linger=0)
        finish(lane, 50)


def a_second_instance_is_refused(khabar):
    """Of each daemon, in the same run folder; of ingest and sink, in another one on the same spool and output."""
    with Lane(khabar, settings=RESTLESS) as lane:
        lane.start()
        other = ["--config", os.path.join(lane.dir, "other.json"), "--dir", lane.dir]
        with open(other[1], "w", encoding="utf-8") as file:
            file.write('{"lane": {"run_dir": "run2"}, "ingest": {"drop": {"enabled": false}}}')
        folder = os.path.dirname(os.path.dirname(lane.khabar))
        for which, daemons in ((lane.which, DAEMONS), (other, ("ingest", "sink"))):
            for daemon in daemons:
                program = os.path.join(folder, daemon, "khabar-" + daemon)
                done = subprocess.run([program, *which], capture_output=True, timeout=20, env=lane.environment, check=False)
                said = done.stderr.decode()
                assert done.returncode == 1, (daemon, done.returncode, said)
                assert "already" in said or "another process" in said, (daemon, said)
        assert lane.feed(documents(50)) == 0
        finish(lane, 50)


# --- damage and upgrades


def over_a_full_spool(khabar, change, again=None):
    """Some documents committed, some not, everything killed; change(lane), and a start of what `again` names."""
    with Lane(khabar, settings=RESTLESS) as lane:
        lane.start()
        assert lane.feed(documents(120, seed=1)) == 0
        lane.wait_drained()
        assert lane.kill("sink", signal.SIGSTOP)
        assert lane.feed(documents(200, seed=2)) == 0
        wait_for("documents in the spool", lambda: spooled(lane) >= 200)
        lane.kill_all()
        change(lane)
        lane.khabar = again(lane) if again else lane.khabar
        lane.start()
        finish(lane, 320)


def progress_of(lane):
    return os.path.join(lane.dir, "spool", "progress")


def a_missing_progress_file_costs_nothing(khabar):
    over_a_full_spool(khabar, lambda lane: os.unlink(progress_of(lane)))


def an_empty_progress_file_costs_nothing(khabar):
    over_a_full_spool(khabar, lambda lane: os.truncate(progress_of(lane), 0))


def a_progress_file_that_is_bad_in_both_slots_costs_nothing(khabar):
    def spoil(lane):
        with open(progress_of(lane), "r+b") as file:
            size = len(file.read())
            for at in range(0, size, 64):
                file.seek(at)
                file.write(b"\xa5")
    over_a_full_spool(khabar, spoil)


def an_upgrade_goes_on_with_a_full_spool(khabar):
    """Other binaries, at another place, over what the first ones left."""
    def install(lane):
        tree = os.path.dirname(os.path.dirname(lane.khabar))
        for name in ("khabar", *DAEMONS):
            program = "khabar" if name == "khabar" else "khabar-" + name
            os.makedirs(os.path.join(lane.dir, "new", "daemons", name))
            shutil.copy(os.path.join(tree, name, program), os.path.join(lane.dir, "new", "daemons", name, program))
        os.symlink(os.path.join(os.environ["KHABAR_SOURCE"], "configs"), os.path.join(lane.dir, "new", "configs"))
        return os.path.join(lane.dir, "new", "daemons", "khabar", "khabar")
    over_a_full_spool(khabar, lambda lane: None, install)


def skippable(test):
    def run(khabar):
        try:
            test(khabar)
        except Skip as reason:
            print(f"# skipped {test.__name__}: {reason}", flush=True)
    run.__name__ = test.__name__
    return run


def a_sink_that_stands_still_for_minutes(khabar):
    a_sink_that_stands_still_slows_feeders(khabar, 180)


TESTS = {
    "disks": [a_full_spool_makes_feeders_wait, full_records_are_written_when_there_is_room,
              full_rejects_are_written_when_there_is_room],
    "others": [a_sink_that_stands_still_slows_feeders, a_flood_of_connections_is_endured,
               clients_that_do_not_read_cost_little, a_second_instance_is_refused],
    "clock": [a_wall_clock_that_jumps_changes_nothing],
    "damage": [a_missing_progress_file_costs_nothing, an_empty_progress_file_costs_nothing,
               a_progress_file_that_is_bad_in_both_slots_costs_nothing, an_upgrade_goes_on_with_a_full_spool],
    "long": [a_sink_that_stands_still_for_minutes],
}

if __name__ == "__main__":
    chosen = [test for group in TESTS.values() for test in group if test.__name__ in sys.argv[4:]]
    sys.exit(run_tests([skippable(test) for test in chosen or TESTS[sys.argv[3]]], sys.argv[1]))
