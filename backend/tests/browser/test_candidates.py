"""A result of hypothetical chips in a real browser: the front, who wins at what price."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page, open_card
from tests.service.running_server import eventually
from tests.service.submissions import quick

expect.set_options(timeout=PATIENCE_MS)
GRID = {"memory_bandwidth": [1, 2], "memory_capacity": [0.05, 1], "price": [1, 1.5]}


@pytest.mark.parametrize(
    ("language", "title", "table"),
    [("en-US", "Hypothetical chips", "Table"), ("zh-CN", "假想芯片", "表")],
)
def test_hypothetical_chips_are_shown_with_their_front_and_prices(
    previews: httpx.Client, language: str, title: str, table: str
) -> None:
    asked = quick(f"chips {language}", candidates={"grid": GRID})
    task = previews.post("/api/evaluation/submit", json=asked).json()["task_id"]
    address = f"/api/evaluation/tasks/{task}"
    eventually(lambda: previews.get(address).json()["status"] == "completed", "it ends")
    found = previews.get(f"{address}/results").json()["candidates"]
    with chromium_page(language) as page:
        witness = Witness(page)
        page.goto(f"{previews.base_url}/results/{task}")
        region = page.get_by_role("region", name=title).first
        expect(region.locator(".chart svg")).to_be_visible()
        wins = found["rows"][found["best"]]["wins_below"]
        expect(region).to_contain_text(f"{wins:.2f}")
        page.screenshot(path=ARTIFACTS / f"candidates-{language}.png")
        region.get_by_text(table, exact=True).click()
        rows = region.get_by_role("table").locator("tbody tr:not(.gap)")
        expect(rows).to_have_count(found["total"])
        expect(region.get_by_role("table")).to_contain_text(re.compile("★"))
        assert witness.complaints == []


@pytest.mark.parametrize(
    ("language", "run", "title", "chips", "moved"),
    [
        ("en-US", "Run analysis", "Hypothetical chips", "6 chips", "hypothetical chips moved from"),
        ("zh-CN", "运行分析", "假想芯片", "6 颗芯片", "H200.* 的假想芯片"),
    ],
)
def test_hypothetical_chips_are_asked_for_in_the_question_bar(
    previews: httpx.Client, language: str, run: str, title: str, chips: str, moved: str
) -> None:
    with chromium_page(language) as page:
        witness = Witness(page)
        page.goto(str(previews.base_url))
        open_card(page, "chips")
        card = page.locator("#question-chips")
        card.get_by_text(title, exact=True).click()
        card.locator("#candidates_grid_memory_bandwidth").fill("1..2 step 0.5")
        card.locator("#candidates_grid_memory_capacity").fill("141, 192 GB")
        card.locator("#candidates_price_shares_memory_bandwidth").fill("0.3")
        expect(card).to_contain_text(chips)
        page.screenshot(path=ARTIFACTS / f"ask-candidates-{language}.png")

        assert witness.complaints == []

        # What can't be read is said at its field, in the card that has it.
        card.locator("#candidates_grid_price").fill("1, 2 parsecs")
        page.get_by_role("button", name=run).click()
        expect(card.locator("#candidates_grid_price_help")).to_contain_text("parsecs")
        card.locator("#candidates_grid_price").fill("1, 2")
        page.get_by_role("button", name=run).click()

        expect(page.get_by_role("heading", name=re.compile(moved))).to_be_visible()
        region = page.get_by_role("region", name=title).first
        expect(region.locator(".chart svg")).to_be_visible()
        task = page.url

        # The question of the task is in the fields again.
        page.goto("about:blank")
        page.goto(task)
        expect(page.locator("button[data-part=chips]")).to_contain_text(re.compile(moved))
        open_card(page, "chips")
        expect(card.locator("#candidates_grid_memory_bandwidth")).to_have_value("1..2 step 0.5")
        expect(card.locator("#candidates_price_shares_memory_bandwidth")).to_have_value("0.3")
