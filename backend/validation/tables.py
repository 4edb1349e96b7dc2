"""Markdown tables of the evidence."""

from collections.abc import Iterable, Sequence

from validation.baseline import Line

ABSENT = "–"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> list[str]:
    """A table whose first ``texts`` columns are text and the others numbers.

    >>> table(["chip", "rows"], [["h100", "3"]])
    ['| chip | rows |', '|---|---:|', '| h100 | 3 |']
    """
    rule = ["---"] * texts + ["---:"] * (len(header) - texts)
    lines = [header, *rows]
    shown = [f"| {' | '.join(line)} |" for line in lines]
    return [shown[0], f"|{'|'.join(rule)}|", *shown[1:]]


def percent(text: str, sign: str = "") -> str:
    """A share as a percentage; a dash where there is none.

    >>> percent("0.1234"), percent("-0.05", "+"), percent("")
    ('12.3 %', '−5.0 %', '–')
    """
    if not text:
        return ABSENT
    return f"{float(text):{sign}.1%}".replace("%", " %").replace("-", "−")


def error_table(name: str, tpot: Sequence[Line], ttft: Sequence[Line]) -> list[str]:
    """Coverage, mean, median and bias of both latencies per group, intervals where present."""
    intervals = any(line.inside_interval for line in [*tpot, *ttft])
    header = [name, "predicted"]
    for latency in ("TPOT", "TTFT"):
        header += [f"{latency} mean", "median", "bias", *(["in interval"] * intervals)]
    rows = []
    for left, right in zip(tpot, ttft, strict=True):
        row = [left.case, f"{left.predicted_rows} of {left.rows}"]
        for line in (left, right):
            row += _errors(line) + [percent(line.inside_interval)] * intervals
        rows.append(row)
    return table(header, rows)


def _errors(line: Line) -> list[str]:
    return [percent(line.mean_error), percent(line.median_error), percent(line.bias, "+")]
