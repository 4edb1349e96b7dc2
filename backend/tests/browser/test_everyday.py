"""What somebody does all day: choose and go back, reload while typing, look at it on a phone."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import PATIENCE_MS, chromium_page, open_card
from tests.service.running_server import RunningServer, eventually
from tests.service.submissions import quick

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def result(server: RunningServer, client: httpx.Client) -> str:
    """The address of a result."""
    task = client.post("/api/evaluation/submit", json=quick("everyday")).json()["task_id"]
    asked = f"/api/evaluation/tasks/{task}"
    eventually(lambda: client.get(asked).json()["status"] == "completed", "the task ends")
    return f"{server.base_url}/results/{task}"


@pytest.fixture
def page() -> Iterator[Page]:
    """An English reader's browser."""
    with chromium_page("en-US") as opened:
        yield opened


def test_back_leads_to_the_plan_chosen_before(page: Page, result: str) -> None:
    page.goto(result)
    plans = page.get_by_role("table", name="Ranked plans").locator("tbody tr")
    for place in (1, 2):
        plans.nth(place).locator(".plan-name").click()
        expect(page).to_have_url(re.compile(f"plan={place + 1}"))
    page.get_by_role("tab", name="Memory").click()
    page.go_back()
    expect(page).to_have_url(re.compile("plan=2"))
    expect(page.locator(".plan-panel h3").first).to_contain_text("Plan 2")
    page.go_back()
    expect(page).to_have_url(result)
    expect(page.locator(".plan-panel h3").first).to_contain_text("Plan 1")


def test_what_was_typed_a_moment_before_a_reload_is_kept(page: Page, server: RunningServer) -> None:
    page.goto(server.base_url)
    open_card(page, "load")
    page.get_by_role("textbox", name="Input length").fill("8k")
    page.reload()
    expect(page.locator("button[data-part=load]")).to_contain_text("8k in")
    expect(page).to_have_url(re.compile("draft="))


def test_on_a_phone_the_plan_follows_the_answer(result: str) -> None:
    with chromium_page("en-US", width=390, height=844) as page:
        page.goto(result)
        panel, lists = page.locator(".plan-panel"), page.locator(".workspace > .stack")
        expect(panel).to_be_visible()
        tops = [part.bounding_box() for part in (panel, lists)]
        assert tops[0] is not None
        assert tops[1] is not None
        assert tops[0]["y"] < tops[1]["y"]
        # Who chooses in the lists below is led to what they chose.
        page.get_by_role("table", name="Ranked plans").locator(".plan-name").nth(1).click()
        expect(panel.locator("h3").first).to_contain_text("Plan 2")
        expect(panel.locator("h3").first).to_be_in_viewport()


def test_nothing_running_takes_one_line(page: Page, server: RunningServer) -> None:
    page.goto(server.base_url)
    expect(page.get_by_text("Nothing is running.")).to_be_visible()
    box = page.locator(".running-tasks").bounding_box()
    assert box is not None
    assert box["height"] < 40
