"""The report of a result: complete, self-contained, and never the markup of its users."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.evaluate import parse_request
from llm_simulator.planner.results.plan_names import plan_name
from llm_simulator.planner.specs.warning import CODES, EvaluationWarning
from llm_simulator.report import Language, html_report
from llm_simulator.report.chinese import TOLD
from tests.service.submissions import quick

HOSTILE = """<script>alert("1")</script>"'><img src=x onerror=alert(2)>"""
VOID = {"meta", "rect"}
HEADINGS = {"h2", "th", "caption", "figcaption", "summary"}
FOREIGN = {"style", "code", "pre"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
"""A sentence of the service, told as it is."""


class Document(HTMLParser):
    """Elements, and the text of each kind of them; fails where one isn't closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.headings: list[str] = []
        self.translated = ""
        """The text outside of what says that it is English, of code and of the request."""
        self._open: list[str] = []
        self._foreign: list[bool] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)
        self._foreign.append(dict(attrs).get("lang") == "en" or tag in FOREIGN)
        if tag in HEADINGS:
            self.headings.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        self._foreign.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open and self._open[-1] in HEADINGS:
            self.headings[-1] += data
        if not any(self._foreign):
            self.translated += data

    def names(self) -> set[str]:
        return {name for name, _ in self.elements}


def document(
    title: str = "A result", language: Language = Language.ENGLISH, **changes: object
) -> tuple[Document, str]:
    body = {name: value for name, value in quick().items() if name != "experiment_name"} | changes
    text = html_report(
        evaluate_request(body),
        parse_request(body, builtin_catalogue()).snapshot(),
        title=title,
        language=language,
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


INFEASIBLE: dict[str, object] = {
    "model": "llama-3.1-405b",
    "inference": {"batch_size": 4096, "input_seq_length": 8192, "output_seq_length": 8192},
}
ASKED: list[dict[str, object]] = [
    {"search_constraints": {"max_tpot_ms": 30, "max_ttft_ms": 900, "min_request_rate": 2}},
    {"search_constraints": {"serving": "both", "objective": "cost"}},
    {"sweep": ["inference.input_seq_length=512, 2048"]},
    {"hardware": "h100-sxm", "inference": {**quick()["inference"], "engine": "vllm"}},
    INFEASIBLE,
]


@pytest.mark.parametrize("changes", ASKED)
def test_in_chinese_nothing_is_english_but_what_says_so(changes: dict[str, object]) -> None:
    found, text = document("一个结果", Language.CHINESE, **changes)
    assert '<html lang="zh-CN">' in text
    same = {"TTFT ms", "TPOT ms", "MFU", "MBU"}
    assert [one for one in found.headings if not CHINESE.search(one) and one not in same] == []
    assert len(found.headings) == len(document("A result", Language.ENGLISH, **changes)[0].headings)
    assert ENGLISH.findall(found.translated) == []
    assert "{" not in found.translated


def test_in_chinese_it_tells_the_same_figures() -> None:
    changes = {"search_constraints": {"max_tpot_ms": 30}}
    result = evaluate_request(
        {k: v for k, v in quick().items() if k != "experiment_name"} | changes
    )
    best = result.top_k_plans[0]
    found, _ = document("一个结果", Language.CHINESE, **changes)
    assert (
        "llama-3.1-8b 部署在 h200-sxm；8 颗芯片的集群（server-8）；输入 1,024 token" in found.text
    )
    assert f"吞吐 {best.throughput:,.0f} tokens/s，TTFT {best.ttft:,.0f} ms" in found.text
    assert "满足 TPOT ≤ 30 ms 的概率为" in found.text
    assert "预测依据：理论推算。" in found.text
    for plan in result.top_k_plans:
        assert plan_name(plan, "TP1") in found.text


def test_in_chinese_what_does_not_fit_says_by_how_much() -> None:
    found, _ = document("一个结果", Language.CHINESE, **INFEASIBLE)
    assert re.search(r"没有可行的方案。最接近的是 .+每颗芯片需要 [\d.,]+ GB，比可用的", found.text)


def test_in_chinese_ways_out_say_how_they_are_judged() -> None:
    body = {name: value for name, value in quick().items() if name != "experiment_name"}
    body |= {"search_constraints": {"max_tpot_ms": 0.01}}
    result = evaluate_request(body)
    assert result.ways_out
    changed = result.ways_out[0].model_copy(update={"calibration_of": "bf16"})
    request = parse_request(body, builtin_catalogue()).snapshot()
    for percentile, is_said in ((None, False), ("p99", True)):
        asked = request["search_constraints"] | {"limit_percentile": percentile}
        text = html_report(
            result.model_copy(update={"ways_out": [changed]}),
            request | {"search_constraints": asked},
            language=Language.CHINESE,
            version="1.2.3",
            made=datetime(2026, 11, 28, 12, 0, tzinfo=UTC),
        )
        assert "，沿用给定的 bf16 校准" in text
        assert ("按平均值而非所要求的百分位判断" in text) is is_said


def test_a_warning_without_chinese_words_is_told_in_english_under_a_chinese_heading() -> None:
    body = {name: value for name, value in quick().items() if name != "experiment_name"}
    known = EvaluationWarning.of(
        "engine_lacks_model", "x", engine="vLLM", model="m", architecture="A"
    )
    unknown = EvaluationWarning.model_validate("Mind the gap.")
    result = evaluate_request(body).model_copy(update={"warnings": [unknown, known]})
    text = html_report(
        result,
        parse_request(body, builtin_catalogue()).snapshot(),
        version="1.2.3",
        made=datetime(2026, 11, 28, 12, 0, tzinfo=UTC),
        language=Language.CHINESE,
    )
    found = Document(text)
    assert "值得注意" in found.headings
    assert "vLLM 没有 m 的架构（A）的代码" in found.translated
    assert '以下说明只有英文：</p><p lang="en">Mind the gap.</p>' in text


def test_every_warning_with_a_code_has_chinese_words() -> None:
    assert set(TOLD["warning"]) == set(CODES) - {"other"}
