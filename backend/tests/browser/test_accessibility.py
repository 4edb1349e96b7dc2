"""Every page in a real browser, read by axe: nobody is kept out, in either theme."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import PATIENCE_MS, REPOSITORY, chromium_page, open_card, required
from tests.service.running_server import eventually
from tests.service.submissions import quick

expect.set_options(timeout=PATIENCE_MS)
AXE = REPOSITORY / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async (part) => {
  const {violations} = await axe.run(part, {resultTypes: ['violations']})
  return violations.flatMap(({id, impact, nodes}) =>
    nodes.map(({target, html}) => `${id} (${impact}): ${target} ${html.slice(0, 160)}`))
}"""


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """An English reader's browser in one of the themes."""
    with chromium_page("en-US") as opened:
        opened.add_init_script(f"localStorage.setItem('tier6.theme', '\"{request.param}\"')")
        yield opened


def violations(page: Page, place: str, part: str = "html") -> list[str]:
    """What axe finds on the page as it stands, or on a part of it, each with the place's name."""
    page.wait_for_load_state("networkidle")
    if not page.evaluate("'axe' in window"):
        page.evaluate(required(AXE, "axe-core (cd frontend && pnpm install)").read_text("utf-8"))
    return [f"{place}: {found}" for found in page.evaluate(VIOLATIONS, part)]


def addresses(client: httpx.Client, task: str) -> list[str]:
    """Every page that has an address of its own, with the task on those that show one."""
    answer = client.get(f"/api/evaluation/tasks/{task}").raise_for_status()
    return [
        "overview",
        "experiments",
        f"experiments/{answer.json()['experiment_id']}",
        *("catalogue" + kind for kind in ("", "?kind=chips", "?kind=topologies")),
        *(f"catalogue?kind={kind}" for kind in ("calibrations", "support")),
        "what-if",
        f"results/{task}",
        f"compare?plans={task}:1&plans={task}:2",
    ]


def found_at(page: Page, base: str, paths: list[str]) -> list[str]:
    """What axe finds on pages, each once it is there."""
    found: list[str] = []
    for path in paths:
        page.goto(f"{base}/{path}")
        expect(page.get_by_role("heading").first).to_be_visible()
        found += violations(page, path)
    return found


def test_axe_finds_nothing_on_any_page(previews: httpx.Client, page: Page) -> None:
    base = str(previews.base_url).rstrip("/")
    page.goto(base)
    expect(page.get_by_role("button", name="Run analysis")).to_be_enabled()
    found = violations(page, "start")
    open_card(page, "chips")
    page.locator("[data-section=topology]").get_by_text("Own", exact=True).click()
    found += violations(page, "topology editor")
    page.get_by_role("button", name="Done").click()

    with page.expect_response(re.compile("/api/evaluation/submit")) as answer:
        page.get_by_role("button", name="Run analysis").click()
    task = answer.value.json()["task_id"]
    panel = page.locator(".plan-panel")
    expect(panel.get_by_role("tab").first).to_be_visible()
    # Around the panel all tabs show the same: that is read with the plans to compare.
    for tab in panel.get_by_role("tab").all():
        tab.click()
        found += violations(page, f"result, {tab.inner_text()}", ".plan-panel")

    # From here on the tray is there too.
    for button in page.get_by_role("button", name=re.compile("^Compare plan [23]")).all():
        button.click()
    expect(page.get_by_role("link", name=re.compile("^Compare"))).to_be_visible()
    found += violations(page, "result, plans to compare")

    page.goto(base)
    expect(page.get_by_role("table").first).to_be_visible()
    found += violations(page, "tasks")
    found += found_at(page, base, addresses(previews, task))
    assert found == [], "\n".join(found)


def test_axe_finds_nothing_in_chinese(previews: httpx.Client) -> None:
    base = str(previews.base_url).rstrip("/")
    answer = previews.post("/api/evaluation/submit", json=quick("无障碍")).raise_for_status()
    task = answer.json()["task_id"]
    address = f"/api/evaluation/tasks/{task}"
    eventually(lambda: previews.get(address).json()["status"] == "completed", "it ends")
    with chromium_page("zh-CN") as page:
        page.goto(base)
        expect(page.get_by_role("table").first).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "zh-CN"
        found = violations(page, "tasks")
        for part in ("model", "chips", "load", "limits", "search", "record"):
            open_card(page, part)
            expect(page.locator(f"#question-{part} label").first).to_be_visible()
            found += violations(page, f"card of {part}")
        found += found_at(page, base, addresses(previews, task))
    assert found == [], "\n".join(found)
