"""A request with a sweep: one valid request for every point of one or two axes."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import prod
from typing import Any

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.planner.requests.calibrations import Calibrations, Subject, read_calibration
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.inputs import (
    case_of,
    chip_of,
    model_of,
    topology_of,
    workload_of,
)
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.requests.sweep_axes import Axis, axes_of
from llm_simulator.planner.requests.sweep_fields import check_field, with_value
from llm_simulator.planner.specs.calibration import Calibration
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.topology import TopologySpec
from llm_simulator.planner.specs.validation import Spec, validated

NAMELESS = TopologySpec(pods=1, racks_per_pod=1, boards_per_rack=1, chips_per_board=1)
"""A topology that names no chip: a sweep's chips are named themselves."""
PARTS: Mapping[str, Callable[[Any, Catalogue], Spec]] = {
    "topology": topology_of,
    "model": model_of,
    "hardware": lambda data, catalogue: chip_of(data, NAMELESS, catalogue),
    "inference": workload_of,
}
"""Parts that an axis may replace as a whole, by a preset's name or written out."""


@dataclass(frozen=True)
class CaseCalibrations(Calibrations):
    """Calibrations with the answer to every case of a sweep's points."""

    answers: Mapping[Subject, Calibration] = field(default_factory=dict)

    def calibration(self, case: Subject, *, benchmark: bool = False) -> Calibration:
        """What is in force for one model on one chip and engine."""
        return self.answers.get(case) or super().calibration(case, benchmark=benchmark)


class _KnownCase(Spec):
    case: Subject
    calibration: Calibration


class _KnownCases(Spec):
    """What a sweep's snapshot says of calibrations."""

    cases: tuple[_KnownCase, ...]


