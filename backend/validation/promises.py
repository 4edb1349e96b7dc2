"""The sections of the page on what a search ranks first: decisions, and promises."""

from collections.abc import Sequence

from validation.baseline import Line, of_part
from validation.decisions import PART
from validation.held_out import REGRET_MEANS
from validation.tables import percent, table

_HEADER = [
    "",
    "decisions",
    "mean regret",
    "of picks that keep the limit",
    "break it",
    "no pick",
    "limits between runs",
]


def decision_section(lines: Sequence[Line]) -> list[str]:
    """Regret over all and by combination; nothing where the baseline has none."""
    found = [*of_part(lines, PART), *of_part(lines, f"{PART} by combination")]
    if not found:
        return []
    rows = [[_name(line), line.rows, *map(percent, _shares(line))] for line in found]
    text = [
        "## Decisions",
        "",
        *REGRET_MEANS,
        "",
        "On the runs that the calibration was fitted on:",
    ]
    return [*text, "", *table(_HEADER, rows), ""]


def _name(line: Line) -> str:
    """Combination and predictor, those over all in bold."""
    predictor = line.quantity.removeprefix("regret, ")
    name = line.case if predictor == "ours" else f"{line.case}, {predictor}"
    return f"**{name}**" if line.case == "all" else name


def _shares(line: Line) -> list[str]:
    return [line.regret, line.kept_regret, line.broken, line.nothing, line.between]


def front_section(lines: Sequence[Line]) -> list[str]:
    """Promised over measured; nothing where the baseline has none."""
    found = of_part(lines, "front")
    if not found:
        return []
    rows = [
        [line.case, f"{line.predicted_rows} of {line.rows}", line.ratio, line.ratio_p90]
        for line in found
    ]
    header = ["model · chip · engine", "points", "median", "90 % quantile"]
    return [
        "## Promises",
        "",
        "Output per chip of the best plan that a search finds for the same model, engine, formats "
        "and lengths within the TPOT of a measured point and on as many chips, over what was "
        "measured there; of all points that no other run beats. Above 1 either promises too much "
        "or knows a plan that was not measured.",
        "",
        *table(header, rows),
        "",
    ]
