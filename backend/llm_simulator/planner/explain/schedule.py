"""Who does what when: a request on its way to the first token, a round of decoding, one layer.

Each schedule is as long as the figure of the result that it explains. Ranks of a stage do alike,
so a stage is a lane; between first and last stage all take their mean.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from llm_simulator.planner.explain.explanation import Cause, Schedule, Span
from llm_simulator.planner.explain.only import only
from llm_simulator.planner.operators.layers import STAGES
from llm_simulator.planner.results.plan import PhaseLatency
from llm_simulator.planner.serving.breakdown import Passage
from llm_simulator.planner.serving.loop import micro_batches, round_time
from llm_simulator.units import MILLI, Seconds

DRAWN = 64
"""Micro-batches or chunks that are drawn at most: the first and the last half of so many."""
HOST = "host"
QUEUE = "queue"
LINK = "link between pools"


@dataclass(frozen=True)
class StageTimes:
    """Seconds of one step on each stage of a plan, and of handing on to the next."""

    stages: tuple[float, ...]
    """Handing on included."""
    handing_on: float
    slowest: float
    through: float

    @property
    def offsets(self) -> list[float]:
        """When the step reaches each stage."""
        return [0.0, *np.cumsum(self.stages)[:-1].tolist()]


def stage_times(passage: Passage) -> StageTimes:
    """The times of a table's only plan, as its operators add up to."""
    pp = int(passage.cost_model.plans.pp[0])
    through, slowest = (only(t) for t in (passage.total.through, passage.total.time))
    if pp == 1:
        return StageTimes((through,), 0.0, slowest, through)
    costs = passage.costs
    rows = costs.seconds.sum(axis=(0, 1))[:, 0]
    handing_on = only(costs.communication[costs.names.index("pipeline_transfer")])
    between = (through - rows[0] - rows[STAGES - 1]) / max(pp - 2, 1)
    stages = (float(rows[0]), *[float(between)] * (pp - 2), float(rows[STAGES - 1]))
    return StageTimes(stages, handing_on, slowest, through)


def request_schedule(passage: Passage, shown: PhaseLatency, correction: float) -> Schedule:
    """A request until its first token: it waits, its chunks pass the stages, the token comes."""
    times, chunks = stage_times(passage), passage.step.chunks
    pace = only(passage.pace) * correction / MILLI
    own = {operator.name: operator for operator in shown.operators}
    drawing = _Drawing()
    for name in ("place", "queueing", "admission"):
        if name in own:
            drawing.append(name, QUEUE, "waiting", own[name].waiting_ms)
    began = drawing.end
    drawn = drawn_numbers(chunks)
    for chunk in drawn:
        drawing.step(f"chunk {chunk + 1}", times, began, chunk * times.slowest, pace, chunk)
    drawing.end = began + (times.through + (chunks - 1) * times.slowest) * pace
    after: tuple[tuple[str, str, Cause], ...] = (
        ("host_overhead", HOST, "overhead"),
        ("pool_handover", HOST, "overhead"),
        ("kv_transfer", LINK, "communication"),
        ("first_decode_step", "decode pool", "memory"),
    )
    for name, lane, cause in after:
        if name in own:
            drawing.append(name, lane, cause, own[name].time_ms)
    return drawing.schedule("request", "ttft", left_out=chunks - len(drawn))


def round_schedule(
    passage: Passage, shown: PhaseLatency, correction: float, requests: float, accepted: float
) -> Schedule:
    """A round of decode steps: every micro-batch passes every stage, then hosts and prompts take
    their part; it yields ``accepted`` tokens per request."""
    times, plans = stage_times(passage), passage.cost_model.plans
    batches = int(only(micro_batches(plans.pp, requests)))
    whole = float(round_time(batches, times.slowest, times.through))
    pace = only(passage.pace) * correction / MILLI
    drawing = _Drawing()
    drawn = drawn_numbers(batches)
    for batch in drawn:
        begins = batch * whole / batches
        drawing.step(f"micro-batch {batch + 1}", times, 0.0, begins, pace, batch, within=whole)
    drawing.end = whole * pace
    own = {operator.name: operator for operator in shown.operators}
    if "host_overhead" in own:
        drawing.append("host_overhead", HOST, "overhead", own["host_overhead"].time_ms * accepted)
    if "prefill_interference" in own:
        waiting = own["prefill_interference"].time_ms * accepted
        drawing.append("prefill_interference", QUEUE, "waiting", waiting)
    return drawing.schedule("decode_round", "tpot", left_out=batches - len(drawn))


def drawn_numbers(count: int) -> list[int]:
    """The first and the last of so many; all of them if they are few."""
    if count <= DRAWN:
        return list(range(count))
    half = DRAWN // 2
    return [*range(half), *range(count - half, count)]


def _within(start: float, end: float, whole: float) -> Iterator[tuple[float, float]]:
    """The span in a round that repeats: what goes beyond its end is at its begin.

    >>> list(_within(3.0, 5.0, 4.0)), list(_within(5.0, 6.0, 4.0)), list(_within(3.0, 5.0, np.inf))
    ([(3.0, 4.0), (0.0, 1.0)], [(1.0, 2.0)], [(3.0, 5.0)])
    """
    if start >= whole:
        start, end = start - whole, end - whole
    yield start, min(end, whole)
    if end > whole:
        yield 0.0, end - whole


class _Drawing:
    """Spans put one after the other; milliseconds."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.end = 0.0

    def append(self, name: str, lane: str, cause: Cause, length: float) -> None:
        """A span that begins where the last one ended; a negative one is time given back."""
        start, self.end = self.end, self.end + length
        low, high = sorted((start, self.end))
        self.spans.append(Span(name=name, lane=lane, cause=cause, start_ms=low, end_ms=high))

    def step(
        self,
        name: str,
        times: StageTimes,
        began: float,
        begins: Seconds,
        pace: float,
        index: int,
        within: float = np.inf,
    ) -> None:
        """A step on all stages; what goes beyond ``within`` seconds is at the round's begin."""
        last = len(times.stages) - 1
        for stage, (offset, length) in enumerate(zip(times.offsets, times.stages, strict=True)):
            sent = times.handing_on if stage < last else 0.0
            start = float(begins) + offset
            parts: list[tuple[str, Cause, float, float]] = [
                (f"stage {stage + 1}", "compute", start, length - sent)
            ]
            if sent:
                lane = f"stage {stage + 1} to {stage + 2}"
                parts.append((lane, "communication", start + length - sent, sent))
            for lane, cause, first, long in parts:
                for low, high in _within(first, first + long, within):
                    self.spans.append(
                        Span(
                            name=name,
                            lane=lane,
                            cause=cause,
                            start_ms=began + low * pace,
                            end_ms=began + high * pace,
                            index=index,
                        )
                    )

    def schedule(
        self,
        name: Literal["request", "decode_round"],
        figure: Literal["ttft", "tpot"],
        left_out: int,
    ) -> Schedule:
        """The schedule of all spans so far."""
        return Schedule(
            name=name,
            figure=figure,
            length_ms=self.end,
            lanes=list(dict.fromkeys(span.lane for span in self.spans)),
            spans=self.spans,
            left_out=left_out,
        )
