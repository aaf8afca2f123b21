"""What the tests that break a lane have in common: documents, settings under which everything happens often, the end."""
import base64
import os
import random
import re
import subprocess

from harness import SOURCE, wait_for
from oracle import judge

WORDS = ("أعلنت اللجنة العسكرية العليا اليوم إخلاء القواعد في العراق مؤكدة أن القوات جاهزة لحفظ الأمن "
         "وقال المتحدث إن المرحلة الأولى انتهت وبدأت مرحلة جديدة من العلاقات الثنائية بين البلدين").split()
MIB = 1024 * 1024

# segments, groups, files and the window are small, so that few documents see all of them begin and end
RESTLESS = {"window": {"documents": 64}, "spool": {"segment_bytes": MIB, "reserve_bytes": 0},
            "sink": {"rotate_bytes": 128 * 1024, "sync_documents": 16, "reserve_bytes": 0},
            "dispatch": {"resend_seconds": 2}}


def fault_points():
    """Names of all fault points but those of a document, in the order of the code."""
    with open(os.path.join(SOURCE, "libcommon/fault.c"), encoding="utf-8") as file:
        names = re.findall(r"\[FAULT_\w+\] = \"([a-z-]+)\"", file.read())
    assert len(names) > 30, names
    return [name for name in names if not name.endswith("-work")]


def documents(count, size=11000, seed=1, rejects=8):
    """Text dumps of about so many bytes; one of so many is no text and becomes a reject."""
    chance = random.Random(seed)
    for i in range(count):
        about = {"url": f"https://example.org/{seed}/{i}", "site": "example.org"}
        if rejects and i % rejects == rejects - 1:
            noise = bytes(4) + chance.randbytes(8) + bytes(chance.randint(1, size))
            about["body_base64"] = base64.b64encode(noise).decode()
        else:
            text = f"{chance.choice(WORDS)} {chance.choice(WORDS)} رقم {i}\n\n2026-01-18 | 07:49\n"
            while len(text) < size / 2:  # Arabic letters take two bytes
                text += "\n" + " ".join(chance.choice(WORDS) for _ in range(30)) + "."
            about["text"] = text + "\n"
        yield f"{seed}/{i}", about


def verify(lane):
    """What `khabar verify` has to say against the output; nothing if it is good."""
    said = ""
    for folder in ("records", "rejects"):
        done = subprocess.run([lane.khabar, "verify", os.path.join(lane.dir, folder)], capture_output=True,
                              timeout=120, check=False)
        if done.returncode and "no output in it" not in done.stderr.decode():
            said += done.stdout.decode() + done.stderr.decode()
    return said


def finish(lane, documents_expected=None, timeout=60.0, status=0, whole=True):
    """Drains, stops, and lets the oracle judge: all that was accepted is there, once."""
    lane.wait_drained(timeout)
    ended = lane.stop()
    assert ended == status, (ended, lane.events.decode(), lane.log()[-3000:])
    verdict = judge(lane.dir, lane.sent, lane.accepted(), whole=whole)
    verdict.raise_if_bad()
    verified = verify(lane)
    if "is not in the manifest" in verified:  # the last files may have had no time left: the next start lists them
        lane.start()
        wait_for("whole manifests", lambda: not verify(lane), timeout)
        assert lane.stop() == 0
    assert not verify(lane), verified
    if documents_expected is not None:
        written = len(verdict.records) + len(verdict.rejects)
        assert len(lane.accepted()) == documents_expected == written, (len(lane.accepted()), written)
    return verdict


class Faults:
    """Asks for faults by the environment and counts how often they struck."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "faults")
        os.mkdir(self.folder)

    def environment(self, *asked):
        return {"KHABAR_FAULT": ",".join(asked), "KHABAR_FAULT_DIR": self.folder}

    def strikes(self, point):
        try:
            return os.stat(os.path.join(self.folder, point)).st_size
        except OSError:
            return 0
