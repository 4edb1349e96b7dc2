"""``docs/accuracy.md``: the evidence for a reader, made of the baseline and nothing else."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import exp, log
from statistics import fmean, median
from string import ascii_lowercase
from typing import Any

from validation.baseline import Line, of_part, rounded
from validation.figures import PublicFigure, PublicFigures
from validation.held_out import held_out_section
from validation.pools import pool_section
from validation.promises import decision_section, front_section
from validation.public import DOES_NOT_FIT
from validation.support import support_section
from validation.tables import error_table, percent, table

WORST = 5
WORST_ROWS = 5
"""Runs that a group needs to be named among the worst."""
DAGGER = "†"
IMAGES = {"TPOT": "images/accuracy-tpot.svg", "TTFT": "images/accuracy-ttft.svg"}


def page(lines: Sequence[Line], public: PublicFigures, held_out: Mapping[str, Any] | None) -> str:
    """The page as Markdown."""
    sections = [
        _opening(),
        _training(lines),
        decision_section(lines),
        front_section(lines),
        held_out_section(lines, held_out),
        pool_section(lines),
        support_section(lines),
        _public(lines, public),
        _reproduce(),
    ]
    return "\n".join(line for section in sections for line in section) + "\n"


def _opening() -> list[str]:
    return [
        "# Accuracy",
        "",
        "Made by `make validate`; do not edit. Error is |predicted − measured| / measured; bias is "
        "the median of predicted over measured, less one: negative when predictions are too fast. "
        "Every line behind this page is in [baseline.csv](../backend/validation/baseline.csv), so "
        "that a change of predictions shows as a diff.",
        "",
    ]


def _training(lines: Sequence[Line]) -> list[str]:
    if not of_part(lines, "all"):
        return ["## Measured serving runs", "", "Not yet compared: no file of measurements.", ""]
    return [
        "## Measured serving runs",
        "",
        "Closed-loop runs of vLLM, SGLang and TensorRT-LLM; the file is not part of the "
        "repository. A calibration is fitted on these runs: the errors here show how well it fits, "
        "not how unseen runs are predicted.",
        "",
        *_errors_by(lines, "all", "runs"),
        "### By chip and engine",
        "",
        *_errors_by(lines, "chip and engine", "chip · engine"),
        "### By model",
        "",
        *_errors_by(lines, "model", "model"),
        *_pictures(lines),
        *_components(lines),
        *_worst(lines),
    ]


def _errors_by(lines: Sequence[Line], part: str, name: str) -> list[str]:
    return [*error_table(name, of_part(lines, part, "TPOT"), of_part(lines, part, "TTFT")), ""]


def _pictures(lines: Sequence[Line]) -> list[str]:
    curves = of_part(lines, "curve", "TPOT")
    several = sum(int(line.rows) > 1 for line in curves)
    pictures = [
        text
        for name, path in IMAGES.items()
        for text in (f"![Predicted against measured {name}, one mark per curve]({path})", "")
    ]
    return [
        "### Curve by curve",
        "",
        f"{len(curves)} curves: same model, chip, engine and version, precision, lengths and plan. "
        f"Each of the {several} with more than one run is a mark at the geometric means of its "
        "runs; the numbers are in the baseline.",
        "",
        *pictures,
    ]


def _components(lines: Sequence[Line]) -> list[str]:
    tpot, ttft = (of_part(lines, "component", name) for name in ("TPOT", "TTFT"))
    rows = [
        [left.case, percent(left.ratio), percent(right.ratio)]
        for left, right in zip(tpot, ttft, strict=True)
    ]
    return [
        "### What dominates the error",
        "",
        "The mean square of ln(predicted / measured), split by what would remove it. "
        + " ".join(_largest(name, part) for name, part in (("TPOT", tpot), ("TTFT", ttft))),
        "",
        *table(["what would remove it", "TPOT", "TTFT"], rows),
        "",
    ]


def _largest(name: str, components: Sequence[Line]) -> str:
    top = max(components, key=lambda line: float(line.ratio))
    return f"{name}, largest part: {top.case} ({percent(top.ratio)})."


def _worst(lines: Sequence[Line]) -> list[str]:
    text = [f"### The {WORST} worst groups", ""]
    for name in ("TPOT", "TTFT"):
        groups = of_part(lines, "combination", name)
        large = [g for g in groups if g.mean_error and int(g.predicted_rows) >= WORST_ROWS]
        worst = sorted(large, key=lambda g: (-float(g.mean_error), g.case))[:WORST]
        rows = [
            [g.case, g.rows, percent(g.mean_error), percent(g.median_error), percent(g.bias, "+")]
            for g in worst
        ]
        text += [
            *table(["model · chip · engine", "runs", f"{name} mean", "median", "bias"], rows),
            "",
        ]
    return [*text, f"Of the groups with at least {WORST_ROWS} runs, by mean error.", ""]


def _public(lines: Sequence[Line], public: PublicFigures) -> list[str]:
    figures = {figure.id: figure for figure in public.figures}
    found = [line for line in of_part(lines, "public") if line.case in figures]
    return [
        "## Public figures",
        "",
        f"{len(found)} quantities of {len(public.figures)} configurations that anyone can check "
        "([public_figures.toml](../backend/validation/public_figures.toml) has each request). None "
        "was used to fit anything.",
        "",
        *_public_summary(found, figures),
        *_public_tables(found, figures),
        "### Not asked",
        "",
        *(f"- [{item.what}]({item.url}): {item.reason}." for item in public.skipped),
        "",
    ]


def comparison(line: Line, figure: PublicFigure) -> str:
    """How a public figure is compared; what is alike is summarised together."""
    if figure.plan is None:
        return "best throughput found (an upper bound: plan, batch and limits on means are ours)"
    if line.quantity in ("prefill", "decode"):
        return f"{line.quantity} alone, plan given"
    if line.concurrency.startswith("max"):
        return "highest throughput of the plan given (an upper bound: the batch is ours)"
    return f"{line.quantity}, plan and concurrency given"


def _public_summary(found: Sequence[Line], figures: Mapping[str, PublicFigure]) -> list[str]:
    kinds: dict[str, list[float]] = {}
    for line in found:
        kind = comparison(line, figures[line.case])
        kinds.setdefault(kind, []).append(float(line.ratio))
    rows = [
        [
            kind,
            str(len(ratios)),
            percent(str(fmean(abs(ratio - 1) for ratio in ratios))),
            percent(str(median(abs(ratio - 1) for ratio in ratios))),
            rounded(exp(fmean(log(ratio) for ratio in ratios)), 3),
        ]
        for kind, ratios in sorted(kinds.items())
    ]
    header = ["compared", "figures", "mean error", "median error", "predicted / measured"]
    return [*table(header, rows), "", "The last column is a geometric mean.", ""]


PUBLIC_COLUMNS = (
    *("model", "chip", "engine", "precision", "lengths", "plan", "concurrency", "quantity"),
    *("measured", "predicted", "predicted / measured", "assumed"),
)


def _public_tables(found: Sequence[Line], figures: Mapping[str, PublicFigure]) -> list[str]:
    text = []
    for source, group in groupby(found, lambda line: figures[line.case].source):
        of_source = list(group)
        assumed = list(dict.fromkeys(figures[line.case].assumed for line in of_source))
        rows = [_public_row(line, assumed.index(figures[line.case].assumed)) for line in of_source]
        text += [f"### [{source.title}]({source.url})", "", f"Read: {source.read}.", ""]
        text += [*table(PUBLIC_COLUMNS, rows, texts=8), ""]
        text += [*_assumptions(assumed, of_source), ""]
    return text


def _public_row(line: Line, assumption: int) -> list[str]:
    mark = f" {DAGGER}" if line.note == DOES_NOT_FIT else ""
    configuration = [line.model, line.chip, line.engine, line.precision, line.lengths, line.plan]
    return [
        *configuration,
        line.concurrency,
        f"{line.quantity}, {line.unit}",
        line.measured,
        line.predicted + mark,
        line.ratio,
        ascii_lowercase[assumption],
    ]


def _assumptions(assumed: Sequence[str], found: Sequence[Line]) -> list[str]:
    """What was assumed, by the letter that the table's last column refers to."""
    text = [f"- {letter}: {each}." for letter, each in zip(ascii_lowercase, assumed, strict=False)]
    if any(line.note == DOES_NOT_FIT for line in found):
        text.append(f"- {DAGGER}: by our count this does not fit; evaluated all the same.")
    return text


def _reproduce() -> list[str]:
    return [
        "## Reproduce",
        "",
        "`make validate` asks the model for every public figure and, where there is a file of "
        "measurements (`make validate MEASUREMENTS=runs.csv`, columns as in "
        "[model.md](model.md#against-measurements)), compares every row. It writes the baseline, "
        "this page and the pictures. `HELD_OUT=held_out.csv` adds predictions of runs held back: "
        "`tier6 calibrate --from-scratch --held-out held_out.json` writes them beside its report. "
        '`POOLS="a.csv b.csv"` adds disaggregated runs, '
        "`PEER=peer.csv` another tool's of the same runs (research/peer.py). Without a file, "
        "what the baseline says about it is kept.",
        "",
        "`make evidence` draws measured runs over predicted fronts, combination by combination, to "
        "`build/evidence/index.html`: measured runs are shown one by one there, so that it stays "
        "outside of the repository.",
    ]
