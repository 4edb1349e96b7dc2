"""Disaggregated deployments: prefill pools and decode pools paired, every pair accounted for.

At each concurrency every prefill pool meets every decode pool that it can share the cluster with.
Shown is the best pair of each two plans: the best batches, numbers of instances and concurrency.
Pairs are judged best first, by a bound that costs little, until no other can be shown; those left
count as pruned. Where nothing is feasible the same is done by how little a pair misses.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.search.caution import judged
from llm_simulator.planner.search.limits import (
    CHIPS_WORDS,
    MEMORY_WORDS,
    Limit,
    first_missed,
    latency_limits,
    least_overshoot,
    memory_limit,
    rate_limits,
    worst_overshoot,
)
from llm_simulator.planner.search.order import compared
from llm_simulator.planner.search.outcome import Candidate, Counts, FrontPoint, Outcome, PoolOutcome
from llm_simulator.planner.search.pair_bounds import Groups, PairBounds, groups_of
from llm_simulator.planner.search.pairs import Front, Pairs, TopK
from llm_simulator.planner.search.pool_candidates import DECODE, PREFILL, Candidates, candidates_of
from llm_simulator.planner.search.pools import PoolTable, decode_pools, prefill_pools
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.ranking import Served, latency, score, scores
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.instances import DecodeInstances, PrefillInstances
from llm_simulator.units import Array, IntArray

FIRST_PAIRS, MOST_PAIRS = 4_096, 131_072
"""Pairs judged in one go, at first and at most: the first ones tell which others can matter."""

Wanted = Callable[[IntArray], NDArray[np.bool_]]
"""Which of some cells may still matter."""
BOUND = "score"
"""Why a pair is pruned: its score can't reach what is shown."""


def disaggregated_outcome(
    problem: SearchProblem,
    outcomes: Sequence[PoolOutcome],
    max_chips: int,
    start: int,
    known: Sequence[FrontPoint] = (),
) -> Outcome:
    """The outcome of all pairs on at most ``max_chips``; candidates are numbered from ``start``.

    Pairs that do not fit the cluster are no plans, unless none fits: then the smallest are shown
    with that as their reason. ``known`` is a front that pairs have to reach.
    """
    found = Found(problem.top_k, known)
    search = pair_search(problem, outcomes, max_chips)
    pairings = search.pairings()
    for pairing in pairings:
        pairing.judge_best(found)
    if len(found.best) == 0:
        for pairing in pairings:
            pairing.judge_nearest(found)
    total = sum(pairing.total for pairing in pairings)
    robust = [] if problem.cautious or len(found.best) == 0 else _robust(search, pairings, start)
    return replace(found.outcome(total, start), robust=robust)


def _robust(search: "PairSearch", pairings: Sequence["PoolPairing"], start: int) -> list[Candidate]:
    """The pair that a cautious search would show first, if any."""
    found, cautious = Found(1, ()), search.problem.with_caution()
    for pairing in pairings:
        replace(pairing, problem=cautious).judge_best(found)
    return [*found.best.candidates(start)]


def pair_search(
    problem: SearchProblem, outcomes: Sequence[PoolOutcome], max_chips: int
) -> "PairSearch":
    """The search of the pairs of what all chunks found."""
    populations = problem.concurrencies
    prefill = [part.prefill for part in outcomes]
    decode = [part.decode for part in outcomes]
    return PairSearch(
        problem,
        candidates_of(PREFILL, populations, prefill),
        candidates_of(DECODE, populations, decode),
        max_chips,
    )


class Found:
    """What the pairs judged so far came to."""

    def __init__(self, top_k: int, known: Sequence[FrontPoint]) -> None:
        self.best = TopK(top_k)
        self.nearest = TopK(top_k)
        self.front = Front(known)
        self._counts: Counter[str] = Counter()
        self._feasible = 0

    def absorb(self, pairs: Pairs, codes: Sequence[str]) -> None:
        """Takes in judged pairs; ``codes`` are those of their limits."""
        counts = np.bincount(pairs.missed, minlength=len(codes) + 1).tolist()
        self._feasible += counts.pop()
        for code, count in zip(codes, counts, strict=True):
            self._counts[code] += count
        good = pairs.missed == len(codes)
        feasible, others = pairs[np.flatnonzero(good)], pairs[np.flatnonzero(~good)]
        self.best.absorb(feasible, feasible.value)
        self.nearest.absorb(others, -others.overshoot)
        if pairs.scores.shape[1]:
            self.front.absorb(feasible)

    def outcome(self, total: int, start: int) -> Outcome:
        """The outcome of ``total`` pairs, those counted as pruned that were not judged."""
        reasons = dict(sorted((+self._counts).items()))
        judged = self._feasible + sum(reasons.values())
        return Outcome(
            counts=Counts(
                evaluated=total,
                evaluations=judged,
                feasible=self._feasible,
                reasons=reasons,
                pruned={BOUND: total - judged} if total > judged else {},
            ),
            best=[*self.best.candidates(start)],
            nearest=[*self.nearest.candidates(start)],
            front=self.front.points(start),
        )


