r"""What one engine step of a plan costs, tabulated once so that a lookup replaces the model.

A step serves n decoding requests whose contexts sum up to C tokens, and p prompt tokens with Q
query-key pairs. Its time is affine in C (what is read from the cache), for each n, p and Q:

.. math:: t = a(n, p, Q/p) + b(n, p, Q/p)\,C

Without prompts a and b are tabulated for every n; with prompts on a grid, and interpolated.

With pp pipeline stages a step is a *round*: every request decodes once, in pp micro-batches (or as
many as there are requests) that each take the slowest stage's time. Prompts join as few of them as
their token budget allows (m), so that a round takes m mixed steps of that stage beside the decode
steps of the others. The first token of a prompt leaves the last stage when its last micro-batch has
passed them all, which is ``lag`` seconds after the round: prompts pass alone as fast as
``steady_state`` says.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from llm_simulator.planner.costs.step_cost import StepCostModel
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.loop import host_time, micro_batches, round_time
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array

EXACT_COUNTS = 4096
"""Decoding requests up to which every count has its own entry; above, entries interpolate."""
KEPT_TERMS = 65_536
"""Mixed steps whose terms are kept at hand: those of a steady state come again and again."""


class StepTerms(NamedTuple):
    """Seconds of a step with prompts: ``time + time_per_context * C``, the lag alike."""

    time: float
    time_per_context: float
    lag: float
    lag_per_context: float


@dataclass(frozen=True)
class StepLaw:
    """Seconds of an engine step of one plan, overheads included."""

    decode: Sequence[float]
    """Seconds of a step without prompts before its context counts, by requests decoding."""
    decode_per_context: Sequence[float]
    """Seconds per token of the summed context, by requests decoding."""
    mixed: Callable[[int, int, int], StepTerms]
    """The terms of a step with prompts: of requests decoding, prompt tokens, query-key pairs."""


@dataclass(frozen=True)
class Range:
    """What the steps of a simulation lie within."""

    decoding: int
    """Requests that decode at once at most."""
    shortest: int
    """Tokens of the shortest context that a decoding request attends to."""
    longest: int
    """Tokens of the longest request."""
    prompt: int
    """Tokens of the longest prompt."""


def step_law(deployment: Deployment, plan: PlanTable, within: Range) -> StepLaw:
    """The law of a table of one ``plan``, good for steps ``within`` the range."""
    model = _Model(deployment, plan, within)
    counts = _counts(within.decoding)
    fixed, slope = model.decode(counts)
    every = np.arange(within.decoding + 1)
    return StepLaw(
        decode=np.interp(every, counts, fixed).tolist(),
        decode_per_context=np.interp(every, counts, slope).tolist(),
        mixed=lru_cache(KEPT_TERMS)(_grid(model).terms),
    )


def _counts(most: int) -> Array:
    """Counts of decoding requests from none to ``most``: all of them, or ever sparser ones."""
    if most <= EXACT_COUNTS:
        return np.arange(most + 1.0)
    sparse = np.geomspace(EXACT_COUNTS, most, 512).round()
    return np.unique(np.concatenate([np.arange(float(EXACT_COUNTS)), sparse]))


@dataclass(frozen=True)
class _Model:
    """The performance model of one plan, asked for rounds of many sizes in one call."""

    deployment: Deployment
    plan: PlanTable
    within: Range

    @property
    def stages(self) -> int:
        """Pipeline stages."""
        return int(self.plan.pp[0])

    @property
    def budget(self) -> int:
        """Prompt tokens that one micro-batch takes in at most."""
        return self.deployment.workload.max_batched_tokens

    def decode(self, counts: Array) -> tuple[Array, Array]:
        """Fixed time and time per context of rounds without prompts; shape [counts]."""
        overhead = self._host(counts) * (counts > 0)
        fixed, slope = self._affine(counts, [self._round(counts, c)[1] for c in self._contexts])
        return fixed + overhead, slope

    def mixed(self, counts: Array, tokens: Array, length: int) -> Array:
        """The four terms of rounds with prompts of ``length``; shape [rounds, 4]."""
        batches = np.clip(np.ceil(tokens / self.budget), 1, self.stages)
        times, lags = [], []
        for context in self._contexts:
            mixed, through = self._step(counts, tokens / batches, length, context)
            rest = self._decode_only(counts, batches, context)
            times.append(batches * mixed + rest)
            lags.append(through - mixed - rest)
        overhead = self._host(counts)
        time, per_context = self._affine(counts, times)
        lag, lag_per_context = self._affine(counts, lags)
        return np.stack([time + overhead, per_context, lag, lag_per_context], axis=-1)

    def _host(self, counts: Array) -> Array:
        """Seconds of the host in rounds with so many requests decoding."""
        load, factors = self.deployment.workload, self.deployment.calibration.factors
        return np.asarray(host_time(load.step_overhead, counts, factors))

    def _decode_only(self, counts: Array, mixed: Array, context: float) -> Array:
        """Seconds of a round for the micro-batches without prompts, ``mixed`` of them have some."""
        if self.stages == 1:
            return np.zeros(len(counts))
        step, whole = self._round(counts, context)
        return np.maximum(whole - mixed * step, 0.0)

    def _round(self, counts: Array, context: float) -> tuple[Array, Array]:
        """Seconds of the slowest stage's decode step, and of a round of them without prompts."""
        step, through = self._step(counts, np.zeros(len(counts)), 1, context)
        return step, np.asarray(round_time(micro_batches(self.stages, counts), step, through))

    @property
    def _contexts(self) -> tuple[int, int]:
        return self.within.shortest, max(self.within.longest, self.within.shortest + 1)

    def _step(
        self, counts: Array, tokens: Array, length: int, context: float
    ) -> tuple[Array, Array]:
        """Seconds of the slowest stage, and of all one after the other, for micro-batches with
        ``tokens`` of prompts of ``length``."""
        chunks = -(-length // self.budget)
        step = Step(
            prompts=tokens / (length / chunks),
            prompt_length=length,
            chunks=chunks,
            decoding=np.ceil(counts / self.stages),
            context=float(context),
        )
        rows = self.plan[np.zeros(len(counts), dtype=int)]
        busy = (counts > 0) | (tokens > 0)
        total = StepCostModel(self.deployment, rows).step_total(step)
        return np.where(busy, total.time, 0.0), np.where(busy, total.through, 0.0)

    def _affine(self, counts: Array, seconds: Sequence[Array]) -> tuple[Array, Array]:
        """Intercept and slope over the summed context, from seconds at both mean contexts."""
        short, long = self._contexts
        slope = (seconds[1] - seconds[0]) / (long - short)
        return seconds[0] - slope * short, slope / np.maximum(counts, 1)


@dataclass(frozen=True)
class _Grid:
    """StepTerms of mixed steps at the nodes of three axes."""

    counts: Sequence[int]
    tokens: Sequence[int]
    pairs_per_token: Sequence[float]
    nodes: Sequence[Sequence[Sequence[StepTerms]]]

    def terms(self, count: int, tokens: int, pairs: int) -> StepTerms:
        """The terms of a step, interpolated linearly along each axis."""
        i, x = _cell(self.counts, count)
        j, y = _cell(self.tokens, tokens)
        k, z = _cell(self.pairs_per_token, pairs / tokens)
        sums = [0.0] * 4
        for row, row_weight in ((self.nodes[i], 1 - x), (self.nodes[i + 1], x)):
            for column, column_weight in ((row[j], 1 - y), (row[j + 1], y)):
                weight = row_weight * column_weight
                if weight:
                    low, high = column[k], column[k + 1]
                    for term in range(4):
                        sums[term] += weight * (low[term] + z * (high[term] - low[term]))
        return StepTerms(*sums)


def _cell(axis: Sequence[float], value: float) -> tuple[int, float]:
    """Cell of ``axis`` that ``value`` lies in and how far across it.

    >>> _cell([0, 2, 4], 3)
    (1, 0.5)
    >>> _cell([0, 2, 4], 4)
    (1, 1.0)
    """
    cell = min(max(bisect_right(axis, value) - 1, 0), len(axis) - 2)
    return cell, (value - axis[cell]) / (axis[cell + 1] - axis[cell])


def _grid(model: _Model) -> _Grid:
    """The model at powers of two, at whole prompts and at full micro-batches."""
    within, budgets = model.within, model.stages * model.budget
    most = min(budgets, (within.decoding + 1) * within.prompt)
    full = range(model.budget, most, model.budget)
    counts = _powers(within.decoding, ())
    tokens = _powers(most, [within.prompt, *full][:64])
    # A prompt of L tokens has (L + 1) / 2 pairs per token; its last tokens have twice as many.
    lengths = sorted({1, max(within.prompt // 2, 1), within.prompt, 2 * within.prompt})
    n, p = (axis.ravel() for axis in np.meshgrid(counts, tokens, indexing="ij"))
    shape = (len(counts), len(tokens), 4)
    layers = [model.mixed(n, p, length).reshape(shape) for length in lengths]
    values = np.stack(layers, axis=2).tolist()
    nodes = [[[StepTerms(*node) for node in column] for column in row] for row in values]
    return _Grid(counts, tokens, [(length + 1) / 2 for length in lengths], nodes)


def _powers(most: int, others: Iterable[int]) -> list[int]:
    """None, powers of two and the middles between them up to ``most``, ``most``, and ``others``.

    >>> _powers(10, [5, 99])
    [0, 1, 2, 3, 4, 5, 6, 8, 10]
    """
    powers = [2**exponent for exponent in range(max(most, 1).bit_length())]
    middles = [3 * power // 2 for power in powers]
    inner = {value for value in (*powers, *middles, *others) if value < most}
    return sorted({0, max(most, 1)} | inner)
