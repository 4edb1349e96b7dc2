"""What people published about a model, its memory or a plan, beside what is answered here.

Each ``*.request.json`` is a request as ``tier6 evaluate --request`` takes it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from llm_simulator.errors import InvalidInput
from tests.deployments import evaluated

FOLDER = Path(__file__).parent


def request_of(case: str) -> dict[str, Any]:
    """The stored request of ``case``."""
    return json.loads((FOLDER / f"{case}.request.json").read_text())


def plan_of(case: str) -> dict[str, Any]:
    """The one plan that ``case`` asks for, feasible or not."""
    result = evaluated(request_of(case))
    return (result["top_k_plans"] or result["infeasible_plans"])[0]


def gigabytes(plan: dict[str, Any], part: str) -> float:
    """GB per chip of one part of ``plan``'s memory."""
    return {each["name"]: each["gb"] for each in plan["memory"]["parts"]}[part]


@pytest.mark.parametrize(
    ("case", "gb"),
    [
        ("C01", 671),  # 58 x 256 x 3 x 7168 x 2048 routed alone are 654 B; model card: 671 B.
        ("C05", 4.26),  # 2.13 B parameters published, in bf16.
        ("C09", 9.36),  # 4.68 B parameters published, in bf16.
        ("C10", 76.6),  # bits: 8; 70.47e9 x (1 + 2/128) and two tables in bf16.
        ("C11", 32.5),  # bits: 3; 70.47e9 x (3/8 + 2/128) and two tables in bf16.
        ("C12", 163.2),  # ai-dynamo/aiconfigurator#1396: 152 GiB.
        ("C14", 77.5),  # 4.58 B weights stay in bf16, as the exclusions say.
        ("C17", 63.1),  # Its exclusions name no shared expert, so that is int4.
        ("C23", 34.3),  # quant_algo FP8 without quant_method: 31.2 B and two tables in bf16.
        ("C63", 14.1),  # 6.74 B of Vicuna, all from LlamaConfig's defaults, and 0.32 B of CLIP.
        ("C66", 24.5),  # A params.json: Mistral Nemo's 12.2 B, in bf16.
    ],
)
def test_the_weights_are_those_published(case, gb):
    assert gigabytes(plan_of(case), "weights") == pytest.approx(gb, rel=0.03)


@pytest.mark.parametrize(
    ("case", "gb"),
    [
        ("C02", 34.1),  # huggingface/transformers#40126: no layer below max_window_layers slides.
        ("C07", 6.5),  # GptOssConfig: without layer_types every other layer slides.
        ("C15", 23.6),  # kv_cache_scheme: 81,920 bytes per token and GPU.
        ("C36", 46.9),  # sgl-project/sglang#11309: 43.67 GiB.
    ],
)
def test_the_cache_of_the_load_is_that_published(case, gb):
    assert gigabytes(plan_of(case), "kv_cache") == pytest.approx(gb, rel=0.03)


@pytest.mark.parametrize(
    ("case", "tokens"),
    [
        ("C34", 81_536),  # vllm-project/vllm#13061.
        ("C36", 975_424),  # sgl-project/sglang#11309.
        ("C38", 367_404),  # vllm-project/vllm#21348.
    ],
)
def test_the_room_for_cache_is_that_of_the_engines_log(case, tokens):
    assert plan_of(case)["memory"]["cache"]["tokens"] == pytest.approx(tokens, rel=0.03)


def test_an_engine_told_what_it_prepared_for_keeps_what_it_logged():
    """vllm-project/vllm#10517: 0.35 GiB beside torch, 1.7 GiB of activations, 1.56 requests."""
    request = request_of("C33")
    request["inference"] |= {"engine_version": "0.6.3", "max_batched_tokens": 20_000}
    [plan] = evaluated(request)["top_k_plans"]
    assert gigabytes(plan, "runtime") == pytest.approx(0.35 * 2**30 / 1e9, rel=0.03)
    assert gigabytes(plan, "activations") == pytest.approx(1.7 * 2**30 / 1e9, rel=0.03)
    assert plan["memory"]["cache"]["concurrency"] == pytest.approx(1.56, rel=0.03)


@pytest.mark.parametrize("case", ["C12", "C15", "C17", "C30", "C33", "C34", "C36", "C38", "C44"])
def test_what_ran_is_feasible(case):
    assert plan_of(case)["is_feasible"]


