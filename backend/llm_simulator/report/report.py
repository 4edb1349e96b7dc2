"""The report of a result: question, answer, plans, where time and memory go, what it rests on."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from llm_simulator.planner.results.plan import Plan
from llm_simulator.planner.results.plan_names import plan_name
from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.report.bars import memory_bar, time_bar
from llm_simulator.report.html import NOTHING, Html, element, joined, section, table
from llm_simulator.report.question import question
from llm_simulator.schemas.tasks import TaskResults

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
LIMITS = {
    "max_ttft": "TTFT at most {:,g} ms",
    "max_tpot": "TPOT at most {:,g} ms",
    "max_e2e_latency": "end-to-end latency at most {:,g} ms",
    "min_request_rate": "at least {:,g} requests/s",
}


def html_report(
    result: EvaluationResult | TaskResults,
    request: Mapping[str, Any],
    *,
    title: str,
    version: str,
    made: datetime,
    task_id: str | None = None,
) -> str:
    """One HTML document with style and pictures in it and no script; everything is escaped.

    ``request`` is the snapshot that was evaluated: the document has it, to be evaluated again.
    """
    style = files("llm_simulator.report").joinpath("style.css").read_text("utf-8")
    body = joined(
        element("h1", title),
        element("p", question(request), class_="muted"),
        *_notes(result),
        _answer(result),
        section("What would fit", _ways_out(result)),
        section("Ranked plans", _ranking(result)),
        *_best(result),
        section("What was assumed", *_assumed(result)),
        section("Warnings", *(element("p", warning.message) for warning in result.warnings)),
        section("How it was found", *_origin(result, version, made, task_id), _again(request)),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", f"{title} · Tier6"),
        element("style", Html(style)),
    )
    return f"<!doctype html>\n{element('html', head, element('body', body), lang='en')}\n"


def _notes(result: EvaluationResult | TaskResults) -> Iterator[Html]:
    """What of the result is only a part of it."""
    if isinstance(result, TaskResults) and result.partial:
        yield element("p", "The search has not ended: these are the best plans so far.")
    if result.sweep is not None:
        places = ", ".join(
            f"{axis.field} = {axis.labels[place]}"
            for axis, place in zip(result.sweep.axes, result.sweep.best, strict=True)
        )
        yield element("p", f"A sweep: the plans are those of its best point, {places}.")
    if result.candidates is not None:
        yield element("p", "Hypothetical chips: the plans are those of the best one.")


def _answer(result: EvaluationResult | TaskResults) -> Html:
    if not result.top_k_plans:
        nearest = "".join(
            f" Closest: {plan_name(plan)} on {plan.chips} chips {plan.infeasible_reason}."
            for plan in result.infeasible_plans[:1]
        )
        return element("p", f"No plan is feasible.{nearest}", class_="answer")
    best = result.top_k_plans[0]
    sentence = f"{plan_name(best)} on {best.chips:,} chips."
    if result.answer is not None:
        sentence = result.answer.sentence
    kept = [
        f"Keeps {LIMITS[one.code].format(one.limit)} with {_percent(one.probability)}."
        for one in best.limits
    ]
    return element("p", " ".join([sentence, *kept]), class_="answer")


def _ways_out(result: EvaluationResult | TaskResults) -> Html:
    """After which single changes the closest plan fits, each evaluated."""
    if not result.ways_out:
        return NOTHING
    return element("ul", *(element("li", change.sentence) for change in result.ways_out))


def _ranking(result: EvaluationResult | TaskResults) -> Html:
    if not result.top_k_plans:
        return NOTHING
    head = ["#", "Plan", "Chips", "At once", "Tokens/s", "Tokens/s per chip", "TTFT ms", "TPOT ms"]
    head += ["MFU", "MBU", "GB per chip", "USD per million output tokens"]
    caption = "Second line: the interval that holds the measured figure with 80 %."
    return table(caption, head, [_row(plan) for plan in result.top_k_plans], texts=2)


def _row(plan: Plan) -> list[str]:
    cost = plan.economics and plan.economics.usd_per_million_output_tokens
    return [
        str(plan.rank),
        plan_name(plan),
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
        return joined(_figure(value))
    return joined(_figure(value), element("small", f"{_figure(low)} – {_figure(high)}"))


def _figure(value: float) -> str:
    """Three digits, and never fewer than all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _best(result: EvaluationResult | TaskResults) -> Iterator[Html]:
    if not result.top_k_plans:
        return
    plan = result.top_k_plans[0]
    prefill, decode = plan.latency.prefill, plan.latency.decode
    yield section(
        f"Where the time of plan 1 goes: {plan_name(plan)}",
        time_bar("Prefill (TTFT)", prefill, prefill.total_ms),
        time_bar("Decode, one token (TPOT)", decode, decode.total_ms),
    )
    uses = {"Memory of the fullest chip": plan.memory}
    if plan.pools is not None:
        pools = plan.pools
        uses = {"Prefill pool": pools.prefill.memory, "Decode pool": pools.decode.memory}
    yield section("What fills its memory", *(memory_bar(name, use) for name, use in uses.items()))


def _assumed(result: EvaluationResult | TaskResults) -> Iterator[Html]:
    if not result.top_k_plans:
        return
    plan = result.top_k_plans[0]
    if plan.basis is not None:
        yield element("p", plan.basis)
    if plan.economics is not None:
        for reason in plan.economics.missing:
            yield element("p", reason)
        rows = [[one.field, one.source, f"{one.value:,.4g}"] for one in plan.economics.assumptions]
        if rows:
            yield table("Cost and energy rest on", ["Field", "Source", "Value"], rows, texts=2)


def _origin(
    result: EvaluationResult | TaskResults, version: str, made: datetime, task_id: str | None
) -> Iterator[Html]:
    stats = result.search_stats
    if stats is not None:
        yield element(
            "p",
            f"{stats.total_plans:,} plans in {stats.seconds:.2f} s: {stats.feasible_plans:,} "
            f"feasible, {stats.infeasible_plans:,} infeasible, {stats.pruned_plans:,} not "
            "evaluated because a bound rules them out.",
        )
    task = "" if task_id is None else f", task {task_id}"
    yield element("p", f"Tier6 {version}{task}, written {made:%Y-%m-%d %H:%M} UTC.")
    yield element("p", "Figures are predictions of a model; measure before you buy.")


def _again(request: Mapping[str, Any]) -> Html:
    """The request, which makes the same result of the same version."""
    text = json.dumps(request, indent=1, ensure_ascii=False)
    return joined(
        element(
            "p",
            "To make it again, save the request below and run ",
            element("code", "tier6 evaluate --request request.json"),
            ".",
        ),
        element("details", element("summary", "The request"), element("pre", text)),
    )


def _percent(share: float) -> str:
    if 0.995 <= share < 1:
        return "more than 99 %"
    return "less than 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"
