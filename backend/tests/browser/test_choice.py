"""How sure a choice is, in a real browser: from the form to the runs that settle it."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from llm_simulator.cli.settle import runs_csv
from llm_simulator.planner.results.decision import Decision
from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page, open_card
from tests.service.running_server import RunningServer, client_of, eventually

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def page() -> Iterator[Page]:
    """An English reader's browser, which lets pages copy."""
    with chromium_page("en-US") as opened:
        opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield opened


def answered(server: RunningServer, page: Page) -> dict[str, Any]:
    """The result that the service gave to what was submitted with [Run analysis]."""
    with page.expect_response(re.compile("/api/evaluation/submit")) as answer:
        page.get_by_role("button", name="Run analysis").click()
    task = answer.value.json()["task_id"]
    with client_of(server) as client:
        address = f"/api/evaluation/tasks/{task}"
        eventually(
            lambda: client.get(address).json()["status"] == "completed",
            "the search comes to its end",
        )
        return client.get(f"{address}/results").json()


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


def test_a_narrow_choice_shows_the_cautious_one_and_what_to_measure(
    server: RunningServer, page: Page
) -> None:
    witness = Witness(page)
    page.goto(server.base_url)
    open_card(page, "load")
    page.get_by_role("textbox", name="Input length").fill("2k")
    page.get_by_role("textbox", name="Output length").fill("512")
    open_card(page, "limits")
    page.get_by_role("textbox", name="TPOT at most").fill("")
    best = answered(server, page)["top_k_plans"][0]

    # A limit that the best plan just keeps: it may well break it, another plan does not.
    open_card(page, "limits")
    page.get_by_role("textbox", name="TPOT at most").fill(f"{1.002 * best['tpot']:.3f}")
    found = answered(server, page)
    expect(page.locator(".kept-limits")).to_contain_text("△")
    alternative = page.get_by_role("complementary", name="Cautious alternative")
    expect(alternative).to_contain_text(re.compile(r"Keeps TPOT .* with .*% instead of"))
    page.get_by_role("button", name="Copy as CSV").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    copied = rows(page.evaluate("navigator.clipboard.readText()"))
    assert copied == rows(runs_csv(Decision.model_validate(found["decision"])))
    page.screenshot(path=ARTIFACTS / "choice.png", full_page=True)

    # Ranked cautiously, the alternative is the first plan.
    open_card(page, "search")
    page.get_by_role("radiogroup", name="Rank by").get_by_text("Cautiously").click()
    cautious = answered(server, page)
    assert cautious["top_k_plans"][0]["parallelism"] == found["decision"]["robust"]["parallelism"]
    expect(page.get_by_text("ranked cautiously")).to_be_visible()
    expect(alternative).to_have_count(0)
    assert witness.complaints == []
