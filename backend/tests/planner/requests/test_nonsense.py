"""Whatever a request contains, it is evaluated or refused with a sentence; it never crashes."""

import copy
import json
from typing import Any

import numpy as np
import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.evaluate import Chunk, assemble, evaluate_chunk
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.search.prepared import prepare

CATALOGUE = builtin_catalogue()
LINKS = {
    "c2c": {"bandwidth_gbps": 450, "latency_us": 1},
    "b2b": {"bandwidth": "400 Gb/s", "latency": "4 us"},
}
REQUESTS: list[dict[str, Any]] = [
    {
        "topology": "server-8",
        "model": "llama-3.1-8b",
        "hardware": "h100-sxm",
        "inference": {
            "batch_size": 4,
            "input_seq_length": 128,
            "output_seq_length": 16,
            "weight_dtype": "fp8",
            "max_ttft_ms": 100,
        },
        "search_mode": "auto",
        "search_constraints": {
            "max_chips": 8,
            "top_k": 3,
            "objective": "ttft",
            "allowed": {"tp": [1, 2]},
        },
    },
    {
        "topology": {
            "pods": [{"racks": [{"boards": [{"count": 2, "chips": [{"name": "x", "count": 4}]}]}]}],
            "interconnect": {"links": LINKS},
        },
        "model": {
            "model_type": "llama",
            "hidden_size": 512,
            "num_hidden_layers": 2,
            "vocab_size": 1000,
            "num_attention_heads": 8,
            "num_key_value_heads": 2,
            "intermediate_size": 1024,
            "head_dim": 64,
            "quantization_config": {"quant_method": "fp8"},
        },
        "hardware": {
            "name": "x",
            "peak_tflops": {"bf16": 10, "fp8": 20},
            "memory_capacity_gb": 10,
            "memory_bandwidth": "1 TB/s",
            "chip_to_chip": LINKS["c2c"],
        },
        "inference": {"batch_size": 4, "input_seq_length": 128, "output_seq_length": 16},
        "search_mode": "manual",
        "manual_parallelism": {"tp": 2, "dp": 2},
    },
    {
        "topology": {"pods": 1, "racks_per_pod": 1, "boards_per_rack": 1, "chips_per_board": 8},
        "model": {"base": "deepseek-v3", "num_hidden_layers": 4, "sliding_window": None},
        "hardware": {"base": "h200-sxm", "memory_bandwidth": "6 TB/s", "compute_efficiency": 0.5},
        "inference": {
            "batch_size": 4,
            "input_seq_length": 128,
            "output_seq_length": 16,
            "expert_load": {"power_law": 0.5},
            "redundant_experts": 2,
            "speculative": {"draft_tokens": 2, "acceptance_rate": 0.7},
            "prefix_cache_hit_rate": 0.5,
        },
    },
]
NONSENSE: list[Any] = [
    *(None, True, False, 0, -1, 1, 3, 0.5, 1e308, 1e-308, 10**30, float("inf"), float("nan")),
    *("", "x", "nan", "é\x00", "1 TB/s", "-3 GB", "1e999 GB", "1e-300 TB/s"),
    *([], {}, [1], [[]], [{}], [None], {"a": 1}, {"count": 2}),
]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of a request."""
    parts: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    own = [path] if path else []
    return own + [found for key, part in parts for found in _paths(part, (*path, key))]


def _replaced(request: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(request)
    part: Any = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return changed


CHANGES = [(request, path) for request in REQUESTS for path in _paths(request)]


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: repr(value)[:20])
def test_nonsense_anywhere_is_evaluated_or_refused(value: Any) -> None:
    for request, path in CHANGES:
        _evaluate_or_refuse(_replaced(request, path, value))


def _is_told(error: InvalidInput) -> None:
    assert error.problems
    assert all(problem.field and problem.message for problem in error.problems)


def _evaluate_or_refuse(body: dict[str, Any]) -> None:
    try:
        request = EvaluationRequest.parse(body, CATALOGUE)
        prepared = prepare(request)
    except InvalidInput as error:
        _is_told(error)
        return
    snapshot = request.snapshot()
    assert EvaluationRequest.parse(snapshot, CATALOGUE) == request
    with np.errstate(all="raise", under="ignore"):
        outcome = evaluate_chunk(request, Chunk("plans", 0, min(prepared.total_plans, 20)))
        json.dumps(assemble(request, [outcome]).as_json(), allow_nan=False)
