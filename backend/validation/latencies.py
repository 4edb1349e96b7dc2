"""Rows of measured runs and of predictions beside them, as columns of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.calibration.comparison import Compared
from llm_simulator.planner.calibration.measurement import COLUMNS
from llm_simulator.units import MILLI, Array

OURS, PEER = "predicted", "peer"
PREDICTORS = {"ours": OURS, "peer": PEER}
"""What the columns of a predictor begin with: ``predicted_ttft_ms``, ``peer_ttft_ms``."""
MEAN_LENGTH_SHARE = 0.9
"""Mean over nominal output length: most runs drew lengths evenly from 0.8 to 1.0 of nominal."""

Row = Mapping[str, str]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Latencies:
    """Mean latencies of runs and what they amount to; columns of shape [N], NaN where unknown."""

    ttft_ms: Array
    tpot_ms: Array
    rate: Array
    """Output tokens per second and chip: each request takes TTFT and a TPOT per further token."""

    @property
    def known(self) -> Mask:
        """Which runs have both latencies."""
        return np.isfinite(self.rate)


def measured_latencies(rows: Sequence[Row]) -> Latencies:
    """What was measured."""
    return latencies(rows, column(rows, "ttft_ms"), column(rows, "tpot_ms"))


def predicted_latencies(rows: Sequence[Row], predictor: str = OURS) -> Latencies:
    """What a predictor says of the same runs."""
    ttft, tpot = (column(rows, f"{predictor}_{name}_ms") for name in ("ttft", "tpot"))
    return latencies(rows, ttft, tpot)


def latencies(rows: Sequence[Row], ttft_ms: Array, tpot_ms: Array) -> Latencies:
    """Latencies of ``rows``' runs, with the output that a closed loop makes of them.

    >>> row = {"concurrency": "8", "output_tokens": "10", "tp": "2", "pp": "1", "attention_dp": "1"}
    >>> float(latencies([row], np.array([200.0]), np.array([25.0])).rate[0])
    90.0
    """
    output = MEAN_LENGTH_SHARE * column(rows, "output_tokens")
    turn = MILLI * (ttft_ms + (output - 1) * tpot_ms)
    return Latencies(ttft_ms, tpot_ms, column(rows, "concurrency") * output / turn / chips(rows))


def chips(rows: Sequence[Row]) -> Array:
    """Chips that each run used."""
    return column(rows, "tp") * column(rows, "pp") * column(rows, "attention_dp")


def column(rows: Sequence[Row], name: str) -> Array:
    """A column of numbers; NaN where a row has none."""
    return np.array([float(row.get(name) or "nan") for row in rows])


def with_predictions(runs: Sequence[Compared]) -> list[Row]:
    """The rows of compared runs with our predictions as columns, as ``tier6 validate`` writes."""
    return [dict(run.row) | _columns(run) for run in runs]


def _columns(run: Compared) -> dict[str, str]:
    found = run.predicted
    if found is None:
        return {}
    parts = ("ttft", "ttft_low", "ttft_high", "tpot", "tpot_low", "tpot_high")
    figures = {f"{OURS}_{part}_ms": repr(float(getattr(found, f"{part}_ms"))) for part in parts}
    return figures | {"provenance": found.provenance}


def known_predictors(rows: Sequence[Row]) -> list[str]:
    """The predictors that know some of the runs, ours first."""
    return [name for name in PREDICTORS if predicted_latencies(rows, PREDICTORS[name]).known.any()]


def beside(rows: Sequence[Row], others: Sequence[Row] | None) -> list[Row]:
    """``rows`` with the peer's columns of the same runs; those of others stay without.

    Two rows are of the same run where configuration and measured latencies agree.
    """
    found = {_run_of(row): row for row in others or ()}
    return [{**row, **_of_peer(found.get(_run_of(row), {}))} for row in rows]


def _of_peer(row: Row) -> Row:
    return {name: text for name, text in row.items() if name.startswith(f"{PEER}_")}


def _run_of(row: Row) -> tuple[str | float, ...]:
    """What tells a run from others, however its numbers are written."""
    return tuple(_number_or_text(row[name]) for name in COLUMNS)


def _number_or_text(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
