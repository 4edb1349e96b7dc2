"""Predicted against measured, one mark per curve, as an SVG that reads in dark and light."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 600
LEFT, TOP, SIDE = 76, 56, 480
"""The plot is a square of SIDE pixels, so that the diagonal is one."""
BAND = 0.2
MARK = 4.0

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .paper { fill: #ffffff; } .frame { fill: none; stroke: #57606a; }
  .grid { stroke: #d0d7de; } .diagonal { stroke: #24292f; } .band { fill: #57606a; opacity: .14; }
  .e0 { fill: #0969da; } .e1 { fill: #bc4c00; } .e2 { fill: #1a7f37; } .e3 { fill: #8250df; }
  .mark { fill-opacity: .62; stroke: #ffffff; stroke-width: .6; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .paper { fill: #0d1117; } .frame { stroke: #8b949e; } .grid { stroke: #30363d; }
    .diagonal { stroke: #e6edf3; } .band { fill: #8b949e; opacity: .2; }
    .e0 { fill: #58a6ff; } .e1 { fill: #f0883e; } .e2 { fill: #56d364; } .e3 { fill: #bc8cff; }
    .mark { stroke: #0d1117; }
  }
"""


@dataclass(frozen=True)
class Mark:
    """One curve: the geometric means of its measured and predicted values."""

    measured: float
    predicted: float
    engine: str


@dataclass(frozen=True)
class LogScale:
    """Values to pixels of the square, both axes alike."""

    low: float
    high: float
    """Exponents of ten at the ends."""

    @classmethod
    def over(cls, values: Sequence[float]) -> "LogScale":
        """The scale that holds all values, on half decades."""
        low, high = log10(min(values)), log10(max(values))
        return cls(floor(2 * low) / 2, max(ceil(2 * high) / 2, floor(2 * low) / 2 + 0.5))

    def along(self, value: float) -> float:
        """Pixels from the axis' start."""
        return SIDE * (log10(value) - self.low) / (self.high - self.low)

    def x(self, value: float) -> float:
        """Pixel of a measured value."""
        return LEFT + self.along(value)

    def y(self, value: float) -> float:
        """Pixel of a predicted value."""
        return TOP + SIDE - self.along(value)

    @property
    def ends(self) -> tuple[float, float]:
        """Smallest and largest value shown."""
        return 10**self.low, 10**self.high

    def ticks(self) -> list[float]:
        """1, 2 and 5 of each decade within the ends."""
        first, last = self.ends
        decades = range(floor(self.low), ceil(self.high) + 1)
        values = [step * 10.0**decade for decade in decades for step in (1, 2, 5)]
        return [value for value in values if first * 0.999 <= value <= last * 1.001]


def tick(value: float) -> str:
    """A tick's label.

    >>> tick(0.5), tick(200.0), tick(5000.0)
    ('0.5', '200', '5k')
    """
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def scatter(marks: Sequence[Mark], title: str, quantity: str) -> str:
    """The picture; ``quantity`` names the axes, its unit included."""
    scale = LogScale.over([value for m in marks for value in (m.measured, m.predicted)])
    counts = Counter(mark.engine for mark in marks)
    engines = {name: index for index, name in enumerate(sorted(counts))}
    # The rarest engine last, so that the others don't cover it.
    shown = sorted(marks, key=lambda m: (-counts[m.engine], m.engine, m.measured, m.predicted))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>',
        *_band(scale),
        *_axes(scale, quantity),
        *(_mark(scale.x(m.measured), scale.y(m.predicted), engines[m.engine]) for m in shown),
        *_legend(engines, counts),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _band(scale: LogScale) -> list[str]:
    """The diagonal and everything within BAND of it, clipped to the frame."""
    low, high = scale.ends
    lower = [(low, low * (1 - BAND)), (high, high * (1 - BAND))]
    upper = [(high, high * (1 + BAND)), (low, low * (1 + BAND))]
    corners = " ".join(f"{scale.x(m):.1f},{scale.y(p):.1f}" for m, p in [*lower, *upper])
    return [
        f'<clipPath id="square"><rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}"/>'
        "</clipPath>",
        f'<polygon class="band" clip-path="url(#square)" points="{corners}"/>',
        f'<line class="diagonal" x1="{LEFT}" y1="{TOP + SIDE}" x2="{LEFT + SIDE}" y2="{TOP}"/>',
    ]


def _axes(scale: LogScale, quantity: str) -> list[str]:
    bottom, right = TOP + SIDE, LEFT + SIDE
    lines = []
    for value in scale.ticks():
        x, y, shown = scale.x(value), scale.y(value), tick(value)
        lines += [
            f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>',
            f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>',
            f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{shown}</text>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{shown}</text>',
        ]
    middle = TOP + SIDE / 2
    return [
        *lines,
        f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}"/>',
        f'<text x="{LEFT + SIDE / 2}" y="{bottom + 42}" text-anchor="middle">'
        f"measured {escape(quantity)}</text>",
        f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">'
        f"predicted {escape(quantity)}</text>",
    ]


def _mark(x: float, y: float, kind: int) -> str:
    """A circle, square, triangle or diamond around a point."""
    r, name = MARK, f'class="mark e{kind % 4}"'
    if kind % 4 == 0:
        return f'<circle {name} cx="{x:.1f}" cy="{y:.1f}" r="{r}"/>'
    if kind % 4 == 1:
        return f'<rect {name} x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}"/>'
    offsets = {2: [(0, -1.3), (1.2, 1), (-1.2, 1)], 3: [(0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0)]}
    points = " ".join(f"{x + r * dx:.1f},{y + r * dy:.1f}" for dx, dy in offsets[kind % 4])
    return f'<polygon {name} points="{points}"/>'


def _legend(engines: Mapping[str, int], counts: Mapping[str, int]) -> list[str]:
    """Mark, engine and number of curves, in a row under the title."""
    lines, x = [], LEFT + 6.0
    for name, kind in engines.items():
        text = f"{name}, {counts[name]} curves"
        lines.append(_mark(x, 40, kind))
        lines.append(f'<text x="{x + 10:.1f}" y="44.5">{escape(text)}</text>')
        x += 30 + 6.6 * len(text)
    lines.append(f'<text x="{x:.1f}" y="44.5">band: ±{100 * BAND:.0f} %</text>')
    return lines
