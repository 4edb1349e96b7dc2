"""What the formulas say of runs as columns, given factors as columns; nothing is corrected."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from llm_simulator.planner.calibration.runs import FAMILIES, Runs, StepColumns
from llm_simulator.planner.costs.communication import TIMES
from llm_simulator.planner.costs.roofline import operator_time, reached
from llm_simulator.planner.operators.layers import STAGES
from llm_simulator.planner.serving.benchmark import benchmark_ttft
from llm_simulator.planner.serving.loop import StepTimes, host_time, phases
from llm_simulator.planner.specs.calibration import LOOP_FACTORS
from llm_simulator.units import Array


def uncorrected_latency(runs: Runs, logs: Array) -> tuple[Array, Array]:
    """Seconds of TTFT and TPOT of every run, for logarithms of the factors, [R, factors]."""
    factors = _columns(np.exp(logs))
    flat: Any = SimpleNamespace(**{name: column[:, 0] for name, column in factors.items()})
    decode, mixed = (_stage_times(runs, step, factors) for step in (runs.decode, runs.mixed))
    times = StepTimes(
        decode=decode[:STAGES].max(axis=0),
        mixed=mixed[:STAGES].max(axis=0),
        decode_through=decode[-1],
        mixed_through=mixed[-1],
        host=host_time(runs.step_overhead, runs.loop.requests, flat),
    )
    parts = phases(runs.loop, times, flat)
    ttft = benchmark_ttft(parts, runs.loop, times, flat, runs.turns)
    return np.asarray(ttft), np.asarray(parts.tpot)


def _columns(values: Array) -> Mapping[str, Array]:
    """Each factor as a column of shape [R, 1]."""
    return {name: values[:, place, None] for place, name in enumerate(LOOP_FACTORS)}


def _stage_times(runs: Runs, step: StepColumns, factors: Mapping[str, Array]) -> Array:
    """Seconds of a step by the rows of ``pipeline``; shape [S, R]."""
    named: Any = SimpleNamespace(**factors)
    chip: Any = runs.chip
    total = np.zeros((runs.stages, len(runs)))
    for kind in FAMILIES:
        work = step.work[kind]
        reach = reached(kind, work.narrow, chip, named)
        busy = operator_time(work.compute / reach.compute, work.memory / reach.memory)
        total += (work.repeats * busy + work.starts * reach.start).sum(axis=-1)
    for pattern, messages in step.messages.items():
        tier = messages.reach(
            named.message_start, np.minimum(named.link_bandwidth, 1 / chip.link_efficiency)
        )
        total += (messages.repeats * TIMES[pattern](messages.size, (tier,))).sum(axis=-1)
    return total
