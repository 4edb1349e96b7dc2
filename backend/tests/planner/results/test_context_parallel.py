"""Decode context parallelism in a result: more tokens on the same chips, and what is not known."""

from math import log
from typing import Any

import pytest

from tests.deployments import evaluated

LOAD = {
    "engine": "vllm",
    "batch_size": 64,
    "input_seq_length": 8192,
    "output_seq_length": 1024,
}


def given(model: str, load: dict[str, Any] | None = None, **degrees: int) -> dict[str, Any]:
    """One plan on eight H200."""
    body = {"model": model, "topology": "server-8", "hardware": "h200-sxm"}
    body |= {"inference": LOAD | (load or {}), "search_mode": "manual"}
    [plan] = evaluated({**body, "manual_parallelism": {"tp": 8, "moe_tp": 8} | degrees})[
        "top_k_plans"
    ]
    return plan


@pytest.mark.parametrize(
    ("model", "dcp", "tokens"), [("deepseek-v3", 8, 5_234e3), ("qwen3-235b-a22b", 2, 3_017e3)]
)
def test_an_engine_holds_as_many_times_the_tokens(model: str, dcp: int, tokens: float) -> None:
    """DeepSeek-V3 TP8: 654 thousand tokens on every rank; Qwen3-235B, of 4 heads: 1.5 million."""
    whole, shared = given(model)["memory"]["cache"], given(model, dcp=dcp)["memory"]["cache"]
    assert shared["tokens"] == pytest.approx(dcp * whole["tokens"], rel=1e-4)
    assert shared["tokens"] == pytest.approx(tokens, rel=1e-3)
    assert shared["concurrency"] == pytest.approx(dcp * whole["concurrency"], rel=1e-9)


def test_long_contexts_decode_faster_and_short_ones_do_not() -> None:
    """A rank reads an eighth of the latents, and exchanges queries and results in every layer."""

    def tpot(dcp: int, tokens: int, requests: int) -> float:
        load = {"input_seq_length": tokens, "output_seq_length": 16_384, "batch_size": requests}
        return float(given("deepseek-v3", load, dcp=dcp)["tpot"])

    assert tpot(8, 131_072, 4) < tpot(1, 131_072, 4)
    assert tpot(8, 512, 4) > tpot(1, 512, 4)


def test_no_interval_claims_that_it_was_measured() -> None:
    whole, shared = given("qwen3-235b-a22b"), given("qwen3-235b-a22b", dcp=2)
    assert (whole["provenance"], shared["provenance"]) == ("calibrated", "transferred")
    assert "No run that shares out the cache by dcp was measured" in shared["basis"]
    width = [log(plan["tpot_high"] / plan["tpot_low"]) for plan in (whole, shared)]
    assert width[1] > 2 * width[0]


def test_a_search_says_which_engine_starts_what_it_found() -> None:
    """Only shared out do eight requests of 64k tokens fit on eight ranks of one group."""
    body = {"model": "deepseek-v3", "topology": "server-8", "hardware": "h200-sxm"}
    load = {"batch_size": 32, "input_seq_length": 65_536, "output_seq_length": 1024}
    constraints = {"allowed": {"tp": [8], "dcp": [1, 8], "pp": [1]}, "top_k": 1}
    found = evaluated({**body, "inference": load, "search_constraints": constraints})
    [plan] = found["top_k_plans"]
    assert plan["parallelism"]["dcp"] == 8
    assert plan["engines"] == ["vllm", "sglang"]
    assert [(no["engine"], no["code"]) for no in plan["refused_by"]] == [("trtllm", "dcp")]


def test_pools_hand_over_caches_that_are_whole_or_on_all_ranks() -> None:
    """vLLM 0.33, config/vllm.py: a side of the NixlConnector has all of tp as dcp, or none."""
    body = {"model": "deepseek-v3", "topology": "server-8", "hardware": "h200-sxm"}
    constraints = {"serving": "disaggregated", "allowed": {"tp": [2, 4]}, "top_k": 5}
    b200 = {**body, "hardware": "b200-sxm", "inference": LOAD, "search_constraints": constraints}
    plans = evaluated(b200)["top_k_plans"]
    assert plans
    for plan in plans:
        for pool in plan["pools"].values():
            assert pool["parallelism"]["dcp"] in (1, pool["parallelism"]["tp"])
