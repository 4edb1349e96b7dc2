"""Drafting and verifying by hand."""

from dataclasses import replace

import numpy as np
import pytest

from llm_simulator.planner.operators.all_work import step_work
from llm_simulator.planner.operators.attention import attention_work
from llm_simulator.planner.operators.layers import pipeline
from llm_simulator.planner.operators.messages import step_messages
from llm_simulator.planner.operators.speculation import accepted_tokens, verified_tokens
from llm_simulator.planner.specs.drafting import prediction_layer
from llm_simulator.planner.specs.parameters import active_parameter_count
from llm_simulator.planner.specs.speculation import Speculation
from tests.deployments import CATALOGUE, catalogued, decode_context, prompt_context
from tests.planner.operators.totals import total_bytes, total_flops

MTP = Speculation(draft_tokens=3, acceptance_rate=0.8)


def verifying(context, tokens=4):
    return replace(context, step=replace(context.step, tokens_per_request=tokens))


def test_accepted_tokens_agree_with_tossing_coins():
    rng = np.random.default_rng(0)
    right = rng.random((100_000, 3)) < 0.8
    drawn = np.mean(1 + np.sum(np.cumprod(right, axis=1), axis=1))
    assert accepted_tokens(MTP) == pytest.approx(drawn, rel=0.01)


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 1.0), (1.0, 4.0)])
def test_none_and_all_accepted_are_the_limits(rate, expected):
    assert accepted_tokens(Speculation(draft_tokens=3, acceptance_rate=rate)) == expected


def test_without_speculation_a_step_computes_and_yields_one_token():
    assert (verified_tokens(None), accepted_tokens(None)) == (1, 1.0)


@pytest.mark.parametrize("model", ["llama-3.1-70b", "deepseek-v3", "qwen3.5-397b-a17b"])
def test_verifying_computes_every_token_but_reads_the_cache_once(model):
    plain = decode_context(catalogued(model, "h200-sxm"), requests=8, context=5000)
    for operator in ("attention", "qkv_projection", "lm_head"):
        ratio = total_flops(verifying(plain), operator) / total_flops(plain, operator)
        assert ratio == pytest.approx(4), operator
    assert total_bytes(verifying(plain), "attention") < 1.2 * total_bytes(plain, "attention")


def test_verifying_wakes_more_experts():
    """8 requests reach 57 experts with one token each, 163 with four."""
    plain = decode_context(catalogued("deepseek-v3", "h200-sxm"), requests=8, context=1)
    ratio = total_bytes(verifying(plain), "expert_down") / total_bytes(plain, "expert_down")
    assert ratio == pytest.approx(163 / 57, rel=0.02)


def test_queries_of_one_request_fill_the_tile_that_one_query_wastes():
    """16 heads per rank fill a quarter of 64 rows; four tokens fill it."""
    deployed = catalogued("deepseek-v3", "h200-sxm")
    plain = decode_context(deployed, requests=8, context=5000, tp=8, ep=8)

    def padding(context):
        core = [work for work in attention_work(context) if work.operator == "attention"][-1]
        assert core.padded_flops is not None
        return float((core.padded_flops / core.flops)[0])

    assert (padding(plain), padding(verifying(plain))) == (4, 1)


def test_a_gated_delta_net_keeps_the_state_after_every_verified_token():
    plain = decode_context(catalogued("qwen3.5-397b-a17b", "h200-sxm"), requests=1, context=1)
    ratio = total_bytes(verifying(plain), "linear_attention") / total_bytes(
        plain, "linear_attention"
    )
    assert ratio == pytest.approx((1 + 4) / 2, rel=0.02)


def test_each_query_of_sparse_attention_reads_its_own_choice_at_most_the_context():
    deployed = catalogued("deepseek-v3.2", "h200-sxm")

    def read(context, tokens):
        step = verifying(decode_context(deployed, requests=1, context=context), tokens)
        own = 61 * tokens * (576 + 128 * (576 + 512)) * 2
        return (total_bytes(step, "attention") - own) / (61 * 576 * 2)

    assert read(100_000, 4) == pytest.approx(4 * 2048)
    assert read(5000, 4) == pytest.approx(5000)


