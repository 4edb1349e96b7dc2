"""The runs that would settle a choice: in sentences, and as a file to measure."""

import csv
import io

from rich.console import Console
from rich.table import Table

from llm_simulator.cli.plan_names import degrees_name, plan_name
from llm_simulator.planner.results.decision import Decision, RunColumns, SettlingRun
from llm_simulator.planner.results.plan import LimitProbability, Plan
from llm_simulator.planner.results.result import EvaluationResult

_LIMITS = {
    "max_ttft": "TTFT <= {limit:g} ms",
    "max_tpot": "TPOT <= {limit:g} ms",
    "max_e2e_latency": "E2E latency <= {limit:g} ms",
    "min_request_rate": "{limit:g} requests/s",
}
_LATENCIES = ("ttft", "tpot")
MEASURED = tuple(f"{name}_ms" for name in _LATENCIES)
"""Columns that are empty until the runs are measured."""
PREDICTED = {
    f"predicted_{name}{end}_ms": f"{name}{end}"
    for name in _LATENCIES
    for end in ("", "_low", "_high")
}
"""Further columns, named as ``tier6 validate --output`` names them, and the fields they show."""


def runs_csv(decision: Decision) -> str:
    """The runs as ``tier6 calibrate --measurements`` reads them, TTFT and TPOT to be filled in."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [*RunColumns.model_fields, *MEASURED, *PREDICTED])
    writer.writeheader()
    for run in decision.runs:
        predicted = {name: f"{getattr(run, field):.5g}" for name, field in PREDICTED.items()}
        writer.writerow(run.columns.model_dump() | dict.fromkeys(MEASURED, "") | predicted)
    return text.getvalue()


def print_choice(result: EvaluationResult, console: Console) -> None:
    """Prints how sure the first plan is, the robust alternative and the runs that settle it."""
    plans, found = result.top_k_plans, result.decision
    if not plans or found is None:
        return
    parts = [f"keeps {kept}"] if (kept := _kept(plans[0])) else []
    beaten = plans[1].beaten_by_first if len(plans) > 1 else None
    parts += [f"beats plan 2 with {_percent(beaten)}"] if beaten is not None else []
    if parts:
        console.print(f"Plan 1 {'; '.join(parts)}.", highlight=False)
    if found.robust is not None:
        console.print(_alternative(found.robust, plans), highlight=False)
    elif found.first_is_robust:
        console.print("A cautious choice (80 % certainty) would be the same.", highlight=False)
    elif found.first_is_robust is False:
        console.print("No plan keeps the limits with 80 %.", highlight=False)
    if found.runs:
        console.print(
            f"Taking plan 1 unmeasured loses {_percent(found.regret)} of the objective in the mean "
            "(a missed limit counts as nothing). Measure first (--settle FILE writes them):",
            highlight=False,
        )
        console.print(_table(found.runs))


def _kept(plan: Plan) -> str:
    return ", ".join(f"{_limit(kept)} with {_percent(kept.probability)}" for kept in plan.limits)


def _limit(kept: LimitProbability) -> str:
    return _LIMITS[kept.code].format(limit=kept.limit)


def _alternative(robust: Plan, plans: list[Plan]) -> str:
    shown = next((f"plan {p.rank}, " for p in plans if plan_name(p) == plan_name(robust)), "")
    kept = f": {kept}" if (kept := _kept(robust)) else ""
    return (
        f"Robust alternative: {shown}{plan_name(robust)} on {robust.chips} chips at "
        f"{robust.batch_size} requests in flight, {robust.tps_per_chip:.1f} tok/s/chip{kept}."
    )


def _table(runs: list[SettlingRun]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("one engine", no_wrap=True)
    for header in ("chips", "in flight", "TTFT ms (80 %)", "TPOT ms (80 %)", "left to lose"):
        table.add_column(header, justify="right", no_wrap=True)
    for run in runs:
        table.add_row(
            degrees_name(run.parallelism),
            str(run.chips),
            str(run.columns.concurrency),
            f"{run.ttft:.0f} ({run.ttft_low:.0f}-{run.ttft_high:.0f})",
            f"{run.tpot:.1f} ({run.tpot_low:.1f}-{run.tpot_high:.1f})",
            _percent(run.regret),
        )
    return table


def _percent(share: float) -> str:
    """A probability in whole percent; never 0 or 100 where it is neither."""
    if 0 < share < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"
