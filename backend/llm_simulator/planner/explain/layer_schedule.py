"""One layer of a step, operator by operator: what the chip does and what goes over its links."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from llm_simulator.planner.costs.part_costs import OperatorCosts
from llm_simulator.planner.explain.explanation import Cause, Schedule, Span
from llm_simulator.planner.explain.only import only
from llm_simulator.planner.operators.layers import LAYER_COUNTS, layer_counts
from llm_simulator.planner.serving.breakdown import Passage
from llm_simulator.units import MILLI, Array

CAUSES: tuple[Cause, ...] = ("compute", "memory", "communication", "overhead")
CHIP = "chip"
LINKS = "links"
ORDER = (
    *("norms", "qkv_projection", "sequence_exchange", "indexer", "attention", "linear_attention"),
    *("output_projection", "all_reduce_attention", "router", "expert_routing", "dispatch"),
    *("expert_up", "expert_down", "combine", "shared_expert", "mlp_up", "mlp_down", "all_reduce"),
)
"""Operators of a layer as one needs the others' results."""

LayerKind = Literal["dense", "mixture"]
_EVERY, _MOE = 0, 1
"""Rows of ``layer_counts``."""


@dataclass(frozen=True)
class Bar:
    """Seconds of one operator in one layer, and what most of them are charged to."""

    name: str
    cause: Cause
    seconds: float

    @property
    def lane(self) -> str:
        """Where it happens."""
        return LINKS if self.cause == "communication" else CHIP


def layer_schedules(
    name: Literal["prefill_layer", "decode_layer"], passage: Passage, correction: float
) -> Iterator[Schedule]:
    """A layer of each kind that the slowest stage of a table's only plan has.

    Where kinds of attention alternate it is a mean over them.
    """
    model, plans = passage.cost_model.deployment.model, passage.cost_model.plans
    stage = int(passage.total.slowest[0])
    counts = np.array([row[stage, 0] for row in layer_counts(model, plans)])
    overlapped = _is_overlapped(passage, counts)
    costs = passage.steps.layer(passage.number, halves=overlapped)
    operators = tuple(_by_name(costs, model.parts_per_layer))
    pace = only(passage.pace) * correction / MILLI
    kinds: dict[LayerKind, float] = {
        "dense": counts[_EVERY] - counts[_MOE],
        "mixture": counts[_MOE],
    }
    for kind, layers in kinds.items():
        if layers > 0:
            bars = _bars(operators, kind)
            spans = list(_halves(bars, pace) if overlapped else _in_line(bars, pace))
            yield Schedule(
                name=name,
                figure="layer",
                length_ms=_length(bars, overlapped) * pace,
                lanes=[CHIP, LINKS],
                spans=spans,
                layer=kind,
                layers=float(layers),
            )


def _is_overlapped(passage: Passage, counts: Array) -> bool:
    """Whether two halves of the step hide each other's messages."""
    if not passage.cost_model.deployment.workload.two_batch_overlap:
        return False
    plain = passage.steps.layer(passage.number)
    whole = float((counts @ plain.seconds.sum(axis=(0, 1))).sum())
    return float(passage.total.time[0]) < whole * (1 - 1e-9)


def _bars(operators: Iterable[tuple[str, Array]], kind: LayerKind) -> list[Bar]:
    """The operators of a layer of this ``kind`` in their order."""
    layer, place = _layer_of(kind), {name: number for number, name in enumerate(ORDER)}
    found = ((name, layer @ seconds) for name, seconds in operators)
    bars = [
        Bar(name, CAUSES[int(np.argmax(np.abs(seconds)))], float(seconds.sum()))
        for name, seconds in found
        if seconds.sum() > 0
    ]
    return sorted(bars, key=lambda bar: place.get(bar.name, len(ORDER)))


def _by_name(costs: OperatorCosts, parts: float) -> Iterator[tuple[str, Array]]:
    """Seconds by the counts of ``layer_counts`` and by cause, those of one name together."""
    found: dict[str, Array] = {}
    for name, share, row in _named(costs.names, parts):
        seconds = share * costs.seconds[row, :, :, 0].T
        found[name] = found[name] + seconds if name in found else seconds
    yield from found.items()


def _named(operators: Sequence[str], parts: float) -> Iterator[tuple[str, float, int]]:
    """Rows of operators by their place in a layer: what is sent after each of its ``parts`` apart,
    what goes to experts apart from what comes back."""
    going = operators.count("dispatch_combine") // 2
    for row, operator in enumerate(operators):
        if operator == "dispatch_combine":
            yield "dispatch" if going > 0 else "combine", 1.0, row
            going -= 1
        elif operator == "all_reduce":
            yield "all_reduce_attention", 1 - 1 / max(parts, 1.0), row
            yield "all_reduce", 1 / max(parts, 1.0), row
        else:
            yield operator, 1.0, row


def _layer_of(kind: LayerKind) -> Array:
    """How often the counts of ``layer_counts`` are in one layer; [4]."""
    layer = np.zeros(LAYER_COUNTS)
    layer[_EVERY] = 1.0
    layer[_MOE] = float(kind == "mixture")
    return layer


def _length(bars: Sequence[Bar], overlapped: bool) -> float:
    """Seconds of the layer; two halves take turns on chip and links."""
    if not overlapped:
        return sum(bar.seconds for bar in bars)
    return 2 * max(_on(CHIP, bars), _on(LINKS, bars))


def _on(lane: str, bars: Sequence[Bar]) -> float:
    return sum(bar.seconds for bar in bars if bar.lane == lane)


def _in_line(bars: Sequence[Bar], pace: float) -> Iterator[Span]:
    """One after the other."""
    end = 0.0
    for bar in bars:
        start, end = end, end + bar.seconds
        yield _span(bar, start, end, pace)


def _halves(bars: Sequence[Bar], pace: float) -> Iterator[Span]:
    """Two halves of a step that take turns: one computes while the other's messages are sent."""
    turn = _length(bars, overlapped=True) / 2
    for index in (0, 1):
        ends = {CHIP: index * turn, LINKS: (1 - index) * turn}
        for bar in bars:
            start = ends[bar.lane]
            ends[bar.lane] = start + bar.seconds
            yield _span(bar, start, ends[bar.lane], pace, index)


def _span(bar: Bar, start: float, end: float, pace: float, index: int | None = None) -> Span:
    return Span(
        name=bar.name,
        lane=bar.lane,
        cause=bar.cause,
        start_ms=start * pace,
        end_ms=end * pace,
        index=index,
    )