def test_a_format_beside_the_config_is_asked_for_and_read():
    """nvidia/Llama-3.1-70B-Instruct-FP8 names it in hf_quant_config.json alone."""
    request = request_of("C19")
    assert "hf_quant_config" in str(evaluated(request)["warnings"])
    algorithm = {"quant_algo": "FP8", "kv_cache_quant_algo": None, "exclude_modules": ["lm_head"]}
    side_file = {"producer": {"name": "modelopt"}, "quantization": algorithm}
    both = request | {"model": request["model"] | {"hf_quant_config": side_file}}
    [plan] = evaluated(both)["top_k_plans"]
    assert gigabytes(plan, "weights") == pytest.approx(70.6, rel=0.03)


def test_what_fbgemm_leaves_in_bf16_is_counted_so():
    """vllm-project/vllm#6746: 57.752 GiB per GPU; attention and two layers' MLPs stay in bf16."""
    request = request_of("C21")
    del request["inference"]["weight_dtype"]
    request["model"]["quantization_config"] = {
        "quant_method": "fbgemm_fp8",
        "modules_to_not_convert": [
            *(f"model.layers.{i}.self_attn.{part}_proj" for i in range(126) for part in "qkvo"),
            *(f"model.layers.{i}.mlp.{p}_proj" for i in (0, 125) for p in ("up", "gate", "down")),
            "lm_head",
        ],
    }
    [plan] = evaluated(request)["top_k_plans"]
    assert gigabytes(plan, "weights") == pytest.approx(57.752 * 2**30 / 1e9, rel=0.03)


@pytest.mark.parametrize(
    ("prompt", "tokens_per_second"), [(1024, 57_674), (2048, 54_543), (4096, 50_302)]
)
def test_prompts_over_four_servers_are_as_fast_as_published(prompt, tokens_per_second):
    """SGLang, DeepSeek-R1, EP32 with 32 redundant experts: prompt tokens/s of each server."""
    request = request_of("C55")
    load = {"input_seq_length": prompt, "batch_size": 512 * 4096 // prompt}
    request["inference"] |= load
    [plan] = evaluated(request)["top_k_plans"]
    assert plan["throughput"] * prompt / 4 == pytest.approx(tokens_per_second, rel=0.12)


@pytest.mark.parametrize(
    ("case", "figure", "milliseconds"),
    [("C50", "ttft", 547), ("C50", "tpot", 13.7), ("C51", "tpot", 6.8)],
)
def test_a_benchmark_in_step_is_as_slow_as_published_where_it_is_simulated(
    case, figure, milliseconds
):
    """vllm-project/vllm#49723: 64 requests of 300 and 64 tokens at once on a B200, medians."""
    request = request_of(case)
    request["inference"]["traffic"] = {"arrivals": "closed_loop"}
    [plan] = evaluated(request)["top_k_plans"]
    assert plan["simulated"][figure]["p50_ms"] == pytest.approx(milliseconds, rel=0.15)


@pytest.mark.parametrize("case", ["C50", "C51"])
def test_what_is_not_simulated_says_that_a_benchmark_in_step_waits_longer(case):
    [said] = [w for w in evaluated(request_of(case))["warnings"] if w["code"] == "requests_in_step"]
    # 8,192 tokens of a step hold 27 prompts of 300.
    assert said["values"] == {"prompts": 27}


def test_eight_bits_of_a_72b_model_do_not_fit_one_gpu():
    assert not plan_of("C10")["is_feasible"]


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("C04", "draft head"),
        ("C40", "multiple of 128 of the experts' width 1536"),  # vllm-project/vllm#17569
        ("C42", "multiple of 128 of the feed-forward width 18432"),  # sgl-project/sglang#3345
        ("C43", "multiple of 128 of the shared expert's width 512"),  # vllm-project/vllm#52915
        ("C65", "give the config.json of its base model"),
    ],
)
def test_what_no_engine_starts_is_refused_with_its_reason(case, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        evaluated(request_of(case))


def test_a_preset_and_its_own_config_get_one_answer():
    named = evaluated(request_of("C60") | {"model": "gpt-oss-120b"})["top_k_plans"][0]
    given = plan_of("C60")
    assert (given["ttft"], given["tpot"]) == (named["ttft"], named["tpot"])


def test_r1_in_nvfp4_on_b200_takes_the_time_measured():
    """NVIDIA/TensorRT-LLM#5929: 6.78 ms per token, a first token after 161 ms."""
    plan = plan_of("C52")
    assert plan["tpot"] == pytest.approx(6.78, rel=0.05)
    assert plan["ttft_low"] < 161 < plan["ttft_high"]
