"""The whole lane, as its users start and disturb it, held to the oracle."""
import base64
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import zmq

from crash import WORDS
from harness import DAEMONS, SAMPLE, Lane, run_tests, wait_for
from oracle import judge, read_output

def varied(count, seed=1):
    """Documents of many sizes and forms, each different from all others."""
    chance = random.Random(seed)
    for i in range(count):
        paragraphs = [" ".join(chance.choice(WORDS) for _ in range(chance.randint(8, 60))) + "."
                      for _ in range(chance.randint(1, 12))]
        title = f"{chance.choice(WORDS)} {chance.choice(WORDS)} رقم {i}"
        about = {"url": f"https://example.org/news/{seed}/{i}", "site": chance.choice(["example.org", "e.iq"])}
        kind = i % 3
        if kind == 0:
            about["text"] = title + "\n\n2026-01-18 | 07:49\n" + "\n\n".join(paragraphs) + "\n"
        elif kind == 1:
            body = "".join(f"<p>{p}</p>" for p in paragraphs)
            about["html"] = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
        else:
            text = f"<h1>{title}</h1>" + "".join(f"<p>{p}</p>" for p in paragraphs)
            about["body_base64"] = base64.b64encode(text.encode("windows-1256", "xmlcharrefreplace")).decode()
            about["content_type"] = "text/html; charset=windows-1256"
        yield f"{seed}/{i}", about


def finish(lane):
    """Drains, stops, and lets the oracle judge."""
    lane.wait_drained()
    status = lane.stop()
    verdict = judge(lane.dir, lane.sent, lane.accepted())
    verdict.raise_if_bad()
    assert status == 0, (status, lane.events.decode(), lane.log()[-2000:])
    return verdict


def the_sample_becomes_a_record(khabar):
    """One page in, its record out, by four processes."""
    with Lane(khabar) as lane:
        lane.start()
        assert len({lane.pid(daemon) for daemon in DAEMONS} - {0}) == 4
        assert lane.feed_file(SAMPLE, "--site", "alsumaria") == 0, lane.log()
        verdict = finish(lane)
        assert len(verdict.records) == 1 and not verdict.rejects, verdict.rejects
        record = verdict.records[0]
        assert record["title"] == "العراق يعلن إخلاء كافة القواعد العسكرية والمقرات القيادية من مستشاري التحالف الدولي"
        assert record["published_at"] == "2026-01-18T07:49:00+03:00", record["published_at"]
        assert record["section"] == "أمن" and len(record["quotes"]) == 7, record
        assert [lead["role"] for lead in record["leads"]] == ["ticker"] + ["related"] * 6, record["leads"]
        assert {"2024-09-27", "2025-11-06", "2026-01-18"} <= {date["value"] for date in record["dates"]}
        assert record["text"].count("\n\n") == 7, record["text"]
        status, out, _ = lane.run("tail", "--no-follow", "--json")
        assert status == 0 and out.count("\n") == 1
        status, out, _ = lane.run("tail", "--no-follow")
        assert record["title"] in out.splitlines(), out


def a_thousand_documents_arrive(khabar):
    """Many forms and sizes; then the same again under the same ids, which changes nothing."""
    with Lane(khabar) as lane:
        lane.start()
        assert lane.feed(varied(1000)) == 0
        lane.wait_drained()
        again = dict(lane.accepted())
        assert lane.feed(varied(1000)) == 0
        assert lane.accepted() == again, "a repeat is accepted under the first id"
        verdict = finish(lane)
        assert len(verdict.records) + len(verdict.rejects) == 1000
        recorded = {line["feeder_id"] for line in verdict.records}
        dumps = {feeder_id for feeder_id, about in varied(1000) if "text" in about}
        missing = sorted(dumps - recorded)  # a line or two of filler is no article
        assert len(missing) < len(dumps) / 50, f"{len(missing)} text dumps became rejects: {missing[:5]}"


