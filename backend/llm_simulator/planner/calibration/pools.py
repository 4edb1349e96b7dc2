"""Measured runs of disaggregated deployments: read from a row of text, and predicted."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.measurement import Measurement, measurement_of
from llm_simulator.planner.calibration.prediction import Prediction, measured_deployment
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.results.intervals import of_pools
from llm_simulator.planner.search.given import checked_pools
from llm_simulator.planner.serving.benchmark import LEAST_CACHE
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.given_pools import loaded_pools
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.pools import ManualPool, ManualPools
from llm_simulator.planner.specs.validation import validated
from llm_simulator.units import MILLI

REQUESTS_PER_SLOT = 10
"""Requests that a benchmark sends for each in flight; the opening burst is the first of them."""

DEGREES = ("tp", "pp", "attention_dp", "moe_tp", "ep")
POOLS = ("prefill", "decode")

_LATENCIES = ("ttft_ms", "tpot_ms")

COLUMNS = (
    *(
        name
        for name, field in Measurement.model_fields.items()
        if field.is_required() and name not in (*DEGREES, *_LATENCIES)
    ),
    *(f"{pool}_{figure}" for pool in POOLS for figure in ("workers", *DEGREES)),
    *_LATENCIES,
)
"""Columns of a file of runs on pools, one for each degree of both plans.

``prefill_max_batch_size`` and ``decode_max_batch_size`` (of a data-parallel rank) may be there.
"""

INFERENCEX_COLUMNS = (
    *("model", "chip", "framework", "precision", "input_tokens", "output_tokens", "concurrency"),
    *(f"{pool}_{name}" for pool in POOLS for name in ("tp", "ep", "dp_attention", "num_workers")),
    *("disaggregated", "num_prefill_gpu", "num_decode_gpu", "ttft_mean_ms", "tpot_mean_ms"),
)
"""Columns of InferenceX's own tables."""

ENGINE_OF = {
    "dynamo-trt": "trtllm",
    "dynamo-sglang": "sglang",
    "mori-sglang": "sglang",
    "sglang-disagg": "sglang",
    "dynamo-vllm": "vllm",
}
"""Engines behind InferenceX's names of disaggregated frameworks."""


ALWAYS_LIMITED = 32
"""Requests per decode rank above which its places are a power of two; of fp8 weights always."""

OWN_VERSIONS = "ai-dynamo"
"""Part of the name of images that count versions of Dynamo: those of engines in them are untold."""


class PooledMeasurement(Measurement):
    """A run on separate pools; its own degrees are those of a decode instance."""

    pools: ManualPools

    @property
    def chips(self) -> int:
        """Chips of both pools."""
        return sum(_chips(pool) for pool in (self.pools.prefill, self.pools.decode))


def runs_on_pools(row: Mapping[str, str]) -> bool:
    """Whether a row of text is of a disaggregated deployment."""
    if "disaggregated" in row:
        return row["disaggregated"].lower() == "true"
    return "prefill_workers" in row


def pooled_measurement_of(row: Mapping[str, str]) -> PooledMeasurement:
    """The measurement in a row of text; raises InvalidInput naming the column.

    Rows that name their container and not who measured are InferenceX's.
    """
    row = _in_our_words(row) if "disaggregated" in row else row
    if "image" in row and not row.get("source"):
        row = {**row, "source": "inferencex"}
    if OWN_VERSIONS in row.get("image", ""):
        row = {**row, "framework_version": ""}
    pools = {pool: _pool(row, pool) for pool in POOLS}
    if OWN_VERSIONS in row.get("image", ""):
        pools["decode"].setdefault("max_batch_size", _unsaid_places(row, pools["decode"]))
    own = {name: str(_count(row, f"decode_{name}")) for name in DEGREES}
    own["speculative"] = row.get("speculative") or "none"
    measured = measurement_of({**row, **own})
    return PooledMeasurement(**measured.model_dump(), pools=validated(ManualPools, pools, "row"))


def pooled_prediction(measured: PooledMeasurement, catalogue: Catalogue) -> Prediction:
    """The prediction for a run; raises InvalidInput when its configuration can't be evaluated."""
    deployed = measured_deployment(measured, catalogue)
    ttft, tpot = (seconds / MILLI for seconds in pooled_latency(measured, deployed))
    calibration = of_pools(deployed.calibration)
    ttft_ends, tpot_ends = calibration.ttft_interval, calibration.tpot_interval
    return Prediction(
        ttft_ms=ttft,
        tpot_ms=tpot,
        ttft_low_ms=ttft * ttft_ends[0],
        ttft_high_ms=ttft * ttft_ends[1],
        tpot_low_ms=tpot * tpot_ends[0],
        tpot_high_ms=tpot * tpot_ends[1],
        provenance=calibration.provenance,
    )


