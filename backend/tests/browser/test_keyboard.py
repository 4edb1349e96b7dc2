"""The page without a mouse: the palette, single keys, and where the keyboard is after each."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page
from tests.browser.test_accessibility import violations
from tests.service.running_server import eventually
from tests.service.submissions import quick

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(params=["en-US", "zh-CN"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A reader's browser in either language."""
    with chromium_page(request.param) as opened:
        yield opened


def type_command(page: Page, text: str) -> None:
    """Opens the palette, types, and waits for what is chosen with Enter."""
    expect(page.locator(".palette-button")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox").and_(page.locator("[cmdk-input]"))).to_be_focused()
    page.keyboard.type(text)
    expect(page.get_by_role("option", selected=True)).to_be_visible()


def completed(client: httpx.Client, name: str) -> str:
    """The id of a task that has ended well."""
    answer = client.post("/api/evaluation/submit", json=quick(name)).raise_for_status()
    task = answer.json()["task_id"]
    address = f"/api/evaluation/tasks/{task}"
    eventually(lambda: client.get(address).json()["status"] == "completed", "it ends")
    return task


def test_a_question_is_asked_and_its_result_opened_by_keys_alone(
    previews: httpx.Client, page: Page
) -> None:
    witness = Witness(page)
    page.goto(str(previews.base_url))
    run = page.locator(".question-bar [type=submit]")
    expect(run).to_be_enabled()
    type_command(page, "h20")
    expect(page.get_by_role("option", selected=True)).to_contain_text("H20 96 GB")
    page.keyboard.press("Enter")
    expect(run).to_be_focused()
    expect(page.locator("button[data-part=chips]")).to_contain_text("H20")
    type_command(page, "qwen3-32b")
    page.keyboard.press("Enter")
    expect(page.locator("button[data-part=model]")).to_contain_text("Qwen3")
    expect(page.locator("button[data-part=chips]")).to_contain_text("H20")
    expect(run).to_be_focused()
    with page.expect_response(re.compile("/api/evaluation/submit")) as answer:
        page.keyboard.press("Enter")
    asked = answer.value.request.post_data_json
    assert asked is not None
    assert (asked["model"], asked["hardware"]) == ("qwen3-32b", "h20")
    expect(page.locator(".plan-panel")).to_be_visible()

    page.keyboard.press("n")
    expect(page.locator("button[data-part=model]")).to_be_focused()
    expect(page.locator("button[data-part=model]")).to_contain_text("DeepSeek")
    expect(page.locator(".plan-panel")).to_have_count(0)
    page.keyboard.press("j")
    expect(page.locator(".task-history tr.active")).to_have_count(1)
    assert witness.complaints == []


def test_single_keys_lead_to_the_history_and_through_it(previews: httpx.Client, page: Page) -> None:
    mine = f"keys-{page.evaluate('navigator.language')}"
    tasks = [completed(previews, mine) for _ in range(2)]
    witness = Witness(page)
    page.goto(f"{previews.base_url}/overview")
    expect(page.locator(".overview-list").first).to_be_visible()
    page.keyboard.press("/")
    field = page.locator("input.task-search, .task-search input")
    expect(field).to_be_focused()
    # What is typed there is no command.
    page.keyboard.type(f"{mine}?jkn")
    expect(field).to_have_value(f"{mine}?jkn")
    expect(page.locator("dialog")).to_have_count(0)
    for _ in "?jkn":
        page.keyboard.press("Backspace")
    rows = page.locator(".task-history tbody tr[data-key]")
    expect(rows).to_have_count(2)

    page.keyboard.press("Tab")
    page.locator("#content").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_class(re.compile("active"))
    page.keyboard.press("k")
    expect(rows.nth(0)).to_have_class(re.compile("active"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"task={tasks[1]}"))
    expect(page.locator(".plan-panel")).to_be_visible()

    type_command(page, mine)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/results/"))
    type_command(page, f"nothing is called {mine}")
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value(f"nothing is called {mine}")
    assert witness.complaints == []


def test_dialogs_give_the_keyboard_back_and_axe_finds_nothing_in_them(
    previews: httpx.Client, page: Page
) -> None:
    completed(previews, "palette")
    page.goto(str(previews.base_url))
    place = page.locator("button[data-part=limits]")
    place.focus()
    page.keyboard.press("Control+k")
    expect(page.locator("[cmdk-input]")).to_be_focused()
    page.screenshot(path=ARTIFACTS / "palette.png")
    found = violations(page, "palette")
    page.keyboard.type("h20")
    expect(page.get_by_role("option", selected=True)).to_contain_text("H20")
    found += violations(page, "palette, h20")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(place).to_be_focused()

    page.keyboard.press("?")
    expect(page.locator("dialog button")).to_be_focused()
    found += violations(page, "keys")
    page.keyboard.press("n")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(place).to_be_focused()

    button = page.locator(".palette-button")
    button.click()
    expect(page.locator("[cmdk-input]")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(button).to_be_focused()
    assert found == [], "\n".join(found)


def test_the_palette_changes_page_language_and_theme(previews: httpx.Client, page: Page) -> None:
    page.goto(f"{previews.base_url}/catalogue")
    other = "English" if page.evaluate("navigator.language") == "zh-CN" else "中文"
    type_command(page, "overview")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/overview$"))
    type_command(page, other)
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en" if other == "English" else "zh-CN")
    type_command(page, "dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_css("color-scheme", "dark")
