"""Public end-to-end figures: a configuration, what was measured there, and who says so."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Concurrency = int | Literal["maximum"]


@dataclass(frozen=True)
class Source:
    """Who published a figure; ``read`` says what of it was seen when it was entered."""

    title: str
    url: str
    read: str


@dataclass(frozen=True)
class Point:
    """What was measured at one concurrency, by quantity (``answers.QUANTITIES``)."""

    concurrency: Concurrency
    measured: Mapping[str, float]


@dataclass(frozen=True)
class PublicFigure:
    """One configuration in the request form, with its measured points."""

    id: str
    source: Source
    engine: str
    model: str | Mapping[str, Any]
    hardware: str
    topology: str
    precision: str
    inference: Mapping[str, Any]
    assumed: str
    points: tuple[Point, ...]
    plan: Mapping[str, int] | None = None
    """The plan that was run; None where the best plan on ``chips`` is compared."""
    chips: int = 0
    limits: Mapping[str, float] | None = None

    @property
    def model_name(self) -> str:
        """Name of the neural network, also of one written inline."""
        return self.model if isinstance(self.model, str) else str(self.model["name"])


@dataclass(frozen=True)
class Skipped:
    """A public figure that the model can't be asked about, and why."""

    what: str
    url: str
    reason: str


@dataclass(frozen=True)
class PublicFigures:
    """Everything in ``public_figures.toml``, in its order."""

    figures: tuple[PublicFigure, ...]
    skipped: tuple[Skipped, ...]


def read_figures(path: Path) -> PublicFigures:
    """The figures of a file; raises KeyError or TypeError when it is malformed."""
    with path.open("rb") as file:
        data = tomllib.load(file)
    sources = {name: Source(**fields) for name, fields in data["source"].items()}
    return PublicFigures(
        figures=tuple(_figure(fields, sources) for fields in data["figure"]),
        skipped=tuple(Skipped(**fields) for fields in data["skipped"]),
    )


def _figure(fields: Mapping[str, Any], sources: Mapping[str, Source]) -> PublicFigure:
    points = tuple(_point(point) for point in fields["points"])
    whole: dict[str, Any] = {**fields, "source": sources[fields["source"]], "points": points}
    return PublicFigure(**whole)


def _point(fields: Mapping[str, Any]) -> Point:
    measured = {name: float(value) for name, value in fields.items() if name != "concurrency"}
    return Point(fields["concurrency"], measured)
