"""Measured runs against predictions: one line per group of runs and per curve, never per run.

A curve is everything measured at one configuration over concurrencies: same model, chip, engine
and version, precision, lengths and plan.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, log
from statistics import fmean, median

from llm_simulator.planner.calibration.comparison import Compared, Summary, summaries
from llm_simulator.planner.calibration.prediction import Prediction
from validation.baseline import Line, rounded

LATENCIES = ("TPOT", "TTFT")
CONFIGURATION = ("model", "chip", "framework", "framework_version", "precision")
LENGTHS = ("input_tokens", "output_tokens")
DEGREES = ("tp", "pp", "attention_dp", "moe_tp", "ep")

Row = Mapping[str, str]
Key = Callable[[Row], str]

GROUPINGS: Mapping[str, Key] = {
    "all": lambda _: "all runs",
    "chip and engine": lambda row: f"{row['chip']} · {row['framework']}",
    "model": lambda row: row["model"],
    "combination": lambda row: f"{row['model']} · {row['chip']} · {row['framework']}",
}


@dataclass(frozen=True)
class Pair:
    """A run's predicted and measured latency in milliseconds."""

    predicted: float
    measured: float
    interval: tuple[float, float]

    @property
    def ratio(self) -> float:
        """Predicted over measured."""
        return self.predicted / self.measured

    @property
    def inside(self) -> bool | None:
        """Whether the interval holds the measured value; None without an interval."""
        if self.interval is None:
            return None
        low, high = self.interval
        return low <= self.measured <= high


def pair(run: Compared, latency: str) -> Pair | None:
    """One latency of a run; None when the run could not be predicted."""
    if run.predicted is None or run.measured is None:
        return None
    predicted, measured = run.predicted, run.measured
    if latency == "TPOT":
        return Pair(predicted.tpot_ms, measured.tpot_ms, interval(predicted, "tpot"))
    return Pair(predicted.ttft_ms, measured.ttft_ms, interval(predicted, "ttft"))


def interval(predicted: Prediction, latency: str) -> tuple[float, float]:
    """The 80 % interval of a predicted latency, in ms."""
    return (
        getattr(predicted, f"{latency}_low_ms"),
        getattr(predicted, f"{latency}_high_ms"),
    )


def pairs(runs: Iterable[Compared], latency: str) -> list[Pair]:
    """One latency of every run that could be predicted."""
    found = (pair(run, latency) for run in runs)
    return [each for each in found if each is not None]


def inside_share(compared_pairs: Sequence[Pair]) -> float | None:
    """Share of measured values within their intervals; None without intervals."""
    inside = [each.inside for each in compared_pairs if each.inside is not None]
    return fmean(inside) if inside else None


def geometric_mean_ratio(compared_pairs: Sequence[Pair]) -> float | None:
    """Geometric mean of predicted over measured; None without pairs."""
    return exp(fmean(log(each.ratio) for each in compared_pairs)) if compared_pairs else None


def group_lines(runs: Sequence[Compared]) -> list[Line]:
    """Errors over all runs and over each group, one line per latency."""
    lines = []
    for part, key in GROUPINGS.items():
        members = _grouped(runs, key)
        for name, summary in summaries(runs, key).items():
            lines += [_group_line(part, name, summary, members[name], q) for q in LATENCIES]
    return lines


def _group_line(
    part: str, name: str, summary: Summary, runs: Sequence[Compared], latency: str
) -> Line:
    error = summary.tpot if latency == "TPOT" else summary.ttft
    mean, median, bias = (error.mean, error.median, error.bias) if error else (None, None, None)
    return Line(
        part=part,
        case=name,
        quantity=latency,
        rows=str(summary.rows),
        predicted_rows=str(summary.predicted),
        mean_error=rounded(mean, 3),
        median_error=rounded(median, 3),
        bias=rounded(bias, 3),
        inside_interval=rounded(inside_share(pairs(runs, latency)), 3),
    )


def _grouped(runs: Iterable[Compared], key: Key) -> dict[str, list[Compared]]:
    """Runs by the name of their group, in the order of the names."""
    ordered = sorted(runs, key=lambda run: key(run.row))
    return {name: list(group) for name, group in groupby(ordered, lambda run: key(run.row))}


def curve_name(row: Row) -> str:
    """The configuration of a row's curve, as one sortable text."""
    configuration = [row.get(name) or "-" for name in CONFIGURATION]
    lengths = [row[name].rjust(7) for name in LENGTHS]
    return " · ".join([*configuration, *lengths, *(f"{row[name]:>4}" for name in DEGREES)])


def curves(runs: Sequence[Compared]) -> list[list[Compared]]:
    """The runs of each curve, by concurrency, in a stable order of the curves."""
    grouped = _grouped(runs, curve_name).values()
    return [sorted(curve, key=lambda run: float(run.row["concurrency"])) for curve in grouped]


def curve_lines(runs: Sequence[Compared]) -> list[Line]:
    """One line per curve and latency."""
    return [_curve_line(curve, latency) for curve in curves(runs) for latency in LATENCIES]


def _curve_line(curve: Sequence[Compared], latency: str) -> Line:
    row, found = curve[0].row, pairs(curve, latency)
    errors = [abs(each.ratio - 1) for each in found]
    return Line(
        part="curve",
        case="",
        quantity=latency,
        model=row["model"],
        chip=row["chip"],
        engine=row["framework"],
        version=row.get("framework_version", ""),
        precision=row["precision"],
        lengths="/".join(row[name] for name in LENGTHS),
        plan=plan_text({name: int(float(row[name])) for name in DEGREES}),
        concurrency=_range([run.row["concurrency"] for run in curve]),
        rows=str(len(curve)),
        predicted_rows=str(len(found)),
        ratio=rounded(geometric_mean_ratio(found)),
        mean_error=rounded(fmean(errors), 3) if errors else "",
        median_error=rounded(median(errors), 3) if errors else "",
        inside_interval=rounded(inside_share(found), 3),
    )


def plan_text(degrees: Mapping[str, int]) -> str:
    """The degrees above 1.

    >>> plan_text({"tp": 4, "pp": 1, "ep": 8}), plan_text({"tp": 1})
    ('tp 4, ep 8', 'tp 1')
    """
    above = [f"{name} {degree}" for name, degree in degrees.items() if degree > 1]
    return ", ".join(above) or "tp 1"


def _range(values: Sequence[str]) -> str:
    first, last = values[0], values[-1]
    return first if first == last else f"{first}-{last}"
