"""The best plan of hypothetical chips: speed by speed, each over columns of all plans.

What takes a step's time is evaluated once for each *speed*, a combination of memory bandwidth,
FLOP/s and link bandwidth; what fits into memory once for each capacity; a price moves no time. So
a candidate's figures are those of the same formulas with that chip given as it is.

Behind the candidates asked for stand the base chip and, of each of its figures, two chips with
that one raised alone: what it is worth to raise them.
"""

import time
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.table import DEGREES
from llm_simulator.planner.requests.candidates import FIGURES, Figures
from llm_simulator.planner.requests.candidates_request import CandidatesRequest
from llm_simulator.planner.search.candidate_block import CandidateBlock
from llm_simulator.planner.search.candidate_choice import Choice
from llm_simulator.planner.search.candidate_rows import (
    ROW,
    Rows,
    Speed,
    best_row,
    better_rows,
    no_plans,
    thinned_rows,
)
from llm_simulator.planner.search.layout import Chunk, Layout, slices
from llm_simulator.planner.search.limits import Limits
from llm_simulator.planner.search.outcome import Aggregated, Counts
from llm_simulator.planner.search.points import PackedRows
from llm_simulator.planner.search.prepared import PreparedSearch, prepare
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array

BLOCK = 65_536
"""Evaluations that are columns at once: bounds the memory whatever the cluster."""
CHUNK = 1_000_000
"""Evaluations of a chunk: some tenths of a second between looks at whether a task is cancelled."""
MOST_CHUNKS = 1_000
"""Chunks of a task; larger ones are cut into fewer, longer ones."""
MOST_ROWS = 20_000
"""Rows that all chunks keep beside fronts: a picture shows no more."""
RAISED = (1.1, 2.0)
"""By how much each figure of the base chip is raised alone."""


@dataclass(frozen=True)
class CandidatesOutcome:
    """What one chunk of speeds found."""

    running: Counts
    best: list[Aggregated]
    """The best plan of the best candidate; its index is the candidate's."""
    rows: PackedRows
    feasible: int
    """Candidates with a plan."""

    @property
    def table(self) -> Rows:
        """Rows of ``ROW``: fronts, the best, and of the others some, evenly spread."""
        return np.frombuffer(self.rows, ROW)


