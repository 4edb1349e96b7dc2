"""Compares stored results: aligned metrics, differences, domination, inputs that differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.errors import NotFound
from llm_simulator.models import EvaluationTask, Experiment
from llm_simulator.schemas.comparison import (
    Better,
    ComparedMetric,
    ComparedResult,
    Comparison,
    DifferingInput,
    ResultId,
)
from llm_simulator.task_manager.history.queries import no_task
from llm_simulator.task_manager.rows.detail_rows import NOTHING, Details, stored_details
from llm_simulator.task_manager.rows.result_rows import value_at

HIGHER, LOWER = Better.HIGHER, Better.LOWER
MOST_INPUTS = 200
"""Differing inputs that are listed; the rest is counted."""


@dataclass(frozen=True)
class Metric:
    """A figure of a plan: where it stands in a plan, and which direction is better."""

    name: str
    unit: str
    better: Better
    path: tuple[str, ...] = ()

    def value(self, plan: Mapping[str, Any]) -> float | None:
        """The plan's figure; None when it has none."""
        return value_at(plan, self.path or (self.name,))

    def interval(self, plan: Mapping[str, Any]) -> tuple[float, float] | None:
        """The figure's 80 % interval; None when it has none."""
        low, high = plan.get(f"{self.name}_low"), plan.get(f"{self.name}_high")
        return None if low is None or high is None else (low, high)


METRICS = (
    Metric("throughput", "tokens/s", HIGHER),
    Metric("tps_per_chip", "tokens/s", HIGHER),
    Metric("ttft", "ms", LOWER),
    Metric("tpot", "ms", LOWER),
    Metric("e2e_latency", "ms", LOWER),
    Metric("chips", "chips", LOWER),
    Metric("cost", "USD/M output tokens", LOWER, ("economics", "usd_per_million_output_tokens")),
    Metric("energy", "J/output token", LOWER, ("economics", "joules_per_token")),
    Metric("mfu", "share", HIGHER),
    Metric("mbu", "share", HIGHER),
    Metric("memory_per_chip", "GB", LOWER, ("memory", "total_gb")),
    Metric("kv_transfer", "ms", LOWER, ("kv_transfer_ms",)),
    Metric("simulated_ttft_p99", "ms", LOWER, ("simulated", "ttft", "p99_ms")),
    Metric("simulated_tpot_p99", "ms", LOWER, ("simulated", "tpot", "p99_ms")),
    Metric("goodput", "requests/s", HIGHER, ("simulated", "goodput")),
)
PRICES = ("hardware.price_usd_per_hour", "economics.chip_usd_per_hour", "economics.chip_price_usd")
"""What a cost may rest on: a chip's rent, or what it is bought for."""
DOMINATING = ("tps_per_chip", "ttft", "tpot", "chips")


def compared(database: Database, wanted: Sequence[ResultId]) -> Comparison:
    """The results beside each other, in the order asked. Raises NotFound."""
    with database.reading() as session:
        rows = [_stored(session, result) for result in wanted]
        stored = stored_details(session, {row.row for row in rows})
    found = [stored.get(row.row, NOTHING) for row in rows]
    plans = [_plan(details, result) for details, result in zip(found, wanted, strict=True)]
    requests = [
        at_best(row.request, details.findings.get("sweep"))
        for row, details in zip(rows, found, strict=True)
    ]
    dominated = domination(plans)
    inputs = list(differing_inputs(requests))
    return Comparison(
        results=[
            _column(row, plan, request, np.flatnonzero(by).tolist())
            for row, plan, request, by in zip(rows, plans, requests, dominated, strict=True)
        ],
        metrics=[row for metric in METRICS if (row := _row(metric, plans))],
        inputs=inputs[:MOST_INPUTS],
        inputs_left_out=max(len(inputs) - MOST_INPUTS, 0),
    )


def domination(plans: Sequence[Mapping[str, Any]]) -> NDArray[np.bool_]:
    """Which plan [row] is dominated by which [column]; shape [N, N].

    >>> cheap = {"tps_per_chip": 2.0, "ttft": 9.0, "tpot": 9.0, "chips": 8}
    >>> domination([cheap, cheap | {"ttft": 5.0}]).tolist()
    [[False, True], [False, False]]
    """
    metrics = [metric for metric in METRICS if metric.name in DOMINATING]
    signs = np.array([1.0 if metric.better is LOWER else -1.0 for metric in metrics])
    costs = signs * np.array([[plan[metric.name] for metric in metrics] for plan in plans], float)
    mine, theirs = costs[:, None, :], costs[None, :, :]
    return np.logical_and((theirs <= mine).all(axis=2), (theirs < mine).any(axis=2))


