"""Hypothetical chips with their best plans as rows, and which of them stand out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.table import DEGREES
from llm_simulator.planner.requests.candidates import FIGURES
from llm_simulator.planner.search.pareto import front
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.units import SECONDS_PER_HOUR, Array, IntArray

ROW = np.dtype(
    [("number", "<i4"), ("feasible", "?"), ("fits", "?"), ("index", "<i4"), ("batch_size", "<i4")]
    + [(name, "<i4") for name in ("chips", *DEGREES)]
    + [(name, "<f8") for name in ("score", "ttft", "tpot", "request_rate", "latency")]
    + [(name, "<f8") for name in FIGURES]
    + [("usd_per_chip_hour", "<f8")]
)
"""A candidate and its best plan: seconds, requests per second, USD; NaN for what is not known.

``number`` is the candidate's place, ``fits`` whether some plan fits into its memory, ``latency``
what equal scores rank by.
"""
Rows = NDArray[np.void]
"""Rows of ``ROW``."""


class Speed(NamedTuple):
    """Candidates that differ in memory capacity and price only."""

    numbers: IntArray
    figures: Array
    """[n, 5]"""


def no_plans(speed: Speed, overhead: float) -> Rows:
    """Candidates without a plan."""
    rows = np.zeros(len(speed.numbers), ROW)
    rows["number"] = speed.numbers
    for name, column in zip(FIGURES, speed.figures.T, strict=True):
        rows[name] = column
    rows["usd_per_chip_hour"] = rows["price"] + overhead
    rows["score"] = -np.inf
    for name in ("ttft", "tpot", "request_rate", "latency"):
        rows[name] = np.nan
    return rows


def better_rows(one: Rows, other: Rows) -> Rows:
    """Of the same candidates in both tables the better plan; of equal ones that of the first."""
    wins = np.zeros(len(one), dtype=np.bool_)
    undecided = np.ones(len(one), dtype=np.bool_)
    for name, sign in (("score", -1), ("chips", 1), ("latency", 1), ("batch_size", 1)):
        wins |= undecided & (sign * other[name] < sign * one[name])
        undecided &= one[name] == other[name]
    wins |= other["feasible"] & ~one["feasible"]
    found = np.where(wins, other, one)
    found["fits"] = one["fits"] | other["fits"]
    return found


def tokens_per_chip(problem: SearchProblem, rows: Rows) -> Array:
    """Output tokens per second and chip of each candidate."""
    tokens = rows["request_rate"] * problem.deployment.workload.output_seq_length
    return np.asarray(tokens / np.maximum(rows["chips"], 1))


def usd_per_token(problem: SearchProblem, rows: Rows) -> Array:
    """USD per output token at full load; NaN without a price."""
    return np.asarray(rows["usd_per_chip_hour"] / tokens_per_chip(problem, rows) / SECONDS_PER_HOUR)


def front_rows(problem: SearchProblem, rows: Rows) -> IntArray:
    """Feasible candidates that no other beats in throughput per chip and cost of a token, or in
    TPOT where no price is known; of equal ones the first. Highest throughput per chip first."""
    good = np.flatnonzero(rows["feasible"])
    per_chip, usd = tokens_per_chip(problem, rows[good]), usd_per_token(problem, rows[good])
    other = rows["tpot"][good] if np.isnan(usd).any() else usd
    costs = np.stack([-per_chip, other], axis=1)
    kept = front(costs)
    _, first = np.unique(costs[kept], axis=0, return_index=True)
    kept = kept[first]
    return good[kept[np.argsort(costs[kept, 0], kind="stable")]]


def best_row(rows: Rows) -> Rows | None:
    """The best candidate: the highest score, then the cheaper chip, then the first."""
    if not rows["feasible"].any():
        return None
    order = np.lexsort((rows["number"], rows["usd_per_chip_hour"], -rows["score"]))
    return rows[order[0]]


def thinned_rows(problem: SearchProblem, rows: Rows, every: int, size: int) -> Rows:
    """The front and the best of some candidates, of the others each ``every``-th; numbers from
    ``size`` on all stay."""
    asked = np.flatnonzero(rows["number"] < size)
    if every <= 1 or len(asked) == 0:
        return rows
    keep = (rows["number"] >= size) | (rows["number"] % every == 0)
    keep[asked[front_rows(problem, rows[asked])]] = True
    best = best_row(rows[asked])
    return rows[keep | (False if best is None else rows["number"] == best["number"])]
