"""Plans beside each other in a real browser."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

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
    page.get_by_role("button", name=re.compile("^Use as baseline: column 2")).click()
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


def test_pictures_show_each_plan_on_one_scale(
    client: httpx.Client, page: Page, compared: list[str]
) -> None:
    witness = Witness(page)
    page.goto(address(client, compared))
    for name in ("Prefill (TTFT)", "Decode, one token (TPOT)"):
        chart = page.get_by_role("region", name=name, exact=True)
        expect(chart.locator(".chart svg")).to_be_visible()
        for column in ("1 ", "2 ", "3 "):
            expect(
                chart.locator("svg text").filter(has_text=re.compile(f"^{column}"))
            ).to_have_count(1)
    lines = page.get_by_role("region", name="Plans as lines")
    expect(lines.locator("svg text").filter(has_text="Throughput per chip")).to_be_visible()
    page.screenshot(path=ARTIFACTS / "compare-pictures.png", full_page=True)
    lines.get_by_text("Table", exact=True).click()
    expect(lines.get_by_role("rowheader", name="TTFT")).to_be_visible()
    assert witness.complaints == []


def test_fronts_of_all_tasks_lie_over_one_another(
    client: httpx.Client, page: Page, compared: list[str]
) -> None:
    witness = Witness(page)
    page.goto(address(client, compared[:2]))
    fronts = page.get_by_role("region", name="All feasible points, overlaid")
    canvas = fronts.get_by_role("img", name=re.compile("per chip against Tokens"))
    expect(canvas).to_be_visible()
    for column in (1, 2):
        legend = fronts.get_by_role("listitem").filter(has_text=re.compile(f"^{column} "))
        expect(legend).to_contain_text(re.compile(r"\(\d+ points\)"))
    fronts.get_by_role("combobox", name="Horizontal axis").click()
    page.get_by_title("TTFT (ms)", exact=True).click()
    canvas = fronts.get_by_role("img", name=re.compile(r"against TTFT"))
    box = canvas.bounding_box()
    assert box is not None
    fronts.get_by_text("Table", exact=True).click()
    for column in ("1", "2"):
        assert fronts.get_by_role("rowheader", name=column, exact=True).count() > 0
    waterfall = page.get_by_role("region", name=re.compile("^Prefill .*: operators"))
    expect(waterfall.locator("svg text").filter(has_text="Attention")).not_to_have_count(0)
    waterfall.get_by_text("Table", exact=True).click()
    expect(waterfall.get_by_role("rowheader", name="Attention", exact=True)).to_be_visible()
    fronts.get_by_text("Chart", exact=True).click()
    page.screenshot(path=ARTIFACTS / "compare-fronts.png", full_page=True)
    # The best throughput is on top; a click on it opens it in its result.
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for across in range(70, int(box["width"]) - 20, 18):
        page.mouse.click(box["x"] + across, box["y"] + 28)
        if "/results/" in page.url:
            break
    expect(page).to_have_url(re.compile(r"/results/.*(point|plan)="))
    assert witness.complaints == []


def test_plans_from_anywhere_meet_in_the_tray(
    client: httpx.Client, page: Page, compared: list[str]
) -> None:
    witness = Witness(page)
    base = str(client.base_url).rstrip("/")
    page.goto(f"{base}/results/{compared[0]}")
    tray = page.get_by_role("complementary", name="Plans to compare")
    expect(page.locator(".plan-panel")).to_be_visible()
    expect(tray).to_have_count(0)
    page.locator(".plan-panel").get_by_role("button", name=re.compile("^Compare plan 1")).click()
    expect(tray).to_contain_text("Add one more")
    table = page.get_by_role("table", name="Ranked plans")
    # What the panel added is marked in the table too.
    first = table.get_by_role("button", name=re.compile("^Compare plan 1 "))
    expect(first).to_have_attribute("aria-pressed", "true")
    table.get_by_role("button", name=re.compile("^Compare plan 2 ")).click()
    # Best of a history row, on another page.
    page.goto(base)
    page.get_by_role("button", name=re.compile("^Compare plan 1 of compared 1")).click()
    page.reload()
    expect(tray.get_by_role("listitem")).to_have_count(3)
    page.screenshot(path=ARTIFACTS / "compare-tray.png")
    tray.get_by_role("button", name=re.compile("^Take .* of compared 0 out")).first.click()
    tray.get_by_role("link", name="Compare (2)").click()
    expect(page.locator(".comparison thead").first).to_contain_text("compared 0")
    expect(page.locator(".comparison thead").first).to_contain_text("compared 1")
    page.go_back()
    tray.get_by_role("button", name="Clear").click()
    expect(tray).to_have_count(0)
    assert witness.complaints == []


def test_a_full_tray_says_so_and_a_deleted_task_leaves_it(client: httpx.Client, page: Page) -> None:
    task = submitted(client, quick("to be deleted"))
    ended(client, task)
    page.goto(f"{str(client.base_url).rstrip('/')}/results/{task}")
    buttons = page.get_by_role("table", name="Ranked plans").locator(".compare-button")
    for place in range(12):
        buttons.nth(place).click()
    tray = page.get_by_role("complementary", name="Plans to compare")
    expect(tray).to_contain_text("At most 12 plans")
    expect(buttons.nth(12)).to_be_disabled()
    expect(buttons.nth(11)).to_be_enabled()
    client.delete(f"{EVALUATION}/tasks/{task}").raise_for_status()
    expect(tray).to_have_count(0)


def test_the_comparison_is_chinese_for_a_chinese_reader(
    client: httpx.Client, compared: list[str]
) -> None:
    with chromium_page("zh-CN") as page:
        page.goto(address(client, compared))
        expect(page.get_by_role("heading", name="不同的输入")).to_be_visible()
        page.get_by_role("button", name=re.compile("设为基准：第 3 列")).click()
        expect(page.locator(".plan-head.base-column")).to_contain_text("基准")


def saved_report(client: httpx.Client, page: Page, task: str, link: str, folder: Path) -> Path:
    """The file that a click on the report's link saves."""
    page.goto(f"{str(client.base_url).rstrip('/')}/results/{task}")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile(link)).click()
    file = folder / download.value.suggested_filename
    assert file.name == f"tier6-report-{task}.html"
    download.value.save_as(file)
    return file


def test_a_result_is_saved_as_a_report_that_opens_by_itself(
    client: httpx.Client, page: Page, compared: list[str], tmp_path: Path
) -> None:
    file = saved_report(client, page, compared[0], "^Report", tmp_path)
    # From the disk, without the service.
    witness = Witness(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(file.as_uri())
        expect(page.get_by_role("heading", name="compared 0")).to_be_visible()
        expect(page.get_by_role("img", name=re.compile("^Prefill"))).to_be_visible()
        page.screenshot(path=ARTIFACTS / f"report-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert witness.complaints == []


def test_a_report_is_in_the_language_of_the_page(
    client: httpx.Client, compared: list[str], tmp_path: Path
) -> None:
    with chromium_page("zh-CN") as page:
        file = saved_report(client, page, compared[0], "^报告", tmp_path)
        witness = Witness(page)
        page.goto(file.as_uri())
        expect(page.get_by_role("heading", name="方案排名")).to_be_visible()
        expect(page.get_by_role("img", name=re.compile("^预填充"))).to_be_visible()
        page.screenshot(path=ARTIFACTS / "report-zh.png", full_page=True)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 794, "height": 1123})
        assert page.evaluate("document.documentElement.scrollWidth") <= 794
        page.screenshot(path=ARTIFACTS / "report-zh-print.png", full_page=True)
        assert witness.complaints == []
