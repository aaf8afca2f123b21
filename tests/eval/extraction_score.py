"""How an extracted article is held against what is known of its page: texts by shingles or segments, titles, dates.

The rules are those of the sets, so that figures compare with published ones (article-extraction-benchmark and
fundus-evaluation: multisets of 4-word shingles, averages over pages; trafilatura's set: segments that must and must not be in
the text; htmldate's: the day is right, wrong or absent)."""
import collections
import gzip
import html
import json
import os
import re
import subprocess
import tempfile
import unicodedata

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.environ.get("KHABAR_BUILD", os.path.join(ROOT, "build"))


def folder_of_sets(folder):
    """Where the sets of pages are: the folder itself, or extraction/ in the data folder."""
    inner = os.path.join(folder, "extraction")
    return inner if os.path.isdir(inner) else folder


class Average:
    def __init__(self):
        self.sum = self.count = 0

    def add(self, value):
        if value is not None:
            self.sum += value
            self.count += 1

    @property
    def value(self):
        return self.sum / self.count if self.count else 0.0


def f1(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def shingles(text, size=4):
    words = re.findall(r"\w+", text.lower())
    if not words:
        return collections.Counter()
    return collections.Counter(tuple(words[i:i + size]) for i in range(max(1, len(words) - size + 1)))


class Shingles:
    """Main text, as article-extraction-benchmark has it."""

    def __init__(self):
        self.precision, self.recall, self.worst = Average(), Average(), []

    def add(self, page, found):
        truth, result = shingles(page["text"]), shingles(found)
        common = sum((truth & result).values())
        p = common / sum(result.values()) if result else None
        r = common / sum(truth.values()) if truth else None
        self.precision.add(p)
        self.recall.add(r)
        self.worst.append((f1(p or 0, r or 0), p, r, page))

    def figures(self):
        p, r = self.precision.value, self.recall.value
        return {"precision": p, "recall": r, "f1": f1(p, r)}


class Segments:
    """Main text, as trafilatura's evaluation has it."""

    def __init__(self):
        self.tp = self.fn = self.fp = self.tn = 0
        self.worst = []

    def add(self, page, found):
        tp = sum(s in found for s in page["with"])
        fp = sum(s in found for s in page["without"])
        self.tp += tp
        self.fn += len(page["with"]) - tp
        self.fp += fp
        self.tn += len(page["without"]) - fp
        wrong = len(page["with"]) - tp + fp
        self.worst.append((-wrong, tp, fp, page))

    def figures(self):
        p = self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0
        r = self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0
        return {"precision": p, "recall": r, "f1": f1(p, r)}


def plain(text):
    """What titles are compared by: no case, no marks, single spaces."""
    text = unicodedata.normalize("NFKC", html.unescape(text or "")).casefold()
    return " ".join(re.findall(r"\w+", text))


def names(text):
    listed = text if isinstance(text, list) else re.split("[;,]", text or "")
    return {plain(name) for name in listed if plain(name)}


# field of the truth: (field of the record, what it is compared by)
FIELDS = {"title": ("title", plain), "author": ("byline", names), "date": ("published_at", lambda text: (text or "")[:10])}


class Fields:
    """Exact titles, days of publication and sets of authors, over pages where they are known."""

    def __init__(self):
        self.counts = {name: collections.Counter() for name in FIELDS}
        self.wrong = []

    def add(self, page, record):
        for name, (field, key) in FIELDS.items():
            if not page.get(name):
                continue
            right = key(record.get(field)) == key(page[name])
            self.counts[name].update(known=1, found=bool(record.get(field)), right=right)
            if not right:
                self.wrong.append((name, page[name], record.get(field), page))

    def figures(self):
        out = {}
        for name, count in self.counts.items():
            if count["known"]:
                p = count["right"] / count["found"] if count["found"] else 0.0
                r = count["right"] / count["known"]
                out |= {f"{name}.precision": p, f"{name}.recall": r, f"{name}.f1": f1(p, r)}
        return out


SETS = {"aeb": Shingles, "fundus": Shingles, "traf": Segments}


def text_of(value):
    return "\n".join(value) if isinstance(value, list) else value


def pages(folder, name):
    """The pages of a set, each with its HTML as `bytes`; none when the set is not there."""
    path = os.path.join(folder, name, "truth.ndjson")
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as f:
        for line in f:
            page = json.loads(line, parse_constant=lambda name: None)  # NaN: no date is known
            if "text" in page:
                page["text"] = text_of(page["text"])
            file = page["file"]
            with open(os.path.join(folder, name, "html", file), "rb") as body:
                data = body.read()
            page["bytes"] = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data  # some sets name unpacked files .gz
            yield page


def khabar(build):
    return os.path.join(build, "daemons", "khabar", "khabar")


def process(documents):
    """Records (or rejects) in the order of the documents; no site file is used."""
    with tempfile.TemporaryDirectory() as no_sites:
        command = [khabar(BUILD), "process", "--sites", no_sites, "--input", "ndjson", "-"]
        done = subprocess.run(command, input="".join(json.dumps(d) + "\n" for d in documents), text=True, stdout=subprocess.PIPE,
                              timeout=1800)
    return [json.loads(line) for line in done.stdout.splitlines()]


def show(name, figures):
    for figure, value in figures.items():
        print(f"{name}.{figure} {value:.4f}")


def worst(name, scorer):
    for entry in sorted(scorer.worst, key=lambda e: e[0])[:int(os.environ.get("KHABAR_WORST", "10"))]:
        print(f"# {name} {entry[0]:.3f} {entry[1]} {entry[2]} {entry[3]['file']}")
