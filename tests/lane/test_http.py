"""The way in over HTTP, with curl and with clients that mean no good; everything held to the oracle."""
import base64
import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib

from harness import SAMPLE, SOURCE, Lane, run_tests, wait_for
from oracle import judge
from test_lane import varied as endless


def varied(count):
    return list(endless(count))


def bytes_of(document):
    text = document.get("text", document.get("html"))
    return text.encode() if text is not None else base64.b64decode(document["body_base64"])


class Unix(http.client.HTTPConnection):
    """HTTP to the socket of a lane."""

    def __init__(self, lane, timeout=20):
        super().__init__("lane", timeout=timeout)
        self.path = os.path.join(lane.dir, "run/http.sock")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def post(lane, body, connection=None, **headers):
    """Status, headers and lines of the answer."""
    own = connection or Unix(lane)
    own.request("POST", "/v1/documents", body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = own.getresponse()
    lines = [json.loads(line) for line in answer.read().splitlines()]
    if not connection:
        own.close()
    return answer.status, answer.headers, lines


def note(lane, feeder_id, body, line):
    lane.note(feeder_id, body)
    if line.get("outcome") == "accepted":
        lane.answers.setdefault(feeder_id, []).append(("accepted", line["id"]))


def curl(lane, *arguments, body=b""):
    done = subprocess.run(["curl", "-sS", "--unix-socket", os.path.join(lane.dir, "run/http.sock"), "--max-time", "30",
                           "-w", "\n%{http_code}", *arguments, "http://lane/v1/documents"],
                          input=body, capture_output=True, timeout=40)
    text, _, code = done.stdout.rpartition(b"\n")
    return int(code), text.decode(), done.stderr.decode()


def lines_of(documents):
    return "".join(json.dumps({"id": i, **d}, ensure_ascii=False) + "\n" for i, d in documents).encode()


def feed_many(lane, documents, connection=None):
    """Hands in documents as NDJSON; the outcome of each is noted. Status."""
    status, _, lines = post(lane, lines_of(documents), connection, Content_Type="application/x-ndjson")
    for (feeder_id, document), line in zip(documents, lines):
        note(lane, feeder_id, bytes_of(document), line)
    return status, lines


def whole(lane, count):
    lane.wait_drained()
    verdict = judge(lane.dir, lane.sent, lane.accepted())
    verdict.raise_if_bad()
    assert len(verdict.records) + len(verdict.rejects) == count, (len(verdict.records), len(verdict.rejects), count)
    return verdict


def forms_and_headers(khabar):
    """One document with its headers, one JSON object, lines, chunks; a repeat gets its first id; records say what was said."""
    with Lane(khabar) as lane:
        lane.start()
        with open(SAMPLE, "rb") as file:
            page = file.read()
        about = ["-H", "Content-Type: text/plain; charset=utf-8", "-H", "Content-Location: https://www.alsumaria.tv/news/1",
                 "-H", "Khabar-Site: alsumaria", "-H", "Khabar-Fetched-At: 2026-01-18T09:00:00+03:00",
                 "-H", 'Idempotency-Key: "a \\"b\\""', "--data-binary", "@" + SAMPLE]
        code, text, err = curl(lane, *about)
        first = json.loads(text)
        assert code == 202 and first["outcome"] == "accepted", (code, text, err)
        note(lane, 'a "b"', page, first)
        code, text, _ = curl(lane, *about)
        assert code == 202 and json.loads(text)["id"] == first["id"], text
        code, text, _ = curl(lane, *about, "-H", "Transfer-Encoding: chunked", "-H", "Idempotency-Key: chunked")
        assert code == 202, text
        page_text = page.decode()
        status, headers, lines = post(lane, json.dumps({"id": 7, "text": page_text + "!"}, indent=1), Content_Type="application/json")
        assert status == 202 and headers["Content-Type"] == "application/json", lines
        note(lane, "7", (page_text + "!").encode(), lines[0])
        status, headers, lines = post(lane, b"\n" + lines_of(varied(3)) + b"nonsense\n{}\r\n", Content_Type="application/x-ndjson")
        assert status == 200 and headers["Content-Type"] == "application/x-ndjson"
        assert [(line["number"], line["outcome"]) for line in lines] == [
            (2, "accepted"), (3, "accepted"), (4, "accepted"), (5, "refused"), (6, "refused")], lines
        for (feeder_id, document), line in zip(varied(3), lines):
            assert line["feeder_id"] == feeder_id
            note(lane, feeder_id, bytes_of(document), line)
        record = next(r for r in whole(lane, 5).records if r["id"] == first["id"])
        assert record["feeder"] == "http" and record["feeder_id"] == 'a "b"', record
        assert record["url"] == "https://www.alsumaria.tv/news/1" and record["source"] == "alsumaria", record
        assert record["fetched_at"] == "2026-01-18T06:00:00Z", record["fetched_at"]
        assert lane.stop() == 0


def warc_of(pages, version="1.1"):
    """Response records; the page named image holds none."""
    out = [f"WARC/{version}\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <urn:uuid:0>\r\nContent-Length: 2\r\n\r\nx\n\r\n\r\n".encode()]
    for name, body in pages:
        media = "image/png" if name == "image" else "text/html; charset=utf-8"
        message = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        out.append((f"WARC/{version}\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{name}>\r\nWARC-Date: 2026-01-18T09:00:00Z\r\n"
                    f"WARC-Target-URI: https://e.org/{name}\r\nContent-Type: application/http; msgtype=response\r\n"
                    f"Content-Length: {len(message)}\r\n\r\n").encode() + message + b"\r\n\r\n")
    return out


def codings_and_warc(khabar):
    """Every coding, twice packed too; WARC plain, packed as it lies on disk, and under a coding; bombs and damage are told."""
    with Lane(khabar, settings={"ingest": {"http": {"body_bytes": 1000000}}}) as lane:
        lane.start()
        page = varied(2)[1][1]["html"].encode()
        pack = {"gzip": gzip.compress, "deflate": zlib.compress,
                "br": lambda data: subprocess.run(["brotli", "-c"], input=data, capture_output=True, check=True).stdout,
                "zstd": lambda data: subprocess.run(["zstd", "-cq"], input=data, capture_output=True, check=True).stdout}
        for coding, body in [(name, f(page + name.encode())) for name, f in pack.items()] + [("deflate, gzip", gzip.compress(zlib.compress(page)))]:
            status, _, lines = post(lane, body, Content_Type="text/html", Content_Encoding=coding, Idempotency_Key=coding)
            assert status == 202, (coding, lines)
            note(lane, coding, page + (coding.encode() if "," not in coding else b""), lines[0])
        for coding, body, expected in [("gzip", gzip.compress(page)[:-9], 400), ("br", b"\xff" * 50, 400),
                                       ("gzip", gzip.compress(b"x" * 1000001), 413), ("zstd", pack["zstd"](b"\0" * 50000000), 413),
                                       ("gzip, gzip, gzip, gzip", b"x", 415), ("compress", b"x", 415)]:
            status, headers, lines = post(lane, body, Content_Type="text/html", Content_Encoding=coding)
            assert status == expected, (coding, status, lines)
            assert status != 415 or "br" in headers["Accept-Encoding"]
        for way, headers in (("plain", {}), ("members", {}), ("coded", {"Content_Encoding": "br"})):
            pages = [(f"{way}-{i}", page + f"{way}{i}".encode()) for i in range(3)]
            records = warc_of([pages[0], ("image", b"png"), *pages[1:]])
            records.insert(2, b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: nonsense\r\n\r\n\r\n\r\n")
            body = b"".join(gzip.compress(r) for r in records) if way == "members" else b"".join(records)
            status, _, lines = post(lane, pack["br"](body) if headers else body, Content_Type="application/warc", **headers)
            assert status == 200 and [line["outcome"] for line in lines].count("accepted") == 3, (way, status, lines)
            accepted = [line for line in lines if line["outcome"] == "accepted"]
            for (name, content), line in zip(pages, accepted):
                assert line["feeder_id"] == "urn:uuid:" + name, line
                note(lane, line["feeder_id"], content, line)
        verdict = whole(lane, 14)
        record = next(r for r in verdict.records if r["feeder_id"] == "urn:uuid:coded-2")
        assert record["url"] == "https://e.org/coded-2" and record["fetched_at"] == "2026-01-18T09:00:00Z", record
        assert lane.stop() == 0


def refusals_say_why(khabar):
    """Each status of a refusal, its reason, and a lane that goes on over the same connection."""
    with Lane(khabar, settings={"limits": {"document_bytes": 10000}, "ingest": {"http": {"body_bytes": 100000}}}) as lane:
        lane.start()
        c = Unix(lane)
        for status, body, headers in [
                (400, b"", {"Content_Type": "text/html"}),
                (400, b"x", {"Content_Type": "text/html", "Khabar_Fetched_At": "yesterday"}),
                (400, b"x", {"Content_Type": "text/html", "Idempotency_Key": "k" * 600}),
                (400, b"{", {"Content_Type": "application/json"}),
                (400, b"{}\n[]\n", {"Content_Type": "application/x-ndjson"}),
                (400, b"x", {"Content_Type": "text/html", "Content_Location": "http://e/\xff"}),
                (413, b"x" * 10001, {"Content_Type": "text/html"}),
                (415, b"x", {"Content_Type": "application/pdf"}),
                (415, b"x", {}),
                (415, b"x", {"Content_Type": "text/html", "Content_Encoding": "lzma"})]:
            got, answer, lines = post(lane, body, c, **headers)
            assert got == status, (status, got, headers, lines)
            if headers.get("Content_Type") != "application/x-ndjson":
                assert answer["Content-Type"] == "application/problem+json" and lines[0]["status"] == status and lines[0]["detail"]
        for method, path, status in (("GET", "/v1/documents", 405), ("POST", "/", 404)):
            c.request(method, path)
            answer = c.getresponse()
            assert answer.status == status and json.loads(answer.read())["detail"], (method, path, answer.status)
        status, lines = feed_many(lane, varied(1), c)
        assert status == 202, lines
        c.close()
        code, text, err = curl(lane, "-H", "Content-Type: text/html", "-H", "Expect: 100-continue", "--data-binary", "@-",
                               body=b"x" * 3000000)
        assert code == 413 and "100000 bytes" in text, (code, text, err)
        whole(lane, 1)
        assert lane.stop() == 0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tokens_let_in(khabar):
    """A token of the file, or 401; a file that others may read and an address of the world without tokens are refused."""
    port = free_port()
    with Lane(khabar, settings={"ingest": {"http": {"listen": f"127.0.0.1:{port}", "tokens": "tokens"}}}) as lane:
        path = os.path.join(lane.dir, "tokens")
        with open(path, "w", encoding="ascii") as file:
            file.write("# of the spiders\nabcdefghijklmnop-1\n\nABCDEFGHIJKLMNOP-2==\n")
        os.chmod(path, 0o640)
        status, _, err = lane.run("check")
        assert status != 0 and "640" in err, err
        os.chmod(path, 0o600)
        lane.start()
        tcp = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for value, expected in ((None, 401), ("Bearer abcdefghijklmnop-2", 401), ("Bearer ", 401), ("Basic abcdefghijklmnop-1", 401),
                                ("Bearer # of the spiders", 401), ("bearer abcdefghijklmnop-1", 202), ("Bearer ABCDEFGHIJKLMNOP-2==", 202)):
            headers = {"Authorization": value} if value else {}
            got, answer, lines = post(lane, varied(1)[0][1]["text"].encode(), tcp, Content_Type="text/plain", Idempotency_Key="1", **headers)
            assert got == expected, (value, got, lines)
            assert got != 401 or answer["WWW-Authenticate"] == "Bearer"
        assert lane.stop() == 0
    with Lane(khabar, settings={"ingest": {"http": {"listen": f"0.0.0.0:{port}"}}}) as lane:
        status, _, err = lane.run("check")
        assert status != 0 and "loopback" in err, err


def nginx_ends_tls(khabar):
    """The sample configuration, with a certificate and paths of the test's own: an upload over TLS, and a lane's refusal."""
    with Lane(khabar) as lane:
        lane.start()
        at, port = lane.dir, free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", at + "/key.pem", "-out", at + "/cert.pem"],
                       check=True, capture_output=True, timeout=60)
        with open(os.path.join(SOURCE, "examples/nginx/khabar.conf"), encoding="utf-8") as file:
            sample = file.read()
        for old, new in (("/run/khabar/default", at + "/run"), ("443 ssl", f"127.0.0.1:{port} ssl"), ("feeds.example.org;", "localhost;"),
                         ("/etc/ssl/certs/feeds.example.org.pem", at + "/cert.pem"),
                         ("/etc/ssl/private/feeds.example.org.key", at + "/key.pem")):
            assert old in sample, old
            sample = sample.replace(old, new)
        user = "user root;\n" if os.geteuid() == 0 else ""
        paths = "".join(f"{name}_temp_path {at}/nginx-{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(at + "/nginx.conf", "w", encoding="utf-8") as file:
            file.write(f"{user}pid {at}/nginx.pid;\nerror_log {at}/nginx.log;\ndaemon off;\nevents {{}}\n"
                       f"http {{\naccess_log off;\n{paths}{sample}\n}}\n")
        with open(at + "/nginx.out", "wb") as out:
            nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", at + "/nginx.conf", "-e", at + "/nginx.log"], stdout=out, stderr=out)
        try:
            def through(*arguments):
                done = subprocess.run(["curl", "-sS", "--cacert", at + "/cert.pem", "--max-time", "20", "-w", "%{http_code}", *arguments,
                                       f"https://localhost:{port}/v1/documents"], capture_output=True, timeout=30)
                return done.stdout[-3:].decode(), done.stdout[:-3].decode()
            wait_for("nginx", lambda: through()[0] == "405", 20, 0.1)
            code, text = through("-H", "Content-Type: text/plain", "-H", "Idempotency-Key: n", "--data-binary", "@" + SAMPLE)
            assert code == "202", (code, text)
            with open(SAMPLE, "rb") as file:
                note(lane, "n", file.read(), json.loads(text))
            code, text = through("-H", "Content-Type: image/png", "--data-binary", "x")
            assert code == "415" and json.loads(text)["status"] == 415, text
        finally:
            nginx.terminate()
            nginx.wait(20)
        whole(lane, 1)
        assert lane.stop() == 0


def hundreds_share_syncs(khabar):
    """Sixteen clients at a time, a document a request: all written once, and fewer syncs than documents."""
    with Lane(khabar) as lane:
        lane.start()
        documents = varied(800)
        lock = threading.Lock()

        def client(mine):
            c = Unix(lane)
            for feeder_id, document in mine:
                body = bytes_of(document)
                status, _, lines = post(lane, body, c, Content_Type=document.get("content_type", "text/plain; charset=utf-8"),
                                        Idempotency_Key=feeder_id)
                assert status == 202, lines
                with lock:
                    note(lane, feeder_id, body, lines[0])

        clients = [threading.Thread(target=client, args=(documents[i::16],)) for i in range(16)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
        assert len(lane.accepted()) == 800
        whole(lane, 800)
        assert lane.stop() == 0


def a_full_spool_is_told(khabar):
    """429 with Retry-After while the spool is full; what was told accepted is written, what was not is taken later."""
    settings = {"spool": {"segment_bytes": 1048576, "max_bytes": 2097152}, "window": {"documents": 2}}
    with Lane(khabar, settings=settings) as lane:
        lane.start()
        lane.kill("sink", signal.SIGSTOP)
        waiting, busy = [(f"f{i}", {"text": f"خبر {i} " + "كلمة " * 20000}) for i in range(20)], 0
        while waiting and not busy:
            status, lines = feed_many(lane, waiting[:3])
            taken = sum(line["outcome"] == "accepted" for line in lines)
            waiting = waiting[taken:]
            if status == 429:
                busy = lines[-1]["retry_after_ms"]
                assert lines[-1]["outcome"] == "busy" and taken == len(lines) - 1, lines
        assert busy, "never full"
        status, headers, lines = post(lane, lines_of(waiting[:1]), Content_Type="application/json")
        assert status == 429 and int(headers["Retry-After"]) >= 1 and "full" in lines[0]["detail"], lines
        lane.kill("sink", signal.SIGCONT)

        def feed_rest():
            status, lines = feed_many(lane, waiting[:3])
            assert status in (202, 429), lines
            del waiting[:sum(line["outcome"] == "accepted" for line in lines)]
            return not waiting
        wait_for("room in the spool", feed_rest, 30, 0.1)
        whole(lane, 20)
        assert lane.stop() == 0


def feed_while(lane, documents, kills):
    """Six clients hand in five documents a request and ask again until they are told; daemons are killed meanwhile."""
    lock, done = threading.Lock(), []
    for feeder_id, document in documents:
        lane.note(feeder_id, bytes_of(document))

    def ask(batch):
        try:
            status, _, lines = post(lane, lines_of(batch), Content_Type="application/x-ndjson")
        except (OSError, http.client.HTTPException):
            return False
        if status == 202:
            with lock:
                for (feeder_id, _), line in zip(batch, lines):
                    lane.answers.setdefault(feeder_id, []).append(("accepted", line["id"]))
                done.extend(batch)
        return status == 202

    def client(mine):
        for begin in range(0, len(mine), 5):
            wait_for("an answer", lambda: ask(mine[begin:begin + 5]), 40, 0.05)

    clients = [threading.Thread(target=client, args=(documents[i::6],)) for i in range(6)]
    for thread in clients:
        thread.start()
    for daemon in kills:
        wait_for(daemon, lambda: lane.pid(daemon))
        time.sleep(0.15)
        lane.kill(daemon)
    for thread in clients:
        thread.join()
    assert len(done) == len(documents), len(done)
    whole(lane, len(documents))
    assert lane.stop() == 0


def killed_and_asked_again(khabar):
    """Daemons are killed while clients hand in; a client that got no answer asks again under the same ids: exactly once."""
    with Lane(khabar) as lane:
        lane.start()
        feed_while(lane, varied(600), ("ingest", "sink", "ingest", "parse", "classify", "ingest"))


def dies_before_and_after_answers(khabar):
    """ingest dies when documents are durable and nobody was told, and when somebody just was (a build with faults): exactly once."""
    with tempfile.TemporaryDirectory() as counts:
        faults = {"KHABAR_FAULT": "intake-answer:die@4,intake-answered:die@5", "KHABAR_FAULT_DIR": counts}
        with Lane(khabar, environment=faults) as lane:
            lane.start()
            feed_while(lane, varied(200), ())
        struck = sorted(os.listdir(counts))
        assert struck in ([], ["intake-answer", "intake-answered"]), struck  # none in a build without faults


def each_can_be_switched_off(khabar):
    """What is switched off has no socket; the others work."""
    with Lane(khabar, settings={"ingest": {"stream": {"enabled": False}, "feed": {"enabled": False}, "drop": {"enabled": False}}}) as lane:
        lane.start()
        status, lines = feed_many(lane, varied(2))
        assert status == 202, lines
        for name in ("stream", "feed"):
            assert not os.path.exists(os.path.join(lane.dir, f"run/{name}.sock")), name
        whole(lane, 2)
        assert lane.stop() == 0
    with Lane(khabar, settings={"ingest": {"http": {"enabled": False}}}) as lane:
        lane.start()
        assert not os.path.exists(os.path.join(lane.dir, "run/http.sock"))
        assert lane.stop() == 0


def raw(lane):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(10)
    sock.connect(os.path.join(lane.dir, "run/http.sock"))
    return sock


HEAD = b"POST /v1/documents HTTP/1.1\r\nHost: lane\r\nContent-Type: application/x-ndjson\r\n"


def hostile_clients_harm_nobody(khabar):
    """Clients that die halfway, drip, never read, send a gigabyte or another protocol: honest ones are served meanwhile."""
    settings = {"ingest": {"http": {"connections": 24, "memory_bytes": 8388608, "body_bytes": 4194304}}}
    with Lane(khabar, settings=settings) as lane:
        lane.start()
        stop = threading.Event()
        dripping = [raw(lane) for _ in range(12)]

        def drip():
            while not stop.wait(0.3):
                for sock in dripping:
                    try:
                        sock.send(b"P")
                    except OSError:
                        pass
        dripper = threading.Thread(target=drip)
        dripper.start()
        held = [raw(lane) for _ in range(3)]  # most of the memory, and no more of it comes
        for sock in held:
            sock.sendall(HEAD + b"Content-Length: 4000000\r\n\r\n" + b"x" * 2000000)
        greedy = raw(lane)  # asks and asks, and never reads
        greedy.settimeout(0.5)
        try:
            for _ in range(3000):
                greedy.sendall(b"GET / HTTP/1.1\r\nHost: lane\r\n\r\n" * 20)
        except OSError:
            pass
        for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 30, b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL", b"SSH-2.0-x\r\n",
                        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", HEAD + b"Content-Length: -5\r\n\r\n", b"\0" * 100000,
                        HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n", HEAD + b"X: " + b"y" * 200000):
            sock = raw(lane)
            sock.settimeout(0.5)  # some are closed when they have been idle for long enough
            try:
                sock.sendall(garbage)
                sock.shutdown(socket.SHUT_WR)
                sock.recv(65536)
            except OSError:
                pass
            sock.close()
        half = raw(lane)
        half.sendall(HEAD + b"Content-Length: 1000\r\n\r\n" + lines_of(varied(1))[:100])
        half.close()
        giant = subprocess.Popen(["curl", "-sS", "-o", os.devnull, "--unix-socket", os.path.join(lane.dir, "run/http.sock"), "-H", "Expect:",
                                  "-H", "Content-Type: text/plain", "-H", "Transfer-Encoding: chunked", "-T", "-",
                                  "-X", "POST", "http://lane/v1/documents"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)

        def pour():
            try:
                for _ in range(1024):
                    giant.stdin.write(b"x" * 1048576)
                giant.stdin.close()
            except OSError:
                pass
        pourer = threading.Thread(target=pour)
        pourer.start()
        slowest = 0
        for i in range(0, 100, 10):
            begin = time.monotonic()

            def honest():
                try:
                    status, _ = feed_many(lane, varied(100)[i:i + 10])
                    return status == 202
                except (OSError, http.client.HTTPException):
                    return False
            wait_for("an honest client's answer", honest, 10, 0.1)
            slowest = max(slowest, time.monotonic() - begin)
        pourer.join()
        giant.wait(20)
        assert giant.returncode != 0, "a gigabyte was taken"
        with open(f"/proc/{lane.pid('ingest')}/status", encoding="ascii") as file:
            peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
        assert peak < 200 * 1024, f"{peak} KiB"
        stop.set()
        dripper.join()
        print(f"# honest clients waited at most {slowest:.2f} s; ingest took {peak} KiB", flush=True)
        whole(lane, 100)
        for sock in dripping + held + [greedy]:
            sock.close()
        assert lane.stop() == 0


def slow_clients_are_closed(khabar):
    """A request that is not complete in time is closed though bytes come; an idle connection too; the loop rests meanwhile."""
    settings = {"ingest": {"http": {"request_seconds": 1, "idle_seconds": 1}}}
    with Lane(khabar, settings=settings) as lane:
        lane.start()
        sock, idle = raw(lane), raw(lane)
        begin = time.monotonic()
        closed = False
        sock.settimeout(0.05)
        while not closed and time.monotonic() - begin < 8:
            try:
                sock.send(b"P")
                closed = sock.recv(100) == b""
            except TimeoutError:
                pass
            except OSError:
                closed = True
        assert closed and time.monotonic() - begin < 4, time.monotonic() - begin
        idle.settimeout(8)
        assert idle.recv(100) == b""

        def spent():
            with open(f"/proc/{lane.pid('ingest')}/stat", encoding="ascii") as file:
                fields = file.read().rpartition(")")[2].split()
            return int(fields[11]) + int(fields[12])
        c = Unix(lane)
        c.connect()
        before = spent()
        time.sleep(0.7)
        assert spent() - before < 10, "the loop spins"
        assert lane.stop() == 0


TESTS = {"forms": [forms_and_headers, codings_and_warc, refusals_say_why, tokens_let_in, nginx_ends_tls, hundreds_share_syncs, each_can_be_switched_off],
         "hostile": [a_full_spool_is_told, killed_and_asked_again, dies_before_and_after_answers, hostile_clients_harm_nobody, slow_clients_are_closed]}

if __name__ == "__main__":
    sys.exit(run_tests(TESTS[sys.argv[2]], sys.argv[1]))
