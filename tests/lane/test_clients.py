"""The clients that scrapers use, from Debian: Scrapy with the pipeline of examples/, wget --warc-file, curl; against a small site."""
import http.server
import os
import shutil
import subprocess
import sys
import threading

from harness import SOURCE, Lane, run_tests, wait_for
from oracle import read_output

PAGES = 12


def page(number):
    """An article, in the encoding of many Arabic sites, with links to the next pages."""
    text = "".join(f"<p>أعلن المتحدث باسم الوزارة في بغداد أن المرحلة {part} من المشروع رقم {number} اكتملت، وأن العمل مستمر.</p>"
                   for part in range(1, 6))
    links = "".join(f'<li><a href="/news/{n}.html">المشروع رقم {n} يكتمل في بغداد</a></li>' for n in (2 * number + 1, 2 * number + 2)
                    if n < PAGES)
    return (f'<html><head><meta charset="windows-1256"><title>المشروع رقم {number} يكتمل</title></head><body>'
            f"<h1>المشروع رقم {number} يكتمل</h1>{text}<ul>{links}</ul></body></html>").encode("windows-1256")


class Site:
    """PAGES articles under /news/, and a picture, on a port of the loopback address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.rpartition("/")[2]
            number = name.removesuffix(".html")
            if number.isdigit() and int(number) < PAGES:
                body, kind, status = page(int(number)), "text/html", 200
            elif name == "picture.png":
                body, kind, status = b"\x89PNG\r\n", "image/png", 200
            else:
                body, kind, status = b"not here", "text/html", 404
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}/news/"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def lines_of(lane):
    lane.wait_drained()
    return read_output(os.path.join(lane.dir, "records")) + read_output(os.path.join(lane.dir, "rejects"))


def urls_expected(site):
    return sorted(f"{site.base}{number}.html" for number in range(PAGES))


def check_pages(site, lines):
    """Each page of the site is a record, once, and right although its bytes are windows-1256."""
    assert sorted(line["url"] for line in lines) == urls_expected(site), [line.get("url") for line in lines]
    for line in lines:
        number = line["url"].rpartition("/")[2].removesuffix(".html")
        assert line.get("title") == f"المشروع رقم {number} يكتمل", line.get("title") or line
        assert line["charset"].lower() == "windows-1256" and "المرحلة 5" in line["text"], line


def scrapy_crawls_a_site(khabar):
    """scrapy runspider with the pipeline of examples/scrapy; ingest is killed on the way."""
    example = os.path.join(SOURCE, "examples", "scrapy")
    with Lane(khabar) as lane, Site() as site:
        lane.start()
        crawl = subprocess.Popen(
            ["/usr/bin/python3", "-m", "scrapy", "runspider", os.path.join(example, "news_spider.py"), "-a", f"start={site.base}0.html",
             "-a", "site=example", "-s", 'ITEM_PIPELINES={"khabar_pipeline.KhabarPipeline": 300}',
             "-s", f"KHABAR_ADDRESS={lane.dir}/run/http.sock", "-s", "LOG_LEVEL=INFO", "-s", "DOWNLOAD_DELAY=0.05",
             "-s", "TELNETCONSOLE_ENABLED=False"],
            cwd=lane.dir, env={**os.environ, "PYTHONPATH": example, "PYTHONDONTWRITEBYTECODE": "1"}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        wait_for("the first pages", lambda: lane.status("ingest").get("received", 0) > 2, 40, 0.05)
        lane.kill("ingest")
        said, _ = crawl.communicate(timeout=60)
        assert crawl.returncode == 0 and f"'item_scraped_count': {PAGES}" in said, said[-3000:]
        lines = lines_of(lane)
        check_pages(site, lines)
        assert {line["source"] for line in lines} == {"example"}, lines[0]
        assert lane.stop() == 0


def wget_writes_warc(khabar):
    """wget --recursive --warc-file: fed by khabar feed, and again by the folder; pictures and pages that are not there are passed over."""
    with Lane(khabar) as lane, Site() as site:
        lane.start()
        subprocess.run(["wget", "--quiet", "--recursive", "--level=10", "--no-parent", "--warc-file=crawl", f"{site.base}0.html",
                        f"{site.base}picture.png", f"{site.base}absent.html"], cwd=lane.dir, check=False, timeout=60)
        crawl = os.path.join(lane.dir, "crawl.warc.gz")
        status, out, err = lane.run("feed", "--verbose", crawl)
        assert status == 0 and out.count("accepted ") == PAGES, (status, out, err)
        check_pages(site, lines_of(lane))
        shutil.copy(crawl, os.path.join(lane.dir, "part.tmp"))
        os.rename(os.path.join(lane.dir, "part.tmp"), os.path.join(lane.dir, "incoming", "crawl.warc.gz"))
        wait_for("the file to be taken", lambda: not os.listdir(os.path.join(lane.dir, "incoming")), 20)
        assert len(lines_of(lane)) == 2 * PAGES  # another way in is another feeder
        assert lane.stop() == 0


def curl_posts_a_page(khabar):
    """curl as the documents show it; the answer names the document."""
    with Lane(khabar) as lane, Site() as site:
        lane.start()
        for number in range(PAGES):
            path = os.path.join(lane.dir, "page.html")
            with open(path, "wb") as file:
                file.write(page(number))
            done = subprocess.run(["curl", "--silent", "--show-error", "--fail", "--unix-socket", f"{lane.dir}/run/http.sock",
                                   "-H", "Content-Type: text/html", "-H", f"Content-Location: {site.base}{number}.html",
                                   "--data-binary", f"@{path}", "http://lane/v1/documents"], capture_output=True, text=True, timeout=20)
            assert done.returncode == 0 and '"outcome":"accepted"' in done.stdout.replace(" ", ""), done
        check_pages(site, lines_of(lane))
        assert lane.stop() == 0


TESTS = [scrapy_crawls_a_site, wget_writes_warc, curl_posts_a_page]

if __name__ == "__main__":
    sys.exit(run_tests(TESTS, os.path.abspath(sys.argv[1])))