@dataclass(frozen=True)
class PairSearch:
    """Every prefill pool against every decode pool, at every concurrency."""

    problem: SearchProblem
    prefill: Candidates[PrefillInstances]
    decode: Candidates[DecodeInstances]
    max_chips: int

    def pairings(self) -> list["PoolPairing"]:
        """The pools of each concurrency, the largest first: where most is served."""
        found, before = [], 0
        least_prefill = int(self.prefill.instances.chips.min())
        least_decode = int(self.decode.instances.chips.min())
        room = max(self.max_chips, least_prefill + least_decode)
        for population in reversed(self.problem.concurrencies):
            prefill = prefill_pools(self.prefill, room - least_decode, population)
            decode = decode_pools(
                self.problem.decoding, self.decode, room - least_prefill, population
            )
            found.append(
                PoolPairing(
                    self.problem,
                    population,
                    prefill,
                    decode,
                    room,
                    self.max_chips,
                    before,
                    np.arange(len(decode)),
                )
            )
            before += len(prefill) * len(decode)
        return found


@dataclass(frozen=True)
class PoolPairing:
    """All pools of one concurrency: D decode pools meet Q prefill pools."""

    problem: SearchProblem
    population: int
    prefill: PoolTable
    decode: PoolTable
    room: int
    """Chips of the largest pair looked at."""
    max_chips: int
    before: int
    """Place of the first pair in the enumeration of all pairs."""
    place: IntArray
    """Of each decode pool among those of the concurrency."""

    @cached_property
    def total(self) -> int:
        """Pairs that fit the room."""
        left = self.room - self.decode.chips
        return int(np.searchsorted(self.prefill.chips, left, side="right").sum())

    def judge_best(self, found: Found) -> None:
        """Judges the pairs that may be feasible and get on the list or the front."""
        # Decode pools that the best of all prefill pools can't save are left out first.
        rows = _of_use(*self._hopes(self.groups.best, found))
        some = replace(self, decode=self.decode[rows], place=self.place[rows])
        some._judge(*some._hopes(self.groups, found), found)

    def _hopes(self, groups: Groups, found: Found) -> tuple[Array, Wanted]:
        """What the pairs of each cell are worth at best, [D, G], and which cells may matter."""
        problem, bounds = self.problem, self.bounds(groups)
        reached = judged(problem, bounds)
        inside = (bounds.chips <= self.room) & (least_overshoot(problem.limits, reached) <= 1)
        value = np.where(inside, compared(score(problem.objective, reached)), -np.inf)

        def wanted(cells: IntArray) -> NDArray[np.bool_]:
            useful = value.reshape(-1)[cells] >= found.best.threshold
            if problem.pareto:
                useful |= ~found.front.beats(_scores_of(problem, reached, cells))
            return useful

        return value, wanted

    def judge_nearest(self, found: Found) -> None:
        """Judges the pairs that miss a limit for certain but may be among the nearest."""
        bounds = self.bounds(self.groups)
        overshoot = least_overshoot(self.problem.limits, judged(self.problem, bounds))
        missing = (bounds.chips <= self.room) & (overshoot > 1)
        value = np.where(missing, compared(-overshoot), -np.inf)

        def wanted(cells: IntArray) -> NDArray[np.bool_]:
            return value.reshape(-1)[cells] >= found.nearest.threshold

        self._judge(value, wanted, found)

    @cached_property
    def groups(self) -> Groups:
        """The prefill pools by their chips."""
        return groups_of(self.prefill, self.population, self.problem.deployment.workload)

    def bounds(self, groups: Groups) -> PairBounds:
        """What pairs with prefill pools of ``groups`` reach at best; [D, G]. Large, so it is not
        kept."""
        problem = self.problem
        return PairBounds(
            problem.deployment, problem.decoding, self.population, self.decode, groups
        )

    def _judge(self, value: Array, wanted: Wanted, found: Found) -> None:
        """Judges the pairs of the cells [D, G] of any ``value`` that are ``wanted``, best first."""
        groups, cells = self.groups, _of_use(value, wanted)
        cells = cells[np.argsort(-value.reshape(-1)[cells], kind="stable")]
        size = groups.size[cells % len(groups.size)]
        ends = np.cumsum(size)
        at, most = 0, FIRST_PAIRS
        while at < len(cells):
            before = int(ends[at - 1]) if at else 0
            until = max(int(np.searchsorted(ends, before + most, side="right")), at + 1)
            some = cells[at:until]
            some = some[wanted(some)]
            if len(some):
                found.absorb(*self.judged(some))
            at, most = until, min(2 * most, MOST_PAIRS)

    def judged(self, cells: IntArray) -> tuple[Pairs, tuple[str, ...]]:
        """All pairs of the ``cells`` [D, G] against the limits, and the limits' codes."""
        groups = self.groups
        group = cells % len(groups.size)
        size = groups.size[group]
        decode = np.repeat(cells // len(groups.size), size)
        within = np.arange(len(decode)) - np.repeat(np.cumsum(size) - size, size)
        prefill = np.repeat(groups.start[group], size) + within
        matched = self._matched(decode, prefill)
        served = judged(self.problem, matched)
        limits = pair_limits(self.problem, matched, self.max_chips)
        pairs = Pairs(
            plans=_side_by_side(
                self.prefill.candidates.index[prefill], self.decode.candidates.index[decode]
            ),
            batches=_side_by_side(matched.prefill.batch, matched.decode.batch),
            instances=_side_by_side(matched.prefill_count, matched.decode_count),
            population=np.full(len(decode), self.population),
            chips=matched.chips,
            order=self.before + self.place[decode] * len(self.prefill) + prefill,
            missed=first_missed(limits, len(decode)),
            value=score(self.problem.objective, served),
            latency=latency(served),
            overshoot=worst_overshoot(limits),
            scores=scores(self.problem.pareto, served),
        )
        return pairs, tuple(limit.code for limit in limits)

    def _matched(self, decode: IntArray, prefill: IntArray) -> MatchedPools:
        """PoolTable of those rows side by side."""
        sending, receiving = self.prefill[prefill], self.decode[decode]
        return MatchedPools(
            deployment=self.problem.deployment,
            population=self.population,
            decoding=self.problem.decoding,
            prefill=sending.candidates.instances,
            prefill_count=sending.count,
            decode=receiving.candidates.instances,
            decode_count=receiving.count,
        )


def _of_use(value: Array, wanted: Wanted) -> IntArray:
    """The cells of any ``value`` that are ``wanted``."""
    cells = np.flatnonzero(value > -np.inf)
    return cells[wanted(cells)]


def _side_by_side(prefill: IntArray, decode: IntArray) -> IntArray:
    return np.stack((prefill, decode), axis=-1)


def _scores_of(problem: SearchProblem, bounds: Served, cells: IntArray) -> Array:
    """Bounds of the scores under the front's objectives; [R, K]."""
    columns = (
        np.broadcast_to(score(objective, bounds), bounds.chips.shape)
        for objective in problem.pareto
    )
    return np.stack([column.reshape(-1)[cells] for column in columns], axis=-1)


def pair_limits(problem: SearchProblem, pairs: MatchedPools, max_chips: int) -> list[Limit]:
    """Every limit in the order in which a pair's reason is chosen; shape of ``pairs``."""
    prefill, decode, served = pairs.prefill, pairs.decode, judged(problem, pairs)
    return [
        memory_limit(prefill.memory, prefill.usable, f"prefill pool {MEMORY_WORDS}"),
        memory_limit(decode.memory, decode.usable, f"decode pool {MEMORY_WORDS}"),
        Limit("chips", pairs.chips.astype(float), float(max_chips), CHIPS_WORDS, 1.0),
        *latency_limits(problem.limits, served, cautious=problem.cautious),
        *rate_limits(problem.limits, served.request_rate),
    ]
