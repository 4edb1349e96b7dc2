"""The whole path in a real browser: submit, watch, reload, read the answer, cancel."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page, open_card
from tests.service.running_server import RunningServer
from tests.service.submissions import long

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def page() -> Iterator[Page]:
    """A Chinese reader's browser."""
    with chromium_page("zh-CN") as opened:
        yield opened


CARDS = {"模型": "model", "芯片": "chips", "拓扑": "chips"}


def choose(page: Page, label: str, text: str) -> None:
    """Picks a preset by typing into its search."""
    open_card(page, CARDS[label])
    page.get_by_role("combobox", name=label, exact=True).click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def submit(page: Page, experiment: str) -> str:
    """The id of the task that [运行分析] created."""
    open_card(page, "record")
    page.get_by_role("combobox", name="实验名称").fill(experiment)
    page.keyboard.press("Escape")
    with page.expect_response("**/api/evaluation/submit") as answer:
        page.get_by_role("button", name="运行分析").click()
    expect(page.get_by_text("评估任务已提交").last).to_be_visible()
    return answer.value.json()["task_id"]


def card(page: Page, experiment: str) -> Locator:
    """The card of a running task in the page itself, not in the floating area."""
    cards = page.get_by_role("region", name="运行中的任务").get_by_role("article")
    return cards.filter(has_text=experiment)


def paste_a_large_cluster(page: Page, times: int = 1) -> None:
    """So many times 16,384 chips: a search that is long enough to reload."""
    given = long()["topology"]
    pods = [given["pods"][0] | {"count": times * given["pods"][0]["count"]}]
    open_card(page, "chips")
    page.get_by_role("radiogroup", name="拓扑：预设或 JSON").get_by_text("自定义").click()
    topology = page.get_by_role("textbox", name="拓扑 JSON")
    # It begins with the preset's, which is on its way.
    expect(topology).not_to_have_value("")
    topology.fill(json.dumps(given | {"pods": pods}))
    open_card(page, "search")
    page.get_by_text("固定并发", exact=True).click()
    page.get_by_role("textbox", name="并发请求数").fill("65536")
    open_card(page, "limits")
    page.get_by_role("textbox", name="TPOT").fill("")


def test_a_question_becomes_ranked_plans_in_the_browser(
    own_server: RunningServer, page: Page
) -> None:
    witness = Witness(page)
    page.goto(own_server.base_url)
    expect(page.locator("output[data-state=open]")).to_have_text("实时")

    # DeepSeek-V3 on the 64-chip pod: submitted through the form, answered below it.
    choose(page, "模型", "deepseek-r1")
    choose(page, "芯片", "h200")
    choose(page, "拓扑", "pod-64")
    pod = submit(page, "first light")
    answer = page.locator(".answer")
    expect(answer).to_contain_text(re.compile(r"[\d,]+\s*tokens/s"))
    expect(page.get_by_role("heading", name=re.compile(r"DeepSeek-V3.*64 × "))).to_be_visible()
    plans = page.get_by_role("table", name="方案排名").locator("tbody tr")
    assert plans.count() >= 5
    assert witness.progress(pod)[-1] == 100

    # Another plan: the charts follow, and the address says which.
    plans.nth(1).locator(".plan-name").press("Enter")
    expect(page).to_have_url(re.compile(r"plan=2"))
    expect(page.locator(".chart svg")).to_have_count(2)
    expect(
        page.get_by_role("img", name=re.compile("解码单个 token（TPOT）, 按算子"))
    ).to_be_visible()
    page.get_by_role("tab", name="显存").click()
    expect(page.get_by_role("img", name="单芯片显存")).to_be_visible()
    expect(page).to_have_url(re.compile(r"tab=memory"))
    page.get_by_role("tab", name="时间", exact=True).click()
    page.screenshot(path=ARTIFACTS / "result.png", full_page=True)

    # A long search moves, survives a reload and is restored with the guide's notice.
    paste_a_large_cluster(page)
    restored = submit(page, "to be restored")
    # Six times as large, so that it still runs when it is cancelled.
    paste_a_large_cluster(page, times=6)
    cancelled = submit(page, "to be cancelled")
    expect(card(page, "to be restored").get_by_role("progressbar")).to_have_attribute(
        "data-progress", re.compile(r"[1-9]")
    )
    page.screenshot(path=ARTIFACTS / "running.png")
    page.reload()
    expect(page.get_by_text(re.compile("已恢复 [12] 个运行中的任务"))).to_be_visible()
    expect(page.get_by_role("complementary", name="进行中的任务")).to_be_visible()
    page.screenshot(path=ARTIFACTS / "restored.png")

    # The second one is cancelled, and stays so; the first one ends by itself.
    page.get_by_role("region", name="运行中的任务").get_by_role(
        "button", name="取消 to be cancelled"
    ).click()
    expect(page.get_by_text("任务已取消")).to_be_visible()
    history = page.get_by_role("table", name="历史任务")
    rows = {
        name: history.get_by_role("row", name=re.compile(name))
        for name in ("to be restored", "to be cancelled", "first light")
    }
    expect(rows["to be cancelled"]).to_contain_text("已取消")
    expect(rows["to be restored"]).to_contain_text("已完成")
    assert len(witness.progress(restored)) >= 3, "the progress of a long search never moved"
    assert 100 not in witness.progress(cancelled)

    # A click on a row opens its result.
    rows["first light"].get_by_text("first light").click()
    expect(page).to_have_url(re.compile(f"task={pod}"))
    tints = "row => new Set([...row.cells].map(c => getComputedStyle(c).backgroundColor)).size"
    assert page.locator(f".task-history tr[data-key='{pod}'][aria-current]").evaluate(tints) == 1
    page.go_back()

    # The other language, and the result under its own address.
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("button", name="Run analysis")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("to be cancelled"))).to_contain_text("Cancelled")
    page.goto(f"{own_server.base_url}/results/{pod}?plan=3&sort=ttft")
    expect(page.get_by_role("heading", name="Ranked plans")).to_be_visible()
    expect(page.locator("tr[aria-current=true]")).to_have_attribute("data-key", "3")
    page.screenshot(path=ARTIFACTS / "result-english.png", full_page=True)

    # Its inputs run once more, as they were: another task with the same answer.
    said = page.locator(".answer").inner_text().splitlines()[0]
    page.get_by_role("button", name="Run again").click()
    expect(page).not_to_have_url(re.compile(pod))
    expect(page.locator(".answer")).to_contain_text(said)

    page.goto(f"{own_server.base_url}/experiments")
    expect(page.get_by_role("link", name="to be restored")).to_be_visible()

    assert witness.complaints == []


def test_a_page_outlives_a_killed_server(own_server: RunningServer, page: Page) -> None:
    page.goto(own_server.base_url)
    choose(page, "模型", "deepseek-v3")
    paste_a_large_cluster(page)
    submit(page, "interrupted")
    running = card(page, "interrupted").get_by_role("progressbar")
    expect(running).to_have_attribute("data-progress", re.compile(r"[1-9]"))

    own_server.kill()
    expect(page.locator("output[data-state=reconnecting]")).to_have_text("重新连接中")
    page.screenshot(path=ARTIFACTS / "reconnecting.png")
    own_server.restart()

    # Nobody touches the page: it connects by itself, and the task goes on to its end.
    expect(page.locator("output[data-state=open]")).to_be_visible()
    row = page.get_by_role("table", name="历史任务").get_by_role("row", name="interrupted")
    expect(row).to_contain_text("已完成")
    expect(page.locator(".answer")).to_contain_text("tokens/s")
    expect(page.get_by_role("region", name="运行中的任务")).to_have_count(0)
