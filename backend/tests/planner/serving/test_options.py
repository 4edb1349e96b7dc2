"""Speculative decoding and prefix caching as users see them."""

import pytest

from llm_simulator.planner.serving.batching import cached_tokens, output_steps
from llm_simulator.planner.specs.speculation import Speculation
from tests.deployments import catalogued, served


def drafting(rate, tokens=1):
    return Speculation(draft_tokens=tokens, acceptance_rate=rate)


def deepseek(**load):
    return served(catalogued("deepseek-v3", "h200-sxm", **load), tp=8, ep=8)


def test_accepted_drafts_shorten_the_output():
    """1,025 tokens: one from the prompt, 1,024 at 1.5 per step."""
    load = catalogued(output_seq_length=1025, speculative=drafting(0.5)).workload
    assert output_steps(load) == pytest.approx(1 + 1024 / 1.5)
    assert output_steps(catalogued(output_seq_length=1025).workload) == 1025


def test_more_accepted_tokens_are_never_slower():
    times = [float(deepseek(batch_size=8, speculative=drafting(a)).tpot[0]) for a in (0, 0.5, 1)]
    assert times == sorted(times, reverse=True)
    # A verified step is the same step whatever is accepted; alone, TPOT goes with 1/E.
    alone = [float(deepseek(batch_size=1, speculative=drafting(a)).tpot[0]) for a in (0, 1)]
    assert alone[0] / alone[1] == pytest.approx(2, rel=1e-6)


def test_speculation_pays_where_weights_are_read_anyway_and_never_when_all_is_rejected():
    """DeepSeek reports 1.8 times the speed at 85-90 % accepted (arXiv 2412.19437, 5.4.3)."""
    plain = float(served(catalogued("llama-3.1-70b", batch_size=1), tp=8).tpot[0])
    good, bad = (
        float(
            served(
                catalogued("llama-3.1-70b", batch_size=1, speculative=drafting(rate)), tp=8
            ).tpot[0]
        )
        for rate in (0.875, 0.0)
    )
    assert 1.6 < plain / good < 1.875
    assert bad > plain


def test_the_last_token_of_a_prompt_is_always_computed():
    assert cached_tokens(catalogued(prefix_cache_hit_rate=0.999999).workload) == 1023
    short = catalogued(input_seq_length=1, prefix_cache_hit_rate=0.9).workload
    assert cached_tokens(short) == 0


def test_a_cached_prefix_shortens_the_first_token_and_leaves_decode_steps_alone():
    times = [
        served(catalogued(input_seq_length=32768, batch_size=8, prefix_cache_hit_rate=rate), tp=8)
        for rate in (0.0, 0.5, 0.9)
    ]
    first = [float(steady.ttft[0]) for steady in times]
    assert first[0] > 1.3 * first[1] > 1.3 * first[2]
    assert times[2].tpot[0] < times[0].tpot[0]
    assert times[2].throughput[0] > times[0].throughput[0]
