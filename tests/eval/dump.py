"""tests/eval/run dump DIR: the pages of the extraction sets, dumped as text by four tools, held against the same truth as
their HTML.

Tools: lynx -dump, w3m -dump, html2text, BeautifulSoup's get_text. Dumps are kept in KHABAR_DUMPS (default: a folder in the
user's cache) from one run to the next. Site files are not used. Prints `SET.TOOL.FIGURE value`; KHABAR_WORST=N shows the N
worst pages of each."""
import concurrent.futures
import hashlib
import os
import subprocess
import sys
import tempfile

import bs4

import extraction_score as score

CACHE = os.environ.get("KHABAR_DUMPS", os.path.join(os.path.expanduser("~"), ".cache", "khabar-dumps"))
LIMIT = 60  # seconds for one page


def charset(body):
    guess = bs4.dammit.EncodingDetector.find_declared_encoding(body, is_html=True)
    try:
        body.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return guess or "windows-1252"


def run(command, body):
    environment = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8", HOME=tempfile.gettempdir())
    try:
        done = subprocess.run(command, input=body, capture_output=True, timeout=LIMIT, env=environment)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", "replace")


def utf8(body):
    return body.decode(charset(body), "replace").encode()


TOOLS = {
    "lynx": lambda body: run(["lynx", "-dump", "-stdin", "-force_html", "-assume_charset=utf-8", "-assume_unrec_charset=utf-8",
                              "-display_charset=utf-8"], utf8(body)),
    "w3m": lambda body: run(["w3m", "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8"], utf8(body)),
    "html2text": lambda body: run(["html2text", "-utf8", "-nobs"], utf8(body)),
    "get_text": lambda body: bs4.BeautifulSoup(utf8(body), "html.parser").get_text("\n"),
}


def dump(tool, body):
    key = hashlib.sha256(tool.encode() + b"\0" + body).hexdigest()
    path = os.path.join(CACHE, key + ".txt")
    if os.path.exists(path):
        with open(path, encoding="utf-8", newline="") as f:
            return f.read()
    text = TOOLS[tool](body)
    with open(path + ".new", "w", encoding="utf-8", newline="") as f:
        f.write(text.encode("utf-8", "replace").decode())
    os.rename(path + ".new", path)
    return text


def main():
    folder = score.folder_of_sets(sys.argv[1])
    os.makedirs(CACHE, exist_ok=True)
    sets = {name: list(score.pages(folder, name)) for name in score.SETS}
    if not any(sets.values()):
        sys.exit("tests/eval/run: no set of pages (aeb, fundus, traf) in " + folder)
    for name, pages in sets.items():
        for tool in TOOLS:
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                dumps = list(pool.map(lambda p: dump(tool, p["bytes"]), pages))
            records = score.process([{"url": p.get("url"), "content_type": "text/plain", "text": d} for p, d in zip(pages, dumps)])
            text, fields = score.SETS[name](), score.Fields()
            for page, record in zip(pages, records):
                text.add(page, record.get("text", ""))
                fields.add(page, record)
            score.show(f"{name}.{tool}", text.figures() | fields.figures())
            score.worst(f"{name}.{tool}", text)


if __name__ == "__main__":
    main()
