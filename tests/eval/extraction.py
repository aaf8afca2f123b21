"""tests/eval/run extraction DIR: main text, title, author and day of the pages of the extraction sets, held against their truth.

Site files are not used. Prints `SET.FIGURE value`; KHABAR_WORST=N (10) shows the N worst pages of each set and as many wrong
fields; KHABAR_SETS="traf dates" looks at those alone, KHABAR_HALF=0 or 1 at one random half of the pages, the same each time:
to choose on one half and look at the other."""
import base64
import os
import sys
import zlib

import extraction_score as score


class NoText:
    """A set that is about dates alone."""

    def __init__(self):
        self.worst = []

    def add(self, page, found):
        pass

    def figures(self):
        return {}


SETS = score.SETS | {"dates": NoText}


def document(page):
    return {"url": page.get("url"), "content_type": "text/html", "body_base64": base64.b64encode(page["bytes"]).decode()}


def half(pages):
    wanted = os.environ.get("KHABAR_HALF")
    return [p for p in pages if wanted is None or zlib.crc32(p["file"].encode()) % 2 == int(wanted)]


def main():
    folder, found = score.folder_of_sets(sys.argv[1]), False
    most = int(os.environ.get("KHABAR_WORST", "10"))
    for name in os.environ.get("KHABAR_SETS", " ".join(SETS)).split():
        pages = half(list(score.pages(folder, name)))
        if not pages:
            continue
        found = True
        text, fields = SETS[name](), score.Fields()
        for page, record in zip(pages, score.process([document(p) for p in pages]), strict=True):
            text.add(page, record.get("text", ""))
            fields.add(page, record)
        score.show(name, text.figures() | fields.figures())
        score.worst(name, text)
        for what in score.FIELDS:
            for field, wanted, given, page in [w for w in fields.wrong if w[0] == what][:most]:
                print(f"# {name} {field}: wanted {wanted!r} found {given!r} {page['file']}")
    if not found:
        sys.exit("tests/eval/run: no set of pages (aeb, fundus, traf, dates) in " + folder)


if __name__ == "__main__":
    main()
