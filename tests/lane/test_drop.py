"""Files in the drop folder, as scrapers leave them: packed, of many documents, damaged, and a crash in the middle of one."""
import base64
import gzip
import json
import os
import subprocess
import sys
import time

from harness import Lane, run_tests, wait_for
from oracle import judge, read_output
from test_lane import varied


def drop(lane, name, data):
    """As a careful scraper does: written elsewhere, then renamed."""
    part = os.path.join(lane.dir, "part")
    with open(part, "wb") as file:
        file.write(data)
    os.rename(part, os.path.join(lane.dir, "incoming", name))


def files_in(lane, *folder):
    path = os.path.join(lane.dir, *folder)
    return sorted(name for name in os.listdir(path) if os.path.isfile(os.path.join(path, name)))


def wait_taken(lane):
    wait_for("an empty drop folder", lambda: not files_in(lane, "incoming"), 40)
    lane.wait_drained()


def page(number):
    text = "".join(f"<p>قال المتحدث في بيان رقم {number} إن القوات أنهت المرحلة {part} من الخطة المقررة في بغداد والأنبار.</p>"
                   for part in range(1, 6))
    return f"<html><head><title>بيان رقم {number}</title></head><body><h1>بيان رقم {number} من بغداد</h1>{text}</body></html>".encode()


def packed(program, data):
    return subprocess.run([program, "-c"], input=data, capture_output=True, check=True).stdout


def warc_record(number, block=None, kind="response"):
    """One record, with the message that a server sent in chunks and gzip."""
    body = gzip.compress(page(number))
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    block = block or (b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
                      b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    head = (f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: 2026-01-18T04:49:00Z\r\n"
            f"WARC-Target-URI: https://example.org/{number}\r\nContent-Length: {len(block)}\r\n\r\n").encode()
    return head + block + b"\r\n\r\n"


def packed_files_and_files_of_many_are_taken(khabar):
    """gzip, zstd and brotli; lines and WARC; what can't be used is named, and does not stop the rest."""
    lines = "".join(json.dumps({"id": f"line/{i}", "html": page(i).decode()}, ensure_ascii=False) + "\n" for i in range(5))
    bad_lines = lines.replace("line/", "other/") + "no object\n" + '{"id":"last","html":"<p>x"}\n'
    members = [gzip.compress(warc_record(i)) for i in range(6)]
    members[2] = members[2][:30] + bytes(20) + members[2][50:]
    members[4] = gzip.compress(warc_record(4, b"HTTP/1.1 404 Not Found\r\n\r\n"))
    with Lane(khabar) as lane:
        lane.start()
        drop(lane, "a.html.gz", gzip.compress(page(100)))
        drop(lane, "b.html.zst", packed("zstd", page(101)))
        drop(lane, "c.html.br", packed("brotli", page(102)))
        drop(lane, "d.html", page(103))
        drop(lane, "e.ndjson.gz", gzip.compress(lines.encode()))
        drop(lane, "f.ndjson", bad_lines.encode())
        drop(lane, "g.warc.gz", b"".join(members))
        drop(lane, "h.warc", b"".join(warc_record(i) for i in range(200, 203)))
        drop(lane, "cut.html.gz", gzip.compress(page(104))[:-20])
        drop(lane, "empty.html", b"")
        drop(lane, "bomb.html.gz", gzip.compress(bytes(400 << 20)))
        wait_taken(lane)
        assert files_in(lane, "done", "refused") == ["bomb.html.gz", "cut.html.gz", "empty.html"], files_in(lane, "done", "refused")
        assert len(files_in(lane, "done")) == 8, files_in(lane, "done")
        assert lane.stop() == 0
        ids = {line["feeder_id"].split("@")[0] for line in
               read_output(os.path.join(lane.dir, "records")) + read_output(os.path.join(lane.dir, "rejects"))}
        expected = {"a.html.gz", "b.html.zst", "c.html.br", "d.html", "last"} | {f"line/{i}" for i in range(5)} | \
            {f"other/{i}" for i in range(5)} | {f"urn:uuid:{i}" for i in (0, 1, 3, 5, 200, 201, 202)}
        assert ids == expected, ids ^ expected
        records = {line["feeder_id"]: line for line in read_output(os.path.join(lane.dir, "records"))}
        taken = records["urn:uuid:3"]
        assert taken["url"] == "https://example.org/3" and taken["fetched_at"].startswith("2026-01-18T04:49:00"), taken
        log = lane.log()
        assert "file=f.ndjson line=6:" in log and "file=g.warc.gz record=3" in log and "file=cut.html.gz damaged" in log, log


def a_crash_within_a_large_file_takes_nothing_twice(khabar):
    """kill -9 of ingest, again and again, while it reads one packed file of many documents."""
    sent = {}
    lines = []
    for feeder_id, about in varied(4000, 21):
        body = about.get("text", about.get("html"))
        raw = body.encode() if body is not None else base64.b64decode(about["body_base64"])
        sent[feeder_id] = raw
        lines.append(json.dumps({"id": feeder_id, **about}, ensure_ascii=False))
    with Lane(khabar) as lane:
        lane.start()
        for feeder_id, raw in sent.items():
            lane.note(feeder_id, raw)
        drop(lane, "large.ndjson.gz", gzip.compress("\n".join(lines).encode()))
        kills = 0
        while files_in(lane, "incoming"):
            time.sleep(0.3)
            kills += lane.kill("ingest") if kills < 4 else 0
        wait_taken(lane)
        assert lane.stop() == 0 and kills >= 1
        verdict = judge(lane.dir, lane.sent, {})
        verdict.raise_if_bad()
        assert len(verdict.records) + len(verdict.rejects) == 4000, (len(verdict.records), len(verdict.rejects))


TESTS = [packed_files_and_files_of_many_are_taken, a_crash_within_a_large_file_takes_nothing_twice]

if __name__ == "__main__":
    sys.exit(run_tests(TESTS, sys.argv[1]))
