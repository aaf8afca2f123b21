"""The oracle: accepted = recorded + rejected + still spooled; no id twice; bytes equal; the spool drains to zero.

Reads the output files themselves, as they lie on disk, and nothing that the daemons say of them."""
import base64
import hashlib
import json
import os
import subprocess


def output_files(folder):
    """Paths of a lane's output: open, finished and compressed files, each set of lines once."""
    for day in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if not day.startswith("dt="):
            continue
        names = set(os.listdir(os.path.join(folder, day)))
        for name in sorted(names):
            if name == "manifest.ndjson" or name.endswith(".tmp"):
                continue
            if name.endswith(".zst") and name[:-4] in names:
                continue
            if name.endswith((".ndjson", ".ndjson.open", ".ndjson.zst")):
                yield os.path.join(folder, day, name)


def read_file(path):
    """The bytes of whole lines; what follows the last line feed is torn, and only an open file may have it."""
    if path.endswith(".zst"):
        data = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    else:
        with open(path, "rb") as file:
            data = file.read()
    whole, feed, torn = data.rpartition(b"\n")
    assert not torn or path.endswith(".open"), f"{path}: a finished file ends within a line"
    return whole + feed


def each_line(folder):
    """All lines as objects, one after the other."""
    for path in output_files(folder):
        for line in read_file(path).splitlines():
            yield json.loads(line)


def read_output(folder):
    """All lines as objects."""
    return list(each_line(folder))


CHECKED = ("id", "feeder_id", "digest", "bytes", "body_base64", "reject")


class Verdict:
    def __init__(self):
        self.problems = []
        self.records = []
        self.rejects = []

    def expect(self, condition, problem):
        if not condition:
            self.problems.append(problem)

    def raise_if_bad(self):
        if self.problems:
            shown = "\n".join(self.problems[:20])
            raise AssertionError(f"{len(self.problems)} problems:\n{shown}")


def judge(lane_dir, sent, accepted, spooled=0, whole=True):
    """sent: feeder id -> (sha256, size) of all that was handed in; accepted: feeder id -> the lane's id, of all that was told
    so; spooled: how many documents may still wait; whole: lines are kept with all fields, not only those that are checked.
    A document that was not told accepted may be in the output, once."""
    verdict = Verdict()
    verdict.records, verdict.rejects = ([line if whole else {key: line[key] for key in CHECKED if key in line}
                                         for line in each_line(os.path.join(lane_dir, folder))]
                                        for folder in ("records", "rejects"))
    by_id, by_feeder_id = {}, {}
    for line in verdict.records + verdict.rejects:
        verdict.expect(line["id"] not in by_id, f"{line['id']}: written twice")
        by_id[line["id"]] = line
        feeder_id = line.get("feeder_id")
        verdict.expect(feeder_id in sent, f"{line['id']}: feeder id {feeder_id} was never handed in")
        verdict.expect(feeder_id not in by_feeder_id, f"{feeder_id}: written under two ids")
        by_feeder_id[feeder_id] = line
        if feeder_id in sent:
            digest, size = sent[feeder_id]
            verdict.expect(line.get("digest") == "sha256:" + digest, f"{feeder_id}: another digest")
            verdict.expect(line.get("bytes") == size, f"{feeder_id}: {line.get('bytes')} bytes in place of {size}")
            if "body_base64" in line:
                body = base64.b64decode(line["body_base64"])
                verdict.expect(hashlib.sha256(body).hexdigest() == digest, f"{feeder_id}: other bytes in the reject")
    missing = [feeder_id for feeder_id, lane_id in accepted.items() if lane_id not in by_id]
    if len(missing) > spooled:
        verdict.problems += [f"{feeder_id}: accepted as {accepted[feeder_id]}, and lost" for feeder_id in missing]
    for line in verdict.rejects:
        verdict.expect(line.get("reject"), f"{line['id']}: a reject without its reason")
    for line in verdict.records:
        verdict.expect("reject" not in line, f"{line['id']}: a reject among the records")
    return verdict
