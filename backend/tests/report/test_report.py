"""The report of a result: complete, self-contained, and never the markup of its users."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.evaluate import parse_request
from llm_simulator.planner.results.plan_names import plan_name
from llm_simulator.report import html_report
from tests.service.submissions import quick

HOSTILE = """<script>alert("1")</script>"'><img src=x onerror=alert(2)>"""
VOID = {"meta", "rect"}


class Document(HTMLParser):
    """Elements, and the text of each kind of them; fails where one isn't closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def names(self) -> set[str]:
        return {name for name, _ in self.elements}


def document(title: str = "A result", **changes: object) -> tuple[Document, str]:
    body = {name: value for name, value in quick().items() if name != "experiment_name"} | changes
    text = html_report(
        evaluate_request(body),
        parse_request(body, builtin_catalogue()).snapshot(),
        title=title,
        version="1.2.3",
        made=datetime(2026, 11, 28, 12, 0, tzinfo=UTC),
    )
    return Document(text), text


def test_it_has_question_answer_plans_pictures_and_what_they_rest_on() -> None:
    result = evaluate_request({k: v for k, v in quick().items() if k != "experiment_name"})
    found, _ = document()
    assert "llama-3.1-8b on h200-sxm; a cluster of 8 (server-8); 1,024 tokens in" in found.text
    assert result.answer is not None
    assert result.answer.sentence in found.text
    for plan in result.top_k_plans:
        assert plan_name(plan) in found.text
    best = result.top_k_plans[0]
    assert best.basis is not None
    assert best.basis in found.text
    assert best.economics is not None
    for assumption in best.economics.assumptions:
        assert assumption.field in found.text
        assert assumption.source in found.text
    assert [name for name, _ in found.elements].count("svg") == 3
    assert "Tier6 1.2.3" in found.text
    assert "2026-11-28 12:00 UTC" in found.text


def test_bars_are_as_long_as_their_parts() -> None:
    result = evaluate_request({k: v for k, v in quick().items() if k != "experiment_name"})
    phase = result.top_k_plans[0].latency.prefill
    found, _ = document()
    widths = [
        float(given["width"] or 0)
        for name, given in found.elements
        if name == "rect" and given.get("class") == "overhead"
    ]
    assert widths[0] == pytest.approx(1000 * phase.overhead_ms / phase.total_ms, abs=0.1)


def test_nothing_is_fetched_and_no_script_runs() -> None:
    found, text = document()
    assert not found.names() & {"script", "link", "img", "iframe", "object"}
    assert not any(key.startswith("on") for _, given in found.elements for key in given)
    assert not re.search(r"url\(|@import|https?://[^ ]*\.(?:js|css|woff)", text)
    assert not any("href" in given or "src" in given for _, given in found.elements)


def test_a_hostile_name_stays_text() -> None:
    model = {"name": "x", "hidden_size": 4096, "num_hidden_layers": 4, "vocab_size": 1000}
    model |= {
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 8192,
    }
    found, text = document(HOSTILE, model=model, economics={"sources": {"pue": HOSTILE}})
    assert "<script" not in text
    assert "<img" not in text
    assert found.text.count(HOSTILE) >= 2
    assert not found.names() & {"script", "img"}


def test_without_a_feasible_plan_it_says_what_comes_closest() -> None:
    found, _ = document(
        model="llama-3.1-405b",
        inference={"batch_size": 4096, "input_seq_length": 8192, "output_seq_length": 8192},
    )
    assert "No plan is feasible. Closest:" in found.text
    assert "Ranked plans" not in found.text


def test_a_sweep_says_at_which_point_its_plans_are() -> None:
    found, _ = document(sweep=["inference.input_seq_length=512, 2048"])
    assert "its best point, inference.input_seq_length = 512" in found.text


def test_both_pools_have_their_memory() -> None:
    found, _ = document(search_constraints={"serving": "disaggregated"})
    assert "Prefill pool:" in found.text
    assert "Decode pool:" in found.text
