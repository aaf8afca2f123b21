"""One document that kills, hangs or spoils a daemon among 200 good ones: it becomes a reject with its bytes, they records."""
import sys

from crash import RESTLESS, documents, finish
from harness import Lane, run_tests

GOOD, MARK = 200, "https://example.org/poison"


def with_poison():
    """The poison is neither first nor last."""
    for i, (feeder_id, about) in enumerate(documents(GOOD + 1, size=3000, rejects=0)):
        yield ("poison", {**about, "url": MARK}) if i == GOOD // 2 else (feeder_id, about)


def poison(khabar, point, action, resend_seconds=1):
    """The reject says how often it was tried; the lane goes on with the same settings."""
    settings = {"window": {"documents": 128}, "spool": RESTLESS["spool"],
                "dispatch": {"resend_seconds": resend_seconds}, "parse": {"document_seconds": 1},
                "classify": {"document_seconds": 1}}
    environment = {"KHABAR_FAULT": f"{point}:{action}*1000000", "KHABAR_FAULT_MARK": MARK}
    with Lane(khabar, settings=settings, environment=environment) as lane:
        lane.start()
        assert lane.feed(with_poison(), timeout=120) == 0
        verdict = finish(lane, GOOD + 1, timeout=180)
        rejects = {line["feeder_id"]: line for line in verdict.rejects}
        assert list(rejects) == ["poison"], list(rejects)
        assert rejects["poison"]["reject"] == "gave-up", rejects["poison"]
        assert rejects["poison"]["attempts"] == 3, rejects["poison"]
        assert "body_base64" in rejects["poison"], "the bytes are kept"


def each(points, actions):
    def named(point, action):
        def test(khabar):
            poison(khabar, point, action)
        test.__name__ = f"{point}:{action}"
        return test
    return [named(point, action) for point in points for action in actions]


TESTS = {
    "crash": each(["parse-work"], ["die"]),
    "hang": each(["classify-work"], ["hang"]),
    "bad-frame": each(["parse-work"], ["ebadmsg"]) + each(["sink-work"], ["eio"]),
    "others": each(["classify-work", "sink-work"], ["die"]) + each(["parse-work"], ["hang", "eio"]) +
              each(["classify-work"], ["ebadmsg"]),
}

if __name__ == "__main__":
    chosen = [test for group in TESTS.values() for test in group if test.__name__ in sys.argv[3:]]
    sys.exit(run_tests(chosen or TESTS[sys.argv[2]], sys.argv[1]))
