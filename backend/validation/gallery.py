"""``make evidence``: a page of measured runs over predicted fronts, kept out of the repository.

One picture for each model, chip, engine, precision and lengths with two runs or more.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import fmean

import numpy as np

from llm_simulator.catalogue import builtin_catalogue
from validation.baseline import Line
from validation.curves import DEGREES, plan_text
from validation.decisions import CASE, COMBINATION, decisions
from validation.evidence import NoMeasurements, Paths, held_out_rows, measured_runs
from validation.front_picture import Band, Dot, band_through, front_picture, legend
from validation.fronts import Curve, fronts
from validation.latencies import (
    OURS,
    Row,
    column,
    latencies,
    measured_latencies,
    predicted_latencies,
    with_predictions,
)
from validation.support import LEGEND, OTHERS, runs, support_lines
from validation.tables import ABSENT

STYLE = """
:root { color-scheme: light dark; --grid: #d0d7de; --ink: #24292f; --front: #24292f; }
@media (prefers-color-scheme: dark) {
  :root { --grid: #30363d; --ink: #e6edf3; --front: #e6edf3; }
}
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1240px; margin: 2rem auto; padding: 0 1rem;
  color: var(--ink); }
nav { columns: 3; } nav a { display: block; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid var(--grid); padding: .2rem .5rem; text-align: left; }
td.calibrated { font-weight: 600; } td.first_principles { font-style: italic; }
.pictures { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(500px, 1fr)); }
figure { margin: 0; } figcaption { font-size: 13px; } svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .mid { text-anchor: middle; } svg .end { text-anchor: end; } .grid { stroke: var(--grid); }
.band { fill: var(--front); opacity: .13; } .front, .promise { fill: none; stroke: var(--front); }
.front { stroke-width: 1.8; } .promise { stroke-dasharray: 5 4; opacity: .7; }
.plan::before { content: "●"; color: var(--c); } .plan { white-space: nowrap; margin-right: .6em; }
"""


@dataclass(frozen=True)
class Figure:
    """One picture and what is said under it."""

    picture: str
    caption: str
    plans: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the page; 1 with a sentence when there is nothing to draw."""
    parser = argparse.ArgumentParser(prog="make evidence", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="folder to write")
    parser.add_argument("--measurements", type=Path, help="CSV file of measured runs")
    parser.add_argument("--held-out", type=Path, help="CSV file of predictions held back, instead")
    parser.add_argument("--peer", type=Path, help="not drawn")
    given = parser.parse_args(arguments)
    try:
        held_out = given.held_out and held_out_rows(given.held_out, Paths())
        measured = None if held_out else measured_runs(given.measurements)
    except NoMeasurements as problem:
        print(problem, file=sys.stderr)
        return 1
    rows = _once(held_out) if held_out else with_predictions(measured or [])
    if not rows:
        print("Nothing to draw: name a file, make evidence MEASUREMENTS=runs.csv", file=sys.stderr)
        return 1
    given.output.mkdir(parents=True, exist_ok=True)
    (given.output / "index.html").write_text(gallery(rows, promises(rows)), encoding="utf-8")
    print(given.output / "index.html")
    return 0


Key = tuple[str, ...]


def _once(held_out: Sequence[Row]) -> list[Row]:
    """Each run as it was predicted with its own curve held back."""
    return [row for row in held_out if row.get("split") in (None, "", "curve")]


def promises(rows: Sequence[Row]) -> Mapping[Key, Curve]:
    """What searches on as many chips as were measured promise for each case."""
    found: dict[Key, list[Curve]] = defaultdict(list)
    for each in fronts(rows, builtin_catalogue()):
        found[_key(each.rows[0])].append(each.promised)
    return {key: _joined(curves) for key, curves in found.items()}


def _joined(curves: Sequence[Curve]) -> Curve:
    """The best of several fronts."""
    tpot, rate = (
        np.concatenate([getattr(curve, name) for curve in curves]) for name in ("tpot_ms", "rate")
    )
    return Curve.through(tpot, rate)


def gallery(rows: Sequence[Row], promised: Mapping[Key, Curve]) -> str:
    """The page: contents, the support matrix, and each combination's pictures."""
    cases: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        cases[_key(row)].append(row)
    combinations: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(cases, key=_in_order):
        if len(cases[key]) > 1:
            combinations[" · ".join(key[: len(COMBINATION)])].append(key)
    names = sorted(combinations)
    sections = [
        _section(number, name, [(key, cases[key]) for key in combinations[name]], promised)
        for number, name in enumerate(names)
    ]
    links = [f'<a href="#c{number}">{escape(name)}</a>' for number, name in enumerate(names)]
    return "\n".join([*_opening(rows), "<nav>", *links, "</nav>", *_matrix(), *sections, "</html>"])


