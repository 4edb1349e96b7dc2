"""A result as tables in a terminal."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from llm_simulator.cli.plan_names import engine_initials, plan_name
from llm_simulator.cli.settle import print_choice
from llm_simulator.planner.plans.engine_rules import ENGINE_NAMES
from llm_simulator.planner.results.plan import (
    CacheSpace,
    Economics,
    PhaseLatency,
    Plan,
    Sensitivity,
    Simulated,
)
from llm_simulator.planner.results.result import EvaluationResult, SearchStats

REPORT_WIDTH = 113
"""Characters the widest row takes."""

FOLDED = "+N: as many more with other replica counts; --unfolded shows them."

SHOWN_EFFECT = 0.005
"""Percent below which an effect is rounded away."""


def print_report(result: EvaluationResult, console: Console) -> None:
    """Prints ranked plans, the winner's breakdown and what did not fit."""
    for warning in result.warnings:
        console.print(f"Note: {warning.message}")
    plans = result.top_k_plans
    if plans:
        console.print(_ranking(plans))
        if any(plan.folded for plan in plans):
            console.print(FOLDED, highlight=False)
        if result.answer is not None:
            console.print(result.answer.sentence, highlight=False)
        print_choice(result, console)
        _print_winner(plans[0], console)
    else:
        console.print("No feasible plan. Closest to fitting:")
        for plan in result.infeasible_plans[:5]:
            console.print(f"  {plan_name(plan)} on {plan.chips} chips {plan.infeasible_reason}")
    _print_stats(result.search_stats, console)


def _print_stats(stats: SearchStats, console: Console) -> None:
    """How many plans were tried, and which combinations of degrees are none, by rule and engine."""
    plans = "1 plan" if stats.total_plans == 1 else f"{stats.total_plans} plans"
    console.print(
        f"{plans} in {stats.seconds:.2f} s: {stats.feasible_plans} feasible, "
        f"{stats.infeasible_plans} infeasible{_by_reason(stats.infeasible_reasons)}"
    )
    if stats.illegal_plans:
        rules = _by_reason(stats.illegal_reasons)
        console.print(f"Combinations of degrees that are no plans: {stats.illegal_plans}{rules}")
    for engine, refused in stats.refused_by_engine.items():
        if refused:
            number = f"{sum(refused.values())}{_by_reason(refused)}"
            console.print(f"{ENGINE_NAMES[engine]} does not start {number} that the model allows")


def _by_reason(counts: Mapping[str, int]) -> str:
    """Counts in brackets: `` (memory 481, max_tpot 3)``."""
    named = ", ".join(f"{code} {count}" for code, count in counts.items())
    return f" ({named})" if named else ""


def _ranking(plans: list[Plan]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0), pad_edge=False)
    # Names of pools take the room of the engines, which are told of the first plan anyway.
    one_pool = all(plan.pools is None for plan in plans)
    for header in ("#", "plan", "engines") if one_pool else ("#", "plan"):
        table.add_column(header, no_wrap=True)
    for header in (
        "chips",
        "at once",
        "tok/s",
        "tok/s/chip",
        "TTFT ms",
        "TPOT ms",
        "MFU %",
        "MBU %",
        "GB",
    ):
        table.add_column(header, justify="right", no_wrap=True)
    for plan in plans:
        table.add_row(
            str(plan.rank),
            plan_name(plan) + (f" +{plan.folded}" if plan.folded else ""),
            *([engine_initials(plan.engines)] if one_pool else []),
            str(plan.chips),
            "" if plan.batch_size is None else str(plan.batch_size),
            f"{plan.throughput:.0f}",
            f"{plan.tps_per_chip:.1f}",
            f"{plan.ttft:.1f}",
            f"{plan.tpot:.2f}",
            f"{100 * plan.mfu:.1f}",
            f"{100 * plan.mbu:.1f}",
            f"{plan.memory.total_gb:.1f}",
        )
    return table


def _print_winner(plan: Plan, console: Console) -> None:
    _print_certainty(plan, console)
    _print_engines(plan, console)
    for title, phase in (("TTFT", plan.latency.prefill), ("TPOT", plan.latency.decode)):
        console.print(f"{title} of plan 1: {_kinds(phase)}")
    uses = {"": plan.memory}
    pools = plan.pools
    if pools is not None:
        uses = {" in prefill": pools.prefill.memory, " in decode": pools.decode.memory}
    for place, use in uses.items():
        parts = ", ".join(f"{part.name} {part.gb:.1f}" for part in use.parts)
        console.print(f"Memory of plan 1{place} in GB: {parts}")
        if use.cache is not None:
            console.print(_cache_space(use.cache, place), highlight=False)
    if plan.simulated is not None:
        _print_simulated(plan.simulated, console)
    if plan.economics is not None:
        _print_economics(plan.economics, console)
    if plan.sensitivity is not None:
        _print_sensitivity(plan.sensitivity, console)


