"""The page behind a proxy: beneath a path, and with the two things that proxies forget."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page
from tests.service.reverse_proxy import HOST, UPGRADE, nginx
from tests.service.running_server import RunningServer

PATH = "/plans/tier6"

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def page() -> Iterator[Page]:
    """An English reader's browser."""
    with chromium_page("en-US") as opened:
        yield opened


def test_the_page_works_beneath_a_path(tmp_path: Path, page: Page) -> None:
    server = RunningServer(tmp_path, TIER6_ROOT_PATH=PATH)
    witness = Witness(page)
    try:
        with nginx(tmp_path, server.base_url, HOST, UPGRADE, path=PATH) as address:
            page.goto(f"{address}/")
            expect(page.locator("output[data-state=open]")).to_have_text("Live")
            page.get_by_role("button", name="Run analysis").click()
            expect(page.locator(".answer")).to_contain_text("tokens/s")
            page.get_by_role("link", name="Open as a page").click()
            expect(page).to_have_url(re.compile(f"{PATH}/results/"))
            page.reload()
            expect(page.locator(".chart svg").first).to_be_visible()
            page.get_by_role("link", name="Experiments", exact=True).click()
            expect(page).to_have_url(f"{address}/experiments")
            # Once more from the button that only the keyboard finds.
            page.reload()
            page.get_by_role("button", name="Skip to content").press("Enter")
            expect(page.locator("main")).to_be_focused()
            expect(page).to_have_url(f"{address}/experiments")
        assert [said for said in witness.complaints if "WebSocket" not in said] == []
    finally:
        server.stop()


def test_a_refused_origin_is_said_on_the_page_and_logged(
    server: RunningServer, tmp_path: Path, page: Page
) -> None:
    with nginx(tmp_path, server.base_url, UPGRADE) as address:
        page.goto(address)
        expect(page.locator("output[data-state=refused]")).to_have_text("Refused")
        expect(page.get_by_role("alert")).to_contain_text(f"TIER6_ALLOWED_ORIGINS lacks {address}")
        page.screenshot(path=ARTIFACTS / "refused.png")
    assert "origin_refused" in server.log.read_text()


def test_a_proxy_without_websockets_is_said_on_the_page(
    server: RunningServer, tmp_path: Path, page: Page
) -> None:
    with nginx(tmp_path, server.base_url, HOST) as address:
        page.goto(address)
        expect(page.locator("output[data-state=blocked]")).to_have_text("Not live")
        expect(page.get_by_role("alert")).to_contain_text("Upgrade")
        # The task is followed all the same, by asking.
        page.get_by_role("button", name="Run analysis").click()
        expect(page.locator(".answer")).to_contain_text("tokens/s")
