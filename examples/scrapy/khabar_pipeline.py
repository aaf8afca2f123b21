"""An item pipeline for Scrapy that hands every page to a lane of khabar, and lets an item go on only once its page is on disk there.

Settings of the Scrapy project:

    ITEM_PIPELINES = {"khabar_pipeline.KhabarPipeline": 300}
    KHABAR_ADDRESS = "/run/khabar/default/http.sock"    # or "127.0.0.1:8480"
    KHABAR_TOKEN = "…"                                  # where the lane asks for one (ingest.http.tokens)

An item is a dict or an Item with `url`, `body` (bytes) and, where known, `content_type`, `site`, `id`; page_of(response) makes one.
Its id makes repeats safe: a page that is sent again under the same id, since the answer was lost, is written once.
"""
import hashlib
import http.client
import json
import socket
import time

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem
from twisted.internet.threads import deferToThread

TIMEOUT = 60          # seconds without an answer
GIVE_UP_AFTER = 3600  # seconds of a lane that is away or full


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path, timeout):
        super().__init__("khabar", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def page_of(response, **more):
    """The item of a response, as it came from the server."""
    body = response.body
    return {
        "url": response.url,
        "body": body,
        "content_type": response.headers.get("Content-Type", b"text/html").decode("latin-1"),
        "id": response.url + "#" + hashlib.sha256(body).hexdigest()[:16],
        "fetched_at": time.time(),
        **more,
    }


class KhabarPipeline:
    def __init__(self, address, token):
        self.address, self.token = address, token

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler.settings["KHABAR_ADDRESS"], crawler.settings.get("KHABAR_TOKEN"))

    def process_item(self, item, spider):
        # in a thread, so that the crawl goes on meanwhile; CONCURRENT_ITEMS bounds how many wait
        return deferToThread(self.hand_in, item, spider.logger)

    def connection(self):
        if self.address.startswith("/"):
            return UnixConnection(self.address, TIMEOUT)
        return http.client.HTTPConnection(self.address, timeout=TIMEOUT)

    def ask(self, page):
        """Status, answer and how long to wait before the next try."""
        headers = {
            "Content-Type": page.get("content_type") or "text/html",
            "Content-Location": page["url"],
            "Idempotency-Key": json.dumps(page.get("id") or page["url"]),
        }
        if page.get("site"):
            headers["Khabar-Site"] = page["site"]
        if page.get("fetched_at"):
            headers["Khabar-Fetched-At"] = str(page["fetched_at"])
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        connection = self.connection()
        try:
            connection.request("POST", "/v1/documents", body=page["body"], headers=headers)
            response = connection.getresponse()
            answer = json.loads(response.read() or b"{}")
            return response.status, answer, float(response.headers.get("Retry-After", 1))
        finally:
            connection.close()

    def hand_in(self, item, logger):
        page = ItemAdapter(item)
        deadline = time.monotonic() + GIVE_UP_AFTER
        while True:
            try:
                status, answer, wait = self.ask(page)
            except (OSError, http.client.HTTPException) as error:  # away, or it died: the same again is safe
                status, answer, wait = 503, {"detail": str(error)}, 1
            if status == 202:
                logger.debug("khabar accepted %s as %s", page["url"], answer.get("id"))
                return item
            if status not in (429, 503):
                raise DropItem(f"khabar refused {page['url']}: {status} {answer.get('detail')}")
            if time.monotonic() > deadline:
                raise DropItem(f"khabar took no page for {GIVE_UP_AFTER} s: {answer.get('detail')}")
            time.sleep(wait)
