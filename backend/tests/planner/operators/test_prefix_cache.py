"""What is cached of a prompt is attended to and read, but not computed."""

from dataclasses import replace

import numpy as np
import pytest

from llm_simulator.planner.operators.step import Step, causal_pairs
from tests.deployments import catalogued, prompt_context
from tests.planner.operators.totals import total_bytes, total_flops

MODELS = ["llama-3.1-70b", "gpt-oss-120b", "deepseek-v3", "deepseek-v3.2", "qwen3.5-397b-a17b"]


def prompt(model, cached, length=8192, chunks=1):
    context = prompt_context(catalogued(model, "h200-sxm"), length=length, chunks=chunks)
    return replace(context, step=replace(context.step, cached=cached))


def test_pairs_of_the_computed_tokens_are_counted_exactly():
    step = Step(np.ones(1), 5, 1, np.zeros(1), 0.0, cached=3)
    assert step.prompt_pairs()[0] == 4 + 5
    assert step.prompt_pairs(window=2)[0] == 2 + 2
    assert step.prompt_tokens(1)[0] == 2
    assert step.prompt_reach()[0] == 5
    assert step.prompt_reach(window=1)[0] == 1 + 2


@pytest.mark.parametrize("chunks", [1, 3, 8])
@pytest.mark.parametrize("window", [None, 1, 100, 700, 5000])
@pytest.mark.parametrize("cached", [0, 250])
def test_the_reach_of_chunks_equals_adding_them_up(chunks, window, cached):
    length, bound = 2650, window or 2650
    step = Step(np.ones(1), length, chunks, np.zeros(1), 0.0, cached=cached)
    starts = cached + step.chunk * np.arange(chunks)
    expected = np.mean(np.minimum(starts, bound) + step.chunk)
    assert step.prompt_reach(window)[0] == pytest.approx(expected)


@pytest.mark.parametrize("model", MODELS)
def test_a_cached_half_halves_what_is_proportional_to_the_tokens(model):
    whole, half = prompt(model, 0), prompt(model, 4096)
    for operator in ("output_projection", "norms"):
        assert total_flops(half, operator) == total_flops(whole, operator) / 2


def test_attention_still_sees_the_cached_half():
    whole, half = prompt("llama-3.1-70b", 0), prompt("llama-3.1-70b", 4096)
    share = total_flops(half, "attention") / total_flops(whole, "attention")
    assert share == pytest.approx(1 - causal_pairs(4096) / causal_pairs(8192))
    read = 80 * 2 * 8 * 128 * 2 * (8192 + 4096)
    queries = 80 * 2 * 4096 * 8192 * 2
    assert total_bytes(half, "attention") == read + queries


def test_cached_latents_are_expanded_again():
    """Keys and values of all 8,192 tokens, whatever is computed."""
    whole, half = prompt("deepseek-v3", 0), prompt("deepseek-v3", 4096)
    expansion = 61 * 2 * 128 * 512 * 256
    computed = 61 * 2 * (7168 * (1536 + 576) + 1536 * 128 * 192)
    assert total_flops(half, "qkv_projection") == pytest.approx(8192 * expansion + 4096 * computed)
    assert total_flops(whole, "qkv_projection") == pytest.approx(8192 * (expansion + computed))


@pytest.mark.parametrize("model", MODELS)
def test_more_cached_is_never_more_work(model):
    steps = [prompt(model, cached) for cached in (0, 1, 4096, 8191)]
    for operator in ("attention", "qkv_projection", "norms"):
        flops = [total_flops(step, operator) for step in steps]
        assert flops == sorted(flops, reverse=True)


@pytest.mark.parametrize("model", MODELS)
def test_chunks_of_the_rest_do_the_work_of_the_rest(model):
    whole, part = prompt(model, 2048), prompt(model, 2048, chunks=3)
    for operator in ("attention", "output_projection"):
        assert 3 * total_flops(part, operator) == pytest.approx(total_flops(whole, operator))
