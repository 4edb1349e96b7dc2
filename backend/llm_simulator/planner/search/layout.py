"""How a search or a sweep is cut into chunks, the unit of progress, cancelling and distribution."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Table = Literal["plans", "instances", "points", "candidates"]


@dataclass(frozen=True)
class Chunk:
    """The rows ``start`` up to ``stop`` of one table of a request's work.

    >>> Chunk("plans", 0, 100, point=3).as_json()
    {'table': 'plans', 'start': 0, 'stop': 100, 'point': 3}
    """

    table: Table
    """A search's aggregated plans, the instances its pools are made of, a sweep's points, or the
    speeds of hypothetical chips."""
    start: int
    stop: int
    point: int | None = None
    """The point of a sweep whose plans or instances these are; None for a search of its own."""

    def __len__(self) -> int:
        return self.stop - self.start

    def as_json(self) -> dict[str, Any]:
        """The chunk as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Chunk":
        """The chunk that ``as_json`` wrote."""
        return cls(**data)


def slices(table: Table, rows: int, size: int) -> Iterator[Chunk]:
    """Chunks of at most ``size`` rows that cover a table in order."""
    step = max(size, 1)
    return (Chunk(table, at, min(at + step, rows)) for at in range(0, rows, step))


@dataclass(frozen=True)
class Layout:
    """How much work a request is, and the chunks that cover it."""

    total_plans: int
    total_evaluations: int
    chunks: tuple[Chunk, ...]
