"""Measured runs over the predicted front with its band, as an SVG.

The picture that people of the field know from InferenceX: output per chip against interactivity,
the tokens that one user sees in a second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

import numpy as np

from llm_simulator.units import MILLI, Array
from validation.fronts import Curve
from validation.scatter import tick

WIDTH, HEIGHT = 560, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 46
COLOURS = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#9a6700", "#57606a", "#0a7f8a")
MARK = 4.0


@dataclass(frozen=True)
class Dot:
    """A measured run."""

    tpot_ms: float
    rate: float
    plan: str
    text: str
    """What a reader sees who points at it."""


@dataclass(frozen=True)
class Band:
    """The predicted front and the ends of its points' 80 % intervals; columns of shape [P]."""

    tpot_ms: Array
    rate: Array
    slow_tpot_ms: Array
    slow_rate: Array
    fast_tpot_ms: Array
    fast_rate: Array


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis: values to pixels."""

    low: float
    high: float
    """Exponents of ten at the ends."""
    first: float
    last: float
    """Pixels at the ends."""

    @classmethod
    def over(cls, values: Iterable[float], first: float, last: float) -> "Axis":
        """The axis that holds all values, a twentieth of a decade to spare."""
        exponents = [log10(value) for value in values]
        return cls(min(exponents) - 0.05, max(exponents) + 0.05, first, last)

    def at(self, value: float) -> float:
        """The pixel of a value."""
        share = (log10(value) - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)

    def ticks(self) -> list[float]:
        """1, 2 and 5 of each decade."""
        decades = range(floor(self.low), ceil(self.high) + 1)
        values = [step * 10.0**decade for decade in decades for step in (1, 2, 5)]
        return [value for value in values if self.low <= log10(value) <= self.high]


def interactivity(tpot_ms: float) -> float:
    """Tokens per second that one user sees.

    >>> interactivity(20.0)
    50.0
    """
    return 1 / (MILLI * tpot_ms)


def front_picture(
    dots: Sequence[Dot], band: Band | None, promised: Curve | None, title: str
) -> str:
    """The picture; ``title`` is for those who can't see it."""
    points = [(interactivity(dot.tpot_ms), dot.rate) for dot in dots]
    edges = [] if band is None else [*_edge(band.slow_tpot_ms, band.slow_rate)]
    edges += [] if band is None else [*_edge(band.fast_tpot_ms, band.fast_rate)]
    x = Axis.over([px for px, _ in points + edges], LEFT, WIDTH - RIGHT)
    y = Axis.over([py for _, py in points + edges], HEIGHT - BOTTOM, TOP)
    plans = list(dict.fromkeys(dot.plan for dot in sorted(dots, key=lambda dot: dot.plan)))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">',
        f'<clipPath id="plot"><rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" '
        f'height="{HEIGHT - TOP - BOTTOM}"/></clipPath>',
        *_axes(x, y),
        '<g clip-path="url(#plot)">',
        *([] if band is None else _band(band, x, y)),
        *([] if promised is None else [_line("promise", promised.tpot_ms, promised.rate, x, y)]),
        *(_dot(dot, COLOURS[plans.index(dot.plan) % len(COLOURS)], x, y) for dot in dots),
        "</g></svg>",
    ]
    return "\n".join(parts)


def legend(dots: Sequence[Dot]) -> str:
    """The colours of the plans."""
    plans = sorted({dot.plan for dot in dots})
    return " ".join(
        f'<span class="plan" style="--c:{COLOURS[number % len(COLOURS)]}">{escape(plan)}</span>'
        for number, plan in enumerate(plans)
    )


def _edge(tpot_ms: Array, rate: Array) -> list[tuple[float, float]]:
    return [(interactivity(t), float(r)) for t, r in zip(tpot_ms, rate, strict=True)]


def _pixels(points: Iterable[tuple[float, float]], x: Axis, y: Axis) -> str:
    return " ".join(f"{x.at(px):.1f},{y.at(py):.1f}" for px, py in points)


def _band(band: Band, x: Axis, y: Axis) -> list[str]:
    """Between the slow and the fast ends, and the front itself."""
    slow, fast = _edge(band.slow_tpot_ms, band.slow_rate), _edge(band.fast_tpot_ms, band.fast_rate)
    corners = _pixels([*slow, *reversed(fast)], x, y)
    area = f'<polygon class="band" points="{corners}"/>'
    return [area, _line("front", band.tpot_ms, band.rate, x, y)]


def _line(name: str, tpot_ms: Array, rate: Array, x: Axis, y: Axis) -> str:
    return f'<polyline class="{name}" points="{_pixels(_edge(tpot_ms, rate), x, y)}"/>'


def _dot(dot: Dot, colour: str, x: Axis, y: Axis) -> str:
    cx, cy = x.at(interactivity(dot.tpot_ms)), y.at(dot.rate)
    return (
        f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{MARK}" fill="{colour}">'
        f"<title>{escape(dot.text)}</title></circle>"
    )


def _axes(x: Axis, y: Axis) -> list[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    lines = []
    for value in x.ticks():
        at = x.at(value)
        lines.append(f'<line class="grid" x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{bottom}"/>')
        lines.append(f'<text x="{at:.1f}" y="{bottom + 16}" class="mid">{tick(value)}</text>')
    for value in y.ticks():
        at = y.at(value)
        lines.append(f'<line class="grid" x1="{LEFT}" y1="{at:.1f}" x2="{right}" y2="{at:.1f}"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" class="end">{tick(value)}</text>')
    middle = (TOP + bottom) / 2
    return [
        *lines,
        f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" class="mid">tokens/s per user</text>',
        f'<text x="14" y="{middle}" class="mid" transform="rotate(-90 14 {middle})">'
        "output tokens/s per chip</text>",
    ]


def band_through(tpot: tuple[Array, Array, Array], rate: tuple[Array, Array, Array]) -> Band | None:
    """The band over predictions (value, low, high TPOT; value, low, high rate) of some runs.

    None where fewer than two are known.
    """
    known = np.isfinite(np.stack([*tpot, *rate])).all(axis=0)
    if known.sum() < 2:
        return None
    (middle, low, high), (output, least, most) = ([c[known] for c in cs] for cs in (tpot, rate))
    front = Curve.through(middle, output)
    slow, fast = Curve.through(high, least), Curve.through(low, most)
    return Band(front.tpot_ms, front.rate, slow.tpot_ms, slow.rate, fast.tpot_ms, fast.rate)
