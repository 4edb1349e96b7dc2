"""Parts of a whole as inline SVG, each named with its figure beneath."""

from collections.abc import Sequence
from dataclasses import dataclass

from llm_simulator.planner.results.plan import Memory, PhaseLatency
from llm_simulator.report.html import Html, element
from llm_simulator.report.words import Words

WIDTH = 1000.0
"""Of a drawing, in its own units: it takes the width there is."""
HEIGHT = 22


@dataclass(frozen=True)
class Part:
    """A part with its colour's name in the style sheet."""

    name: str
    value: float
    color: str


def time_bar(title: str, phase: PhaseLatency, longest_ms: float, words: Words) -> Html:
    """Where a phase's time goes, by cause; bars of one ``longest_ms`` have one scale."""
    parts = [
        Part(name, getattr(phase, f"{cause}_ms"), cause) for cause, name in words.causes.items()
    ]
    heading = words.time_of.format(title=title, time=f"{phase.total_ms:,.4g}")
    return _bar(heading, parts, whole=longest_ms, unit="ms")


def memory_bar(title: str, memory: Memory, words: Words) -> Html:
    """What fills a chip's memory, against its capacity; the line is what an engine may use."""
    colors = ("weights", "memory", "communication", "overhead", "waiting")
    parts = [
        Part(words.memory_uses.get(part.name, part.name), part.gb, color)
        for part, color in zip(memory.parts, colors, strict=False)
    ]
    whole = max(memory.capacity_gb, memory.total_gb)
    heading = words.memory_of.format(
        title=title, total=f"{memory.total_gb:,.1f}", capacity=f"{memory.capacity_gb:,.1f}"
    )
    usable = words.usable.format(usable=f"{memory.usable_gb:,.1f}")
    return _bar(heading, parts, whole=whole, unit="GB", mark=memory.usable_gb, note=usable)


def _bar(
    title: str,
    parts: Sequence[Part],
    *,
    whole: float,
    unit: str,
    mark: float | None = None,
    note: str = "",
) -> Html:
    shown = [part for part in parts if part.value > 0]
    scale = WIDTH / whole if whole > 0 else 0.0
    ends = [0.0]
    for part in shown:
        ends.append(ends[-1] + part.value * scale)
    bars = [
        element(
            "rect",
            x=f"{x:.1f}",
            y=2,
            width=f"{part.value * scale:.1f}",
            height=18,
            class_=part.color,
        )
        for part, x in zip(shown, ends, strict=False)
    ]
    if mark is not None:
        bars.append(
            element("rect", x=f"{mark * scale:.1f}", y=0, width=3, height=HEIGHT, class_="mark")
        )
    names = [
        element("li", element("i", class_=part.color), f"{part.name} {part.value:,.3g} {unit}")
        for part in shown
    ]
    return element(
        "figure",
        element("figcaption", title),
        element(
            "svg",
            element("rect", x=0, y=2, width=WIDTH, height=18, class_="track"),
            *bars,
            viewBox=f"0 0 {WIDTH:.0f} {HEIGHT}",
            preserveAspectRatio="none",
            role="img",
            aria_label=title,
        ),
        element("ul", *names, *([element("li", note)] if note else [])),
    )
