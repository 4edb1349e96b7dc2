"""What the model predicts for a public figure, asked through its public entry."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from math import prod
from typing import Any

from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.results.plan import AnyPlan
from llm_simulator.planner.specs.calibration import ENGINES
from validation.figures import Point, PublicFigure

LADDER_FIRST = 4
"""Requests per chip at the foot of the ladder of concurrencies."""
LADDER_STEP = 2**0.5
LADDER_RUNGS = 24


@dataclass(frozen=True)
class Answer:
    """The prediction for one point of a figure."""

    concurrency: int
    plan: Mapping[str, int]
    fits: bool
    """Whether the plan fits the memory and keeps the limits."""
    predicted: Mapping[str, float]
    """By quantity, in the unit of the measured figure."""


@dataclass(frozen=True)
class Quantity:
    """Something a source reports: how it reads off a plan's result."""

    label: str
    unit: str
    value: Callable[[AnyPlan, PublicFigure, int], float]


def _known(figure: float | None) -> float:
    """A figure that every plan has that was evaluated."""
    assert figure is not None
    return figure


def _prefilled(plan: AnyPlan, figure: PublicFigure, _: int) -> float:
    lengths = figure.inference
    per_output_token = lengths["input_seq_length"] / lengths["output_seq_length"]
    return _known(plan.throughput) / _chips(figure) * per_output_token


def _decoded(plan: AnyPlan, figure: PublicFigure, concurrency: int) -> float:
    """All requests decode and none waits for a prompt, as on a pool of its own."""
    latency = plan.latency
    assert latency is not None
    step_ms = latency.decode.total_ms - latency.decode.waiting_ms
    return concurrency / step_ms * 1000 / _chips(figure)


QUANTITIES: Mapping[str, Quantity] = {
    "ttft_ms": Quantity("TTFT", "ms", lambda plan, *_: _known(plan.ttft)),
    "tpot_ms": Quantity("TPOT", "ms", lambda plan, *_: _known(plan.tpot)),
    "output_per_chip": Quantity(
        "output",
        "tokens/s per chip",
        lambda plan, figure, _: _known(plan.throughput) / _chips(figure),
    ),
    "prefill_per_chip": Quantity("prefill", "prompt tokens/s per chip", _prefilled),
    "decode_per_chip": Quantity("decode", "tokens/s per chip", _decoded),
}


def _chips(figure: PublicFigure) -> int:
    """Chips that share the measured throughput."""
    if figure.plan is None:
        return figure.chips
    return prod(figure.plan.get(degree, 1) for degree in ("dp", "tp", "pp", "sp"))


def answer(figure: PublicFigure, point: Point) -> Answer:
    """The prediction for a point; raises InvalidInput when the figure can't be asked."""
    if point.concurrency != "maximum":
        return _answer(figure, point, point.concurrency)
    rungs = (_answer(figure, point, concurrency) for concurrency in ladder(_chips(figure)))
    first, *others = takewhile_feasible(rungs)
    aim = next(iter(point.measured))
    return max([first, *others], key=lambda rung: rung.predicted[aim])


def ladder(chips: int) -> list[int]:
    """Concurrencies from a few requests per chip upwards, a factor of the square root of 2 apart.

    >>> ladder(8)[:5]
    [32, 45, 64, 91, 128]
    """
    return [round(chips * LADDER_FIRST * LADDER_STEP**rung) for rung in range(LADDER_RUNGS)]


def takewhile_feasible(rungs: Iterator[Answer]) -> list[Answer]:
    """The rungs up to the first that does not fit; that one alone when none does."""
    first = next(rungs)
    return [first, *takewhile(lambda rung: rung.fits, rungs)] if first.fits else [first]


def _answer(figure: PublicFigure, point: Point, concurrency: int) -> Answer:
    plan = _best_plan(figure, concurrency)
    predicted = {name: QUANTITIES[name].value(plan, figure, concurrency) for name in point.measured}
    return Answer(concurrency, plan.parallelism.model_dump(), plan.is_feasible, predicted)


def _best_plan(figure: PublicFigure, concurrency: int) -> AnyPlan:
    """The figure's plan, or the one with the highest throughput; the nearest when none fits."""
    result = evaluate_request(request(figure, concurrency))
    return (result.top_k_plans or result.infeasible_plans)[0]


def request(figure: PublicFigure, concurrency: int) -> dict[str, Any]:
    """The request that asks for a figure (docs/inputs.md)."""
    engine = {"engine": figure.engine} if figure.engine in ENGINES else {}
    body: dict[str, Any] = {
        "model": figure.model,
        "hardware": figure.hardware,
        "topology": figure.topology,
        "inference": {**figure.inference, **engine, "batch_size": concurrency},
    }
    limits = {"top_k": 1, "objective": "throughput", **(figure.limits or {})}
    if figure.plan is None:
        return body | {"search_constraints": limits | {"max_chips": figure.chips}}
    manual = {"search_mode": "manual", "manual_parallelism": dict(figure.plan)}
    return body | manual | {"search_constraints": limits}