def _opening(rows: Sequence[Row]) -> list[str]:
    return [
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Evidence</title>',
        '<meta name="viewport" content="width=device-width">',
        f"<style>{STYLE}</style><h1>Measured runs over predicted fronts</h1>",
        f"<p>{len(rows)} runs. Dots: measured, coloured by plan. Line: the predicted front of "
        "the same plans and concurrencies, with its 80 % band. Dashed: the best that a search "
        "over all plans promises on as many chips. Both axes are logarithmic; up and to the right "
        "is better.</p>",
    ]


def _matrix() -> list[str]:
    """The support matrix, one table per engine."""
    lines = support_lines(builtin_catalogue().calibrations)
    text = ["<h2>Support</h2>", f"<p>{escape(LEGEND.replace('**', ''))}</p>"]
    known = [line for line in lines if line.model != OTHERS]
    for engine in dict.fromkeys(line.engine for line in known):
        cells = {(line.model, line.chip): line for line in known if line.engine == engine}
        chips = list(dict.fromkeys(chip for _, chip in cells))
        head = "".join(f"<th>{escape(name)}</th>" for name in (engine, *chips))
        text.append(f"<table><tr>{head}</tr>")
        for model in dict.fromkeys(model for model, _ in cells):
            row = "".join(_cell(cells.get((model, chip))) for chip in chips)
            text.append(f"<tr><th>{escape(model)}</th>{row}</tr>")
        text.append("</table>")
    return text


def _cell(line: Line | None) -> str:
    if line is None:
        return f"<td>{ABSENT}</td>"
    tpot, ttft = (f"{100 * float(text):.0f}" for text in line.median_error.split(" / "))
    basis = f" ({runs(line)})" if line.case == "calibrated" else ""
    return f'<td class="{line.case}">{tpot} / {ttft} %{basis}</td>'


def _key(row: Row) -> Key:
    return tuple(row[name] for name in CASE)


def _in_order(key: Key) -> tuple[str | float, ...]:
    """Lengths as numbers."""
    return (*key[:4], *(float(length) for length in key[4:]))


def _section(
    number: int,
    name: str,
    cases: Sequence[tuple[Key, Sequence[Row]]],
    promised: Mapping[Key, Curve],
) -> str:
    figures = [_figure(key, rows, promised.get(key)) for key, rows in cases]
    regret = decisions([row for _, rows in cases for row in rows])
    told = (
        f"<p>Regret of {len(regret.regret)} decisions: {100 * fmean(regret.regret):.1f} %.</p>"
        if regret.cases
        else ""
    )
    shown = "".join(
        f"<figure>{each.picture}<figcaption>{each.caption}<br>{each.plans}</figcaption></figure>"
        for each in figures
    )
    return f'<h2 id="c{number}">{escape(name)}</h2>{told}<div class="pictures">{shown}</div>'


def _figure(key: Key, rows: Sequence[Row], promised: Curve | None) -> Figure:
    precision, inputs, outputs = key[len(COMBINATION) :]
    measured, predicted = measured_latencies(rows), predicted_latencies(rows)
    dots = [
        Dot(float(measured.tpot_ms[n]), float(measured.rate[n]), _plan(row), _told(row))
        for n, row in enumerate(rows)
        if measured.known[n]
    ]
    errors = [
        f"{name} {100 * error:.1f} %"
        for name, off in (
            ("TPOT", predicted.tpot_ms / measured.tpot_ms),
            ("TTFT", predicted.ttft_ms / measured.ttft_ms),
        )
        if np.isfinite(error := float(np.nanmedian(np.abs(off - 1))))
    ]
    caption = f"{precision}, {inputs}/{outputs}: {len(rows)} runs; median error {', '.join(errors)}"
    picture = front_picture(dots, _band(rows), promised, f"{' · '.join(key)}, measured, predicted")
    return Figure(picture, escape(caption), legend(dots))


def _band(rows: Sequence[Row]) -> Band | None:
    """The predicted front of the rows' own plans with the ends of its intervals."""
    ends = [
        latencies(
            rows,
            column(rows, f"{OURS}_ttft{end}_ms"),
            column(rows, f"{OURS}_tpot{end}_ms"),
        )
        for end in ("", "_low", "_high")
    ]
    middle, low, high = ends
    return band_through(
        (middle.tpot_ms, low.tpot_ms, high.tpot_ms), (middle.rate, high.rate, low.rate)
    )


def _plan(row: Row) -> str:
    return plan_text({name: int(float(row[name])) for name in DEGREES})


def _told(row: Row) -> str:
    """A run in a line: what was measured, what is predicted."""
    predicted = (row.get(f"{OURS}_{name}_ms") or "nan" for name in ("tpot", "ttft"))
    tpot, ttft = (float(text) for text in predicted)
    return (
        f"{_plan(row)}, concurrency {row['concurrency']}, {row.get('framework_version') or ''}: "
        f"TPOT {float(row['tpot_ms']):.1f} ms (predicted {tpot:.1f}), "
        f"TTFT {float(row['ttft_ms']):.0f} ms (predicted {ttft:.0f})"
    )


if __name__ == "__main__":
    sys.exit(main())
