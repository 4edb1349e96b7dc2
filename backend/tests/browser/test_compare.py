"""Plans beside each other in a real browser."""

import re
from collections.abc import Iterator, Sequence

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, submitted

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def page() -> Iterator[Page]:
    """An English reader's browser."""
    with chromium_page("en-US") as opened:
        yield opened


@pytest.fixture(scope="module")
def compared(client: httpx.Client) -> list[str]:
    """Completed tasks: a chip, another one, and one's own price."""
    changes = ({}, {"hardware": "h100-sxm"}, {"economics": {"chip_usd_per_hour": 9.5}})
    tasks = [
        submitted(client, quick(f"compared {place}", **one)) for place, one in enumerate(changes)
    ]
    for task in tasks:
        ended(client, task)
    return tasks


def address(client: httpx.Client, tasks: Sequence[str]) -> str:
    plans = "&".join(f"plans={task}:1" for task in tasks)
    return f"{str(client.base_url).rstrip('/')}/compare?{plans}"


def test_another_baseline_turns_the_differences_round(
    client: httpx.Client, page: Page, compared: list[str]
) -> None:
    witness = Witness(page)
    body = {"results": [{"task_id": task} for task in compared]}
    table = client.post(f"{EVALUATION}/compare", json=body).raise_for_status().json()
    [ttft] = [row["values"] for row in table["metrics"] if row["name"] == "ttft"]
    page.goto(address(client, compared))
    row = page.get_by_role("row", name=re.compile("^TTFT"))
    # The H200 is the baseline; another chip is slower, which is marked as worse.
    expect(row.locator("td").nth(1)).to_contain_text(f"+{100 * (ttft[1] / ttft[0] - 1):.0f}%")
    expect(row.locator("td").nth(1)).to_contain_text("worse")
    page.get_by_role("button", name=re.compile("Use column 2")).click()
    expect(row.locator("td").nth(0)).to_contain_text(f"{100 * (ttft[0] / ttft[1] - 1):.0f}%")
    expect(row.locator("td").nth(0)).to_contain_text("better")
    # The address alone brings the same back.
    expect(page).to_have_url(re.compile(f"base={compared[1]}"))
    page.reload()
    expect(row.locator("td").nth(0)).to_contain_text("better")
    assert witness.complaints == []


def test_only_what_somebody_chose_stands_among_the_inputs(
    client: httpx.Client, page: Page, compared: list[str]
) -> None:
    page.goto(address(client, compared))
    inputs = page.get_by_role("region", name="Inputs that differ")
    shown = inputs.get_by_role("table").first
    expect(shown.locator("tbody th")).to_have_text(["Chip", "Rent per chip and hour"])
    expect(inputs).not_to_contain_text("alibration")
    page.get_by_text(re.compile("What follows from another model")).click()
    expect(inputs.get_by_role("row", name=re.compile("^Memory bandwidth"))).to_be_visible()
    prices = page.get_by_role("row", name=re.compile("^Cost rests on"))
    expect(prices).to_contain_text("given in the request")
    expect(page.get_by_text(re.compile("The same in all: .*Chips 8"))).to_be_visible()
    page.screenshot(path=ARTIFACTS / "compare.png", full_page=True)
    page.get_by_role("button", name=re.compile("Remove")).nth(2).click()
    expect(prices).to_have_count(0)
    expect(shown.locator("tbody th")).to_have_text(["Chip"])
