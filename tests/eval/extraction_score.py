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
import unicodedata


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


class Fields:
    """Exact titles and days of publication, over pages where they are known."""

    def __init__(self):
        self.title_right = self.title_found = self.title_known = 0
        self.date_right = self.date_found = self.date_known = 0

    def add(self, page, record):
        if page.get("title"):
            self.title_known += 1
            self.title_found += bool(record.get("title"))
            self.title_right += plain(record.get("title")) == plain(page["title"])
        if page.get("date"):
            self.date_known += 1
            self.date_found += bool(record.get("published_at"))
            self.date_right += (record.get("published_at") or "")[:10] == page["date"][:10]

    def figures(self):
        out = {}
        for name in ("title", "date"):
            right, found, known = (getattr(self, f"{name}_{w}") for w in ("right", "found", "known"))
            if known:
                out[f"{name}.precision"] = right / found if found else 0.0
                out[f"{name}.recall"] = right / known
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
            page = json.loads(line)
            if "text" in page:
                page["text"] = text_of(page["text"])
            file = page["file"]
            with gzip.open(os.path.join(folder, name, "html", file)) as body:
                page["bytes"] = body.read()
            yield page


def khabar(build):
    return os.path.join(build, "daemons", "khabar", "khabar")
