"""``tier6 explain``: why one plan is as fast as it is, and what would make it fit."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from llm_simulator.cli import asked
from llm_simulator.cli.files import writing
from llm_simulator.cli.plan_names import plan_name
from llm_simulator.cli.pools import degrees_in, manual_pools
from llm_simulator.errors import InvalidInput
from llm_simulator.explanations import explain as explained
from llm_simulator.planner.explain.explanation import (
    ExplainedMemory,
    ExplainedPhase,
    Explanation,
    TierTraffic,
)
from llm_simulator.planner.explain.trace import chrome_trace
from llm_simulator.planner.results.plan import BreakEven
from llm_simulator.units import GIGA, MEGA

WIDTH = 120
"""Characters the widest row takes."""
_plan = partial(typer.Option, rich_help_panel="Plan")
_limit = partial(asked.limit, rich_help_panel="Plan")


def explain(
    model: asked.Model = "",
    topology: asked.Topology = "",
    hardware: asked.Hardware = "",
    engine: asked.Engine = None,
    calibration: asked.CalibrationPath = None,
    weight_dtype: asked.WeightDtype = None,
    kv_cache_dtype: asked.KvCacheDtype = None,
    api_price: Annotated[
        str | None,
        asked.deployment(
            metavar="IN,OUT", help="USD a service asks per million input and output tokens: 0.6,2.4"
        ),
    ] = None,
    batch_size: asked.Concurrency = None,
    input_seq_length: asked.InputLength = 1024,
    output_seq_length: asked.OutputLength = 1024,
    max_ttft_ms: Annotated[float | None, _limit(*asked.TTFT_LIMIT, help=asked.TTFT_HELP)] = None,
    max_tpot_ms: Annotated[float | None, _limit(*asked.TPOT_LIMIT, help=asked.TPOT_HELP)] = None,
    max_e2e_latency_ms: Annotated[
        float | None, _limit(*asked.E2E_LIMIT, help=asked.E2E_HELP)
    ] = None,
    plan: Annotated[str | None, _plan(help=asked.PLAN_HELP)] = None,
    prefill_pool: Annotated[str | None, _plan(metavar="POOL", help=asked.PREFILL_HELP)] = None,
    decode_pool: Annotated[str | None, _plan(metavar="POOL", help=asked.DECODE_HELP)] = None,
    request: Annotated[
        Path | None,
        typer.Option(
            help="A request as JSON, in place of deployment and load; it may hold `plan`."
        ),
    ] = None,
    download: asked.Download = False,
    as_json: asked.AsJson = False,
    trace_out: Annotated[
        Path | None,
        asked.output(help="Write the schedules as a Chrome trace; Perfetto opens it."),
    ] = None,
) -> None:
    """Explain one plan: operators, messages, memory, capacity, and what would make it fit."""
    pools = manual_pools(prefill_pool, decode_pool)
    given = {"pools": pools} if pools else None
    if plan is not None:
        if pools:
            raise InvalidInput.at("plan", "stands beside pools: give one of them")
        given = {"parallelism": degrees_in(plan, "plan")}
    if request is not None:
        body = asked.request_in(request)
    else:
        body = {
            **asked.deployment_of(model, topology, hardware, calibration, download=download),
            "economics": _api_prices(api_price) if api_price else None,
            "inference": {
                "engine": engine,
                "batch_size": batch_size,
                "input_seq_length": input_seq_length,
                "output_seq_length": output_seq_length,
                "weight_dtype": weight_dtype,
                "kv_cache_dtype": kv_cache_dtype,
                "max_ttft_ms": max_ttft_ms,
                "max_tpot_ms": max_tpot_ms,
                "max_e2e_latency_ms": max_e2e_latency_ms,
            },
        }
    found = explained(body, given)
    if trace_out is not None:
        with writing(trace_out) as file:
            json.dump(chrome_trace(found), file)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    console = Console()
    console.width = max(console.width, WIDTH)
    print_explanation(found, console)


def _api_prices(text: str) -> dict[str, float]:
    """``0.6,2.4`` as what a service asks.

    >>> _api_prices("0.6, 2.4")["api_usd_per_million_output_tokens"]
    2.4
    """
    try:
        per_input, per_output = (float(price) for price in text.split(","))
    except ValueError as error:
        raise InvalidInput.at("api-price", f"write '0.6,2.4', not '{text}'") from error
    return {
        "api_usd_per_million_input_tokens": per_input,
        "api_usd_per_million_output_tokens": per_output,
    }


def print_explanation(found: Explanation, console: Console) -> None:
    """Prints the explanation as tables and sentences."""
    for warning in found.warnings:
        console.print(f"Note: {warning.message}")
    plan = found.plan
    console.print(
        f"{plan_name(plan)} on {plan.chips} chips, {plan.batch_size} requests in flight: "
        f"{plan.throughput:.0f} tok/s, TTFT {plan.ttft:.1f} ms, TPOT {plan.tpot:.2f} ms",
        highlight=False,
    )
    if not plan.is_feasible:
        console.print(f"Does not fit: {plan.infeasible_reason}", highlight=False)
        for change in found.changes:
            console.print(f"  {change.sentence}", highlight=False)
    for phase in found.phases:
        console.print(_operators(phase))
    if found.traffic.tiers:
        console.print(_links(found.traffic.tiers))
    for memory in found.memory:
        for sentence in _memory(memory):
            console.print(sentence, highlight=False)
    for sentence in _capacity(found):
        console.print(sentence, highlight=False)
    if found.sensitivity is not None:
        limits = found.sensitivity.bottleneck
        for bottleneck in (limits.throughput, limits.ttft, limits.tpot):
            console.print(bottleneck.sentence, highlight=False)


def _table(title: str, left: str, headers: Sequence[str]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        box=None,
        header_style="bold",
        padding=(0, 2, 0, 0),
        pad_edge=False,
    )
    table.add_column(left, no_wrap=True)
    for header in headers:
        table.add_column(header, justify="right", no_wrap=True)
    return table


def _operators(phase: ExplainedPhase) -> Table:
    name = {"prefill": "TTFT", "decode": "TPOT"}[phase.phase]
    headers = ("ms", "%", "by", "GFLOP", "GB", "FLOP/B", "peak %", "bandwidth %", "MB sent")
    table = _table(f"{name}: {phase.total_ms:.2f} ms", "operator", headers)
    for operator in sorted(phase.operators, key=lambda operator: -operator.time_ms):
        table.add_row(
            operator.name,
            f"{operator.time_ms:.3f}",
            f"{100 * operator.time_ms / phase.total_ms:.1f}",
            operator.cause,
            _known("{:.3g}", operator.flops / GIGA),
            _known("{:.3g}", operator.bytes / GIGA),
            _known("{:.1f}", operator.intensity),
            _known("{:.1f}", _percent(operator.compute_reach)),
            _known("{:.1f}", _percent(operator.memory_reach)),
            _known("{:.3g}", operator.wire_bytes / MEGA),
        )
    return table


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _known(form: str, figure: float | None) -> str:
    return form.format(figure) if figure else ""


def _links(tiers: Sequence[TierTraffic]) -> Table:
    table = _table("Links of one chip", "phase", ("tier", "MB", "busy ms", "GB/s reached", "of"))
    for tier in tiers:
        table.add_row(
            tier.phase,
            tier.tier,
            f"{tier.bytes / MEGA:.4g}",
            f"{tier.busy_ms:.3f}",
            f"{tier.reached_bandwidth / GIGA:.0f}",
            f"{tier.bandwidth / GIGA:.0f}",
        )
    return table


def _memory(memory: ExplainedMemory) -> Iterator[str]:
    place = "" if memory.part == "all" else f" of {memory.part}"
    for stage in memory.stages:
        weights = ", ".join(f"{part.name} {part.gb:.2f}" for part in stage.weights)
        yield (
            f"Memory{place}, {stage.stage} stage, GB: weights ({weights}), cache "
            f"{stage.kv_cache_gb:.2f} of {stage.room_gb:.2f}, activations "
            f"{stage.activations_gb:.2f}, runtime {stage.runtime_gb:.2f}"
        )
    yield (
        f"A request of {memory.request_tokens:,} tokens takes {memory.request_gb:.3f} GB of a "
        f"chip, each token more {memory.token_bytes:,.0f} bytes"
    )


def _capacity(found: Explanation) -> Iterator[str]:
    most = found.capacity
    yield (
        f"Room for {_count(most.largest_concurrency)} requests in flight, within all limits "
        f"{_count(most.largest_concurrency_within_limits)}; longest request "
        f"{_count(most.largest_context)} tokens alone, "
        f"{_count(most.largest_context_at_concurrency)} for all in flight"
    )
    economics = found.plan.economics
    if economics is not None and economics.break_even is not None:
        yield _break_even(economics.break_even)


def _count(number: int | None) -> str:
    return "none" if number is None else f"{number:,}"


def _break_even(found: BreakEven) -> str:
    start = f"Own chips cost {found.own_usd_per_day:,.2f} USD a day, as much as a service asks for "
    asked = f"{found.requests_per_day:,.0f} requests"
    if found.share_of_capacity > 1:
        return f"{start}{asked}: more than the plan serves, so the service is cheaper at any use"
    return f"{start}{asked}, {found.hours_at_full_load:.1f} hours at full load"
