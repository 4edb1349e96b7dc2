"""The result of hypothetical chips, put together from what chunks of speeds found."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.table import DEGREES
from llm_simulator.planner.requests.candidates import FIGURES, Figures
from llm_simulator.planner.requests.candidates_request import CandidatesRequest
from llm_simulator.planner.results.candidates_table import (
    CandidateFigure,
    CandidateRow,
    CandidatesTable,
    FigureWorth,
)
from llm_simulator.planner.results.plan import Parallelism
from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.planner.results.search_result import search_result, stats_of
from llm_simulator.planner.search.candidate_rows import (
    ROW,
    Rows,
    best_row,
    front_rows,
    tokens_per_chip,
    usd_per_token,
)
from llm_simulator.planner.search.candidates import (
    CandidateSearch,
    CandidatesOutcome,
    candidate_search,
)
from llm_simulator.planner.search.outcome import Counts
from llm_simulator.planner.search.prepared import prepare
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.units import MEGA, MILLI, SECONDS_PER_HOUR, Array

MOST_SHOWN = 1_000
"""Rows of a table: some hundred kilobytes of JSON."""
_WORDS: dict[CandidateFigure, str] = {
    "memory_bandwidth": "memory bandwidth",
    "peak_flops": "FLOP/s",
    "link_bandwidth": "link bandwidth",
    "memory_capacity": "memory capacity",
    "price": "price",
}


def candidates_result(
    request: CandidatesRequest, outcomes: Sequence[CandidatesOutcome]
) -> EvaluationResult:
    """The result of the best candidate's search with the table of all, whatever the chunks' order.

    While chunks are missing, the table has the candidates that are done.
    """
    search = candidate_search(request)
    rows = np.concatenate([outcome.table for outcome in outcomes])
    rows = rows[np.argsort(rows["number"], kind="stable")]
    asked, extras = rows[rows["number"] < search.size], rows[rows["number"] >= search.size]
    table = _table(search, asked, extras, sum(outcome.feasible for outcome in outcomes))
    lead = best_row(asked)
    on = request.figures if lead is None else Figures(*(float(lead[name]) for name in FIGURES))
    prepared = prepare(request.request(on))
    result = search_result(prepared, [prepared.evaluated(c) for c in prepared.layout.chunks])
    counts = sum((outcome.running for outcome in outcomes), Counts())
    return result.model_copy(
        update={
            "search_stats": stats_of(counts, counts.evaluated),
            "warnings": [*result.warnings, _uncalibrated(request.base.deployment)],
            "candidates": table,
        }
    )


def _uncalibrated(deployed: Deployment) -> EvaluationWarning:
    """What hypothetical chips are calibrated with, and what that means."""
    basis = deployed.calibration.basis
    return EvaluationWarning.of(
        "hypothetical_chips",
        "Hypothetical chips have no runs of their own: all are computed with what is in force for "
        "{chip} ({basis}), its power and its latencies. That takes for granted that kernels reach "
        "the same shares of the new peaks; intervals are those of {chip} and don't contain how far "
        "a new chip is from that.",
        chip=deployed.chip.name,
        basis=basis.rstrip("."),
        provenance=deployed.calibration.provenance,
    )


def _table(search: CandidateSearch, rows: Rows, extras: Rows, feasible: int) -> CandidatesTable:
    problem = search.problem
    base = extras[extras["number"] == search.size]
    front = rows[front_rows(problem, rows)]["number"]
    best = best_row(rows)
    usd = np.where(rows["feasible"], usd_per_token(problem, rows), np.nan)
    cheapest = None if np.isnan(usd).all() else int(rows["number"][np.nanargmin(usd)])
    has_price = not math.isnan(search.request.figures.price)
    lead = None if best is None else int(best["number"])
    marked = [*front.tolist(), *(n for n in (lead, cheapest) if n is not None)]
    leads = _leads(problem.deployment, usd, tokens_per_chip(problem, rows))
    shown = _shown(rows, marked, search.size)
    shown_rows = _records(search, rows[shown], base, leads[shown])
    worth = _worth(search, extras)
    return CandidatesTable(
        figures=[
            n
            for n, known in zip(_WORDS, search.request.candidates.values, strict=True)
            if len(known) > 1
        ],
        total=search.size,
        feasible=feasible,
        rows=shown_rows,
        base=next(iter(_records(search, base, base, np.full(len(base), np.nan))), None),
        best=lead,
        cheapest=cheapest,
        front=front.tolist(),
        front_by=["tps_per_chip", "usd_per_million_output_tokens" if has_price else "tpot"],
        worth=worth,
        worth_sentence=_sentence(worth),
    )


def _shown(rows: Rows, marked: Sequence[int], size: int) -> NDArray[np.bool_]:
    """Which rows a table has: the marked ones, of the others as many as there is room for."""
    every = -(-size // MOST_SHOWN)
    return np.asarray((rows["number"] % every == 0) | np.isin(rows["number"], marked))


def _overhead(deployed: Deployment) -> float:
    return 0.0 if deployed.economics is None else deployed.economics.hourly_overhead


def _leads(deployed: Deployment, usd: Array, per_chip: Array) -> Array:
    """USD per chip-hour below which each candidate's tokens are the cheapest of all."""
    known = np.where(np.isnan(usd), np.inf, usd)
    if len(known) < 2:
        return np.full(len(known), np.nan)
    lowest, second = np.partition(known, 1)[:2]
    first = int(np.argmin(known))
    others = np.where(np.arange(len(known)) == first, second, lowest)
    return _price_at(others, per_chip, deployed)


