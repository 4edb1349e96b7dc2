"""The question bar in a real browser: a first answer, drafts, questions of earlier tasks."""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page, open_card
from tests.service.running_server import RunningServer

expect.set_options(timeout=PATIENCE_MS)
CONFIG = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "torch_dtype": "bfloat16",
}


@pytest.fixture
def page() -> Iterator[Page]:
    """An English reader's browser."""
    with chromium_page("en-US") as opened:
        yield opened


def part(page: Page, name: str) -> str:
    """What a part of the question says."""
    return page.locator(f"button[data-part={name}]").inner_text()


def test_the_first_question_is_answered_with_one_click(server: RunningServer, page: Page) -> None:
    witness = Witness(page)
    page.goto(server.base_url)
    page.get_by_role("button", name="Run analysis").click()
    expect(page.locator(".answer")).to_contain_text("tokens/s")
    assert witness.complaints == []


def test_an_example_fills_the_bar_and_each_has_an_answer(
    own_server: RunningServer, page: Page
) -> None:
    witness = Witness(page)
    page.goto(own_server.base_url)
    examples = page.locator(".examples button")
    expect(examples).to_have_count(4)
    expect(examples.first).to_contain_text("H100 SXM")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    asked = {}
    for example in examples.all():
        example.click()
        said = example.locator("span > span").all_inner_texts()
        expect(page.locator(".sentence li:nth-child(-n+5) button")).to_contain_text(said)
        expect(page.get_by_role("button", name="Run analysis")).to_be_focused()
        asked[page.url] = [part(page, name) for name in ("model", "chips", "load", "limits")]
    assert len(asked) == 4
    page.go_back()
    assert page.url == list(asked)[-2]
    # Nothing has run by itself: the examples are there as long as there is no task.
    expect(examples).to_have_count(4)
    for address, question in asked.items():
        page.goto(address)
        expect(page.locator("button[data-part=model]")).to_contain_text(question[0])
        page.get_by_role("button", name="Run analysis").click()
        expect(page.locator(".answer")).to_contain_text("tokens/s")
        expect(examples).to_have_count(0)
    assert witness.complaints == []


def test_a_draft_lives_in_the_address_and_a_task_fills_the_bar(
    server: RunningServer, page: Page
) -> None:
    page.goto(server.base_url)
    page.get_by_role("button", name="Run analysis").click()
    expect(page.locator(".answer")).to_be_visible()
    task = page.url

    open_card(page, "load")
    page.get_by_role("textbox", name="Input length").fill("8k")
    open_card(page, "limits")
    page.get_by_role("textbox", name="TTFT at most").fill("2 s")
    expect(page).to_have_url(re.compile("draft=.*max_ttft_ms"))
    page.reload()
    expect(page.locator("button[data-part=load]")).to_contain_text("8k in → 1k out")
    assert "TTFT ≤ 2,000\u00a0ms" in part(page, "limits")

    # What was asked is the address's again: back and forth, the bar says the same.
    page.goto(task)
    expect(page.locator("button[data-part=load]")).to_contain_text("4k in → 1k out")
    expect(page).not_to_have_url(re.compile("draft="))
    page.go_back()
    expect(page.locator("button[data-part=load]")).to_contain_text("8k in → 1k out")


def test_a_pasted_config_says_what_was_understood(server: RunningServer, page: Page) -> None:
    page.goto(server.base_url)
    open_card(page, "model")
    page.get_by_role("radiogroup", name="Model: preset or JSON").get_by_text("JSON").click()
    page.get_by_role("textbox", name="Model as JSON").fill(json.dumps(CONFIG))
    card = page.get_by_role("region", name="Model", exact=True)
    expect(card.locator(".understood")).to_contain_text("bfloat16")
    expect(page.locator("button[data-part=model]")).to_contain_text("llama")
    page.screenshot(path=ARTIFACTS / "config.png")

    # A dropped file is the same.
    card.get_by_label("JSON file").set_input_files(
        {"name": "config.json", "mimeType": "application/json", "buffer": b'{"model_type": "gpt2"}'}
    )
    expect(page.locator("button[data-part=model]")).to_contain_text("gpt2")


def test_a_refusal_opens_the_card_of_its_field(server: RunningServer, page: Page) -> None:
    page.goto(f'{server.base_url}/?draft={{"inference":{{"input_seq_length":-4}}}}')
    page.get_by_role("button", name="Run analysis").click()
    expect(page.get_by_role("textbox", name="Input length")).to_be_visible()
    expect(page.locator("button[data-part=load]")).to_have_attribute("aria-expanded", "true")


