"""One measured serving run: its configuration and the latencies that were seen."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from llm_simulator.planner.specs.dtypes import CacheDtype
from llm_simulator.planner.specs.validation import PositiveInt, Spec, validated


class Measurement(Spec):
    """A closed loop of ``concurrency`` requests on ``tp * pp * attention_dp`` chips."""

    model: str
    chip: str
    framework: str
    """Serving engine."""
    precision: str
    """Format of the weights: bf16, fp8, fp4 or int4."""
    input_tokens: PositiveInt
    output_tokens: PositiveInt
    concurrency: PositiveInt
    tp: PositiveInt
    pp: PositiveInt
    attention_dp: PositiveInt
    moe_tp: PositiveInt
    ep: PositiveInt
    ttft_ms: float = Field(gt=0)
    """Mean time to first token over the run, its first burst included."""
    tpot_ms: float = Field(gt=0)
    framework_version: str | None = None
    source: str | None = None
    """Who measured: known benchmarks have a protocol of their own (``LENGTH_SPREAD``)."""
    kv_cache_dtype: CacheDtype | None = None
    """Format of the cache; left out, the known benchmark's, or else what a request assumes."""

    @property
    def chips(self) -> int:
        """Chips of the whole deployment."""
        return self.tp * self.pp * self.attention_dp


_FIELDS = tuple(Measurement.model_fields)

COLUMNS = tuple(name for name, field in Measurement.model_fields.items() if field.is_required())
"""Columns that a file of measurements must have; further ones are carried along."""

_WHOLE = tuple(COLUMNS[COLUMNS.index("input_tokens") : COLUMNS.index("ttft_ms")])


def measurement_of(row: Mapping[str, str]) -> Measurement:
    """The measurement in a row of text; raises InvalidInput naming the column."""
    given: dict[str, Any] = {column: row[column] for column in _FIELDS if row.get(column)}
    for column in _WHOLE:
        if column in given:
            given[column] = _whole(given[column])
    return validated(Measurement, given, "row")


def _whole(text: str) -> int | str:
    """The whole number in ``text``; anything else is left for validation to refuse."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else text