def _price_at(usd_per_output_token: Array | float, per_chip: Array, deployed: Deployment) -> Array:
    """USD per chip-hour at which an output token costs so much.

    What a site asks per hour comes on top of a price, and is in both.
    """
    price = np.asarray(usd_per_output_token * per_chip * SECONDS_PER_HOUR)
    return np.where(np.isfinite(price) & (price > _overhead(deployed)), price, np.nan)


def _records(search: CandidateSearch, rows: Rows, base: Rows, leads: Array) -> list[CandidateRow]:
    problem = search.problem
    output = problem.deployment.workload.output_seq_length
    per_chip, usd = tokens_per_chip(problem, rows), usd_per_token(problem, rows)
    on_base = float(usd_per_token(problem, base)[0]) if len(base) else math.nan
    wins = _price_at(on_base, per_chip, problem.deployment)
    names = search.request.candidates.names
    figures = (*zip(per_chip.tolist(), usd.tolist(), wins.tolist(), leads.tolist(), strict=True),)
    return [
        _record(_named(names, row), row, output, *found)
        for row, found in zip(rows, figures, strict=True)
    ]


def _named(names: Sequence[str], row: Any) -> str | None:
    number = int(row["number"])
    return names[number] if number < len(names) else None


def _record(
    name: str | None,
    row: Any,
    output: int,
    per_chip: float,
    usd: float,
    wins: float,
    leads: float,
) -> CandidateRow:
    found = bool(row["feasible"])
    plan: dict[str, Any] = {}
    if found:
        plan = {
            "parallelism": Parallelism(**{degree: int(row[degree]) for degree in DEGREES}),
            "chips": int(row["chips"]),
            "batch_size": int(row["batch_size"]),
            "score": float(row["score"]),
            "throughput": float(row["request_rate"]) * output,
            "tps_per_chip": per_chip,
            "ttft": float(row["ttft"]) / MILLI,
            "tpot": float(row["tpot"]) / MILLI,
            "usd_per_million_output_tokens": _known(usd * MEGA),
            "wins_below": _known(wins),
            "leads_below": _known(leads),
        }
    return CandidateRow(
        number=int(row["number"]),
        name=name,
        memory_bandwidth=float(row["memory_bandwidth"]),
        peak_flops=float(row["peak_flops"]),
        link_bandwidth=_known(float(row["link_bandwidth"])),
        memory_capacity=float(row["memory_capacity"]),
        usd_per_chip_hour=_known(float(row["usd_per_chip_hour"])),
        feasible=found,
        reason_code=None if found else "limits" if row["fits"] else "memory",
        **plan,
    )


def _known(figure: float) -> float | None:
    return None if math.isnan(figure) else figure


def _worth(search: CandidateSearch, extras: Rows) -> list[FigureWorth]:
    """What each figure of the base chip is worth, most first."""
    if len(extras) < len(search.extras):
        return []
    scores = np.where(extras["feasible"], extras["score"], np.nan)
    gains = (100 * (scores[1:] / scores[0] - 1)).reshape(-1, 2)
    found = [
        FigureWorth(figure=name, value=value, ten_percent=_known(little), doubled=_known(much))
        for name, value, (little, much) in zip(
            _WORDS, search.request.figures, gains.tolist(), strict=False
        )
        if not math.isnan(value)
    ]
    return sorted(found, key=lambda each: -(each.doubled if each.doubled is not None else -1e9))


def _sentence(worth: Sequence[FigureWorth]) -> str | None:
    """The two figures most worth raising, in words."""
    known = [each for each in worth[:2] if each.doubled is not None]
    if not known:
        return None
    parts = [
        f"{_WORDS[each.figure]} (10 % more: {each.ten_percent:+.1f} %, doubled: "
        f"{each.doubled:+.1f} %)"
        for each in known
    ]
    return f"Most worth raising on the base chip: {', then '.join(parts)}."


def all_rows(request: CandidatesRequest, progress: Any = None) -> Rows:
    """Every candidate and its best plan, by number; one row of ``search.candidates.ROW`` each.

    ``progress`` is called with speeds done and speeds in all.
    """
    search = candidate_search(request)
    rows = np.empty(search.size, ROW)
    speeds = len(request.candidates.speeds)
    for number in range(speeds):
        found, _ = search.rows(number)
        rows[found["number"]] = found
        if progress is not None:
            progress(number + 1, speeds)
    return rows
