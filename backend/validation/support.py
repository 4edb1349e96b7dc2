"""The support matrix: what each prediction rests on, and how far such predictions were off."""

from collections.abc import Sequence

from llm_simulator.planner.requests.calibrations import Calibrations
from llm_simulator.planner.requests.support import Support, support_matrix
from validation.baseline import Line, of_part, rounded
from validation.tables import ABSENT, percent, table

PART = "support"
OTHERS = "any other"
ALL_MODELS = "all models"

LEGEND = (
    "Each cell: median error of TPOT / of TTFT on runs that were held back. **Bold**: calibrated, "
    "the model was measured on this chip and engine (runs that the errors are of in parentheses; "
    "all models' where its own are too few). Plain: "
    "transferred from what was measured of the engine on other models or chips. Italic: first "
    "principles."
)


def support_lines(calibrations: Calibrations) -> list[Line]:
    """Every model and chip that a calibration speaks of and any other, on every engine and none.

    Cases that no file says how far they are off are left out.
    """
    known = [item for item in support_matrix(calibrations) if item.runs]
    named = [item for item in known if item.model and item.chip]
    others = [item for item in known if not item.model and not item.chip]
    return [_line(item) for item in (*named, *others)]


def _line(item: Support) -> Line:
    """What a case rests on."""
    return Line(
        part=PART,
        case=item.provenance,
        quantity="TPOT / TTFT",
        model=item.model or OTHERS,
        chip=item.chip or OTHERS,
        engine=item.engine or "none named",
        rows=str(item.runs),
        note=ALL_MODELS if item.model and not item.errors_of_model else "",
        median_error=f"{rounded(item.tpot_error, 3)} / {rounded(item.ttft_error, 3)}",
    )


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
