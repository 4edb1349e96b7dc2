"""Disaggregated deployments: prefill pools and decode pools paired, every pair accounted for.

A pool is an instance (a plan with its batch) and how many there are of it. Pools of equally many
chips are pruned as instances were; then every prefill pool meets every decode pool that it shares
the cluster with. Shown is the best pair of each two plans.
"""

from collections import Counter
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np

from llm_simulator.search.chunk import Candidate, Outcome, Question
from llm_simulator.search.limits import Limit, first_missed, latency_limits, worst_overshoot
from llm_simulator.search.pareto import undominated
from llm_simulator.search.pool_candidates import (
    DECODE,
    PREFILL,
    Candidates,
    PoolOutcome,
    candidates_of,
    ladder,
    usable_memory,
)
from llm_simulator.search.ranking import best_first, score
from llm_simulator.serving.disaggregated import MatchedPools
from llm_simulator.serving.instances import DecodeInstances, PrefillInstances
from llm_simulator.specs.deployment import Deployment
from llm_simulator.units import GIGA, Array, IntArray

COUNTS_PER_OCTAVE = 16
"""Instances tried between a number and its double; every number up to 23."""
PAIRS_AT_ONCE = 200_000
"""Pairs evaluated in one go: bounds the memory."""

Mask = np.ndarray[Any, Any]
Rows = slice | IntArray


class PoolChoice(TypedDict):
    """One pool of a pair: the plan's place in the enumeration, its batch per rank, how many."""

    index: int
    batch: int
    instances: int


class PairCandidate(Candidate):
    """A pair that may be shown; its ``parallelism`` is empty, the plans stand in the choices."""

    prefill: PoolChoice
    decode: PoolChoice


@dataclass(frozen=True)
class Pools:
    """Pools in order of their chips, one kind of them; columns of shape [R]."""

    candidates: Candidates[Any]
    count: IntArray

    @property
    def chips(self) -> IntArray:
        """Chips of each pool."""
        return self.count * self.candidates.instances.chips

    def __len__(self) -> int:
        return len(self.count)

    def __getitem__(self, rows: Any) -> "Pools":
        """The pools of ``rows``."""
        return Pools(self.candidates[rows], self.count[rows])

    def choice(self, row: int) -> PoolChoice:
        """One pool as plain data."""
        found = self.candidates
        return PoolChoice(
            index=int(found.index[row]),
            batch=int(found.instances.batch[row]),
            instances=int(self.count[row]),
        )


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


def prefill_pools(
    deployment: Deployment, found: Candidates[PrefillInstances], max_chips: int
) -> Pools:
    """Prefill pools on at most ``max_chips`` that no other of as many chips beats."""
    pools = _multiplied(found, max_chips, deployment.workload.batch_size)
    made = pools.candidates.instances
    alone = pools.count >= deployment.workload.batch_size
    costs = np.stack((made.time, -made.rate, -made.rate * pools.count, -made.senders, ~alone), -1)
    return pools[undominated(pools.chips, costs)]


def decode_pools(
    deployment: Deployment, found: Candidates[DecodeInstances], max_chips: int
) -> Pools:
    """Decode pools on at most ``max_chips`` that no other of as many chips beats."""
    workload = deployment.workload
    pools = _multiplied(found, max_chips, workload.batch_size)
    made = pools.candidates.instances
    places = pools.count * made.places
    # Where every request has a place the loop alone bounds the rate, and never above this.
    filled = np.where(
        places >= workload.batch_size,
        workload.batch_size,
        np.minimum(workload.decode_utilization * places, workload.batch_size),
    )
    costs = np.stack((made.tpot, -filled / made.tpot, -made.receivers), axis=-1)
    return pools[undominated(pools.chips, costs)]


def _multiplied(found: Candidates[Any], max_chips: int, population: int) -> Pools:
    """Each candidate with every number of instances that fits and that requests can fill."""
    counts = ladder(max_chips, COUNTS_PER_OCTAVE)
    most = np.minimum(max_chips // found.instances.chips, population)
    per_row = np.searchsorted(counts, most, side="right")
    rows = np.repeat(np.arange(len(per_row)), per_row)
    starts = np.repeat(np.cumsum(per_row) - per_row, per_row)
    pools = Pools(found[rows], counts[np.arange(len(rows)) - starts])
    return pools[np.argsort(pools.chips, kind="stable")]


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

    def counts(self) -> IntArray:
        """Pairs by the first limit they miss, feasible ones last."""
        return np.bincount(self.missed[self.inside], minlength=len(self.codes) + 1)


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
        prefill_plans, prefill_of = np.unique(self.prefill.candidates.index, return_inverse=True)
        decode_plans, decode_of = np.unique(self.decode.candidates.index, return_inverse=True)
        tops = {flag: np.full(len(decode_plans) * len(prefill_plans), -np.inf) for flag in FLAGS}
        counts, codes = 0, ()
        for rows, columns in self._slices():
            block = self.block(rows, columns)
            counts, codes = counts + block.counts(), block.codes
            cell = decode_of[rows, None] * len(prefill_plans) + prefill_of[columns]
            for flag, top in tops.items():
                wanted = block.wanted(flag)
                np.maximum.at(top, cell[wanted], block.value(flag)[wanted])
        *missed, feasible = (int(n) for n in np.asarray(counts))
        reasons = Counter[str]()
        for code, number in zip(codes, missed, strict=True):
            reasons[code] += number
        shown = {
            flag: self._shown(
                [
                    (np.flatnonzero(decode_of == d), np.flatnonzero(prefill_of == p))
                    for d, p in _best_cells(top.reshape(len(decode_plans), -1), self._top_k)
                ],
                flag,
                start,
            )
            for flag, top in tops.items()
        }
        return Outcome(
            evaluated=feasible + sum(missed),
            feasible=feasible,
            reasons={code: n for code, n in sorted(reasons.items()) if n},
            best=shown[True],
            nearest=shown[False],
            seconds=0.0,
        )

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

    def _shown(
        self, cells: Sequence[tuple[IntArray, IntArray]], feasible: bool, start: int
    ) -> list[Candidate]:
        """The first pair of each cell, best first."""
        found = [self._first(rows, columns, feasible, start) for rows, columns in cells]
        found.sort(key=lambda c: (-c["value"], c["chips"], c["index"]))
        return list(found[: self._top_k])

    def _first(
        self, rows: IntArray, columns: IntArray, feasible: bool, start: int
    ) -> PairCandidate:
        block = self.block(rows, columns)
        row, column = np.nonzero(block.wanted(feasible))
        values, chips = block.value(feasible)[row, column], block.chips[row, column]
        index = rows[row] * len(self.prefill) + columns[column]
        [first] = best_first(values, chips, index, 1)
        return PairCandidate(
            index=start + int(index[first]),
            parallelism={},
            chips=int(chips[first]),
            value=float(values[first]),
            prefill=self.prefill.choice(int(columns[column[first]])),
            decode=self.decode.choice(int(rows[row[first]])),
        )


FLAGS = (True, False)


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
