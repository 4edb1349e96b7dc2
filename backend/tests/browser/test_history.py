"""The task history in a real browser: rows that can be told apart, found and acted upon."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page
from tests.service.running_server import RunningServer, eventually
from tests.service.submissions import quick

expect.set_options(timeout=PATIENCE_MS)


SHIFTS = """window.shift = 0
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) window.shift += entry.value
})).observe({type: 'layout-shift', buffered: true})"""


@pytest.fixture(params=["en-US", "zh-CN"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A reader's browser in either language."""
    with chromium_page(request.param) as opened:
        yield opened


def submitted(client: httpx.Client, name: str, **changes: object) -> str:
    """The id of a new task."""
    answer = client.post("/api/evaluation/submit", json=quick(name, **changes))
    return answer.raise_for_status().json()["task_id"]


def ended(client: httpx.Client, tasks: list[str]) -> None:
    """Waits until all of them have been completed."""
    for task in tasks:
        address = f"/api/evaluation/tasks/{task}"
        eventually(lambda a=address: client.get(a).json()["status"] == "completed", "it ends")


def test_rows_say_what_was_asked_and_how_good_the_best_is(
    previews: httpx.Client, page: Page
) -> None:
    mine = f"told-apart-{page.evaluate('navigator.language')}"
    load = {"batch_size": 64, "input_seq_length": 4096, "output_seq_length": 1024}
    slow: dict[str, object] = {"objective": "tpot", "max_tpot_ms": 90}
    ended(
        previews,
        [
            submitted(previews, mine, inference=load | {"engine": "vllm"}),
            submitted(previews, mine, model="qwen3-32b", hardware="h20", search_constraints=slow),
        ],
    )
    witness = Witness(page)
    page.goto(f"{previews.base_url}?text={mine}")
    table = page.locator(".task-history table")
    rows = table.locator("tbody tr:not(.gap)")
    expect(rows).to_have_count(2)
    first, second = rows.nth(0), rows.nth(1)
    expect(first).to_contain_text("8 × H20")
    expect(first).to_contain_text("TPOT ≤ 90")
    expect(first).to_contain_text("qwen3-32b")
    expect(second).to_contain_text("8 × H200")
    for part in ("4k", "1k", "64", "tokens/s"):
        expect(second).to_contain_text(part)
    widths = {
        head.inner_text().strip(): head.bounding_box() or {} for head in table.locator("th").all()
    }
    named = {"load": ("Load", "负载"), "best": ("Best", "最优"), "when": ("Submitted", "提交时间")}
    boxes = {key: widths[next(n for n in names if n in widths)] for key, names in named.items()}
    assert boxes["load"]["width"] >= 200
    assert boxes["best"]["width"] >= 150
    assert boxes["when"]["x"] + boxes["when"]["width"] <= 1440
    page.screenshot(path=ARTIFACTS / "history.png")

    page.get_by_role("searchbox").fill(f"qwen3 8xh20 {mine}")
    expect(rows).to_have_count(1)
    expect(table).to_contain_text("8 × H20")
    assert witness.complaints == []


def test_an_export_has_what_was_asked(previews: httpx.Client) -> None:
    ended(previews, [submitted(previews, "exported")])
    answer = previews.get("/api/evaluation/export/tasks?format=csv&text=exported")
    head, row = answer.raise_for_status().text.splitlines()[:2]
    told = dict(zip(head.split(","), row.split(","), strict=False))
    assert told["asked_chips"] == "8"
    assert told["asked_input_tokens"] == "1024"
    assert told["asked_objective"] == "throughput"


