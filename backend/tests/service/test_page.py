"""The built page's files as browsers get them."""

import asyncio
from pathlib import Path

import httpx
import pytest

from llm_simulator.api.page import FOREVER, Page

PLAIN, SMALL = b"export const answer = 42", b"what brotli made of it"


@pytest.fixture
def page(tmp_path: Path) -> Page:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<base href="/" />')
    (tmp_path / "assets" / "page-1.js").write_bytes(PLAIN)
    (tmp_path / "assets" / "page-1.js.br").write_bytes(SMALL)
    (tmp_path / "assets" / "font.woff2").write_bytes(PLAIN)
    return Page(tmp_path)


def asked(page: Page, path: str, coding: str) -> dict[str, str]:
    """The answer's head, and its body as it travels."""

    async def ask() -> dict[str, str]:
        transport = httpx.ASGITransport(page)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://tier6") as client,
            client.stream("GET", path, headers={"Accept-Encoding": coding}) as answer,
        ):
            body = b"".join([part async for part in answer.aiter_raw()]).decode()
            return {**answer.headers, "body": body}

    return asyncio.run(ask())


def test_a_browser_gets_the_file_that_the_build_compressed(page: Page) -> None:
    answer = asked(page, "/assets/page-1.js", "gzip, deflate, br")
    assert answer["body"].encode() == SMALL
    assert answer["content-encoding"] == "br"
    assert answer["content-type"].startswith("text/javascript")
    assert (answer["cache-control"], answer["vary"]) == (FOREVER, "Accept-Encoding")


def test_who_cannot_read_it_gets_the_plain_one(page: Page) -> None:
    for path, coding in (("/assets/page-1.js", "gzip"), ("/assets/font.woff2", "br")):
        answer = asked(page, path, coding)
        assert answer["body"].encode() == PLAIN
        assert "content-encoding" not in answer
        assert answer["vary"] == "Accept-Encoding"
