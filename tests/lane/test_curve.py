"""Feeding over tcp with CURVE: who is on the list comes in, nobody else; the list can be changed while the lane runs."""
import json
import os
import signal
import socket
import subprocess
import sys

import zmq

from harness import Lane, run_tests, wait_for
from oracle import judge
from test_lane import varied


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def keygen(khabar, path):
    """The public key of a new pair; the secret one is in path."""
    return subprocess.run([khabar, "keygen", path], check=True, capture_output=True, text=True).stdout.strip()


def request(context, endpoint, server, public, secret, wait_ms=1500):
    """The answer to one document; None when nobody answers."""
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 0
    if server:
        dealer.curve_serverkey, dealer.curve_publickey, dealer.curve_secretkey = server, public, secret
    dealer.connect(endpoint)
    dealer.send_multipart([b"", b'{"id":"raw"}', "خبر من بغداد".encode()])
    answer = dealer.recv_multipart()[-1] if dealer.poll(wait_ms) else None
    dealer.close()
    return answer


class Guarded:
    """A lane that listens on tcp, and its keys."""

    def __init__(self, lane, khabar):
        self.lane, self.khabar = lane, khabar
        self.endpoint = f"tcp://127.0.0.1:{free_port()}"
        self.path = lambda name: os.path.join(lane.dir, name)
        self.server = keygen(khabar, self.path("server"))
        self.client = keygen(khabar, self.path("client"))
        self.stranger = keygen(khabar, self.path("stranger"))
        self.allow(self.client)
        with open(self.path("lane.json"), "w", encoding="utf-8") as file:
            json.dump({"ingest": {"feed": {"endpoint": self.endpoint, "secret_key": "server", "clients": "clients"}}}, file)
        lane.which = ["--config", self.path("lane.json"), "--dir", lane.dir]

    def allow(self, *keys):
        with open(self.path("clients"), "w", encoding="utf-8") as file:
            file.write("# who may feed\n\n" + "".join(f"{key} scraper number {i}\n" for i, key in enumerate(keys)))

    def secret(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read().strip().encode()

    def ask(self, context, name, wait_ms=1500):
        return request(context, self.endpoint, self.server.encode(), getattr(self, name).encode(), self.secret(name), wait_ms)


def only_clients_on_the_list_come_in(khabar):
    """The right key feeds; no key, another key and a wrong key of the server get no answer, and harm nobody."""
    context = zmq.Context()
    with Lane(khabar) as lane:
        g = Guarded(lane, khabar)
        lane.start()
        options = ("--key", g.path("client"), "--server-key", g.path("server.pub"))
        assert lane.feed(varied(200, 31), *options) == 0
        assert request(context, g.endpoint, None, None, None) is None, "plain"
        assert g.ask(context, "stranger") is None, "a key that is not on the list"
        assert request(context, g.endpoint, g.stranger.encode(), g.client.encode(), g.secret("client")) is None, "another server"
        assert lane.feed(varied(200, 32), *options) == 0
        assert wait_for("the refusal in the log", lambda: "not on the list" in lane.log(), 5)
        refused = lane.run("feed", "--give-up", "1", "--key", g.path("stranger"), "--server-key", g.server, __file__)
        assert refused[0] == 1 and "0 accepted" in refused[2], refused
        lane.wait_drained()
        assert lane.stop() == 0
        verdict = judge(lane.dir, lane.sent, lane.accepted())
        verdict.raise_if_bad()
        assert len(verdict.records) + len(verdict.rejects) == 400


def the_list_is_read_again_on_hup(khabar):
    """A client that is added comes in, one that is struck off does not; a broken list leaves the old one in force."""
    context = zmq.Context()
    with Lane(khabar) as lane:
        g = Guarded(lane, khabar)
        lane.start()

        def reload(expected):
            before = lane.log().count(expected)
            lane.kill("ingest", signal.SIGHUP)
            wait_for(expected, lambda: lane.log().count(expected) > before, 10)

        assert g.ask(context, "stranger", 500) is None
        g.allow(g.client, g.stranger)
        reload("clients that may feed=2")
        assert g.ask(context, "stranger", 5000).startswith(b"accepted")
        with open(g.path("clients"), "w", encoding="utf-8") as file:
            file.write("no key at all\n")
        reload("clients that may feed are not known")
        assert g.ask(context, "stranger", 5000).startswith(b"accepted")
        g.allow(g.client)
        reload("clients that may feed=1")
        assert g.ask(context, "stranger", 500) is None
        assert g.ask(context, "client", 5000).startswith(b"accepted")
        assert lane.stop() == 0


def what_is_not_safe_does_not_start(khabar):
    """tcp beyond loopback without keys, a key that others may read, half of the settings, a list that is no list."""
    with Lane(khabar) as lane:
        g = Guarded(lane, khabar)
        path = g.path("other.json")

        def starts(feed, expected):
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"lane": {"dir": lane.dir}, "ingest": {"feed": feed}}, file)
            program = os.path.join(os.path.dirname(khabar), "..", "ingest", "khabar-ingest")
            done = subprocess.run([program, "--config", path, "--check"], capture_output=True, text=True, timeout=20)
            assert done.returncode != 0 and expected in done.stderr, (feed, done)

        everywhere = "tcp://0.0.0.0:%d" % free_port()
        starts({"endpoint": everywhere}, "beyond the loopback address")
        starts({"endpoint": everywhere, "secret_key": "server"}, "both are needed")
        starts({"endpoint": g.endpoint, "secret_key": "absent", "clients": "clients"}, "No such file")
        starts({"endpoint": g.endpoint, "secret_key": "server", "clients": "absent"}, "No such file")
        starts({"endpoint": g.endpoint, "secret_key": "clients", "clients": "clients"}, "mode")
        os.chmod(g.path("server"), 0o640)
        starts({"endpoint": g.endpoint, "secret_key": "server", "clients": "clients"}, "mode 640 lets others in")
        again = subprocess.run([khabar, "keygen", g.path("client")], capture_output=True, text=True)
        assert again.returncode != 0 and "exists" in again.stderr, again
        assert os.stat(g.path("client")).st_mode & 0o777 == 0o600


TESTS = [only_clients_on_the_list_come_in, the_list_is_read_again_on_hup, what_is_not_safe_does_not_start]

if __name__ == "__main__":
    sys.exit(run_tests(TESTS, os.path.abspath(sys.argv[1])))
