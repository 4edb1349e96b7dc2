"""The report of a result: question, answer, plans, where time and memory go, what it rests on."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from llm_simulator.planner.results.plan import Plan
from llm_simulator.planner.results.plan_names import plan_name
from llm_simulator.report.bars import memory_bar, time_bar
from llm_simulator.report.html import NOTHING, Html, element, joined, section, table
from llm_simulator.report.languages import WORDS
from llm_simulator.report.question import model_on_chip, question
from llm_simulator.report.words import Language, Result, Words, figure, limit_in
from llm_simulator.schemas.tasks import TaskResults

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_report(
    result: Result,
    request: Mapping[str, Any],
    *,
    version: str,
    made: datetime,
    title: str = "",
    task_id: str | None = None,
    language: Language = Language.ENGLISH,
) -> str:
    """One HTML document with style and pictures in it and no script; everything is escaped.

    ``request`` is the snapshot that was evaluated: the document has it, to be evaluated again.
    Without a ``title`` it is called by its model and chips. In Chinese, sentences of the service
    that there are only in English are marked as such.
    """
    words = WORDS[language]
    title = title or model_on_chip(request, words)
    style = files("llm_simulator.report").joinpath("style.css").read_text("utf-8")
    body = joined(
        element("h1", title),
        element("p", question(request, words), class_="muted"),
        *_notes(result, words),
        _answer(result, words),
        section(words.ways_out, _ways_out(result, request, words)),
        section(words.plans, _ranking(result, words)),
        *_best(result, words),
        section(words.assumed, *_assumed(result, words)),
        section(words.warnings, *_warnings(result, words)),
        section(
            words.origin, *_origin(result, version, made, task_id, words), _again(request, words)
        ),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", f"{title} · Tier6"),
        element("style", Html(style)),
    )
    return f"<!doctype html>\n{element('html', head, element('body', body), lang=words.tag)}\n"


def _notes(result: Result, words: Words) -> Iterator[Html]:
    """What of the result is only a part of it."""
    if isinstance(result, TaskResults) and result.partial:
        yield element("p", words.unfinished)
    if result.sweep is not None:
        places = ", ".join(
            f"{axis.field} = {axis.labels[place]}"
            for axis, place in zip(result.sweep.axes, result.sweep.best, strict=True)
        )
        yield element("p", words.sweep.format(places=places))
    if result.candidates is not None:
        yield element("p", words.hypothetical)


def _answer(result: Result, words: Words) -> Html:
    if not result.top_k_plans:
        nearest = [
            words.closest.format(
                plan=plan_name(plan, words.one_chip), chips=plan.chips, reason=words.reason(plan)
            )
            for plan in result.infeasible_plans[:1]
        ]
        return element("p", words.space.join([words.no_plan, *nearest]), class_="answer")
    best = result.top_k_plans[0]
    kept = [
        words.kept.format(
            limit=limit_in(words, one.code, one.limit),
            probability=_percent(one.probability, words),
        )
        for one in best.limits
    ]
    return element("p", words.space.join([words.answer(result, best), *kept]), class_="answer")


def _ways_out(result: Result, request: Mapping[str, Any], words: Words) -> Html:
    """After which single changes the closest plan fits, each evaluated."""
    if not result.ways_out:
        return NOTHING
    ways = element("ul", *(element("li", words.way_out(change)) for change in result.ways_out))
    asked_for = request.get("search_constraints") or {}
    if asked_for.get("limit_percentile") is None or not words.ways_in_the_mean:
        return ways
    return joined(element("p", words.ways_in_the_mean, class_="muted"), ways)


def _ranking(result: Result, words: Words) -> Html:
    if not result.top_k_plans:
        return NOTHING
    rows = [_row(plan, words) for plan in result.top_k_plans]
    return table(words.intervals, list(words.columns), rows, texts=2)


def _row(plan: Plan, words: Words) -> list[str]:
    cost = plan.economics and plan.economics.usd_per_million_output_tokens
    return [
        str(plan.rank),
        plan_name(plan, words.one_chip),
        f"{plan.chips:,}",
        "" if plan.batch_size is None else f"{plan.batch_size:,}",
        _estimate(plan.throughput, plan.throughput_low, plan.throughput_high),
        f"{plan.tps_per_chip:,.4g}",
        _estimate(plan.ttft, plan.ttft_low, plan.ttft_high),
        _estimate(plan.tpot, plan.tpot_low, plan.tpot_high),
        f"{100 * plan.mfu:.1f} %",
        f"{100 * plan.mbu:.1f} %",
        f"{plan.memory.total_gb:,.1f}",
        "" if cost is None else f"{cost:,.3g}",
    ]


def _estimate(value: float, low: float | None, high: float | None) -> Html:
    if low is None or high is None:
        return joined(figure(value))
    return joined(figure(value), element("small", f"{figure(low)} – {figure(high)}"))


def _best(result: Result, words: Words) -> Iterator[Html]:
    if not result.top_k_plans:
        return
    plan = result.top_k_plans[0]
    prefill, decode = plan.latency.prefill, plan.latency.decode
    yield section(
        words.time.format(plan=plan_name(plan, words.one_chip)),
        time_bar(words.prefill, prefill, prefill.total_ms, words),
        time_bar(words.decode, decode, decode.total_ms, words),
    )
    uses = {words.fullest_chip: plan.memory}
    if plan.pools is not None:
        pools = plan.pools
        uses = {
            words.prefill_pool: pools.prefill.memory,
            words.decode_pool: pools.decode.memory,
        }
    bars = (memory_bar(name, use, words) for name, use in uses.items())
    yield section(words.memory, *bars)


def _assumed(result: Result, words: Words) -> Iterator[Html]:
    if not result.top_k_plans:
        return
    plan = result.top_k_plans[0]
    if told := words.basis(plan):
        yield element("p", told)
    missing = [] if plan.economics is None else plan.economics.missing
    yield from _in_english([*([plan.basis] if plan.basis else []), *missing], words)
    if plan.economics is not None:
        rows = [
            [one.field, element("span", one.source, lang="en"), f"{one.value:,.4g}"]
            for one in plan.economics.assumptions
        ]
        if rows:
            yield table(words.costs, list(words.cost_columns), rows, texts=2)


def _warnings(result: Result, words: Words) -> Iterator[Html]:
    """Last those that there are no words for in the report's language."""
    told = [(warning, words.warning(warning)) for warning in result.warnings]
    for _, sentence in told:
        if sentence is not None:
            yield element("p", sentence)
    yield from _in_english([one.message for one, sentence in told if sentence is None], words)


