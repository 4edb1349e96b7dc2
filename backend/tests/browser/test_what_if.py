"""A result's inputs moved in a real browser: what becomes of the plan, and a question of it."""

import re
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, submitted

expect.set_options(timeout=PATIENCE_MS)
ANSWERS = """() => performance.getEntriesByType('resource')
  .filter(({name}) => name.endsWith('/preview')).map(({duration}) => duration)"""


def completed(client: httpx.Client, name: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    """A task's id and its first plan."""
    task = submitted(client, quick(name, **changes))
    ended(client, task)
    answer = client.get(f"{EVALUATION}/tasks/{task}/results").raise_for_status()
    return task, answer.json()["top_k_plans"][0]


def opened(page: Page, client: httpx.Client, task: str) -> str:
    base = str(client.base_url).rstrip("/")
    page.goto(f"{base}/results/{task}?tab=what_if")
    return base


def test_moved_inputs_tell_at_once_what_becomes_of_the_plan(previews: httpx.Client) -> None:
    _, first = completed(previews, "before")
    limits = {"max_tpot_ms": 1.05 * first["tpot"]}
    task, plan = completed(previews, "what if", search_constraints=limits)
    with chromium_page("en-US") as page:
        witness = Witness(page)
        opened(page, previews, task)
        panel = page.get_by_role("tabpanel")
        kept = panel.locator(".moves-kept")
        expect(kept).to_have_text("✓ It fits in memory and keeps all limits.")
        ttft = panel.get_by_role("row").filter(has_text="TTFT")
        # Nothing is moved: the preview of the plan has the figures of the result.
        expect(ttft).to_contain_text("= unchanged")
        bandwidth = panel.get_by_role("slider", name="Memory bandwidth")
        bandwidth.press("ArrowRight")
        expect(panel.get_by_role("row").filter(has_text="TPOT")).to_contain_text("better")
        concurrency = panel.get_by_role("slider", name="Concurrency")
        for _ in range(12):
            concurrency.press("ArrowRight")
        expect(concurrency).to_have_attribute("aria-valuetext", f"{8 * plan['batch_size']:,}")
        expect(kept).to_contain_text(re.compile("^✗ TPOT"))
        expect(ttft).to_contain_text("worse")
        answers = sorted(page.evaluate(ANSWERS))
        print(f"{len(answers)} answers, ms: {[round(answer) for answer in answers]}")
        page.screenshot(path=ARTIFACTS / "what-if-of-plan.png")
        panel.get_by_role("button", name="Back to the result").click()
        expect(ttft).to_contain_text("= unchanged")
        assert witness.complaints == []


def test_moved_inputs_become_a_question(previews: httpx.Client) -> None:
    task, plan = completed(previews, "to be asked anew")
    with chromium_page("zh-CN") as page:
        witness = Witness(page)
        opened(page, previews, task)
        panel = page.get_by_role("tabpanel")
        expect(panel.get_by_role("button", name="以此提问")).to_be_disabled()
        for name, key in (("显存带宽", "ArrowRight"), ("并发请求数", "ArrowLeft")):
            for _ in range(4):
                panel.get_by_role("slider", name=name).press(key)
        panel.get_by_role("button", name="以此提问").click()
        expect(page).to_have_url(re.compile(r"/\?.*draft="))
        expect(page.locator("button[data-part=chips]")).to_contain_text("h200-sxm（有改动）")
        with page.expect_response("**/api/evaluation/submit") as answer:
            page.get_by_role("button", name="运行分析").click()
        asked = answer.value.json()["task_id"]
        ended(previews, asked)
        found = previews.get(f"{EVALUATION}/tasks/{asked}/results").raise_for_status().json()
        assert found["request"]["hardware"]["memory_bandwidth"] == 9.6e12
        assert found["request"]["inference"]["batch_size"] == plan["batch_size"] / 2
        expect(page.locator(".result-head h2")).to_contain_text("假想芯片")
        assert witness.complaints == []