def test_the_bar_works_with_the_keyboard_alone(server: RunningServer, page: Page) -> None:
    page.goto(server.base_url)
    page.locator("button[data-part=limits]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="TTFT at most")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("button[data-part=limits]")).to_be_focused()
    expect(page.get_by_role("textbox", name="TTFT at most")).to_be_hidden()


@pytest.mark.parametrize(
    ("width", "language"), [(390, "zh-CN"), (390, "en-US"), (1440, "zh-CN"), (2560, "zh-CN")]
)
def test_nothing_is_wider_than_the_window(server: RunningServer, width: int, language: str) -> None:
    with chromium_page(language, width=width) as page:
        page.goto(server.base_url)
        for name in ("model", "chips", "load", "limits", "search", "record"):
            open_card(page, name)
            card = page.locator(f"#question-{name}")
            expect(card).to_be_visible()
            box = card.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("language", "run", "price"),
    [
        ("en-US", "Run analysis", "Price per chip and hour"),
        ("zh-CN", "运行分析", "每芯片每小时价格"),
    ],
)
def test_a_chip_without_a_price_is_asked_for_one_where_it_can_be_given(
    server: RunningServer, language: str, run: str, price: str
) -> None:
    draft = {
        "hardware": {"preset": "ascend-910b"},
        "model": {"preset": "llama-3.1-8b"},
        "topology": {"preset": "server-8"},
        "search_constraints": {"objective": "cost"},
    }
    with chromium_page(language) as page:
        page.goto(f"{server.base_url}/?draft={quote(json.dumps(draft))}")
        expect(page.locator("button[data-part=chips]")).to_contain_text("Ascend")
        page.get_by_role("button", name=run).click()
        field = page.get_by_role("textbox", name=price)
        expect(field).to_be_focused()
        expect(page.locator("#question-chips .ant-form-item-explain-error")).to_contain_text(price)
        field.fill("1.2")
        with page.expect_response("**/api/evaluation/submit") as answer:
            page.get_by_role("button", name=run).click()
        asked = answer.value.request.post_data_json
        assert asked is not None
        assert asked["economics"] == {"chip_usd_per_hour": 1.2}
        assert answer.value.ok


def test_a_question_is_saved_and_what_was_changed_since_is_said(
    server: RunningServer, page: Page
) -> None:
    page.goto(server.base_url)
    open_card(page, "limits")
    page.get_by_role("textbox", name="TTFT at most").fill("2 s")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Saved questions").click()
    page.get_by_role("textbox", name="Name of this question").fill("chat on a pod")
    page.keyboard.press("Enter")
    notice = page.get_by_text("Saved as “chat on a pod”")
    expect(notice).to_be_in_viewport(ratio=1)
    expect(page.locator(".departures")).to_have_text("As saved in “chat on a pod”")
    assert "TTFT" in part(page, "limits")

    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".departures")).to_have_count(0)
    page.get_by_role("button", name="Saved questions").click()
    page.get_by_role("button", name="chat on a pod", exact=True).click()
    expect(page.locator("button[data-part=limits]")).to_contain_text("TTFT ≤ 2,000 ms")
    open_card(page, "limits")
    page.get_by_role("textbox", name="TTFT at most").fill("1 s")
    page.get_by_role("button", name="Done").click()
    departures = page.locator(".departures")
    expect(departures).to_contain_text("Other than in “chat on a pod”")
    expect(departures.locator("del")).to_contain_text("TTFT ≤ 2,000 ms")
    page.screenshot(path=ARTIFACTS / "saved-question-en.png", full_page=False)
    page.get_by_role("button", name="Back to the saved one").click()
    expect(page.locator("button[data-part=limits]")).to_contain_text("TTFT ≤ 2,000 ms")

    # Chosen by keys it is said just so, after a reload too.
    page.get_by_role("button", name="Start over").click()
    expect(departures).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.locator("[cmdk-input]")).to_be_focused()
    page.keyboard.type("chat on a pod")
    expect(page.get_by_role("option", selected=True)).to_contain_text("chat on a pod")
    page.keyboard.press("Enter")
    expect(departures).to_have_text("As saved in “chat on a pod”")
    page.reload()
    expect(departures).to_have_text("As saved in “chat on a pod”")

    page.get_by_role("button", name="Saved questions").click()
    page.screenshot(path=ARTIFACTS / "saved-questions-en.png", full_page=False)
    page.get_by_role("button", name="Delete “chat on a pod”").click()
    expect(page.get_by_text("None is saved yet.")).to_be_visible()