def test_all_that_match_are_acted_upon_and_a_range_of_days_narrows(
    own_server: RunningServer, page: Page
) -> None:
    with httpx.Client(base_url=own_server.base_url, timeout=60) as client:
        client.post("/api/evaluation/queue/pause").raise_for_status()
        for number in range(52):
            submitted(client, f"many {number}")
        other = submitted(client, "other")
        witness = Witness(page)
        # Wide enough for the newest and the oldest of time zones.
        today = date.today()
        near, later = today - timedelta(days=1), today + timedelta(days=2)
        page.goto(f"{own_server.base_url}?text=many&from={near}&to={later}")
        head = page.locator(".task-history thead input[type=checkbox]")
        head.check()
        actions = page.locator(".batch-actions")
        expect(actions).to_contain_text("50")
        page.screenshot(path=ARTIFACTS / "history-matching.png")
        actions.get_by_role("button", name=re.compile("52")).click()
        expect(actions.locator("strong")).to_contain_text("52")
        actions.get_by_role("button", name=re.compile("^(Cancel|取消)")).first.click()
        many = {"text": "many", "status": "cancelled"}
        eventually(lambda: total(client, many) == 52, "all are cancelled")
        assert client.get(f"/api/evaluation/tasks/{other}").json()["status"] == "pending"

        # Until the day before yesterday there was nothing.
        page.locator(".day-input").nth(0).fill("2020-01-01")
        page.locator(".day-input").nth(1).fill(f"{today - timedelta(days=2)}")
        expect(page.locator(".task-history .empty")).to_be_visible()
        expect(page).to_have_url(re.compile("from=2020-01-01"))
        page.locator(".task-history .empty button").click()
        expect(page.locator(".task-history table")).to_be_visible()
        expect(page.locator(".day-input")).to_have_count(0)
        assert witness.complaints == []


def test_a_deletion_can_be_undone_and_is_sent_as_the_page_is_left(
    own_server: RunningServer, page: Page
) -> None:
    with httpx.Client(base_url=own_server.base_url, timeout=60) as client:
        task = submitted(client, "kept at first")
        ended(client, [task])
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        witness = Witness(page)
        page.goto(f"{own_server.base_url}?text=kept")
        rows = page.locator(".task-history tbody tr:not(.gap)")
        expect(rows).to_have_count(1)

        delete(page)
        expect(rows).to_have_count(0)
        page.screenshot(path=ARTIFACTS / "history-undo.png")
        page.get_by_role("button", name=re.compile("^(Undo|撤\\s*销)$")).click()
        expect(rows).to_have_count(1)
        assert not any(url.endswith("/tasks/batch") for url in sent)

        # What nobody undoes is done at the latest as the page is left.
        delete(page)
        expect(rows).to_have_count(0)
        assert witness.complaints == []
        page.goto("about:blank")
        gone = f"/api/evaluation/tasks/{task}"
        eventually(lambda: client.get(gone).status_code == 404, "it is deleted")


def test_nothing_moves_while_many_rows_are_scrolled(previews: httpx.Client, page: Page) -> None:
    mine = f"scrolled-{page.evaluate('navigator.language')}"
    one: dict[str, object] = {"search_mode": "manual", "manual_parallelism": {"tp": 8}}
    ended(previews, [submitted(previews, mine, **one) for _ in range(60)])
    page.add_init_script(SHIFTS)
    page.goto(f"{previews.base_url}?text={mine}")
    table = page.locator(".task-history .virtual-table")
    expect(table).to_be_visible()
    for _ in range(2):
        table.evaluate("(box) => box.scrollTo(0, box.scrollHeight)")
        page.wait_for_timeout(300)
    expect(table).to_have_attribute("data-complete", "true")
    page.evaluate("window.shift = 0")
    for step in range(15):
        table.evaluate("(box, top) => box.scrollTo(0, top)", 140 * step)
        page.wait_for_timeout(30)
    # The last row can be reached, and nothing that was in sight has jumped.
    table.evaluate("(box) => box.scrollTo(0, box.scrollHeight)")
    last = table.locator("tr[aria-rowindex='61']")
    expect(last).to_be_attached()
    box, row = table.bounding_box(), last.bounding_box()
    assert box is not None
    assert row is not None
    assert row["y"] + row["height"] <= box["y"] + box["height"] + 1
    assert page.evaluate("window.shift") < 0.05


def delete(page: Page) -> None:
    """Deletes the first row's task, the question answered."""
    page.locator(".task-history .row-remove").first.click()
    page.locator(".ant-popconfirm-buttons .ant-btn-dangerous").click()


def total(client: httpx.Client, query: dict[str, str]) -> int:
    """How many tasks match."""
    return client.get("/api/evaluation/tasks", params=query).json()["total"]
