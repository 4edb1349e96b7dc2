"""``baseline.csv``: every line of the evidence, in a stable order and rounding."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One compared quantity, as text; what a part does not have is empty."""

    part: str
    """``public``, ``component``, ``curve``, or what a group of runs has in common."""
    case: str
    quantity: str
    split: str = ""
    """How the runs were held back; empty for runs that a calibration was fitted on."""
    model: str = ""
    chip: str = ""
    engine: str = ""
    version: str = ""
    precision: str = ""
    lengths: str = ""
    """Input/output tokens."""
    plan: str = ""
    """Degrees above 1; for a public figure without a plan, the best one found."""
    concurrency: str = ""
    unit: str = ""
    rows: str = ""
    predicted_rows: str = ""
    measured: str = ""
    predicted: str = ""
    ratio: str = ""
    """Predicted over measured; the geometric mean over a curve."""
    ratio_p90: str = ""
    """The 90 % quantile, where ``ratio`` is a median."""
    mean_error: str = ""
    median_error: str = ""
    bias: str = ""
    """Median of predicted over measured, less one."""
    inside_interval: str = ""
    """Share of the rows whose measured value lies within the predicted interval."""
    regret: str = ""
    """Mean share of the best measured output that a pick gives away (decisions.py)."""
    kept_regret: str = ""
    """The same of picks that keep the limit."""
    broken: str = ""
    """Share of the decisions whose pick breaks the limit."""
    nothing: str = ""
    """Share of the decisions in which nothing was thought to keep it."""
    between: str = ""
    """``regret`` with limits halfway to the next measured TPOT."""
    note: str = ""


COLUMNS = tuple(field.name for field in fields(Line))


def rounded(value: float | None, digits: int = 4) -> str:
    """``value`` with ``digits`` significant digits and no exponent; empty for None.

    >>> rounded(0.123456), rounded(12864.4), rounded(None)
    ('0.1235', '12860', '')
    """
    if value is None:
        return ""
    shown = f"{float(f'{value:.{digits}g}'):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def read_baseline(path: Path) -> list[Line]:
    """The lines of a baseline; none when there is no file yet."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Line(**row) for row in csv.DictReader(file)]


def write_baseline(path: Path, lines: Iterable[Line]) -> None:
    """Writes the lines in their order."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(line) for line in lines)


def of_part(lines: Sequence[Line], part: str, quantity: str | None = None) -> list[Line]:
    """The lines of one part, of one quantity where it is given."""
    return [line for line in lines if line.part == part and quantity in (None, line.quantity)]
