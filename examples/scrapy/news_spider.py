"""A spider of the example: follows the links of one site and hands every HTML page to khabar.

    scrapy runspider news_spider.py -a start=https://example.org/ \\
        -s 'ITEM_PIPELINES={"khabar_pipeline.KhabarPipeline": 300}' -s KHABAR_ADDRESS=/run/khabar/default/http.sock
"""
from urllib.parse import urlsplit

import scrapy

from khabar_pipeline import page_of


class NewsSpider(scrapy.Spider):
    name = "news"

    def __init__(self, start, site=None, **arguments):
        super().__init__(**arguments)
        self.start_urls = [start]
        self.allowed_domains = [urlsplit(start).hostname]
        self.site = site

    def parse(self, response):
        if not isinstance(response, scrapy.http.HtmlResponse):
            return
        yield page_of(response, site=self.site)
        for link in response.css("a::attr(href)"):
            yield response.follow(link, self.parse)
