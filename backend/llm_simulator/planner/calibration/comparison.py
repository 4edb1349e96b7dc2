"""Predictions beside measurements: what was covered, and how far off the rest is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.measurement import Measurement, measurement_of
from llm_simulator.planner.calibration.pools import (
    pooled_measurement_of,
    pooled_prediction,
    runs_on_pools,
)
from llm_simulator.planner.calibration.prediction import (
    Prediction,
    of_known_benchmark,
    prediction,
)
from llm_simulator.planner.requests.catalogue import Catalogue


@dataclass(frozen=True)
class Compared:
    """A row of a file of measurements with its prediction, or why there is none."""

    row: Mapping[str, str]
    measured: Measurement | None
    predicted: Prediction | None
    problem: str | None


@dataclass(frozen=True)
class Error:
    """Relative errors of one figure over some runs: |predicted - measured| / measured."""

    mean: float
    median: float
    bias: float
    """Median of predicted over measured, less one; of latencies negative when too fast."""
    interval_coverage: float
    """Share of the runs within the 80 % interval of their prediction."""


@dataclass(frozen=True)
class Summary:
    """How well some runs are predicted; the errors are None when no run could be."""

    rows: int
    predicted: int
    of_known_benchmarks: int
    """Of those predicted; the others are predicted as a request with their fields would be."""
    ttft: Error | None
    tpot: Error | None
    throughput: Error | None
    """Of the output tokens per second that a closed loop has with such latencies."""

    @property
    def coverage(self) -> float:
        """Share of the rows that could be predicted."""
        return self.predicted / self.rows

    def as_json(self) -> dict[str, Any]:
        """The summary as plain data."""
        return asdict(self) | {"coverage": self.coverage}


def compared(rows: Iterable[Mapping[str, str]], catalogue: Catalogue) -> list[Compared]:
    """Every row with its prediction or the reason why there is none; none is dropped."""
    return [_compared(row, catalogue) for row in rows]


def _compared(row: Mapping[str, str], catalogue: Catalogue) -> Compared:
    measured = None
    try:
        if runs_on_pools(row):
            measured = pooled_measurement_of(row)
            return Compared(row, measured, pooled_prediction(measured, catalogue), None)
        measured = measurement_of(row)
        return Compared(row, measured, prediction(measured, catalogue), None)
    except InvalidInput as error:
        return Compared(row, measured, None, str(error))


def summary(runs: Sequence[Compared]) -> Summary:
    """How well ``runs`` are predicted."""
    pairs = [(run.predicted, run.measured) for run in runs if run.predicted and run.measured]
    return Summary(
        rows=len(runs),
        predicted=len(pairs),
        of_known_benchmarks=sum(of_known_benchmark(measured) for _, measured in pairs),
        ttft=_error(
            [p.ttft_ms / m.ttft_ms for p, m in pairs],
            [p.ttft_low_ms <= m.ttft_ms <= p.ttft_high_ms for p, m in pairs],
        ),
        tpot=_error(
            [p.tpot_ms / m.tpot_ms for p, m in pairs],
            [p.tpot_low_ms <= m.tpot_ms <= p.tpot_high_ms for p, m in pairs],
        ),
        throughput=_throughput_error(pairs),
    )


def _throughput_error(pairs: Sequence[tuple[Prediction, Measurement]]) -> Error | None:
    """The error of N requests in flight over the time of one, which N cancels out of."""
    others = [measured.output_tokens - 1 for _, measured in pairs]
    took = [m.ttft_ms + n * m.tpot_ms for (_, m), n in zip(pairs, others, strict=True)]
    ends = [
        (
            p.ttft_low_ms + n * p.tpot_low_ms,
            p.ttft_ms + n * p.tpot_ms,
            p.ttft_high_ms + n * p.tpot_high_ms,
        )
        for (p, _), n in zip(pairs, others, strict=True)
    ]
    return _error(
        [measured / expected for measured, (_, expected, _) in zip(took, ends, strict=True)],
        [low <= measured <= high for measured, (low, _, high) in zip(took, ends, strict=True)],
    )


def _error(ratios: Sequence[float], inside: Sequence[bool]) -> Error | None:
    if not ratios:
        return None
    errors = [abs(ratio - 1) for ratio in ratios]
    return Error(
        mean=fmean(errors),
        median=median(errors),
        bias=median(ratios) - 1,
        interval_coverage=fmean(inside),
    )


def summaries(
    runs: Sequence[Compared], key: Callable[[Mapping[str, str]], str]
) -> dict[str, Summary]:
    """The summary of each group of runs, in the order of the groups' names."""
    names = sorted({key(run.row) for run in runs})
    return {name: summary([run for run in runs if key(run.row) == name]) for name in names}