def _print_engines(plan: Plan, console: Console) -> None:
    if plan.engines is not None:
        names = ", ".join(ENGINE_NAMES[engine] for engine in plan.engines)
        console.print(f"Engines that start plan 1: {names or 'none that is known'}")
    for refusal in plan.refused_by:
        reason = f"{refusal.field} {refusal.reason}"
        console.print(f"{ENGINE_NAMES[refusal.engine]} doesn't: {reason}", highlight=False)


def _cache_space(cache: CacheSpace, place: str) -> str:
    """What engines log of their cache when they start."""
    return (
        f"KV cache of each rank of plan 1{place}: {cache.tokens:,} tokens in {cache.gb:.1f} GB per "
        f"chip, {cache.concurrency:.2f} requests of {cache.request_tokens:,} tokens at once, one "
        f"of {cache.largest_context:,} at most"
    )


def _print_economics(found: Economics, console: Console) -> None:
    figures = (
        ("{:.2f} USD per hour", found.usd_per_hour),
        ("{:.3g} USD per million output tokens", found.usd_per_million_output_tokens),
        ("{:.3g} USD per million of all tokens", found.usd_per_million_tokens),
        ("{:.0f} W", found.watts),
        ("{:.0f} W per chip without host and cooling", found.chip_watts),
        ("{:.3g} J per output token", found.joules_per_token),
    )
    known = [words.format(value) for words, value in figures if value is not None]
    sentences = ", ".join(known), *found.missing
    console.print(f"Plan 1 at full load: {'; '.join(filter(None, sentences))}", highlight=False)
    if known:
        rests_on = ", ".join(f"{a.field} {a.value:g}" for a in found.assumptions)
        console.print(f"That rests on {rests_on}; sources: --json", highlight=False)


def _print_sensitivity(found: Sensitivity, console: Console) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("1 % more of", no_wrap=True)
    for header in ("tok/s %", "TTFT %", "TPOT %"):
        table.add_column(header, justify="right", no_wrap=True)
    for effect in found.effects:
        changes = (effect.throughput, effect.ttft, effect.tpot)
        if max(map(abs, changes)) >= SHOWN_EFFECT:
            table.add_row(effect.figure, *(f"{change:+.2f}" for change in changes))
    console.print(table)
    limits = found.bottleneck
    for bottleneck in (limits.throughput, limits.ttft, limits.tpot):
        console.print(bottleneck.sentence, highlight=False)
    memory = found.memory
    console.print(
        f"Memory of plan 1 has room for {memory.max_batch_size} requests in flight: "
        f"{memory.headroom_gb:.1f} of {memory.usable_gb:.1f} GB per chip are left",
        highlight=False,
    )


def _print_certainty(plan: Plan, console: Console) -> None:
    console.print(
        f"80 % intervals of plan 1: TTFT {plan.ttft_low:.1f} to {plan.ttft_high:.1f} ms, "
        f"TPOT {plan.tpot_low:.2f} to {plan.tpot_high:.2f} ms, "
        f"{plan.throughput_low:.0f} to {plan.throughput_high:.0f} tok/s. {plan.basis}",
        markup=False,
        highlight=False,
    )


def _print_simulated(figures: Simulated, console: Console) -> None:
    latencies = {
        "TTFT": figures.ttft,
        "TPOT": figures.tpot,
        "end to end": figures.end_to_end,
    }
    for name, latency in latencies.items():
        if latency is not None:
            console.print(
                f"{name} of plan 1, simulated: mean {latency.mean_ms:.1f} ms, p50 "
                f"{latency.p50_ms:.1f}, p90 {latency.p90_ms:.1f}, p99 {latency.p99_ms:.1f}"
            )
    console.print(
        f"Of {figures.requests} simulated requests {100 * figures.share_within_limits:.1f} % "
        f"keep the limits: {figures.goodput:.2f} of {figures.request_rate:.2f} per second; "
        f"{figures.rejected} do not fit into the cache"
    )


def _kinds(phase: PhaseLatency) -> str:
    kinds = {
        "compute": phase.compute_ms,
        "memory": phase.memory_ms,
        "communication": phase.communication_ms,
        "overhead": phase.overhead_ms,
        "waiting": phase.waiting_ms,
    }
    return ", ".join(f"{name} {value:.2f} ms" for name, value in kinds.items() if value > 0)
