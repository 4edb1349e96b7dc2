"""Measured runs as columns: what their steps ask of chip and links, before any factor.

Axes: R runs, W operators or messages of a step (padded with empty ones), S rows of ``pipeline``:
the stages and all together, one row alone where no run has stages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.calibration.measurement import Measurement
from llm_simulator.planner.calibration.prediction import (
    measured_case,
    measured_subject,
    reserved_output,
)
from llm_simulator.planner.costs.collectives import Reach
from llm_simulator.planner.costs.communication import TIMES
from llm_simulator.planner.costs.memory import requests_per_rank
from llm_simulator.planner.costs.roofline import family, ideal_memory_time, padded_compute_time
from llm_simulator.planner.costs.step_cost import StepCostModel
from llm_simulator.planner.operators.all_work import step_work
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.layers import pipeline
from llm_simulator.planner.operators.messages import step_messages
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.operators.work import Work
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.requests.calibrations import Calibrations, Subject
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.serving.batching import Batching, batching
from llm_simulator.planner.serving.benchmark import running_deployment
from llm_simulator.planner.serving.loop import Loop
from llm_simulator.planner.serving.steady_state import load_bumps, loop_of
from llm_simulator.planner.specs.calibration import FACTORS
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import MILLI, Array

FAMILIES = ("gemm", "expert", "attention", "elementwise")
PATTERNS = tuple(TIMES)


@dataclass(frozen=True)
class WorkColumns:
    """Operators of one family in one step; shape [R, W]."""

    compute: Array
    """Seconds at peak FLOP/s, padding included."""
    memory: Array
    """Seconds at peak bandwidth."""
    narrow: Array
    repeats: Array
    """Shape [S, R, W]."""
    starts: Array
    """Kernels started in the whole step; shape [S, R, W]."""


@dataclass(frozen=True)
class MessageColumns:
    """Messages of one pattern in one step, each within one tier; shape [R, W]."""

    size: Array
    members: Array
    latency: Array
    bandwidth: Array
    repeats: Array
    """Shape [S, R, W]."""

    def reach(self, start: Array, share: Array) -> Reach:
        """The tier with what an engine reaches of it; the boards of all public runs switch."""
        return Reach(self.members, self.latency * start, self.bandwidth * share, direct=True)


@dataclass(frozen=True)
class StepColumns:
    """One kind of step of every run."""

    work: Mapping[str, WorkColumns]
    messages: Mapping[str, MessageColumns]


@dataclass(frozen=True)
class ChipColumns:
    """What data sheets and assumptions say of every run's chip; shape [R, 1]."""

    compute_efficiency: Array
    memory_efficiency: Array
    link_efficiency: Array
    kernel_latency: Array


@dataclass(frozen=True)
class Runs:
    """Everything a fit needs of R measured runs."""

    subjects: tuple[Subject, ...]
    chip: ChipColumns
    decode: StepColumns
    mixed: StepColumns
    loop: Loop
    step_overhead: Array
    turns: Array
    """Whole requests that a request waits for because the cache is too small; shape [R]."""
    features: Array
    """Shape [features, R]."""
    ttft: Array
    """Measured seconds; shape [R]."""
    tpot: Array

    def __len__(self) -> int:
        return len(self.subjects)

    @property
    def stages(self) -> int:
        """Rows of ``pipeline``, S."""
        return len(self.decode.work[FAMILIES[0]].repeats)

    @property
    def unlimited(self) -> NDArray[np.bool_]:
        """Whether a run's requests waited no whole turn more than its cache makes them; shape [R].

        The others had a limit on the batch that nobody states.
        """
        waited = self.ttft / (self.loop.output_tokens * self.tpot)
        return np.asarray(waited <= 1 + self.turns)


@dataclass(frozen=True)
class _Case:
    """One run before it becomes a row."""

    subject: Subject
    deployment: Deployment
    plan: PlanTable
    batch: Batching
    turns: float


_UNSCALED_LINKS = dict.fromkeys(FACTORS, 1.0)


def runs_of(measurements: Sequence[Measurement], catalogue: Catalogue) -> Runs:
    """The columns of measured runs; raises InvalidInput for one that can't be evaluated."""
    bare = replace(catalogue, calibrations=Calibrations(_UNSCALED_LINKS, ()))
    cases = [_case(measured, bare) for measured in measurements]
    loops = [loop_of(case.deployment, case.plan, case.batch) for case in cases]
    return Runs(
        subjects=tuple(case.subject for case in cases),
        chip=_chips(cases),
        decode=_steps(cases, [case.batch.decode for case in cases]),
        mixed=_steps(cases, [case.batch.mixed for case in cases]),
        loop=Loop(**{name: _column(loops, name) for name in Loop.__dataclass_fields__}),
        step_overhead=np.array([case.deployment.workload.step_overhead for case in cases]),
        turns=np.array([case.turns for case in cases]),
        features=np.concatenate([_load_features(case) for case in cases], axis=1),
        ttft=np.array([measured.ttft_ms * MILLI for measured in measurements]),
        tpot=np.array([measured.tpot_ms * MILLI for measured in measurements]),
    )


