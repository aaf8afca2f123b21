"""Documents a second and CPU a document of each way in, at 1 and 16 clients; HTTP beside nginx that discards the same uploads.

tests/bench/run ways_in [SECONDS]: one run measures all, so that they can be compared. ingest runs alone: what comes after it
is not measured, and documents stay in the spool. Documents are 6 KB, each under an id of its own."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import zmq

client = sys.argv[1] == "--client"
khabar, seconds = os.path.abspath(sys.argv[1]), 4 if client or len(sys.argv) < 3 else float(sys.argv[2])
INGEST = os.path.join(os.path.dirname(khabar), "../ingest/khabar-ingest")
TEXT = ("خبر من بغداد عن اجتماع اليوم " * 120)
BODY = TEXT.encode()[:6000].decode(errors="ignore").encode()
ARGUMENTS = [sys.executable, __file__, "--client"]


def ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- clients: each prints how many documents were accepted before the time was over

def recv_answer(sock, kept):
    """One HTTP answer with a Content-Length; what follows it is kept."""
    while b"\r\n\r\n" not in kept:
        kept += sock.recv(65536)
    head, _, rest = kept.partition(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(rest) < size:
        rest += sock.recv(65536)
    assert head.split(b" ", 2)[1] in (b"202", b"200"), head
    return rest[size:]


def http_client(where, number, until):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(where)
    count, kept = 0, b""
    while time.time() < until:
        sock.sendall(b"POST /v1/documents HTTP/1.1\r\nHost: l\r\nContent-Type: text/plain; charset=utf-8\r\n"
                     b"Idempotency-Key: %d-%d\r\nContent-Length: %d\r\n\r\n" % (number, count, len(BODY)) + BODY)
        kept = recv_answer(sock, kept)
        count += 1
    return count


def lines(number, first, count):
    return b"".join(json.dumps({"id": f"{number}-{i}", "text": BODY.decode()}, ensure_ascii=False).encode() + b"\n"
                    for i in range(first, first + count))


def http_lines_client(where, number, until):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(where)
    count, kept = 0, b""
    while time.time() < until:
        body = lines(number, count, 100)
        sock.sendall(b"POST /v1/documents HTTP/1.1\r\nHost: l\r\nContent-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n"
                     % len(body) + body)
        kept = recv_answer(sock, kept)
        count += 100
    return count


def stream_client(where, number, until):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(where)
    answers, sent = sock.makefile("rb"), 0
    room = threading.Semaphore(256)

    def write():
        nonlocal sent
        while time.time() < until:
            room.acquire()
            sock.sendall(lines(number, sent, 1))
            sent += 1
        sock.shutdown(socket.SHUT_WR)
    writer = threading.Thread(target=write)
    writer.start()
    count = 0
    for line in answers:
        assert b'"accepted"' in line, line
        room.release()
        count += 1
    writer.join()
    return count


def feed_client(where, number, until, window=256):
    dealer = zmq.Context().socket(zmq.DEALER)
    dealer.connect("ipc://" + where)
    sent = count = 0
    while count < sent or time.time() < until:
        while sent - count < window and time.time() < until:
            dealer.send_multipart([b"", json.dumps({"id": f"{number}-{sent}", "content_type": "text/plain"}).encode(), BODY])
            sent += 1
        if sent > count:
            answer = dealer.recv_multipart()[-1]
            count += 1
            assert answer.startswith(b"accepted"), answer
    return count


def drop_client(where, number, until):
    count = 0
    while time.time() < until:
        path = os.path.join(where, f"{number}-{count}.txt")
        with open(path + ".tmp", "wb") as file:
            file.write(BODY)
        os.rename(path + ".tmp", path)
        count += 1
        if count % 200 == 0:
            while len(os.listdir(where)) > 2000 and time.time() < until:
                time.sleep(0.01)
    return count - sum(name.startswith(f"{number}-") for name in os.listdir(where))


CLIENTS = {"HTTP, a document a request": (http_client, "run/http.sock"), "HTTP, 100 lines a request": (http_lines_client, "run/http.sock"),
           "stream socket": (stream_client, "run/stream.sock"), "ZeroMQ, DEALER with 256 on their way": (feed_client, "run/feed.sock"),
           "drop folder": (drop_client, "incoming"), "nginx that discards": (http_client, "nginx.sock")}


def run_clients(name, folder, count):
    clients = [subprocess.Popen([*ARGUMENTS, name, os.path.join(folder, CLIENTS[name][1]), str(number)], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE) for number in range(count)]
    for client in clients:
        assert client.stdout.readline() == "ready\n"
    begin = time.time()
    for client in clients:
        client.stdin.write(f"{begin + seconds}\n")
        client.stdin.flush()
    done = sum(int(client.communicate(timeout=120)[0]) for client in clients)
    return done, time.time() - begin


def start_ingest(folder):
    log = open(os.path.join(folder, "log"), "wb")
    config = os.path.join(folder, "lane.json")
    with open(config, "w", encoding="ascii") as file:
        json.dump({"ingest": {"drop": {"after": "delete"}}}, file)
    process = subprocess.Popen([INGEST, "--config", config, "--dir", folder], stderr=log)
    while not os.path.exists(os.path.join(folder, "run/stream.sock")):
        time.sleep(0.02)
    return process, [process.pid]


def start_nginx(folder):
    paths = "".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    config = os.path.join(folder, "nginx.conf")
    with open(config, "w", encoding="ascii") as file:
        # the body is read whole into memory, as ingest does, before the answer: proxied to a server of its own that says 200
        file.write(f"{user} pid {folder}/pid; error_log {folder}/err; daemon off; worker_processes 1; events {{}}\n"
                   f"http {{ access_log off; {paths} client_body_buffer_size 64k; keepalive_requests 100000000;\n"
                   f"upstream sink {{ server unix:{folder}/sink.sock; keepalive 32; }}\n"
                   f"server {{ listen unix:{folder}/nginx.sock; location / {{ proxy_pass http://sink; proxy_http_version 1.1; "
                   f"proxy_pass_request_body off; proxy_set_header Content-Length \"\"; proxy_set_header Connection \"\"; }} }}\n"
                   f"server {{ listen unix:{folder}/sink.sock; location / {{ return 200 \"ok\"; }} }} }}\n")
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", config, "-e", folder + "/err"])
    while not os.path.exists(os.path.join(folder, "sink.sock")):
        time.sleep(0.02)
    time.sleep(0.3)
    children = subprocess.run(["ps", "--ppid", str(process.pid), "-o", "pid="], capture_output=True, text=True, check=True).stdout.split()
    return process, [process.pid, *map(int, children)]


def main():
    print(f"{'way in':40} {'clients':>7} {'documents/s':>12} {'CPU µs a document':>18}")
    for name in CLIENTS:
        for count in (1, 16):
            folder = tempfile.mkdtemp(prefix="kb")
            os.mkdir(os.path.join(folder, "incoming"))
            process, pids = (start_nginx if name.startswith("nginx") else start_ingest)(folder)
            before = sum(map(ticks, pids))
            done, spent = run_clients(name, folder, count)
            cpu = sum(map(ticks, pids)) - before
            process.terminate()
            process.wait(60)
            shutil.rmtree(folder)
            print(f"{name:40} {count:7} {done / spent:12.0f} {cpu / max(done, 1) * 1e6:18.0f}", flush=True)


if client:
    _, _, name, where, number = sys.argv
    print("ready", flush=True)
    print(CLIENTS[name][0](where, int(number), float(sys.stdin.readline())))
else:
    main()