def odd_documents_stop_nothing(khabar):
    """Empty, too large, broken UTF-8, NULs, not JSON: refused, rejected or repaired, each with its reason."""
    broken = "خبر عاجل من بغداد".encode() + b"\xff\xfe\xd8 \n\n" + "نص الخبر".encode() * 20
    odd = [("empty", {"text": ""}),
           ("huge", {"text": "خبر " * (20 * 1024 * 1024 // 7)}),
           ("nul", {"body_base64": base64.b64encode(bytes(50000)).decode()}),
           ("broken", {"body_base64": base64.b64encode(broken).decode(), "content_type": "text/plain; charset=utf-8"}),
           ("noise", {"body_base64": base64.b64encode(random.Random(3).randbytes(30000)).decode()})]
    with Lane(khabar) as lane:
        lane.start()
        assert lane.feed(odd) == 1
        assert lane.answers["empty"][0][0] == "refused" and "empty" in lane.answers["empty"][0][1]
        assert lane.answers["huge"][0][0] == "refused" and "large" in lane.answers["huge"][0][1], lane.answers["huge"]
        assert [lane.answers[name][0][0] for name in ("nul", "broken", "noise")] == ["accepted"] * 3
        assert lane.feed_file(SAMPLE) == 0
        verdict = finish(lane)
        rejected = {line["feeder_id"] for line in verdict.rejects}
        assert "nul" in rejected, verdict.rejects
        for line in verdict.records:
            assert line["feeder_id"] != "broken" or line.get("warnings"), line
        for line in verdict.rejects:
            assert "body_base64" in line, "the bytes are kept"
        status, out, _ = lane.run("rejects", "list")
        assert status == 0 and len(out.splitlines()) == len(verdict.rejects), out
        status, _, _ = lane.run("rejects", "show", next(l["id"] for l in verdict.rejects))
        assert status == 0


def a_stop_mid_stream_loses_nothing(khabar):
    """SIGTERM while documents come in; the next start goes on, the feeder with it."""
    with Lane(khabar) as lane:
        lane.start()
        feeding = lane.start_feeding(varied(1000, 2), "--window", "16")
        wait_for("some documents", lambda: lane.status("ingest").get("received", 0) > 20, 20)
        assert lane.stop() == 0, lane.log()[-2000:]
        lane.start()
        assert lane.finish_feeding(feeding) == 0
        verdict = finish(lane)
        assert len(verdict.records) + len(verdict.rejects) == 1000


def each_daemon_is_killed_once(khabar):
    """kill -9 of each in turn under load: restarted, nothing lost, nothing twice."""
    with Lane(khabar) as lane:
        lane.start()
        feeding = lane.start_feeding(varied(3000, 4), "--window", "32")
        for daemon in DAEMONS:
            before = wait_for(f"a running {daemon}", lambda: lane.pid(daemon))
            time.sleep(0.3)
            assert lane.kill(daemon, signal.SIGKILL)
            wait_for(f"another {daemon}", lambda: lane.pid(daemon) not in (0, before))
        assert lane.finish_feeding(feeding) == 0
        verdict = finish(lane)
        assert len(verdict.records) + len(verdict.rejects) == 3000
        assert lane.events.count(b"died") == 4, lane.events.decode()


def dropped_files_are_taken(khabar):
    """Files renamed or written into incoming/, before and after the start; accepted ones move to done/."""
    with Lane(khabar) as lane:
        incoming, done = (os.path.join(lane.dir, name) for name in ("incoming", "done"))
        os.mkdir(incoming)
        names = []
        for i, (_, about) in enumerate(varied(30, 5)):
            body = about.get("text", about.get("html", "")).encode() or base64.b64decode(about["body_base64"])
            name = f"{i}.{'txt' if 'text' in about else 'html'}"
            names.append(name)
            if i == 15:
                lane.start()
            if i % 2:
                with open(os.path.join(incoming, name), "wb") as file:
                    file.write(body)
            else:
                with open(os.path.join(lane.dir, "part"), "wb") as file:
                    file.write(body)
                os.rename(os.path.join(lane.dir, "part"), os.path.join(incoming, name))
        wait_for("an empty drop folder", lambda: not os.listdir(incoming), 40)
        lane.wait_drained()
        assert lane.stop() == 0
        moved = [name for name in os.listdir(done) if os.path.isfile(os.path.join(done, name))]
        assert len(moved) == len(names), (moved, names)
        lines = read_output(os.path.join(lane.dir, "records")) + read_output(os.path.join(lane.dir, "rejects"))
        assert len(lines) == len(names) == len({line["id"] for line in lines})


def a_second_lane_in_one_folder_is_refused(khabar):
    """The lock holds, and the first goes on."""
    with Lane(khabar) as lane:
        lane.start()
        status, _, err = lane.run("run")
        assert status == 3 and "already" in err, (status, err)
        assert lane.feed(varied(10, 6)) == 0
        finish(lane)


def every_request_of_many_is_answered(khabar):
    """As many as may be on their way at once, again and again: a client that reads gets all answers."""
    many, count = 4096, 4096 * 3
    with Lane(khabar) as lane:
        lane.start()
        dealer = zmq.Context.instance().socket(zmq.DEALER)
        dealer.linger = 0
        dealer.connect(f"ipc://{lane.dir}/run/feed.sock")
        sent = answered = 0
        while answered < count:
            while sent < min(count, answered + many):
                dealer.send_multipart([str(sent).encode(), b"", b"{}", f"خبر رقم {sent} من بغداد".encode()])
                sent += 1
            assert dealer.poll(20000), f"{answered} answers to {sent} requests"
            outcome = dealer.recv_multipart()[-1]
            assert outcome.startswith(b"accepted "), outcome
            answered += 1
        dealer.close()


def in_other_encodings(page):
    """name -> bytes of the page, content type, warning that is due."""
    def misread(encoding):
        return "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in page.encode()).encode()

    return {
        "windows-1256": (page.encode("windows-1256"), "text/html; charset=windows-1256", None),
        "utf-16": (page.encode("utf-16"), "text/html", None),
        "utf-16be": (page.encode("utf-16-be"), "text/html; charset=utf-16be", None),
        "misread-1252": (misread("windows-1252"), "text/html; charset=utf-8", "mojibake"),
        "misread-1256": (misread("windows-1256"), "text/html; charset=utf-8", "mojibake"),
    }


def digests_are_of_the_bytes_handed_in(khabar):
    """In whatever encoding a page comes, and whatever is put right in it: through the lane, and through `khabar process`."""
    title = "المتحدث يعلن نتائج اجتماع اللجنة في بغداد"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>" + "".join(
        f"<p>أعلن المتحدث باسم الوزارة في بغداد أن المرحلة {part} من المشروع اكتملت، وأن العمل مستمر.</p>" for part in range(1, 6))
    pages = in_other_encodings(page + "</body></html>")
    documents = [(name, {"body_base64": base64.b64encode(data).decode(), "content_type": content_type})
                 for name, (data, content_type, _) in pages.items()]

    def check(records):
        assert {record["feeder_id"] for record in records} == set(pages), records
        for record in records:
            data, _, warning = pages[record["feeder_id"]]
            assert record["digest"] == "sha256:" + hashlib.sha256(data).hexdigest() and record["bytes"] == len(data), record
            assert record["title"] == title and "المرحلة 5 من المشروع" in record["text"], record
            assert warning is None or warning in record["warnings"], record

    with Lane(khabar) as lane:
        lane.start()
        assert lane.feed(documents) == 0
        check(finish(lane).records)
        path = os.path.join(lane.dir, "pages.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"id": name, **document}) + "\n" for name, document in documents)
        done = subprocess.run([khabar, "process", "--input", "ndjson", path], capture_output=True, check=True, timeout=60)
        check([json.loads(line) for line in done.stdout.splitlines()])


TESTS = {
    "first": [the_sample_becomes_a_record, odd_documents_stop_nothing, dropped_files_are_taken, digests_are_of_the_bytes_handed_in,
              a_second_lane_in_one_folder_is_refused],
    "load": [a_thousand_documents_arrive, every_request_of_many_is_answered, a_stop_mid_stream_loses_nothing],
    "kill": [each_daemon_is_killed_once],
}

if __name__ == "__main__":
    chosen = [test for group in TESTS.values() for test in group if test.__name__ in sys.argv[3:]]
    sys.exit(run_tests(chosen or TESTS[sys.argv[2]], sys.argv[1]))
