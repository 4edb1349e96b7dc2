"""Which plan is the best on a hypothetical chip, of all at one speed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.costs.prices import tokens_per_usd
from llm_simulator.planner.plans.table import DEGREES
from llm_simulator.planner.search.candidate_block import CandidateBlock
from llm_simulator.planner.search.candidate_rows import Rows
from llm_simulator.planner.search.caution import judged
from llm_simulator.planner.search.limits import Limits, first_missed, latency_limits, rate_limits
from llm_simulator.planner.search.order import DIGITS, best_first, compared
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.ranking import Served, latency, score
from llm_simulator.planner.serving.steady_state import SteadyState
from llm_simulator.planner.specs.search import Objective
from llm_simulator.units import Array, IntArray

NEAR = 2.0 ** (1 - DIGITS)
"""Share of the best score within which a price may decide by what rounding does."""


@dataclass(frozen=True)
class Choice:
    """Every evaluation of a block at one speed, to choose from."""

    objective: Objective
    block: CandidateBlock
    served: SteadyState
    expected: Served
    kept: NDArray[np.bool_]
    """Whether it keeps all limits but that of memory."""
    seconds: Array
    values: Array
    """Scores; where a price decides, output tokens per second and chip."""

    @classmethod
    def of(cls, problem: SearchProblem, block: CandidateBlock, served: SteadyState) -> "Choice":
        """What is asked of the plans of a ``block``, as ``served``."""
        expected = judged(problem, served)
        has_price = problem.objective is Objective.COST
        return cls(
            objective=problem.objective,
            block=block,
            served=served,
            expected=expected,
            kept=_keeps_limits(problem.limits, expected),
            seconds=latency(expected),
            values=expected.throughput / expected.chips
            if has_price
            else score(problem.objective, expected),
        )

    def best(self, good: IntArray, usd: Array) -> IntArray:
        """The best of the ``good`` evaluations at each price of a chip-hour."""
        values = self.values[good]
        if self.objective is not Objective.COST:
            return np.full(len(usd), good[self._first(values, good)])
        near = good[values >= values.max() * (1 - NEAR)]
        if len(near) == 1:
            return np.full(len(usd), near[0])
        prices, of = np.unique(usd, return_inverse=True)
        scores = self._tokens_per_usd(near, prices[:, None])
        return self._firsts(scores, near)[np.reshape(of, -1)]

    def _tokens_per_usd(self, rows: IntArray, usd: Array) -> Array:
        return np.asarray(
            tokens_per_usd(self.expected.throughput[rows], self.block.chips[rows] * usd)
        )

    def _first(self, values: Array, rows: IntArray) -> int:
        """The place of the best of ``rows``, as ``chunk_outcome`` ranks them."""
        values = compared(values)
        tied = np.flatnonzero(values == values.max())
        if len(tied) == 1:
            return int(tied[0])
        block = self.block
        # Each plan at the smallest of its best concurrencies.
        _, smallest = np.unique(rows[tied] // len(block.concurrencies), return_index=True)
        tied = tied[smallest]
        e = rows[tied]
        order = best_first(values[tied], block.chips[e], self.seconds[e], block.concurrency[e], e)
        return int(tied[order[0]])

    def _firsts(self, scores: Array, rows: IntArray) -> IntArray:
        """The best of ``rows`` for each row of ``scores``."""
        plans = rows // len(self.block.concurrencies)
        if np.any(plans[1:] == plans[:-1]):
            return rows[[self._first(row, rows) for row in scores]]
        block = self.block
        ties = (block.chips[rows], self.seconds[rows], block.concurrency[rows], rows)
        order = best_first(np.zeros(len(rows)), *ties)
        scores = compared(scores)
        is_best = scores == scores.max(axis=1, keepdims=True)
        return rows[order[np.argmax(is_best[:, order], axis=1)]]

    def fill(self, rows: Rows, winners: IntArray) -> None:
        """Writes the evaluations that won into ``rows``; -1 where none is feasible."""
        rows["feasible"] = winners >= 0
        some = np.flatnonzero(winners >= 0)
        chosen, block = winners[some], self.block
        plan = chosen // len(block.concurrencies)
        rows["index"][some] = plan + block.start
        rows["batch_size"][some] = block.concurrency[chosen]
        for name in ("chips", *DEGREES):
            rows[name][some] = getattr(block.plans, name)[plan]
        for name in ("ttft", "tpot", "request_rate"):
            rows[name][some] = getattr(self.served, name)[chosen]
        rows["latency"][some] = self.seconds[chosen]
        rows["score"][some] = (
            self._tokens_per_usd(chosen, rows["usd_per_chip_hour"][some])
            if self.objective is Objective.COST
            else self.values[chosen]
        )


def _keeps_limits(limits: Limits, expected: Served) -> NDArray[np.bool_]:
    """Which evaluations keep all limits but that of memory; [E]."""
    found = latency_limits(limits, expected)
    found += rate_limits(limits, expected.request_rate)
    return np.asarray(first_missed(found, len(expected.chips)) == len(found))
