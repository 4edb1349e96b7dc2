"""Predictions of runs that nothing was fitted on, split by split of how they were held back.

``tier6 calibrate --from-scratch --held-out FILE.json`` writes their errors as JSON, which is
committed, and beside it ``FILE.csv``: the input's columns, our prediction with its interval as
``tier6 validate --output`` writes it, and the ``split`` that the row was predicted in. The table is
made of measured rows and stays out of the repository; what it says is kept in the baseline.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from validation.baseline import Line, of_part, rounded
from validation.curves import GROUPINGS, LATENCIES
from validation.decisions import decision_lines
from validation.latencies import PREDICTORS, Row, column, known_predictors
from validation.tables import ABSENT, percent, table

PART = "held out"
SPLITS = {
    "curve": "whole curves of known combinations",
    "transfer": "combinations of model, chip and engine never shown",
    "source": "the other benchmark's runs",
    "chip family": "a whole family of chips",
    "engine": "a whole engine",
    "after a date": "everything after a date",
}
"""What was held back, in words, by the name of the split."""
EVERYTHING = "all rows"
"""The split of a file that names none."""


def read_held_out(path: Path) -> dict[str, Any] | None:
    """The JSON report of a file; None where there is no file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def held_out_lines(rows: Sequence[Row]) -> list[Line]:
    """Errors, intervals held and regret of every split, over all and by chip and engine."""
    splits: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        splits[row.get("split") or EVERYTHING].append(row)
    known = [name for name in SPLITS if name in splits]
    names = known + sorted(set(splits) - set(known))
    return [line for name in names for line in _split_lines(name, splits[name])]


def _split_lines(split: str, rows: Sequence[Row]) -> list[Line]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[GROUPINGS["chip and engine"](row)].append(row)
    lines = _error_lines(PART, split, "all", rows)
    for group in sorted(groups):
        lines += _error_lines(f"{PART} by chip and engine", split, group, groups[group])
    return [*lines, *decision_lines(rows, PART, split)]


def _error_lines(part: str, split: str, case: str, rows: Sequence[Row]) -> list[Line]:
    """Both latencies of some rows, for each predictor that knows them."""
    lines = []
    for predictor in known_predictors(rows):
        for latency in LATENCIES:
            found = _errors(rows, PREDICTORS[predictor], latency.lower())
            quantity = f"{latency}, {predictor}"
            lines.append(Line(part=part, case=case, quantity=quantity, split=split, **found))
    return lines


def _errors(rows: Sequence[Row], prefix: str, latency: str) -> dict[str, str]:
    """The fields of a line that say how far one latency is off."""
    measured = column(rows, f"{latency}_ms")
    ratio = column(rows, f"{prefix}_{latency}_ms") / measured
    low, high = (column(rows, f"{prefix}_{latency}_{end}_ms") for end in ("low", "high"))
    known, bounded = np.isfinite(ratio), np.isfinite(low) & np.isfinite(high)
    errors, inside = np.abs(ratio[known] - 1), (low <= measured) & (measured <= high)
    return {
        "rows": str(len(rows)),
        "predicted_rows": str(len(errors)),
        "mean_error": rounded(float(errors.mean()), 3),
        "median_error": rounded(float(np.median(errors)), 3),
        "bias": rounded(float(np.median(ratio[known])) - 1, 3),
        "inside_interval": rounded(float(inside[bounded].mean()), 3) if bounded.any() else "",
    }


def held_out_section(lines: Sequence[Line], report: Mapping[str, Any] | None) -> list[str]:
    """The section of the page: made of the baseline, of the JSON report where that has nothing."""
    if of_part(lines, PART):
        return [*_OPENING, *_split_table(lines), *_group_tables(lines)]
    return [*_OPENING, *_report_tables(report)] if report else []


