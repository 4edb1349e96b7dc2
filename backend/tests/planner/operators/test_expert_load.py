"""Uneven visits to experts, against drawing them; formulas.md has the figures for Zipf 0.3."""

import numpy as np
import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.operators.expert_load import (
    busiest_distinct,
    distinct_experts,
    load_imbalance,
    placement_imbalance,
    popularity,
)
from llm_simulator.planner.operators.messages import step_messages
from llm_simulator.planner.specs.expert_load import SkewedLoad
from tests.deployments import catalogued, decode_context, served
from tests.planner.operators.totals import total_bytes, total_flops

ZIPF = SkewedLoad(power_law=0.3)
EXPERTS, CHOSEN = 256, 8


def deepseek(**load):
    return catalogued("deepseek-v3", "h200-sxm", "cluster-1024", **load)


@pytest.mark.parametrize("exponent", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("ranks", [2, 8, 32, 64, 128, 256])
def test_the_busiest_rank_agrees_with_placing_the_experts_at_random(exponent, ranks):
    rng = np.random.default_rng(0)
    popular = popularity(SkewedLoad(power_law=exponent), EXPERTS, CHOSEN)
    placed = [rng.permutation(popular.shares).reshape(ranks, -1).sum(axis=1) for _ in range(400)]
    drawn = np.mean([loads.max() * ranks for loads in placed])
    assert float(placement_imbalance(popular, ranks)) == pytest.approx(drawn, rel=0.07)


@pytest.mark.parametrize("ranks", [2, 8, 64])
@pytest.mark.parametrize(("tokens", "within"), [(4, 0.15), (16, 0.03), (64, 0.03)])
def test_the_rank_with_most_visited_experts_agrees_with_drawing_them(ranks, tokens, within):
    rng = np.random.default_rng(0)
    largest = []
    for _ in range(300):
        chosen = np.argpartition(rng.random((tokens, EXPERTS)), CHOSEN, axis=1)[:, :CHOSEN]
        visited = np.zeros(EXPERTS, dtype=bool)
        visited[chosen.ravel()] = True
        largest.append(visited.reshape(ranks, -1).sum(axis=1).max())
    everywhere = distinct_experts(tokens, popularity("uniform", EXPERTS, CHOSEN), CHOSEN)
    found = float(busiest_distinct(everywhere, EXPERTS, ranks))
    assert found == pytest.approx(np.mean(largest), rel=within)


@pytest.mark.parametrize(("ranks", "low", "high"), [(8, 1.1, 1.2), (32, 1.2, 1.5), (64, 1.5, 1.7)])
def test_a_mild_skew_costs_what_others_measured(ranks, low, high):
    popular = popularity(ZIPF, EXPERTS, CHOSEN)
    assert low < float(placement_imbalance(popular, ranks)) < high


@pytest.mark.parametrize("exponent", [0.3, 1.0])
@pytest.mark.parametrize("tokens", [1, 8, 64, 512])
def test_distinct_experts_follow_the_popularity(exponent, tokens):
    popular = popularity(SkewedLoad(power_law=exponent), EXPERTS, CHOSEN)
    exact = np.sum(1 - (1 - np.minimum(CHOSEN * popular.shares, 1)) ** tokens)
    assert float(distinct_experts(tokens, popular, CHOSEN)) == pytest.approx(exact, rel=0.005)


def test_a_skew_wakes_fewer_experts_but_never_fewer_than_one_token_needs():
    uniform = popularity("uniform", EXPERTS, CHOSEN)
    steep = popularity(SkewedLoad(power_law=2), EXPERTS, CHOSEN)
    assert distinct_experts(64, steep, CHOSEN) < distinct_experts(64, uniform, CHOSEN)
    assert float(distinct_experts(1, steep, CHOSEN)) == pytest.approx(CHOSEN)


@pytest.mark.parametrize("load", [SkewedLoad(power_law=0), SkewedLoad(histogram=(3.0,) * EXPERTS)])
def test_no_skew_is_uniform(load):
    even, uniform = popularity(load, EXPERTS, CHOSEN), popularity("uniform", EXPERTS, CHOSEN)
    assert float(placement_imbalance(even, 64)) == pytest.approx(1)
    assert distinct_experts(20, even, CHOSEN) == pytest.approx(
        distinct_experts(20, uniform, CHOSEN)
    )


def test_a_histogram_may_be_in_any_unit_and_order():
    counts, shares = SkewedLoad(histogram=(10, 30, 20, 40)), (0.4, 0.3, 0.2, 0.1)
    assert popularity(counts, 4, 1).shares.tolist() == pytest.approx(shares)


def test_no_expert_gets_more_than_every_token():
    """One expert of two visits per token holds at most half of all visits."""
    popular = popularity(SkewedLoad(histogram=(97, 1, 1, 1)), 4, 2)
    assert popular.shares.tolist() == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6])


