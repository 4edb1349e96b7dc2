"""DeepSeek sparse attention by hand: 61 layers, 128 heads, 64 x 128 index queries, top 2,048."""

import numpy as np
import pytest

from llm_simulator.planner.operators.messages import step_messages
from tests.deployments import catalogued, decode_context, prompt_context
from tests.planner.operators.totals import total_bytes, total_flops

SPARSE = catalogued("deepseek-v3.2", "h200-sxm")
DENSE = catalogued("deepseek-v3", "h200-sxm")
LAYERS = 61
PROJECTIONS = 2 * (1536 * 64 * 128 + 7168 * (128 + 64))


@pytest.mark.parametrize("context", [2048, 5000, 100_000])
def test_decoding_attends_to_the_tokens_picked_only(context):
    decode = decode_context(SPARSE, requests=1, context=context)
    assert total_flops(decode, "attention") == LAYERS * 278_528 * 2048


def test_a_short_context_is_attended_to_as_without_the_indexer():
    sparse = decode_context(SPARSE, requests=4, context=1000)
    dense = decode_context(DENSE, requests=4, context=1000)
    assert total_flops(sparse, "attention") == total_flops(dense, "attention")
    assert total_bytes(sparse, "attention") == total_bytes(dense, "attention")


def test_the_indexer_scores_every_cached_token():
    """64 heads x 128 x 2 FLOP per token of context, and its three projections."""
    decode = decode_context(SPARSE, requests=1, context=10_000)
    scores = 2 * 64 * 128 * 10_000
    assert total_flops(decode, "indexer") == LAYERS * (PROJECTIONS + scores)


def test_the_indexer_reads_132_bytes_per_cached_token_and_its_scores_twice():
    near = total_bytes(decode_context(SPARSE, requests=1, context=10_000), "indexer")
    far = total_bytes(decode_context(SPARSE, requests=1, context=20_000), "indexer")
    assert (far - near) / 10_000 == pytest.approx(LAYERS * (132 + 2 * 4))


def test_the_indexer_is_whole_on_every_tensor_rank():
    alone = decode_context(SPARSE, requests=1, context=10_000)
    shared = decode_context(SPARSE, requests=1, context=10_000, tp=8, ep=8)
    assert total_flops(alone, "indexer") == total_flops(shared, "indexer")


def test_a_prompt_within_the_choice_expands_its_heads():
    sparse, dense = (prompt_context(deployed, length=1000) for deployed in (SPARSE, DENSE))
    assert total_flops(sparse, "attention") == total_flops(dense, "attention")
    assert total_flops(sparse, "qkv_projection") == total_flops(dense, "qkv_projection")
    scores = 2 * 64 * 128 * (1000 * 1001 / 2)
    assert total_flops(sparse, "indexer") == LAYERS * (1000 * PROJECTIONS + scores)


def test_a_longer_prompt_is_absorbed_and_attends_to_its_choice():
    """Queries 1 to 2,048 see all before them, the next 2,048 see 2,048 each."""
    prompt = prompt_context(SPARSE, length=4096)
    pairs = 2048 * 2049 / 2 + 2048 * 2048
    assert total_flops(prompt, "attention") == pytest.approx(LAYERS * 278_528 * pairs)
    expected = 7168 * (1536 + 576) + 1536 * 128 * 192 + 128 * 512 * 256
    assert total_flops(prompt, "qkv_projection") == pytest.approx(LAYERS * 2 * 4096 * expected)


def test_a_long_prompt_costs_less_than_without_the_choice():
    sparse, dense = (prompt_context(deployed, length=100_000) for deployed in (SPARSE, DENSE))
    together = total_flops(sparse, "attention") + total_flops(sparse, "indexer")
    assert together < total_flops(dense, "attention") / 2


def test_chunks_of_a_prompt_score_as_much_as_the_whole():
    whole = prompt_context(SPARSE, length=16384)
    chunk = prompt_context(SPARSE, length=16384, chunks=4)
    for operator in ("attention", "indexer"):
        assert 4 * total_flops(chunk, operator) == pytest.approx(total_flops(whole, operator))


def test_sequence_ranks_exchange_index_keys_and_candidates():
    def exchanged(deployed, context):
        step = context(deployed)
        return sum(
            float(np.sum(message.size * message.repeats))
            for message in step_messages(step)
            if message.group == "sequence"
        )

    def prompt(deployed):
        return prompt_context(deployed, length=1024, sp=2, ep=2)

    def decode(deployed):
        return decode_context(deployed, requests=2, context=4096, sp=2, ep=2)

    keys = exchanged(SPARSE, prompt) - exchanged(DENSE, prompt)
    assert keys == LAYERS * 512 * 132
    candidates = exchanged(SPARSE, decode) - exchanged(DENSE, decode)
    assert candidates == LAYERS * (64 * 128 + 2048 * 8)
