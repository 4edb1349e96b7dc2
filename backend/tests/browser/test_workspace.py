"""A result in a real browser: points, the plan beside them, its views, files."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page
from tests.service.submissions import quick
from tests.service.test_api import ended, submitted

expect.set_options(timeout=PATIENCE_MS)
LONG_TASKS = """() => {
  window.long = []
  const watch = new PerformanceObserver((list) =>
    list.getEntries().forEach(({duration}) => window.long.push(duration)))
  watch.observe({type: 'longtask'})
}"""


QUESTION = {
    "experiment_name": "workspace",
    "model": "deepseek-v3",
    "hardware": "h200-sxm",
    "topology": "pod-64",
    "inference": {"batch_size": 1024, "input_seq_length": 4096, "output_seq_length": 1024},
    "search_constraints": {"max_tpot_ms": 30, "batch_sizes": "ladder"},
}
"""What the page starts with: 17,000 points."""


@pytest.fixture(scope="module")
def answered(previews: httpx.Client) -> str:
    """The address of an answer."""
    task = submitted(previews, QUESTION)
    ended(previews, task)
    return f"{str(previews.base_url).rstrip('/')}/?task={task}"


@pytest.fixture
def page(answered: str) -> Iterator[Page]:
    """An English reader's browser at the answer of the page's first question."""
    with chromium_page("en-US") as opened:
        opened.goto(answered)
        expect(opened.locator(".all-points canvas")).to_be_visible()
        yield opened


def test_a_point_becomes_a_plan_with_all_its_views(page: Page) -> None:
    witness = Witness(page)
    table = page.get_by_role("table", name="All feasible points")
    table.locator("td button").nth(30 // 2).click()
    panel = page.locator(".plan-panel")
    expect(page).to_have_url(re.compile(r"point=[\d-]+"))
    expect(panel.get_by_role("tab", name="Roofline")).to_be_visible()
    for name, seen in (
        ("Roofline", "FLOP"),
        ("Traffic", "Links by tier"),
        ("Placement", "Each square is a chip"),
        ("Timeline", "One round of decoding"),
        ("Memory", "Memory per chip"),
    ):
        panel.get_by_role("tab", name=name).click()
        expect(panel.get_by_role("tabpanel")).to_contain_text(seen)
        page.screenshot(path=ARTIFACTS / f"plan-{name.lower()}.png")
    page.reload()
    expect(panel.get_by_role("tab", name="Memory")).to_have_attribute("aria-selected", "true")
    assert witness.complaints == []


def test_a_rectangle_keeps_its_points_and_stays_smooth(page: Page) -> None:
    canvas = page.locator(".all-points canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    said = page.locator(".points-filter")
    whole = said.inner_text()
    page.evaluate(LONG_TASKS)
    page.mouse.move(box["x"] + 100, box["y"] + 60)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(box["x"] + 100 + 8 * step, box["y"] + 60 + 8 * step)
    page.mouse.up()
    expect(said).not_to_have_text(whole)
    print("tasks beyond 50 ms:", page.evaluate("window.long"))
    # 17,000 points, and only those in sight are rows.
    assert page.locator(".row-table tbody tr").count() < 60
    page.get_by_role("textbox", name="Filter points").fill("chips<=32 colour=red")
    expect(said).to_contain_text("not understood: colour=red")


def test_a_chart_is_saved_as_a_file(page: Page) -> None:
    chart = page.get_by_role("region", name=re.compile("^Prefill"))
    expect(chart.locator(".chart svg")).to_be_visible()
    for ending, head in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"Operator,")):
        chart.get_by_role("button", name=re.compile("^Save: ")).click()
        choice = page.get_by_role("menuitem", name=ending.upper())
        with page.expect_download() as download:
            choice.click()
        assert download.value.path().read_bytes().startswith(head)
        expect(choice).to_be_hidden()


def test_where_nothing_fits_what_does_is_told(page: Page) -> None:
    asked = quick("too much", search_constraints={"max_tpot_ms": 0.5})
    response = page.request.post(f"{page.url.split('?')[0]}api/evaluation/submit", data=asked)
    page.goto(f"{page.url.split('?')[0]}?task={response.json()['task_id']}")
    ways = page.get_by_role("region", name="What would help")
    expect(ways.get_by_role("listitem").filter(has_text="a limit on TPOT of")).to_be_visible()
    page.screenshot(path=ARTIFACTS / "ways-out.png")


def test_an_assumption_stands_beside_its_figures_and_is_no_banner(client: httpx.Client) -> None:
    task = submitted(client, quick("in step"))
    ended(client, task)
    for language, spread in (("en-US", "spread over time"), ("zh-CN", "分散到达")):
        with chromium_page(language) as page:
            page.goto(f"{str(client.base_url).rstrip('/')}/results/{task}")
            expect(page.locator(".answer .note")).to_contain_text(spread)
            expect(page.locator(".plan-panel > .hint")).to_contain_text(spread)
            expect(page.locator(".warnings")).to_have_count(0)