def test_copies_of_hot_experts_even_out_the_ranks():
    ranks = np.array([1, 8, 32, 64, 128])
    scattered = placement_imbalance(popularity(ZIPF, EXPERTS, CHOSEN), ranks)
    dealt = placement_imbalance(popularity(ZIPF, EXPERTS, CHOSEN, redundant=32), ranks)
    more = placement_imbalance(popularity(ZIPF, EXPERTS, CHOSEN, redundant=128), ranks)
    assert scattered[0] == dealt[0] == 1
    assert np.all(dealt[1:] < scattered[1:])
    assert more[-1] < dealt[-1] < scattered[-1] / 1.5


def test_drawing_and_placement_spread_add_up():
    few, many = (float(load_imbalance(mean, 64, 1.7)) for mean in (8.0, 1e9))
    assert few > many == pytest.approx(1.7)
    assert float(load_imbalance(8.0, 64, 1.0)) < few


def test_a_skew_slows_a_deployment_and_copies_mend_it():
    degrees = {"dp": 64, "ep": 64}
    loads = ({}, {"expert_load": ZIPF}, {"expert_load": ZIPF, "redundant_experts": 64})
    uniform, skewed, mended = (
        float(served(deepseek(batch_size=16384, **load), **degrees).throughput[0]) for load in loads
    )
    assert skewed < 0.95 * uniform
    assert skewed < mended <= uniform * 1.01


def test_the_busiest_rank_computes_and_receives_more():
    even, skewed = (
        decode_context(deepseek(**load), requests=256, context=1, dp=64, ep=64)
        for load in ({}, {"expert_load": ZIPF})
    )
    # 256 x 8 visits per rank and a placement 1.68 times the mean.
    expected = 1 + np.sqrt(0.677**2 + 2 * np.log(64) / 2048)
    drawing = 1 + np.sqrt(2 * np.log(64) / 2048)
    ratio = total_flops(skewed, "expert_up") / total_flops(even, "expert_up")
    assert ratio == pytest.approx(expected / drawing, rel=0.01)
    sent = [
        max(float(np.sum(m.size)) for m in step_messages(context) if m.pattern == "all_to_all")
        for context in (even, skewed)
    ]
    assert sent[1] / sent[0] == pytest.approx(ratio)


def test_no_rank_receives_a_token_twice():
    steep = {"expert_load": SkewedLoad(power_law=3)}
    context = decode_context(deepseek(**steep), requests=256, context=1, dp=8, ep=8)
    sizes = {float(m.size[0]) for m in step_messages(context) if m.pattern == "all_to_all"}
    assert max(sizes) == 256 * 8 * 7168 * 2


def test_a_table_equals_its_rows():
    popular = popularity(ZIPF, EXPERTS, CHOSEN, redundant=32)
    ranks = np.array([16, 1, 64, 16])
    table = np.asarray(placement_imbalance(popular, ranks))
    assert table.tolist() == [float(placement_imbalance(popular, n)[0]) for n in ranks[:, None]]


def test_copies_read_more_weights_once_all_are_awake():
    plain, copied = (
        decode_context(deepseek(redundant_experts=r), requests=4096, context=1, dp=64, ep=64)
        for r in (0, 64)
    )
    extra = total_bytes(copied, "expert_down") - total_bytes(plain, "expert_down")
    assert extra == pytest.approx(58 * 7168 * 2048 * (1 + 4 / 128**2), rel=0.05)


def test_a_dense_model_has_no_experts_to_copy():
    with pytest.raises(InvalidInput, match="redundant_experts"):
        catalogued("llama-3.1-8b", redundant_experts=8)
