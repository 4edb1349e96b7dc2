"""A result of hypothetical chips in a real browser: the front, who wins at what price."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page
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