def test_a_prediction_layer_costs_one_layer_a_projection_and_the_head_per_token():
    """2 FLOP per active weight and drafted token, attention over the context apart."""
    deployed = catalogued("deepseek-v3", "h200-sxm", speculative=MTP)
    context = decode_context(deployed, requests=16, context=0)
    layer = active_parameter_count(prediction_layer(deployed.model)) - 129280 * 7168
    expected = 3 * 16 * 2 * (layer + 2 * 7168**2)
    assert total_flops(context, "draft") == pytest.approx(expected, rel=0.001)


def test_the_first_draft_takes_in_the_prompts_of_the_step():
    deployed = catalogued("llama-3.1-70b", speculative=MTP)
    drafted = total_flops(prompt_context(deployed, length=1000), "draft")
    weights = active_parameter_count(prediction_layer(deployed.model)) - 2 * 128256 * 8192
    pairs = 4 * (1000 * 1001 / 2) * 8192
    tokens = 2 * 1000 * (weights + 2 * 8192**2) + 2 * 128256 * 8192
    assert drafted == pytest.approx(tokens + pairs, rel=0.01)


def test_only_the_last_stage_drafts():
    deployed = catalogued("llama-3.1-70b", speculative=MTP)
    one, four = (decode_context(deployed, requests=8, context=100, pp=pp) for pp in (1, 4))
    staged = replace(four, counts=pipeline(deployed.model, four.plans))
    drafts = [work for work in step_work(staged) if work.operator == "draft"]
    by_stage = sum(work.flops * np.broadcast_to(work.repeats, (4, 1)) for work in drafts)
    once = total_flops(one, "draft")
    assert np.ravel(by_stage) == pytest.approx([0, 0, once, once])


def test_a_draft_model_costs_its_share_of_the_model():
    spec = Speculation(draft_tokens=2, acceptance_rate=0.5, method="draft_model", draft_cost=0.125)
    deployed = catalogued("llama-3.1-70b", speculative=spec)
    context = decode_context(deployed, requests=8, context=100)
    own = {work.operator for work in step_work(context)} - {"draft"}
    model = sum(total_flops(context, operator) for operator in own)
    assert total_flops(context, "draft") == pytest.approx(2 * 0.125 * model)


def test_a_named_draft_model_does_its_own_work_on_the_last_stage():
    draft = CATALOGUE.models["llama-3.1-8b"].spec
    named = Speculation(
        draft_tokens=2, acceptance_rate=0.5, method="draft_model", draft_model=draft
    )
    context = decode_context(
        catalogued("llama-3.1-70b", speculative=named), requests=8, context=100, pp=4
    )
    alone = decode_context(catalogued("llama-3.1-8b"), requests=8, context=100)
    own = sum(total_flops(alone, name) for name in {work.operator for work in step_work(alone)})
    assert total_flops(context, "draft") == pytest.approx(2 * own)
    staged = replace(context, counts=pipeline(context.model, context.plans))
    drafts = [work for work in step_work(staged) if work.operator == "draft"]
    by_stage = sum(work.flops * np.broadcast_to(work.repeats, (4, 1)) for work in drafts)
    assert np.ravel(by_stage)[:2].tolist() == [0, 0]


def test_a_dense_draft_model_of_a_mixture_visits_no_experts():
    draft = CATALOGUE.models["qwen3-1.7b"].spec
    named = Speculation(
        draft_tokens=2, acceptance_rate=0.5, method="draft_model", draft_model=draft
    )
    deployed = catalogued("qwen3-235b-a22b", speculative=named)
    context = decode_context(deployed, requests=8, context=100, dp=8, ep=8)
    sends = [m for m in step_messages(context) if m.operator == "draft"]
    assert not any(m.pattern == "all_to_all" for m in sends)


def test_drafting_reduces_over_the_tensor_ranks_too():
    deployed = catalogued("llama-3.1-70b", speculative=MTP)
    context = decode_context(deployed, requests=8, context=100, tp=8)
    drafts = [m for m in step_messages(context) if m.operator == "draft"]
    reductions = [m for m in drafts if m.pattern == "all_reduce"]
    assert sum(float(np.sum(m.repeats)) for m in reductions) == 3 * (2 * 1 + 1)
