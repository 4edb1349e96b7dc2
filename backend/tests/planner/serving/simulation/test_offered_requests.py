"""Arrivals and lengths: what was asked for, reproducible, dealt without loss."""

from math import inf

import numpy as np
import pytest

from llm_simulator.planner.serving.simulation.requests import dealt, offered_requests, together
from llm_simulator.planner.specs.traffic import TrafficSpec
from tests.deployments import catalogued

LOAD = catalogued("llama-3.1-8b").workload


def offered(**traffic):
    return offered_requests(LOAD, TrafficSpec.model_validate(traffic))


def test_a_closed_loop_starts_all_slots_at_once():
    requests = offered(requests_per_slot=3)
    assert len(requests) == 3 * 64
    assert requests.arrival[:64].tolist() == [0.0] * 64
    assert set(requests.arrival[64:]) == {inf}


@pytest.mark.parametrize(
    ("traffic", "variation"),
    [
        ({"arrivals": "poisson"}, 1.0),
        ({"arrivals": "bursty", "burstiness": 3.0}, 3.0),
        ({"arrivals": "bursty", "burstiness": 0.5}, 0.5),
    ],
)
def test_gaps_have_the_rate_and_the_variation_asked_for(traffic, variation):
    gaps = np.diff(offered(request_rate=5.0, requests=100_000, **traffic).arrival)
    assert gaps.mean() == pytest.approx(0.2, rel=0.05)
    assert gaps.std() / gaps.mean() == pytest.approx(variation, rel=0.05)


def test_lengths_spread_evenly_below_the_nominal_ones():
    requests = offered(arrivals="poisson", request_rate=1, requests=50_000, length_spread=0.2)
    for lengths in (requests.prompt, requests.output):
        assert (lengths.min(), lengths.max()) == (819, 1024)
        assert lengths.mean() == pytest.approx(0.9 * 1024, rel=0.002)


def test_the_same_seed_gives_the_same_requests_and_another_does_not():
    once, again, other = (
        offered(arrivals="poisson", request_rate=1, seed=seed) for seed in (1, 1, 2)
    )
    assert once.arrival.tolist() == again.arrival.tolist() != other.arrival.tolist()


def test_one_token_of_a_fully_cached_prompt_is_computed():
    assert set(offered(prefix_cache_hit_rate=1.0).cached) == {1023}
    assert set(offered(prefix_cache_hit_rate=0.5).cached) == {512}
    assert set(offered().cached) == {0}


def test_a_trace_is_served_in_order_of_arrival():
    requests = offered(arrivals="trace", trace=[[2.5, 30, 3], [0, 10, 1], [1, 20, 2]])
    assert requests.arrival.tolist() == [0, 1, 2.5]
    assert requests.prompt.tolist() == [10, 20, 30]
    assert requests.output.tolist() == [1, 2, 3]


def test_requests_are_dealt_in_turn():
    requests = offered(arrivals="trace", trace=[[i, i + 1, 1] for i in range(5)])
    parts = dealt(requests, ranks=2, slots=None)
    assert [part.arrival.tolist() for part in parts] == [[0, 2, 4], [1, 3]]
    assert sorted(together(parts).arrival) == [0, 1, 2, 3, 4]


def test_ranks_without_a_request_are_left_out():
    assert len(dealt(offered(arrivals="trace", trace=[[0, 1, 1]]), ranks=8, slots=None)) == 1


def test_a_slot_keeps_all_its_requests_on_one_rank():
    parts = dealt(offered(requests_per_slot=10), ranks=3, slots=64)
    assert [len(part) for part in parts] == [220, 210, 210]
    assert [int((part.arrival == 0).sum()) for part in parts] == [22, 21, 21]
