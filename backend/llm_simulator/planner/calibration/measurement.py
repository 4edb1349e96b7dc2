"""One measured serving run: its configuration, how it was measured, the latencies that were seen.

A file has the columns of ``Measurement``; the columns of InferenceX's own tables are read, too.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from llm_simulator.errors import InvalidInput
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
    measured: str | None = None
    """Date, YYYY-MM-DD."""
    receive_interval: PositiveInt = 1
    """Decode steps after which the engine looks at new requests."""
    speculative: Literal["mtp"] | None = None
    """Speculation whose drafts nobody states (``prediction.UNSAID_DRAFTS``); left out, none."""
    prefix_cache_hit_rate: float = Field(0.0, ge=0, lt=1)
    """Share of each prompt that the engine found in its cache."""

    @property
    def chips(self) -> int:
        """Chips of the whole deployment."""
        return self.tp * self.pp * self.attention_dp


SPECULATIVE_SWEEPS = {("deepseek-r1", "trtllm"): {"2026-01-14", "2026-02-05", "2026-02-06"}}
"""Days whose runs of InferenceX all predicted several tokens, by model and engine: 13 of the 78
runs of these days are labelled so, none is labelled otherwise, and the others' steps are as fast.
"""

CACHED_SWEEPS = {("gap-analysis", "vllm", "0.12.0", "llama-3.1-8b"): 0.7}
"""Share of each prompt that a benchmark's sweep found in the cache, without saying so.

Computed whole, the prompts and outputs of five of its 12 runs would take 57 to 94 % of the chips'
dense FP8 peak; no run of another sweep reaches 50. The share is what all 12 look like.
"""

_FIELDS = tuple(Measurement.model_fields)

COLUMNS = tuple(name for name, field in Measurement.model_fields.items() if field.is_required())
"""Columns that a file of measurements must have; further ones are carried along."""

_WHOLE = (*COLUMNS[COLUMNS.index("input_tokens") : COLUMNS.index("ttft_ms")], "receive_interval")


def measurement_of(row: Mapping[str, str]) -> Measurement:
    """The measurement in a row of text; raises InvalidInput naming the column."""
    given: dict[str, Any] = {column: row[column] for column in _FIELDS if row.get(column)}
    if is_inferencex(row):
        given |= _inferencex(row)
    given.setdefault("speculative", _unlabelled_speculation(given))
    if given["speculative"] == "none":
        given["speculative"] = None
    given.setdefault("prefix_cache_hit_rate", _unlabelled_cache_hits(given))
    for column in _WHOLE:
        if column in given:
            given[column] = _whole(given[column])
    return validated(Measurement, given, "row")


def _unlabelled_speculation(given: Mapping[str, Any]) -> str | None:
    """Speculation of a run that doesn't say: that of the sweep it belongs to."""
    days = SPECULATIVE_SWEEPS.get((given.get("model", ""), given.get("framework", "")), set())
    in_sweep = given.get("source") == "inferencex" and given.get("measured") in days
    return "mtp" if in_sweep else None


def _unlabelled_cache_hits(given: Mapping[str, Any]) -> float:
    """Share of a run's prompts that was cached where it doesn't say: that of its sweep."""
    source, engine = given.get("source", ""), given.get("framework", "")
    version, model = given.get("framework_version", ""), given.get("model", "")
    return CACHED_SWEEPS.get((source, engine, version, model), 0.0)


def _whole(text: str) -> int | str:
    """The whole number in ``text``; anything else is left for validation to refuse."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else text


def is_inferencex(row: Mapping[str, str]) -> bool:
    """Whether the row has the columns of InferenceX's own tables."""
    return "decode_dp_attention" in row


def _inferencex(row: Mapping[str, str]) -> dict[str, Any]:
    """The columns of an InferenceX table in our words; raises InvalidInput for separate pools."""
    if row["disaggregated"] == "True":
        raise InvalidInput.at("disaggregated", "separate pools of prefill and decode chips")
    ranks, ep = _whole(row["decode_tp"]), _whole(row["decode_ep"])
    attention_dp = ranks if row["decode_dp_attention"] == "True" else 1
    if isinstance(ranks, str) or isinstance(ep, str):
        raise InvalidInput.at("decode_tp", f"{ranks} and decode_ep {ep} must be whole numbers")
    version = re.search(r":.*?(\d+\.\d+\.\d+[\w.]*)", row.get("image") or "")
    return {
        "tp": str(ranks // int(attention_dp)),
        "pp": "1",
        "attention_dp": str(attention_dp),
        "moe_tp": str(max(ranks // ep, 1)),
        "ep": str(ep),
        "ttft_ms": row["ttft_mean_ms"],
        "tpot_ms": row["tpot_mean_ms"],
        "framework_version": version[1] if version else None,
        "source": "inferencex",
        "measured": row.get("date") or None,
    }