def _in_english(sentences: list[str], words: Words) -> Iterator[Html]:
    """Sentences that there are only in English; a report in another language says so."""
    if sentences and words.in_english:
        yield element("p", words.in_english, class_="muted")
    for sentence in sentences:
        yield element("p", sentence, lang="en")


def _origin(
    result: Result, version: str, made: datetime, task_id: str | None, words: Words
) -> Iterator[Html]:
    stats = result.search_stats
    if stats is not None:
        counted = words.searched.format(
            total=f"{stats.total_plans:,}",
            seconds=f"{stats.seconds:.2f}",
            feasible=f"{stats.feasible_plans:,}",
            infeasible=f"{stats.infeasible_plans:,}",
            pruned=f"{stats.pruned_plans:,}",
        )
        yield element("p", counted)
    task = "" if task_id is None else words.task.format(task=task_id)
    written = words.written.format(version=version, task=task, made=f"{made:%Y-%m-%d %H:%M}")
    yield element("p", written)
    yield element("p", words.predictions)


def _again(request: Mapping[str, Any], words: Words) -> Html:
    """The request, which makes the same result of the same version."""
    text = json.dumps(request, indent=1, ensure_ascii=False)
    before, behind = words.again
    command = element("code", "tier6 evaluate --request request.json")
    return joined(
        element("p", before, command, behind),
        element("details", element("summary", words.request), element("pre", text)),
    )


def _percent(share: float, words: Words) -> str:
    if 0.995 <= share < 1:
        return words.almost_sure
    return words.almost_never if 0 < share < 0.005 else f"{100 * share:.0f} %"
