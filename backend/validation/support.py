"""The support matrix: what each prediction rests on, and how far such predictions were off."""

from collections.abc import Mapping, Sequence
from typing import Any

from llm_simulator.planner.requests.calibrations import Calibrations, Subject
from llm_simulator.planner.specs.calibration import ENGINES
from validation.baseline import Line, of_part, rounded
from validation.tables import ABSENT, percent, table

PART = "support"
OTHERS = "any other"
ALL_MODELS = "all models"
_KEYS = ("engine", "chip", "model")
_FOUND = ("provenance", "runs", "tpot_error", "ttft_error")
_NAMED = set(Subject.model_fields)

LEGEND = (
    "Each cell: median error of TPOT / of TTFT on runs that were held back. **Bold**: calibrated, "
    "the model was measured on this chip and engine (runs that the errors are of in parentheses; "
    "all models' where its own are too few). Plain: "
    "transferred from what was measured of the engine on other models or chips. Italic: first "
    "principles."
)


def support_lines(calibrations: Calibrations) -> list[Line]:
    """Every model and chip that a calibration speaks of and any other, on every engine and none."""
    subjects = [level.subject for level in calibrations.levels]
    models = sorted({subject.model for subject in subjects if subject.model})
    chips = sorted({subject.chip for subject in subjects if subject.chip})
    lines = [
        _line(calibrations, Subject(engine=engine, chip=chip, model=model))
        for engine in ENGINES
        for model in models
        for chip in chips
    ]
    others = [_line(calibrations, Subject(engine=engine)) for engine in (*ENGINES, None)]
    return [line for line in [*lines, *others] if line is not None]


def _line(calibrations: Calibrations, case: Subject) -> Line | None:
    """What a case rests on; None where no file says how far such predictions are off."""
    provenance = calibrations.calibration(case).provenance
    errors = (item for file in calibrations.files for item in file.summary()["errors"])
    near = [item for item in errors if item["provenance"] == provenance and _covers(item, case)]
    if not near:
        return None
    nearest = max(reversed(near), key=lambda item: sum(bool(item[key]) for key in _KEYS))
    return Line(
        part=PART,
        case=provenance,
        quantity="TPOT / TTFT",
        model=case.model or OTHERS,
        chip=case.chip or OTHERS,
        engine=case.engine or "none named",
        rows=str(nearest["runs"]),
        note=ALL_MODELS if case.model and not nearest.get("model") else "",
        median_error=" / ".join(
            rounded(nearest[f"{name}_error"][1], 3) for name in ("tpot", "ttft")
        ),
    )


def _covers(item: Mapping[str, Any], case: Subject) -> bool:
    """Whether residuals speak of the case and of nothing narrower."""
    named = [key for key in _NAMED if item.get(key) is not None]
    return all(item[key] == getattr(case, key) for key in named)


def support_section(lines: Sequence[Line]) -> list[str]:
    """The matrix of each engine; nothing where the baseline has none."""
    found = of_part(lines, PART)
    if not found:
        return []
    text = ["## Support", "", LEGEND, ""]
    for engine in dict.fromkeys(line.engine for line in found if line.model != OTHERS):
        text += [f"### {engine}", "", *_matrix([ln for ln in found if ln.engine == engine]), ""]
    rows = [[ln.engine, ln.case.replace("_", " "), cell(ln)] for ln in found if ln.model == OTHERS]
    header = ["engine", "rests on", "error"]
    return [*text, "### Any other model or chip", "", *table(header, rows, texts=2), ""]


def _matrix(lines: Sequence[Line]) -> list[str]:
    """Models by chips."""
    cells = {(line.model, line.chip): cell(line) for line in lines if line.model != OTHERS}
    models, chips = (list(dict.fromkeys(key[place] for key in cells)) for place in (0, 1))
    rows = [[model, *(cells.get((model, chip), ABSENT) for chip in chips)] for model in models]
    return table(["model", *chips], rows)


def cell(line: Line) -> str:
    """Both errors, marked by what they rest on.

    >>> cell(Line("support", "calibrated", "TPOT / TTFT", rows="47", median_error="0.115 / 0.239"))
    '**11.5 % / 23.9 %** (47)'
    """
    errors = " / ".join(percent(text) for text in line.median_error.split(" / "))
    if line.case == "calibrated":
        return f"**{errors}** ({runs(line)})"
    return errors if line.case == "transferred" else f"*{errors}*"


def runs(line: Line) -> str:
    """How many runs a calibrated cell's errors are of."""
    return f"{line.rows}, {ALL_MODELS}" if line.note == ALL_MODELS else line.rows
