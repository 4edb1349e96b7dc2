"""Random requests over everything that can be asked, the same for the same seed."""

import random
from typing import Any

MODELS = (
    "deepseek-v3",
    "deepseek-v3.2",
    "glm-5",
    "gpt-oss-120b",
    "gpt-oss-20b",
    "kimi-k2.5",
    "llama-3.1-405b",
    "llama-3.1-70b",
    "llama-3.1-8b",
    "minimax-m2.5",
    "mixtral-8x7b",
    "qwen3-235b-a22b",
    "qwen3-30b-a3b",
    "qwen3-32b",
    "qwen3.5-397b-a17b",
)
CHIPS = (
    "a100-sxm",
    "ascend-910b",
    "b200-sxm",
    "b300-sxm",
    "gb200",
    "gb300",
    "h100-sxm",
    "h20",
    "h200-sxm",
    "h800",
    "l40s",
    "mi300x",
    "mi325x",
    "mi355x",
    "sg2262",
)
TOPOLOGIES = ("server-8", "server-8", "servers-4x8", "pod-64", "rack-72")
OBJECTIVES = (
    "throughput_per_chip",
    "throughput",
    "goodput",
    "ttft",
    "tpot",
    "chips",
    "cost",
    "energy",
)


def random_requests(seed: int, count: int) -> list[dict[str, Any]]:
    """``count`` requests: searches, plans by hand, pools, fronts, simulations and sweeps."""
    dice = random.Random(seed)
    return [_request(dice) for _ in range(count)]


def _request(dice: random.Random) -> dict[str, Any]:
    serving = dice.choice(("aggregated", "aggregated", "disaggregated", "both"))
    request: dict[str, Any] = {
        "model": dice.choice(MODELS),
        "topology": dice.choice(TOPOLOGIES),
        "hardware": dice.choice(CHIPS),
        "inference": _load(dice, serving),
        "search_constraints": _constraints(dice, serving),
    }
    if dice.random() < 0.15:
        request["search_mode"] = "manual"
        request["manual_parallelism"] = {"tp": dice.choice((1, 2, 4, 8)), "dp": dice.choice((1, 2))}
        request["manual_parallelism"]["moe_tp"] = (
            request["manual_parallelism"]["tp"] * request["manual_parallelism"]["dp"]
            if "llama" not in request["model"] and request["model"] != "qwen3-32b"
            else 1
        )
    if serving != "aggregated" and dice.random() < 0.3:
        request["decode_hardware"] = dice.choice(CHIPS)
    if dice.random() < 0.2:
        request["economics"] = {
            "chip_usd_per_hour": round(dice.uniform(1, 6), 2),
            "pue": 1.2,
            "source": "a contract",
        }
    if dice.random() < 0.12:
        request["sweep"] = [
            dice.choice(
                (
                    "chip.memory_bandwidth=2..8 TB/s step 2",
                    "inference.input_seq_length=[1k, 4k, 16k]",
                    "inference.batch_size=[8, 64, 256]",
                    "hardware=h100-sxm, b200-sxm",
                )
            )
        ]
    return request


def _load(dice: random.Random, serving: str) -> dict[str, Any]:
    load: dict[str, Any] = {
        "batch_size": dice.choice((1, 4, 16, 64, 128, 300, 512)),
        "input_seq_length": dice.choice((128, 1000, 1024, 4096, 8192, 20_000)),
        "output_seq_length": dice.choice((1, 16, 128, 1024, 2000)),
    }
    if dice.random() < 0.4:
        load["engine"] = dice.choice(("vllm", "sglang", "trtllm"))
    if dice.random() < 0.2:
        load["kv_cache_dtype"] = dice.choice(("fp8", "bf16"))
    if dice.random() < 0.15:
        load["prefix_cache_hit_rate"] = dice.choice((0.3, 0.8))
    if dice.random() < 0.15:
        load["speculative"] = {
            "method": "draft_model",
            "draft_tokens": 3,
            "acceptance_rate": 0.7,
            "draft_cost": 0.1,
        }
    if dice.random() < 0.15:
        load["expert_load"] = {"power_law": 0.8}
    if dice.random() < 0.1:
        load["two_batch_overlap"] = True
    if serving == "aggregated" and dice.random() < 0.15:
        load["traffic"] = {"arrivals": "poisson", "request_rate": 2.0, "requests": 200, "seed": 1}
    return load


def _constraints(dice: random.Random, serving: str) -> dict[str, Any]:
    constraints: dict[str, Any] = {
        "serving": serving,
        "objective": dice.choice(OBJECTIVES),
        "max_chips": dice.choice((4, 8, 16, 32)),
        "top_k": dice.choice((1, 3, 5)),
    }
    if dice.random() < 0.3:
        constraints["max_tpot_ms"] = dice.choice((15, 30, 60, 120))
    if dice.random() < 0.2:
        constraints["max_ttft_ms"] = dice.choice((300, 1000, 5000))
    if dice.random() < 0.1:
        constraints["min_request_rate"] = dice.choice((1, 10))
    if dice.random() < 0.25:
        constraints["batch_sizes"] = [4, 32, 256]
    if dice.random() < 0.15:
        constraints["pareto"] = dice.choice(
            (["throughput_per_chip", "tpot"], ["ttft", "throughput"])
        )
    return constraints