@dataclass(frozen=True)
class SweepRequest:
    """What the points have in common, and the axes along which they differ."""

    axes: tuple[Axis, ...]
    body: Mapping[str, Any]
    """The request with presets resolved, as data; what follows from the parts is left open."""
    catalogue: Catalogue
    """Only what points still ask for: their calibrations and the chips that prices name."""

    @classmethod
    def parse(cls, body: Mapping[str, Any], catalogue: Catalogue) -> "SweepRequest":
        """The request in ``body``; raises InvalidInput naming the first value that can't be."""
        request = cls._read(body, catalogue)
        for number, axis in enumerate(request.axes):
            check_field(request.body, axis, f"sweep[{number}].field")
        return request._with_cases_of_points()

    @classmethod
    def stored(cls, snapshot: Mapping[str, Any], catalogue: Catalogue) -> "SweepRequest":
        """The request of a ``snapshot()``, whose points are not looked at again."""
        request = cls._read(snapshot, catalogue)
        if "cases" not in (snapshot.get("calibration") or {}):
            return request._with_cases_of_points()
        return request._with_cases(request.cases)

    @classmethod
    def _read(cls, body: Mapping[str, Any], catalogue: Catalogue) -> "SweepRequest":
        axes = tuple(
            _resolved_axis(axis, number, catalogue)
            for number, axis in enumerate(axes_of(body["sweep"]))
        )
        rest = {name: part for name, part in body.items() if name != "sweep"}
        _need_hardware(rest, axes)
        catalogue, rest = _with_own_calibrations(rest, catalogue)
        return cls(axes, _resolved_body(rest, axes, catalogue), catalogue)

    def _with_cases_of_points(self) -> "SweepRequest":
        """The same with the calibrations of all points; raises InvalidInput naming a bad value."""
        cases: dict[Subject, Calibration] = {}
        for number in range(self.size):
            point = self.named(number, partial(self.point, number))
            for deployed in (point.deployment, point.decoding):
                if deployed is not None:
                    case = case_of(deployed.model, deployed.chip, deployed.workload)
                    cases[case] = deployed.calibration
        return self._with_cases(cases)

    def _with_cases(self, cases: Mapping[Subject, Calibration]) -> "SweepRequest":
        """The same without presets: small enough to travel."""
        known, prices = self.catalogue, json.dumps(self.body.get("economics"))
        chips = {name: chip for name, chip in known.chips.items() if f'"{name}"' in prices}
        own = Catalogue(
            models={},
            chips=chips,
            topologies={},
            workloads={},
            calibrations=CaseCalibrations(assumed={}, files=(), answers=cases),
            assumptions={part: dict(facts) for part, facts in known.assumptions.items()},
            economics=known.economics,
            correlations=dict(known.correlations),
        )
        return replace(self, catalogue=own)

    @property
    def cases(self) -> Mapping[Subject, Calibration]:
        """The calibrations that points have, by what they are known by."""
        known = self.catalogue.calibrations
        return known.answers if isinstance(known, CaseCalibrations) else {}

    @property
    def shape(self) -> tuple[int, ...]:
        """Values along each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def size(self) -> int:
        """How many points there are."""
        return prod(self.shape)

    def index(self, number: int) -> list[int]:
        """Where a point stands along each axis; the last axis runs fastest."""
        if len(self.axes) == 1:
            return [number]
        return list(divmod(number, self.shape[1]))

    def point(self, number: int) -> EvaluationRequest:
        """One point's request; raises InvalidInput if it is not a valid one."""
        body = self.body
        pairs = list(zip(self.axes, self.index(number), strict=True))
        # A whole chip is put in place before one of its figures is changed.
        for axis, step in sorted(pairs, key=lambda pair: len(pair[0].path)):
            body = with_value(body, axis.path, axis.values[step])
        return EvaluationRequest.parse(body, self.catalogue)

    @property
    def chips(self) -> list[ChipSpec]:
        """The chips along an axis over whole ones; none where no axis is."""
        whole = (axis for axis in self.axes if axis.is_whole and axis.part == "hardware")
        return [chip_of(value, NAMELESS, self.catalogue) for axis in whole for value in axis.values]

    def named(self, number: int, act: Callable[[], Any]) -> Any:
        """What ``act`` gives; its InvalidInput becomes one that names the point's value."""
        try:
            return act()
        except InvalidInput as error:
            raise self._blamed(number, error) from error

    def snapshot(self) -> dict[str, Any]:
        """The request as JSON-able data with all presets resolved; reading it gives it back."""
        cases = [
            {"case": case.model_dump(mode="json"), "calibration": known.model_dump(mode="json")}
            for case, known in self.cases.items()
        ]
        axes = [
            {"field": axis.field, "values": list(axis.values), "labels": list(axis.labels)}
            for axis in self.axes
        ]
        calibration = self.body.get("calibration") or {"cases": cases}
        return {**self.body, "calibration": calibration, "sweep": axes}

    def _blamed(self, number: int, error: InvalidInput) -> InvalidInput:
        """The error of a point, told of the value that brings it about."""
        index = self.index(number)
        problem = error.problems[0]
        guilty = self._guilty(index, problem)
        steps = list(zip(self.axes, index, strict=True))
        if guilty is None:
            point = ", ".join(f"{axis.field} {axis.labels[step]}" for axis, step in steps)
            return InvalidInput.at("sweep", f"{point}: {problem.field}: {problem.message}")
        axis, step = steps[guilty]
        own = problem.field == ".".join(axis.path)
        what = axis.labels[step] if own else f"{axis.labels[step]}: {problem.field}"
        return InvalidInput.at(f"sweep[{guilty}].values[{step}]", f"{what}: {problem.message}")

    def _guilty(self, index: list[int], problem: FieldProblem) -> int | None:
        """The axis that a point's problem comes from; None when it takes both."""
        for number, axis in enumerate(self.axes):
            # Points are tried in order: where one axis is at its first value, it was fine before.
            elsewhere = [step for other, step in enumerate(index) if other != number]
            if problem.field == ".".join(axis.path) or (index[number] and not any(elsewhere)):
                return number
        return 0 if len(self.axes) == 1 else None