_OPENING = ["## Held-out runs", "", "Predicted without having been fitted on.", ""]
_ERRORS = ["TPOT mean", "median", "TTFT mean", "median", "TPOT in interval", "TTFT in interval"]
_DECISIONS = [
    "decisions",
    "mean regret",
    "of picks that keep the limit",
    "picks that break it",
    "limits between runs",
]


def _split_table(lines: Sequence[Line]) -> list[str]:
    splits = list(dict.fromkeys(line.split for line in of_part(lines, PART)))
    rows = [
        [SPLITS.get(split, split), predictor, *_cells_of(lines, PART, split, "all", predictor)]
        for split in splits
        for predictor in PREDICTORS
        if _line_of(lines, PART, split, "all", f"TPOT, {predictor}")
    ]
    header = ["held out", "predicted by", "runs", *_ERRORS, *_DECISIONS]
    return [*table(header, rows, texts=2), "", *REGRET_MEANS, ""]


REGRET_MEANS = [
    "Regret is the share of the best measured output per chip that is given away by deploying what "
    "the prediction ranks first, within a limit on TPOT; all of it where the pick breaks the limit "
    "by more than 10 %. A decision needs runs of two plans or more of one model, chip, engine, "
    "precision and lengths. Limits are measured TPOTs themselves, so that an error of 1 % that "
    "takes the best run out of them costs as much as its next best is worse. *Limits between runs* "
    "is the mean regret where each lies halfway to the next measured TPOT, and the slowest run's "
    "is no limit.",
]


def _group_tables(lines: Sequence[Line]) -> list[str]:
    """By chip and engine, our own figures, of the first two splits."""
    part, text = f"{PART} by chip and engine", []
    for split in ("curve", "transfer"):
        groups = [line for line in of_part(lines, part, "TPOT, ours") if line.split == split]
        rows = [
            [line.case, *_cells_of(lines, part, split, line.case, "ours")[: 1 + len(_ERRORS)]]
            for line in groups
        ]
        if rows:
            text += [f"### {SPLITS[split].capitalize()}", ""]
            text += [*table(["chip · engine", "runs", *_ERRORS], rows), ""]
    return text


def _cells_of(lines: Sequence[Line], part: str, split: str, case: str, predictor: str) -> list[str]:
    """Runs, both errors, intervals held and the decisions of one row of a table."""
    tpot, ttft, regret = (
        _line_of(lines, part, split, case, f"{quantity}, {predictor}") or Line(part, case, quantity)
        for quantity in ("TPOT", "TTFT", "regret")
    )
    runs = f"{tpot.predicted_rows} of {tpot.rows}"
    errors = [tpot.mean_error, tpot.median_error, ttft.mean_error, ttft.median_error]
    shares = [*errors, tpot.inside_interval, ttft.inside_interval]
    decided = [regret.regret, regret.kept_regret, regret.broken, regret.between]
    return [runs, *map(percent, shares), regret.rows or ABSENT, *map(percent, decided)]


def _line_of(lines: Sequence[Line], part: str, split: str, case: str, quantity: str) -> Line | None:
    found = (line for line in of_part(lines, part, quantity) if line.split == split)
    return next((line for line in found if line.case == case), None)


def _report_tables(report: Mapping[str, Any]) -> list[str]:
    splits = [[text, *_cells(report[name])] for name, text in SPLITS.items() if report.get(name)]
    groups = [[f"{g['chip']} · {g['engine']}", *_cells(g)] for g in report.get("by", [])]
    section = [*table(["held out", *_ERRORS], splits), ""]
    if groups:
        section += [*table(["chip · engine", *_ERRORS], groups), ""]
    return section


def _cells(errors: Mapping[str, Any]) -> list[str]:
    shares = [errors.get(name, {}).get(key) for name in ("tpot", "ttft") for key in _KEYS]
    shares += [errors.get("interval_coverage", {}).get(name) for name in ("tpot", "ttft")]
    return [percent("" if share is None else str(share)) for share in shares]


_KEYS = ("mean", "median")
