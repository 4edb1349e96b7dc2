"""Disaggregated deployments: prefill pools and decode pools paired, every pair accounted for.

Every prefill pool meets every decode pool that it can share the cluster with. Shown is the best
pair of each two plans: the best batches and the best numbers of instances.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from llm_simulator.search.chunk import Candidate, Outcome, PoolOutcome, Question
from llm_simulator.search.limits import Limit, first_missed, latency_limits, worst_overshoot
from llm_simulator.search.pool_candidates import (
    DECODE,
    PREFILL,
    candidates_of,
    usable_memory,
)
from llm_simulator.search.pools import Pools, decode_pools, prefill_pools
from llm_simulator.search.ranking import best_first, score
from llm_simulator.serving.disaggregated import MatchedPools
from llm_simulator.units import GIGA, Array, IntArray

PAIRS_AT_ONCE = 200_000
"""Pairs evaluated in one go: bounds the memory."""

FEASIBLE = "feasible"

Mask = np.ndarray[Any, Any]
Rows = slice | IntArray


def disaggregated_outcome(
    question: Question, outcomes: Sequence[PoolOutcome], max_chips: int, start: int
) -> Outcome:
    """The outcome of all pairs on at most ``max_chips``; candidates are numbered from ``start``.

    Pairs that do not fit the cluster are no plans, unless none fits: then the smallest are shown
    with that as their reason.
    """
    deployment = question.deployment
    prefill = candidates_of(PREFILL, deployment, [part["prefill"] for part in outcomes])
    decode = candidates_of(DECODE, deployment, [part["decode"] for part in outcomes])
    least_prefill = int(prefill.instances.chips.min())
    least_decode = int(decode.instances.chips.min())
    room = max(max_chips, least_prefill + least_decode)
    return PairSearch(
        question,
        prefill_pools(deployment, prefill, room - least_decode),
        decode_pools(deployment, decode, room - least_prefill),
        room,
        max_chips,
    ).outcome(start)


@dataclass(frozen=True)
class Block:
    """Some decode pools against some prefill pools; columns of shape [D, Q]."""

    inside: Mask
    """Pairs that fit the room; the others are not looked at."""
    missed: IntArray
    """The first limit that each pair misses, ``len(codes)`` where it keeps all."""
    codes: tuple[str, ...]
    scores: Array
    overshoot: Array
    chips: IntArray

    def wanted(self, feasible: bool) -> Mask:
        """The feasible pairs, or the infeasible ones."""
        return self.inside & ((self.missed == len(self.codes)) == feasible)

    def value(self, feasible: bool) -> Array:
        """What pairs are ordered by: the score, or how little they overshoot."""
        return self.scores if feasible else -self.overshoot

    def counts(self) -> Counter[str]:
        """Pairs by the first limit they miss, and the feasible ones."""
        numbers = np.bincount(self.missed[self.inside], minlength=len(self.codes) + 1)
        counts: Counter[str] = Counter()
        for code, number in zip((*self.codes, FEASIBLE), numbers.tolist(), strict=True):
            counts[code] += number
        return +counts


@dataclass(frozen=True)
class PairSearch:
    """Every prefill pool against every decode pool."""

    question: Question
    prefill: Pools
    decode: Pools
    room: int
    """Chips of the largest pair looked at."""
    max_chips: int

    def outcome(self, start: int) -> Outcome:
        """Counts, the best pairs and those nearest to feasible."""
        tables = {feasible: self._no_cells() for feasible in (True, False)}
        reasons: Counter[str] = Counter()
        for rows, columns in self._slices():
            block = self.block(rows, columns)
            reasons.update(block.counts())
            for feasible, table in tables.items():
                self._raise(table, block, rows, columns, feasible)
        good = reasons.pop(FEASIBLE, 0)
        return Outcome(
            evaluated=good + reasons.total(),
            feasible=good,
            reasons=dict(sorted(reasons.items())),
            best=self._shown(tables[True], True, start),
            nearest=self._shown(tables[False], False, start),
            seconds=0.0,
        )

    @cached_property
    def _prefill_plan(self) -> IntArray:
        """Which of the plans that prefill pools are made of each of them has."""
        return np.unique(self.prefill.candidates.index, return_inverse=True)[1]

    @cached_property
    def _decode_plan(self) -> IntArray:
        return np.unique(self.decode.candidates.index, return_inverse=True)[1]

    def _no_cells(self) -> Array:
        """The best value of each decode plan with each prefill plan: none seen yet."""
        return np.full((self._decode_plan.max() + 1, self._prefill_plan.max() + 1), -np.inf)

    def _raise(
        self, table: Array, block: Block, rows: slice, columns: slice, feasible: bool
    ) -> None:
        """Enters the block's pairs into the table of best values."""
        wanted = block.wanted(feasible)
        cell = self._decode_plan[rows, None] * table.shape[1] + self._prefill_plan[columns]
        np.maximum.at(table.reshape(-1), cell[wanted], block.value(feasible)[wanted])

    @property
    def _top_k(self) -> int:
        return self.question.top_k

    def _slices(self) -> Iterator[tuple[slice, slice]]:
        """Decode pools and the prefill pools beside them; both are in order of their chips."""
        at = 0
        while at < len(self.decode):
            left = self.room - int(self.decode.chips[at])
            columns = int(np.searchsorted(self.prefill.chips, left, side="right"))
            rows = max(PAIRS_AT_ONCE // max(columns, 1), 1)
            yield slice(at, at + rows), slice(0, columns)
            at += rows

    def matched(self, rows: Rows, columns: Rows) -> MatchedPools:
        """Decode pools ``rows`` with prefill pools ``columns``: shape [D, Q]."""
        decode, prefill = self.decode[rows], self.prefill[columns]
        return MatchedPools(
            deployment=self.question.deployment,
            prefill=prefill.candidates.instances,
            prefill_count=prefill.count,
            decode=decode.candidates.instances[:, None],
            decode_count=decode.count[:, None],
        )

    def block(self, rows: Rows, columns: Rows) -> Block:
        """The pairs of ``rows`` and ``columns`` judged."""
        question, pairs = self.question, self.matched(rows, columns)
        limits = pair_limits(question, pairs, self.max_chips)
        return Block(
            inside=pairs.chips <= self.room,
            missed=first_missed(limits, pairs.chips.shape),
            codes=tuple(limit.code for limit in limits),
            scores=np.asarray(score(question.objective, pairs, pairs)),
            overshoot=worst_overshoot(limits),
            chips=pairs.chips,
        )

    def _shown(self, table: Array, feasible: bool, start: int) -> list[Candidate]:
        """The first pair of each of the best cells, best first."""
        found = []
        for decode, prefill in _best_cells(table, self._top_k):
            rows = np.flatnonzero(self._decode_plan == decode)
            columns = np.flatnonzero(self._prefill_plan == prefill)
            found.append(self._first(rows, columns, feasible, start))
        found.sort(key=lambda c: (-c["value"], c["chips"], c["index"]))
        return found[: self._top_k]

    def _first(self, rows: IntArray, columns: IntArray, feasible: bool, start: int) -> Candidate:
        block = self.block(rows, columns)
        row, column = np.nonzero(block.wanted(feasible))
        values, chips = block.value(feasible)[row, column], block.chips[row, column]
        index = rows[row] * len(self.prefill) + columns[column]
        [first] = best_first(values, chips, index, 1)
        return Candidate(
            index=start + int(index[first]),
            parallelism={},
            chips=int(chips[first]),
            value=float(values[first]),
            prefill=self.prefill.choice(int(columns[column[first]])),
            decode=self.decode.choice(int(rows[row[first]])),
        )


def _best_cells(top: Array, top_k: int) -> list[tuple[int, int]]:
    """Cells of ``top`` [D, Q] among the ``top_k`` largest, ties included, empty ones left out."""
    filled = np.sort(top[np.isfinite(top)])
    if len(filled) == 0:
        return []
    rows, columns = np.nonzero(np.isfinite(top) & (top >= filled[-min(top_k, len(filled))]))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def pair_limits(question: Question, pairs: MatchedPools, max_chips: int) -> list[Limit]:
    """Every limit in the order in which a pair's reason is chosen; shape of ``pairs``."""
    usable, shape = usable_memory(question.deployment), pairs.chips.shape
    words = "needs {needed:.1f} GB per chip, {excess:.2g} GB over the usable {available:.1f} GB"
    memories = (("prefill", pairs.prefill.memory), ("decode", pairs.decode.memory))
    limits = [
        Limit("memory", np.broadcast_to(memory, shape), usable, f"{pool} pool {words}", GIGA)
        for pool, memory in memories
    ]
    chips = "needs {needed:.0f} chips, {excess:.0f} more than the {available:.0f} there are"
    limits.append(Limit("chips", pairs.chips.astype(float), max_chips, chips, 1.0))
    return limits + latency_limits(question.limits, pairs.ttft, pairs.tpot)