def _case(measured: Measurement, catalogue: Catalogue) -> _Case:
    deployed, plan = measured_case(measured, catalogue)
    subject = measured_subject(measured, deployed.model, deployed.chip, deployed.workload)
    running, turns = running_deployment(deployed, plan, reserved_output(measured))
    batch = batching(running, plan, requests_per_rank(running, plan))
    return _Case(subject, running, plan, batch, float(np.ravel(turns)[0]))


def _column(records: Sequence[Any], name: str) -> Array:
    return np.array([float(np.ravel(getattr(record, name))[0]) for record in records])


def _chips(cases: Sequence[_Case]) -> ChipColumns:
    chips = [case.deployment.chip for case in cases]
    names = ChipColumns.__dataclass_fields__
    return ChipColumns(**{name: _column(chips, name)[:, None] for name in names})


def _steps(cases: Sequence[_Case], steps: Sequence[Step]) -> StepColumns:
    work: dict[str, list[list[tuple[float, ...]]]] = {name: [] for name in FAMILIES}
    messages: dict[str, list[list[tuple[float, ...]]]] = {name: [] for name in PATTERNS}
    rows_of = [pipeline(case.deployment.model, case.plan) for case in cases]
    count = max(len(np.asarray(layers.every)) for layers in rows_of)
    for case, step, layers in zip(cases, steps, rows_of, strict=True):
        context = Context(case.deployment, case.plan, step, layers)
        for rows in (work, messages):
            for lists in rows.values():
                lists.append([])
        for item in step_work(context):
            work[family(item)][-1].append(_work_row(item, case, count))
        network = StepCostModel(case.deployment, case.plan).network
        for message in step_messages(context):
            reach = _widest(network.span(message.group))
            if reach is not None:
                row = (_number(message.size), *reach, *_by_row(message.repeats, count))
                messages[message.pattern][-1].append(row)
    return StepColumns(
        work={name: _work_columns(rows, count) for name, rows in work.items()},
        messages={name: _message_columns(rows, count) for name, rows in messages.items()},
    )


def _work_columns(rows: Sequence[Sequence[tuple[float, ...]]], count: int) -> WorkColumns:
    table = _padded(rows, (0.0,) * (3 + 2 * count))
    compute, memory, narrow = table[:3]
    return WorkColumns(compute, memory, narrow, *np.split(table[3:], 2))


def _message_columns(rows: Sequence[Sequence[tuple[float, ...]]], count: int) -> MessageColumns:
    table = _padded(rows, (0.0, 1.0, 0.0, 1.0, *(0.0,) * count))
    size, members, latency, bandwidth = table[:4]
    return MessageColumns(size, members, latency, bandwidth, table[4:])


def _load_features(case: _Case) -> Array:
    bumps = load_bumps(case.deployment, case.plan, case.batch.requests)
    return bumps.rows(slice(None)).T


def _work_row(work: Work, case: _Case, count: int) -> tuple[float, ...]:
    """Compute, memory, narrow, then repeats and starts by ``count`` rows of ``pipeline``."""
    chip = case.deployment.chip
    repeats, moved = _by_row(work.repeats, count), _number(work.bytes)
    return (
        _number(padded_compute_time(work, chip)),
        _number(ideal_memory_time(work, chip)),
        float(work.unit != "bf16"),
        *repeats,
        *(times * work.kernels * min(np.ceil(moved), 1) for times in repeats),
    )


def _by_row(repeats: Any, count: int) -> tuple[float, ...]:
    """Repeats by ``count`` rows of ``pipeline``: alike for a plan without stages."""
    rows = np.asarray(repeats, dtype=float)
    return tuple(np.broadcast_to(rows[..., 0] if rows.ndim else rows, count).tolist())


def _widest(span: Sequence[Reach]) -> tuple[float, float, float] | None:
    """Members, latency and bandwidth at the data sheet of the outermost tier a group crosses."""
    crossed = [reach for reach in span if _number(reach.members) > 1]
    if not crossed:
        return None
    ranks = np.prod([_number(reach.members) for reach in crossed])
    return (float(ranks), _number(crossed[-1].latency), _number(crossed[-1].bandwidth))


def _number(value: Any) -> float:
    return float(np.ravel(value)[0])


def _padded(rows: Sequence[Sequence[tuple[float, ...]]], empty: tuple[float, ...]) -> Array:
    """Columns [columns, R, W] of ragged rows, short ones filled with ``empty``."""
    most = max((len(row) for row in rows), default=0)
    full = [[*row, *[empty] * (most - len(row))] for row in rows]
    table = np.array(full, dtype=float).reshape(len(rows), most, len(empty))
    return np.ascontiguousarray(np.moveaxis(table, -1, 0))
