"""Both phases by operator: FLOPs, bytes, time by cause, and what is reached of the data sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from llm_simulator.planner.costs.roofline import family
from llm_simulator.planner.explain.explanation import (
    Cause,
    Ceilings,
    ExplainedOperator,
    ExplainedPhase,
    ExplainedStep,
    MessageTraffic,
    OperatorKind,
    PhaseName,
)
from llm_simulator.planner.explain.only import only
from llm_simulator.planner.operators.layers import STAGES
from llm_simulator.planner.operators.work import Work
from llm_simulator.planner.results.plan import OperatorTime, PhaseLatency
from llm_simulator.planner.serving.breakdown import Passage
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import MILLI, Array, Count

CAUSES: tuple[Cause, ...] = ("compute", "memory", "communication", "overhead", "waiting")


@dataclass
class WorkDone:
    """What one operator does in a phase, summed over the steps that it passes."""

    kind: OperatorKind
    flops: float = 0.0
    bytes: float = 0.0
    flops_by_unit: dict[str, float] = field(default_factory=dict)


def explained_phase(
    phase: PhaseName,
    passage: Passage,
    shown: PhaseLatency,
    traffic: Sequence[MessageTraffic],
    correction: float,
) -> ExplainedPhase:
    """The phase of a table's only plan; its times are those ``shown`` in the result."""
    chip = passage.cost_model.deployment.chip
    done = _work_done(passage)
    sent = _sent(traffic)
    scale = only(passage.pace) * correction
    operators = [
        _operator(time, done.get(time.name), sent, chip, scale) for time in shown.operators
    ]
    return ExplainedPhase(
        phase=phase,
        **{name: getattr(shown, name) for name in ("total_ms", *(f"{c}_ms" for c in CAUSES))},
        flops=sum(operator.flops for operator in operators),
        bytes=sum(operator.bytes for operator in operators),
        correction=correction,
        ceilings=Ceilings(
            chip=chip.name,
            peak_flops=dict(chip.peak_flops),
            memory_bandwidth=chip.memory_bandwidth,
        ),
        step=_step(passage),
        operators=operators,
    )


def passed(figure: Count, passage: Passage) -> float:
    """A figure of a step by the rows of ``pipeline``, as often as the phase passes each."""
    return float((passage.passes * _rows(figure))[:, 0].sum())


def _rows(figure: Count) -> Array:
    """The figure on each row of ``pipeline``; one row, all together, where there are no stages."""
    whole = np.asarray(figure, dtype=float)
    return np.broadcast_to(whole if whole.ndim == 2 else whole.reshape(1, -1), (STAGES + 1, 1))


def _work_done(passage: Passage) -> dict[str, WorkDone]:
    found: dict[str, WorkDone] = {}
    for work, repeats in zip(passage.steps.asked, passage.costs.repeats, strict=True):
        if not isinstance(work, Work):
            found.setdefault(work.operator, WorkDone("message"))
            continue
        times = passed(repeats, passage)
        flops, moved = (times * passage.only(f) for f in (work.flops, work.bytes))
        done = found.setdefault(work.operator, WorkDone(family(work)))
        done.flops += flops
        done.bytes += moved
        done.flops_by_unit[work.unit] = done.flops_by_unit.get(work.unit, 0.0) + flops
    return found


def _sent(traffic: Sequence[MessageTraffic]) -> dict[str, float]:
    found: dict[str, float] = {}
    for message in traffic:
        found[message.operator] = found.get(message.operator, 0.0) + message.bytes
    return found


def _operator(
    time: OperatorTime,
    done: WorkDone | None,
    sent: Mapping[str, float],
    chip: ChipSpec,
    scale: float,
) -> ExplainedOperator:
    """One operator; what it reaches leaves out the ``scale`` of whole steps, as calibrated."""
    causes = {cause: getattr(time, f"{cause}_ms") for cause in CAUSES}
    done = done or WorkDone("message" if time.name == "kv_transfer" else "other")
    seconds = time.time_ms * MILLI / scale
    ideal = sum(flops / chip.peak_flops[unit] for unit, flops in done.flops_by_unit.items())
    units = done.flops_by_unit
    return ExplainedOperator(
        name=time.name,
        kind=done.kind,
        cause=max(CAUSES, key=lambda cause: causes[cause]),
        time_ms=time.time_ms,
        **{f"{cause}_ms": ms for cause, ms in causes.items()},
        flops=done.flops,
        bytes=done.bytes,
        intensity=done.flops / done.bytes if done.bytes else None,
        unit=max(units, key=lambda unit: units[unit]) if units else None,
        compute_reach=ideal / seconds if done.flops else None,
        memory_reach=done.bytes / chip.memory_bandwidth / seconds if done.bytes else None,
        wire_bytes=sent.get(time.name, 0.0),
    )


def _step(passage: Passage) -> ExplainedStep:
    step, plans, total = passage.step, passage.cost_model.plans, passage.total
    return ExplainedStep(
        prompts=only(step.prompts),
        chunks_per_prompt=step.chunks,
        prompt_tokens=only(step.prompt_tokens(plans.sp)),
        decoding=only(step.decoding),
        tokens_per_request=step.tokens_per_request,
        context=step.context,
        time_ms=only(total.time) / MILLI,
        through_ms=only(total.through) / MILLI,
    )
