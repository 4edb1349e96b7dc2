"""The overview in a real browser: what waits is put into another order, by hand and by key."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page
from tests.service.running_server import RunningServer, client_of, eventually
from tests.service.submissions import quick

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(params=["en-US", "zh-CN"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A reader's browser in either language."""
    with chromium_page(request.param) as opened:
        yield opened


def test_waiting_tasks_are_moved_by_hand_and_by_key_and_found_when_they_end(
    own_server: RunningServer, page: Page
) -> None:
    with client_of(own_server) as client:

        def order() -> list[str]:
            """The names of the waiting tasks as the service has them, next first."""
            queue = client.get("/api/evaluation/queue").json()
            return [task["experiment_name"] for task in queue["pending"]]

        client.post("/api/evaluation/queue/pause").raise_for_status()
        for name in "abcd":
            client.post("/api/evaluation/submit", json=quick(name)).raise_for_status()
        witness = Witness(page)
        page.goto(f"{own_server.base_url}/overview")
        waiting = page.locator(".lane-waiting > li")
        expect(waiting).to_have_count(4)

        waiting.nth(3).drag_to(waiting.nth(0))
        expect(waiting.nth(0)).to_contain_text("d")
        eventually(lambda: order() == list("dabc"), "the last one is first")
        waiting.nth(1).get_by_role("button").last.focus()
        page.keyboard.press("Alt+ArrowDown")
        eventually(lambda: order() == list("dbac"), "the second one is third")
        waiting.nth(3).get_by_role("button").nth(0).press("Enter")
        eventually(lambda: order() == list("cdba"), "the last one is next")
        page.screenshot(path=ARTIFACTS / "overview.png")

        page.get_by_role("button", name=re.compile("Resume|恢复|继续")).click()
        best = page.locator(".overview-list").filter(has_text="tokens/s")
        expect(best.get_by_role("listitem")).to_have_count(4)
        expect(page.locator(".share-bar")).to_contain_text("4")
        best.get_by_role("link").first.click()
        expect(page).to_have_url(re.compile("/results/"))
        assert witness.complaints == []