def pooled_latency(
    measured: PooledMeasurement, deployed: Deployment, pool_decode: float | None = None
) -> tuple[float, float]:
    """Seconds of TTFT and TPOT of a run in the mean, with another ``pool_decode`` where given.

    All requests start at once, so one in ``REQUESTS_PER_SLOT`` of each slot waits until half of
    them are prefilled. Raises InvalidInput for plans that are not legal.
    """
    if pool_decode is not None:
        own = deployed.calibration
        factors = own.factors.model_copy(update={"pool_decode": pool_decode})
        deployed = replace(deployed, calibration=own.model_copy(update={"factors": factors}))
    pools = _of_the_model(measured.pools, deployed)
    prefill, decode = (_copying(deployed, pool) for pool in (pools.prefill, pools.decode))
    given = checked_pools(prefill, decode, pools, "row")
    served = loaded_pools(prefill, decode, given, (measured.concurrency,), LEAST_CACHE)
    return float(served.ttft[0]) + _opening_burst(served), float(served.tpot[0])


def _opening_burst(served: MatchedPools) -> float:
    """Seconds that the opening burst adds to the mean wait over the run."""
    half = np.asarray(served.population / 2 / served.prefill_rate)
    return float(half[0]) / REQUESTS_PER_SLOT


def _of_the_model(pools: ManualPools, deployed: Deployment) -> ManualPools:
    """The pools as the model can be spread: a dense one has no experts."""
    if deployed.model.num_experts:
        return pools
    dense = {"ep": 1, "moe_tp": 1}
    both = {
        name: pool.model_copy(update={"parallelism": pool.parallelism.model_copy(update=dense)})
        for name, pool in (("prefill", pools.prefill), ("decode", pools.decode))
    }
    return ManualPools(**both)


def _copying(deployed: Deployment, pool: ManualPool) -> Deployment:
    """The deployment with as many copies of experts as give each rank equally many.

    SGLang's wide recipes for DeepSeek keep 32 copies, which makes 288 experts for 48 ranks.
    """
    experts, ep = deployed.model.num_experts, pool.parallelism.ep
    if not experts or experts % ep == 0:
        return deployed
    copies = {"redundant_experts": -experts % ep}
    return replace(deployed, workload=deployed.workload.model_copy(update=copies))


def _pool(row: Mapping[str, str], pool: str) -> dict[str, Any]:
    """A pool as a request gives it."""
    degrees = {name: _count(row, f"{pool}_{name}") for name in DEGREES}
    given = {
        "instances": _count(row, f"{pool}_workers"),
        "parallelism": {"dp": degrees.pop("attention_dp")} | degrees,
    }
    limit = f"{pool}_max_batch_size"
    return given | ({"max_batch_size": _count(row, limit)} if row.get(limit) else {})


def _unsaid_places(row: Mapping[str, str], decode: Mapping[str, Any]) -> int | None:
    """Requests that a decode rank of TensorRT-LLM's recipes runs at most, None where all of them.

    The recipes' places are powers of two, their load is often more, and the tables state neither:
    25 of the 30 runs with more than 32 requests per rank, or fp8 weights, wait as long as this
    makes them; below, and of fp4 weights, 15 of 19 don't wait.
    """
    ranks = decode["instances"] * decode["parallelism"]["dp"]
    load = _count(row, "concurrency") / ranks
    limited = row["precision"] == "fp8" or load > ALWAYS_LIMITED
    return 1 << int(load).bit_length() - 1 if limited and load >= 1 else None


def _count(row: Mapping[str, str], column: str) -> int:
    text = row.get(column, "")
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if number < 1 or not number.is_integer():
        shown = f"not '{text}'" if text else "and this row says none"
        raise InvalidInput.at(column, f"must be a whole number from 1, {shown}")
    return int(number)


def _chips(pool: ManualPool) -> int:
    plan = pool.parallelism
    return pool.instances * plan.dp * plan.tp * plan.pp


def _in_our_words(row: Mapping[str, str]) -> dict[str, str]:
    """A row of InferenceX's tables with this file's columns.

    They state the chips of a pool, but tp and ep not of all: an instance with data-parallel
    attention is taken to spread its experts over all its chips, as wide recipes do.
    """
    if row.get("speculative") == "mtp":
        raise InvalidInput.at(
            "speculative", "is mtp: how many tokens were drafted and accepted is not told"
        )
    figures: dict[str, str] = {}
    for pool in POOLS:
        workers = _count(row, f"{pool}_num_workers")
        chips = _count(row, f"num_{pool}_gpu") // workers
        spread = row[f"{pool}_dp_attention"].lower() == "true"
        ep = chips if spread else min(_count(row, f"{pool}_ep"), chips)
        plan = {
            "workers": workers,
            "tp": 1 if spread else chips,
            "pp": 1,
            "attention_dp": chips if spread else 1,
            "moe_tp": chips // ep,
            "ep": ep,
        }
        figures |= {f"{pool}_{name}": str(figure) for name, figure in plan.items()}
    version = re.search(r":.*?(\d+\.\d+\.\d+[\w.]*)", row.get("image", ""))
    return {
        **{name: row[name] for name in Measurement.model_fields if name in row},
        **figures,
        "framework": ENGINE_OF.get(row["framework"], row["framework"]),
        "framework_version": version[1] if version else "",
        "image": row.get("image", ""),
        "source": "inferencex",
        "ttft_ms": row["ttft_mean_ms"],
        "tpot_ms": row["tpot_mean_ms"],
    }