def differing_inputs(requests: Sequence[Mapping[str, Any]]) -> Iterator[DifferingInput]:
    """The fields, as dotted paths, in which requests differ; a list is compared as a whole.

    >>> [one] = differing_inputs([{"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}])
    >>> one.field, one.values
    ('a.c', [2, 3])
    """
    leaves = [dict(_leaves(request)) for request in requests]
    for field in dict.fromkeys(name for request in leaves for name in request):
        values = [request.get(field) for request in leaves]
        if any(value != values[0] for value in values):
            yield DifferingInput(field=field, values=values)


def _stored(session: Session, wanted: ResultId) -> Row[*tuple[Any, ...]]:
    query = (
        select(
            EvaluationTask.id.label("row"),
            EvaluationTask.task_id,
            EvaluationTask.model_name,
            EvaluationTask.request,
            Experiment.name.label("experiment_name"),
        )
        .select_from(EvaluationTask)
        .join(Experiment)
        .where(EvaluationTask.task_id == wanted.task_id)
    )
    row = session.execute(query).first()
    if row is None:
        raise no_task(wanted.task_id)
    return row


def at_best(request: Mapping[str, Any], sweep: Mapping[str, Any] | None) -> dict[str, Any]:
    """The request as it is at the best point of its sweep, whose plans a swept task has.

    >>> axis = {"field": "chip.memory_bandwidth", "values": [2.0, 3.0], "unit": "TB/s"}
    >>> sweep = {"axes": [axis | {"labels": ["2 TB/s", "3 TB/s"]}], "best": [1]}
    >>> at_best({"hardware": {"name": "a", "memory_bandwidth": 2e12}}, sweep)
    {'hardware': {'name': 'a', 'memory_bandwidth': '3 TB/s'}}
    """
    asked = dict(request)
    for axis, place in zip(sweep["axes"], sweep["best"], strict=True) if sweep else ():
        part, *path = axis["field"].split(".")
        label = axis["labels"][place]
        value = axis["values"][place] if path and axis["unit"] is None else label
        # A whole part is known by its label.
        asked = _with_value(
            asked, ["hardware" if part == "chip" else part, *(path or ["name"])], value
        )
    return asked


def _with_value(tree: Mapping[str, Any], path: Sequence[str], value: Any) -> dict[str, Any]:
    name, *below = path
    inner = tree.get(name)
    if not below:
        return {**tree, name: value}
    return {**tree, name: _with_value(inner if isinstance(inner, Mapping) else {}, below, value)}


def _plan(found: Details, wanted: ResultId) -> Mapping[str, Any]:
    """The plan of that rank; raises NotFound."""
    for plan in found.plans:
        if plan.get("rank") == wanted.rank:
            return plan
    raise NotFound(f"Task '{wanted.task_id}' has no plan of rank {wanted.rank}.")


def _column(
    row: Row[*tuple[Any, ...]],
    plan: Mapping[str, Any],
    request: Mapping[str, Any],
    dominated_by: list[int],
) -> ComparedResult:
    chip, decode_chip = (
        value_at(request, (part, "name")) for part in ("hardware", "decode_hardware")
    )
    assumptions = value_at(plan, ("economics", "assumptions")) or []
    return ComparedResult.model_validate(
        {
            **row._mapping,
            "rank": plan["rank"],
            "model_name": value_at(request, ("model", "name")) or row.model_name,
            "chip_name": chip or "",
            "decode_chip_name": None if decode_chip == chip else decode_chip,
            "parallelism": plan["parallelism"],
            "pools": plan.get("pools"),
            "replicas": plan.get("replicas", 1),
            "chips": plan["chips"],
            "batch_size": plan.get("batch_size"),
            "input_seq_length": value_at(request, ("inference", "input_seq_length")),
            "output_seq_length": value_at(request, ("inference", "output_seq_length")),
            "latency": plan.get("latency"),
            "prices": [one for one in assumptions if one["field"] in PRICES],
            "dominated": bool(dominated_by),
            "dominated_by": dominated_by,
        }
    )


def _row(metric: Metric, plans: Sequence[Mapping[str, Any]]) -> ComparedMetric | None:
    """One metric of all plans; None when no plan has it."""
    values = [metric.value(plan) for plan in plans]
    if all(value is None for value in values):
        return None
    first = values[0]
    return ComparedMetric(
        name=metric.name,
        unit=metric.unit,
        better=metric.better,
        values=values,
        differences=[None if value is None or first is None else value - first for value in values],
        ratios=[None if value is None or not first else value / first for value in values],
        intervals=[metric.interval(plan) for plan in plans],
    )


def _leaves(part: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value