@dataclass(frozen=True)
class CandidateSearch:
    """A request for candidates with its plans laid out."""

    request: CandidatesRequest
    search: PreparedSearch
    """That of the base chip, whose plans are those of every candidate."""

    @property
    def problem(self) -> SearchProblem:
        """What is asked of each plan on the base chip."""
        return self.search.problem

    @cached_property
    def size(self) -> int:
        """Candidates that are asked for."""
        return self.request.candidates.size

    @cached_property
    def extras(self) -> Array:
        """The base chip's figures, then those with one raised by each of ``RAISED``; [X, 5]."""
        base = np.array(self.request.figures)
        rows = [base]
        for at in range(len(FIGURES) - 1):
            for factor in RAISED:
                raised = base.copy()
                raised[at] *= factor
                rows.append(raised)
        return np.array(rows)

    @cached_property
    def blocks(self) -> tuple[CandidateBlock, ...]:
        """All plans in parts of bounded memory."""
        concurrencies = np.array(self.problem.of_plans)
        plans, step = self.search.plans, max(BLOCK // len(concurrencies), 1)
        return tuple(
            CandidateBlock(
                self.problem.deployment,
                plans[slice(at, at + step)],
                at,
                concurrencies,
                per_replica=self.problem.per_replica is not None,
            )
            for at in range(0, len(plans), step)
        )

    @property
    def layout(self) -> Layout:
        """Chunks that cover the speeds in order, those of the base chip's variations last."""
        speeds = len(self.request.candidates.speeds) + len(self.extras)
        evaluations = self.search.total_evaluations
        per_chunk = max(CHUNK // evaluations, -(-speeds // MOST_CHUNKS), 1)
        return Layout(
            total_plans=speeds * len(self.search.plans),
            total_evaluations=speeds * evaluations,
            chunks=tuple(slices("candidates", speeds, per_chunk)),
        )

    def speed(self, number: int) -> Speed:
        """The candidates of one speed."""
        candidates = self.request.candidates
        asked = len(candidates.speeds)
        if number >= asked:
            extra = number - asked
            return Speed(np.array([self.size + extra]), self.extras[extra : extra + 1])
        numbers = candidates.at_speed(number)
        return Speed(numbers, candidates.figures(numbers))

    def rows(self, number: int) -> tuple[Rows, Counts]:
        """The best plan of every candidate of one speed, and what became of the plans."""
        speed = self.speed(number)
        rows, counts = no_plans(speed, self._overhead), Counts()
        for block in self.blocks:
            found, counted = self._rows_of(block, speed)
            rows = better_rows(rows, found)
            counts += counted
        return rows, counts

    @property
    def _overhead(self) -> float:
        economics = self.problem.deployment.economics
        return np.nan if economics is None else economics.hourly_overhead

    def _rows_of(self, block: CandidateBlock, speed: Speed) -> tuple[Rows, Counts]:
        """The same of some plans."""
        first = Figures(*speed.figures[0].tolist())
        problem = self._problem_of(first)
        served = block.steady_state(problem.deployment, first)
        rows = no_plans(speed, self._overhead)
        choice = Choice.of(problem, block, served)
        roomiest = np.zeros(len(block), dtype=np.bool_)
        winners = np.full(len(rows), -1)
        capacities, of = np.unique(speed.figures[:, 3], return_inverse=True)
        for place, capacity in enumerate(capacities.tolist()):
            figures = first._replace(memory_capacity=capacity)
            fits = block.fits(partial(self._deployed, figures), figures)
            roomiest |= fits
            members = np.flatnonzero(np.reshape(of, -1) == place)
            rows["fits"][members] = bool(fits.any())
            good = np.flatnonzero(choice.kept & fits)
            if len(good):
                winners[members] = choice.best(good, rows["usd_per_chip_hour"][members])
        choice.fill(rows, winners)
        return rows, _counts(block, problem.limits, choice.kept, roomiest)

    def _deployed(self, figures: Figures) -> Deployment:
        return self.request.request(figures).deployment

    def _problem_of(self, figures: Figures) -> SearchProblem:
        """What is asked of each plan on a chip of these figures."""
        return SearchProblem(
            deployment=self._deployed(figures),
            limits=self.problem.limits,
            objective=self.problem.objective,
            top_k=1,
            concurrencies=self.problem.concurrencies,
            risk=self.problem.risk,
        )

    def evaluated(self, chunk: Chunk) -> CandidatesOutcome:
        """The outcome of one chunk of speeds."""
        began = time.perf_counter()
        tables, counts, feasible = [], Counts(), 0
        every = -(-self.size // MOST_ROWS)
        for number in range(chunk.start, chunk.stop):
            rows, counted = self.rows(number)
            counts += counted
            feasible += int(np.count_nonzero(rows["feasible"] & (rows["number"] < self.size)))
            tables.append(rows)
        table = thinned_rows(self.problem, np.concatenate(tables), every, self.size)
        best = best_row(table[table["number"] < self.size])
        return CandidatesOutcome(
            running=replace(counts, seconds=time.perf_counter() - began),
            best=[] if best is None else [_as_candidate(best)],
            rows=table.tobytes(),
            feasible=feasible,
        )


@lru_cache(maxsize=2)
def candidate_search(request: CandidatesRequest) -> CandidateSearch:
    """The search of a request, kept for its next chunk."""
    return CandidateSearch(request, prepare(request.base))


def _counts(
    block: CandidateBlock, limits: Limits, kept: NDArray[np.bool_], fits: NDArray[np.bool_]
) -> Counts:
    """What became of the plans of a block on the candidate with the most memory."""
    shape = (len(block.plans), len(block.concurrencies))
    feasible = (kept & fits).reshape(shape).any(axis=1)
    held = fits.reshape(shape).any(axis=1)
    reasons = {
        "memory": int(np.count_nonzero(~held)),
        _code(limits): int(np.count_nonzero(held & ~feasible)),
    }
    return Counts(
        evaluated=len(block.plans),
        evaluations=len(block),
        feasible=int(np.count_nonzero(feasible)),
        reasons={code: number for code, number in reasons.items() if number},
    )


def _code(limits: Limits) -> str:
    """The first limit in force beside memory."""
    for code in ("max_ttft", "max_tpot", "max_e2e_latency"):
        if getattr(limits, code) is not None:
            return code
    return "min_request_rate"


def _as_candidate(row: Rows) -> Aggregated:
    return Aggregated(
        index=int(row["number"]),
        parallelism={name: int(row[name]) for name in DEGREES},
        chips=int(row["chips"]),
        batch_size=int(row["batch_size"]),
        value=float(row["score"]),
        latency=float(row["latency"]),
    )
