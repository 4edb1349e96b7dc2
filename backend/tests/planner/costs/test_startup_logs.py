"""What engines logged when they started and people published, beside what is answered here.

Weights and room for the cache in GiB of a rank, tokens as the engine says them. The room is what is
left of all the others, so it is compared by its share of the chip's memory. Where llm-d-planner
lists an engine's parts alone, it is 0.95 of 79.19 GiB less these.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from llm_simulator.planner.costs.engine_memory import GIB
from llm_simulator.planner.costs.memory import resident_memory
from llm_simulator.planner.results.memory_use import memory_use
from tests.deployments import CATALOGUE, catalogued, plan

CARDS = {"links": {"c2c": CATALOGUE.topologies["pcie-4"].spec.links["c2c"]}}
"""PCIe instead of NVLink."""
PLANNER = "llm-d-incubation/llm-d-planner accuracy/results/v0.19.0"
A100_NOTES = "myoceane.fr/index.php/ai-vllm-a100-gemma-4"


@dataclass(frozen=True)
class Log:
    """One published log: where, what was started, what the engine said."""

    source: str
    model: str
    chip: str
    degrees: dict[str, int] = field(default_factory=dict)
    load: dict[str, Any] = field(default_factory=dict)
    request_tokens: int = 8192
    weights: float | None = None
    room: float | None = None
    tokens: int | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    """Of what the catalogue says."""


def vllm(version: str | None = None, share: float | None = None, **load: Any) -> dict[str, Any]:
    """How a vLLM of this version was started."""
    return {"engine": "vllm", "engine_version": version, "memory_utilization": share, **load}


V19 = vllm("0.19.0", 0.95)
TP2, TP4 = {"tp": 2, "moe_tp": 2}, {"tp": 4, "moe_tp": 4}
LOGS = (
    Log(PLANNER, "llama-3.1-8b", "h100-sxm", {"tp": 2}, V19, weights=7.51, room=63.76),
    Log(PLANNER, "llama-3.1-8b", "h100-sxm", {"tp": 4}, V19, weights=3.77, room=67.44),
    Log(PLANNER, "llama-3.1-8b", "h100-sxm", {"pp": 2}, V19, weights=7.51),
    Log(PLANNER, "llama-3.1-8b", "h100-sxm", {"pp": 4}, V19, weights=4.26),
    Log(
        f"{PLANNER} --quantization fp8",
        "llama-3.1-8b",
        "h100-sxm",
        load=V19 | {"weight_dtype": "fp8"},
        weights=8.49,
        room=64.61,
    ),
    Log(
        f"{PLANNER} --kv-cache-dtype fp8",
        "llama-3.1-8b",
        "h100-sxm",
        load=V19 | {"kv_cache_dtype": "fp8"},
        room=58.11,
        tokens=952_032,
    ),
    Log(PLANNER, "qwen2.5-7b", "h100-sxm", {"tp": 2}, V19, weights=7.12, room=63.84),
    Log(PLANNER, "qwen2.5-7b", "h100-sxm", {"tp": 4}, V19, weights=3.55, room=67.34),
    *(
        Log(
            f"{PLANNER} Qwen3-14B by version",
            "qwen3-14b",
            "h100-sxm",
            load=vllm(version, 0.95),
            weights=27.52,
            room=room,
            tokens=tokens,
        )
        for version, room, tokens in (
            ("0.15.0", 41.94, 274_841),
            ("0.16.0", 41.94, 274_841),
            ("0.17.0", 45.34, 297_123),
            ("0.18.0", 45.23, 296_386),
        )
    ),
    Log(
        A100_NOTES, "gpt-oss-20b", "a100-sxm", load=vllm("0.19.0", 0.65), weights=13.72, room=36.56
    ),
    Log(
        A100_NOTES,
        "gemma-4-26b-a4b",
        "a100-sxm",
        load=vllm("0.19.0", 0.9),
        weights=48.5,
        room=21.5,
    ),
    Log(
        "vllm-project/vllm#27508",
        "gpt-oss-120b",
        "h100-sxm",
        load=vllm("0.11.0", 0.95, max_batched_tokens=1024),
        room=1.71,
    ),
    Log("vllm-project/vllm#23278", "gpt-oss-120b", "h100-sxm", load=vllm("0.10.1"), room=-2.14),
    Log(
        "vllm-project/vllm#21348",
        "qwen3-235b-a22b",
        "h100-sxm",
        TP4,
        vllm("0.9.2", weight_dtype="fp8_block"),
        room=8.11,
    ),
    Log(
        "vllm-project/vllm#17469", "qwen3-30b-a3b", "h100-sxm", TP4, vllm("0.8.5"), weights=14.2474
    ),
    Log(
        "vllm-project/vllm#12569, W8A8",
        "llama-3.1-70b",
        "h100-sxm",
        load=vllm("0.7.0", weight_dtype="int8"),
        weights=67.7229,
    ),
    Log(
        "vllm-project/vllm#14447, AWQ",
        "deepseek-v3",
        "rtx-3090",
        {"tp": 16, "moe_tp": 16},
        vllm("0.8.3", 0.99, weight_dtype="int4"),
        weights=21.21,
    ),
    Log(
        "vllm-project/vllm#2031, 7,351 blocks",
        "llama-2-7b",
        "a100-sxm",
        load=vllm("0.2.5", max_batched_tokens=4096),
        tokens=7351 * 16,
        request_tokens=4096,
    ),
    Log(
        "vllm-project/recipes#810, Qwen3.8-27B-FP8 of the same sizes",
        "qwen3.5-27b",
        "rtx-5090",
        {"tp": 2},
        vllm(weight_dtype="fp8_block"),
        weights=14.28,
        changes={"topology_changes": CARDS},
    ),
    Log(
        "vllm-project/vllm#28228, AWQ, steps of 64,000 tokens",
        "kimi-linear-48b-a3b",
        "rtx-3090",
        TP2,
        vllm("0.11.1", 0.95, weight_dtype="int4", max_batched_tokens=64_000, max_num_seqs=8),
        room=2.30,
        changes={"topology_changes": CARDS},
    ),
    Log(
        "sgl-project/sglang#17392, data-parallel attention",
        "qwen3-30b-a3b",
        "h200-sxm",
        {"dp": 4, "ep": 4},
        {"engine": "sglang"},
        weights=16.39,
    ),
    Log(
        "NVIDIA/TensorRT-LLM#1400, SmoothQuant, 69,524,783,104 bytes",
        "llama-2-7b",
        "a100-sxm",
        load={
            "engine": "trtllm",
            "weight_dtype": "int8",
            "max_batched_tokens": 4096,
            "max_num_seqs": 1,
        },
        request_tokens=5120,
        weights=6683 / 1024,
        room=69_524_783_104 / GIB,
        tokens=132_608,
    ),
)


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.source}: {log.model}")
def test_an_engine_keeps_what_it_logged(log: Log) -> None:
    deployed = catalogued(log.model, log.chip, **log.load, **log.changes)
    plans = plan(**log.degrees)
    memory = resident_memory(deployed, plans)
    if log.weights is not None:
        assert memory.weights[0] / GIB == pytest.approx(log.weights, rel=0.02)
    if log.room is not None:
        share = deployed.chip.memory_capacity / GIB
        assert memory.room[0] / GIB == pytest.approx(log.room, abs=0.02 * share)
    if log.tokens is not None:
        cache = memory_use(deployed, plans, memory, 0, log.request_tokens).cache
        assert cache is not None
        assert cache.tokens == pytest.approx(log.tokens, rel=0.03)
