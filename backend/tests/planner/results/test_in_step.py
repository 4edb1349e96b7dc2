"""What is said of benchmarks whose requests stay in step."""

from typing import Any

import pytest

from tests.deployments import evaluated

SERVER = {"pods": 1, "racks_per_pod": 1, "boards_per_rack": 1, "chips_per_board": 8}


def _asked(hardware: str = "b200-sxm", **load: Any) -> dict[str, Any]:
    lengths = {"batch_size": 32, "input_seq_length": 1024, "output_seq_length": 256}
    return evaluated(
        {
            "model": "llama-3.1-8b",
            "hardware": hardware,
            "topology": SERVER,
            "inference": lengths | {"engine": "vllm"} | load,
            "search_mode": "manual",
            "manual_parallelism": {"tp": 1},
        }
    )


def _is_said(result: dict[str, Any]) -> bool:
    return "requests_in_step" in [warning["code"] for warning in result["warnings"]]


def test_many_short_prompts_would_share_a_step():
    assert _is_said(_asked())


@pytest.mark.parametrize(
    "load",
    [
        {"batch_size": 1},
        # One prompt fills the budget of a step.
        {"input_seq_length": 8192},
        {"traffic": {"arrivals": "closed_loop"}},
        {"traffic": {"arrivals": "poisson", "request_rate": 2}},
    ],
)
def test_nothing_is_said_where_prompts_are_alone_or_single_requests_simulated(load):
    assert not _is_said(_asked(**load))


def _longest_step(hardware: str = "b200-sxm", **load: Any) -> float:
    """Milliseconds of the median TTFT where 32 prompts come at once."""
    simulated = _asked(hardware, traffic={"arrivals": "closed_loop"}, **load)["top_k_plans"][0][
        "simulated"
    ]
    return float(simulated["ttft"]["p50_ms"])


def test_vllm_takes_more_tokens_into_a_step_on_large_gpus_since_0_28():
    wide = _longest_step(max_batched_tokens=16384)
    assert _longest_step() == _longest_step(engine_version="0.28.0") == wide
    narrow = _longest_step(max_batched_tokens=8192)
    assert narrow < wide
    old = {"engine_version": "0.27.1"}
    assert _longest_step(**old) == _longest_step(max_batched_tokens=8192, **old)
    assert _longest_step("h200-sxm") == _longest_step("h200-sxm", max_batched_tokens=8192)