def _resolved_axis(axis: Axis, number: int, catalogue: Catalogue) -> Axis:
    """An axis over whole parts with each of them written out; other axes as they are."""
    if not axis.is_whole:
        return axis
    part = axis.part
    if part not in PARTS:
        raise InvalidInput.at(
            f"sweep[{number}].field",
            f"'{axis.field}' can't be swept; name one of {', '.join(PARTS)} or a field in a part, "
            "such as chip.memory_bandwidth",
        )
    specs = list(_specs(axis, f"sweep[{number}].values", part, catalogue))
    labels = [_name(spec, label) for spec, label in zip(specs, axis.labels, strict=True)]
    values = tuple(spec.model_dump(mode="json") for spec in specs)
    return Axis(axis.field, values, tuple(labels))


def _specs(axis: Axis, at: str, part: str, catalogue: Catalogue) -> Iterator[Spec]:
    for step, value in enumerate(axis.values):
        try:
            yield PARTS[part](value, catalogue)
        except InvalidInput as error:
            problem = error.problems[0]
            below = problem.field.removeprefix(part)
            raise InvalidInput.at(f"{at}[{step}]{below}", problem.message) from error


def _name(spec: Spec, label: str) -> str:
    """The label of a whole part; of one written out without a label its name."""
    return str(getattr(spec, "name", label)) if label.startswith("#") else label


def _need_hardware(rest: Mapping[str, Any], axes: tuple[Axis, ...]) -> None:
    parts = {axis.part for axis in axes if axis.is_whole}
    if rest.get("hardware") is None and "topology" in parts and "hardware" not in parts:
        raise InvalidInput.at("hardware", "is needed where a sweep runs over topologies")


def _with_own_calibrations(
    rest: Mapping[str, Any], catalogue: Catalogue
) -> tuple[Catalogue, dict[str, Any]]:
    """A catalogue that knows the request's own calibration, and the request without it.

    One that is in force for a single case, as a snapshot keeps it, stays with the request.
    """
    known, answers = catalogue.calibrations, {}
    data = rest.get("calibration")
    kept: Any = None
    if isinstance(data, Mapping) and "levels" in data:
        known = known.with_file(read_calibration(data, "calibration"))
    elif isinstance(data, Mapping) and "cases" in data:
        cases = validated(_KnownCases, data, "calibration").cases
        answers = {known.case: known.calibration for known in cases}
    else:
        kept = data
    own = CaseCalibrations(known.assumed, known.files, answers)
    return replace(catalogue, calibrations=own), {**rest, "calibration": kept}


def _resolved_body(
    rest: Mapping[str, Any], axes: tuple[Axis, ...], catalogue: Catalogue
) -> dict[str, Any]:
    """The request with parts and defaults written out, formats and links left to the points.

    Where an axis runs over whole parts, its first value stands for the part.
    """
    whole = {axis.part: axis.values[0] for axis in axes if axis.is_whole}
    first = {**rest, **whole}
    request = EvaluationRequest.parse(first, catalogue)
    parts = {
        "topology": topology_of(first["topology"], catalogue),
        "model": model_of(first["model"], catalogue),
        "hardware": request.deployment.chip,
        "inference": workload_of(_with_batch_size(first["inference"], request), catalogue),
    }
    written = {name: spec.model_dump(mode="json") for name, spec in parts.items()}
    calibrations = {name: rest.get(name) for name in ("calibration", "decode_calibration")}
    known = {name: part for name, part in request.snapshot().items() if name not in calibrations}
    return {**known, **written, **{name: c for name, c in calibrations.items() if c is not None}}


def _with_batch_size(load: Any, request: EvaluationRequest) -> Any:
    """The load with the concurrency that was read for it, where it names none itself."""
    if not isinstance(load, Mapping) or load.get("batch_size") is not None:
        return load
    return {**load, "batch_size": request.deployment.workload.batch_size}
