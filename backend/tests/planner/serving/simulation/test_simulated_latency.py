"""What single users see: known limits, the closed form, and what must hold for any traffic."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_simulator.planner.serving.simulation.engine import BLOCK, Timeline
from llm_simulator.planner.serving.simulation.latency import rank_engine, simulated_latency
from llm_simulator.planner.serving.simulation.metrics import (
    Latencies,
    distribution,
    inter_token,
    keep_limits,
    queue_growth,
)
from llm_simulator.planner.serving.steady_state import serving, steady_state
from llm_simulator.planner.specs.traffic import TrafficSpec
from tests import deployments
from tests.deployments import PLAIN, plan

catalogued = partial(deployments.catalogued, calibration=PLAIN)


def simulated(deployed, degrees, **traffic) -> Any:
    return simulated_latency(deployed, plan(**degrees), TrafficSpec.model_validate(traffic))


@pytest.mark.parametrize(
    ("model", "degrees", "load"),
    [
        ("llama-3.1-70b", {"tp": 8}, {}),
        ("llama-3.1-70b", {"tp": 4, "dp": 2}, {"batch_size": 256}),
        ("llama-3.1-70b", {"tp": 4, "pp": 2}, {"batch_size": 256}),
        ("deepseek-v3", {"dp": 8, "ep": 8}, {"batch_size": 256}),
        ("llama-3.1-8b", {}, {"batch_size": 16, "input_seq_length": 4096}),
    ],
)
def test_a_long_closed_loop_agrees_with_the_steady_state(model, degrees, load):
    deployed = catalogued(model, "h200-sxm", **load)
    long, state = (
        simulated(deployed, degrees, requests_per_slot=100),
        steady_state(deployed, plan(**degrees)),
    )
    assert long.tpot.mean == pytest.approx(state.tpot[0], rel=0.04)
    assert long.throughput == pytest.approx(state.throughput[0], rel=0.04)


def test_at_a_low_load_the_first_token_takes_a_lone_prefill():
    deployed = catalogued("llama-3.1-70b", "h200-sxm", batch_size=1)
    low = simulated(deployed, {"tp": 8}, arrivals="poisson", request_rate=1e-4, requests=100)
    alone = serving(deployed, plan(tp=8)).phases
    assert low.ttft.p50 == pytest.approx(alone.ttft[0] - alone.queueing[0], rel=0.01)
    assert low.tpot.mean == pytest.approx(alone.tpot[0], rel=0.01)


def test_single_token_requests_queue_like_m_d_1():
    r"""One place, fixed service S: the mean wait is :math:`\rho S / (2 (1 - \rho))`."""
    deployed = catalogued("llama-3.1-8b", "h200-sxm", batch_size=1, output_seq_length=1)
    service = simulated(deployed, {}, requests_per_slot=2).end_to_end.mean
    for load in (0.3, 0.7):
        queue = simulated(
            deployed, {}, arrivals="poisson", request_rate=load / service, requests=100_000
        )
        wait = load * service / (2 * (1 - load))
        assert queue.ttft.mean - service == pytest.approx(wait, rel=0.05)
        assert queue.tpot is queue.inter_token is None


def test_the_opening_burst_shows_in_the_first_tokens_only():
    """All 64 prompts at once: the last waits for all, and one in ten requests was in the burst."""
    deployed = catalogued("llama-3.1-70b", "h200-sxm")
    burst = simulated(deployed, {"tp": 8}, requests_per_slot=10)
    assert burst.ttft.p99 > 3 * burst.ttft.p50
    assert burst.ttft.mean > 3 * steady_state(deployed, plan(tp=8)).ttft[0]


def test_throughput_obeys_littles_law():
    """Requests in flight = requests per second x seconds each is there."""
    deployed = catalogued("llama-3.1-70b", "h200-sxm")
    loop = simulated(deployed, {"tp": 8}, requests_per_slot=200)
    assert loop.request_rate * loop.end_to_end.mean == pytest.approx(64, rel=0.01)
    assert loop.throughput == pytest.approx(loop.request_rate * 1024)


def test_an_open_loop_below_capacity_serves_what_arrives():
    deployed = catalogued("llama-3.1-70b", "h200-sxm")
    calm = simulated(deployed, {"tp": 8}, arrivals="poisson", request_rate=2.0, requests=5000)
    assert calm.request_rate == pytest.approx(2.0, rel=0.03)
    assert not calm.overloaded


def test_an_open_loop_above_capacity_says_so():
    deployed = catalogued("llama-3.1-70b", "h200-sxm")
    capacity = steady_state(deployed, plan(tp=8)).throughput[0] / 1024
    for share, expected in ((0.8, False), (1.2, True)):
        load = simulated(
            deployed, {"tp": 8}, arrivals="poisson", request_rate=share * capacity, requests=3000
        )
        assert load.overloaded is expected


def test_burstier_arrivals_wait_longer():
    deployed = catalogued("llama-3.1-70b", "h200-sxm")
    ttft = [
        simulated(
            deployed, {"tp": 8}, arrivals="bursty", burstiness=b, request_rate=3.0, requests=5000
        ).ttft
        for b in (0.3, 1.0, 4.0)
    ]
    assert ttft[0].p99 < ttft[1].p99 < ttft[2].p99
    assert ttft[0].mean < ttft[1].mean < ttft[2].mean


def test_cached_prefixes_bring_the_first_token_sooner():
    deployed = catalogued("llama-3.1-70b", "h200-sxm", input_seq_length=8192)
    cold, warm = (
        simulated(deployed, {"tp": 8}, requests_per_slot=5, prefix_cache_hit_rate=rate)
        for rate in (0.0, 0.9)
    )
    assert warm.ttft.mean < 0.3 * cold.ttft.mean
    assert warm.throughput > cold.throughput


def test_limits_divide_requests_into_good_and_late_ones():
    deployed = catalogued("llama-3.1-70b", "h200-sxm")
    median = simulated(deployed, {"tp": 8}, requests_per_slot=10).ttft.p50
    limited = replace(
        deployed, workload=deployed.workload.model_copy(update={"max_ttft_ms": median * 1e3})
    )
    half = simulated(limited, {"tp": 8}, requests_per_slot=10)
    assert 0.4 < half.share_within_limits < 0.6
    assert half.goodput == pytest.approx(half.request_rate * half.share_within_limits)


def test_requests_longer_than_the_cache_are_counted_not_dropped():
    deployed = catalogued("llama-3.1-8b", "h100-sxm")
    rows = [[0, 100, 10], [0, 900_000, 10], [1, 100, 10]]
    trace = simulated(deployed, {}, arrivals="trace", trace=rows)
    assert trace.cache_tokens < 900_000
    assert (trace.requests, trace.rejected) == (3, 1)
    assert trace.share_within_limits == pytest.approx(2 / 3)


def test_a_plan_that_holds_no_request_has_no_figures():
    assert simulated(catalogued("deepseek-v3", "h100-sxm"), {"tp": 8, "ep": 8}) is None


def test_a_full_cache_makes_requests_wait():
    """Requests of an eighth of the cache: 256 places serve them no faster than eight do."""
    deployed = catalogued("llama-3.1-8b", "h100-sxm", batch_size=256)
    engine = rank_engine(deployed, plan())
    length = engine.cache_blocks // 8 * BLOCK
    rows = [[0, length - 64, 64] for _ in range(32)]
    trace = simulated(deployed, {}, arrivals="trace", trace=rows)
    eight = simulated(
        catalogued("llama-3.1-8b", "h100-sxm", batch_size=8), {}, arrivals="trace", trace=rows
    )
    assert trace.ttft.p99 == pytest.approx(eight.ttft.p99, rel=1e-3)


def test_the_cache_holds_what_the_memory_model_found_to_fit():
    for batch in (1, 64, 400):
        deployed = catalogued("llama-3.1-70b", "h200-sxm", batch_size=batch)
        engine = rank_engine(deployed, plan(tp=8))
        assert engine.cache_blocks * BLOCK >= batch * 2048
        assert engine.places == batch


@st.composite
def traffics(draw):
    """Any traffic of some hundred requests."""
    common = {
        "length_spread": draw(st.sampled_from([0.0, 0.5])),
        "prefix_cache_hit_rate": draw(st.sampled_from([0.0, 0.6])),
        "seed": draw(st.integers(0, 1000)),
    }
    kind = draw(st.sampled_from(["closed_loop", "poisson", "bursty"]))
    if kind == "closed_loop":
        return common | {"requests_per_slot": 5}
    burstiness = {"burstiness": 3.0} if kind == "bursty" else {}
    rate = draw(st.floats(0.1, 20))
    return common | burstiness | {"arrivals": kind, "request_rate": rate, "requests": 300}


DEPLOYMENTS = (("llama-3.1-70b", {"tp": 8}), ("deepseek-v3", {"dp": 8, "ep": 8}))


@given(traffics(), st.sampled_from(DEPLOYMENTS))
@settings(max_examples=25, deadline=None)
def test_percentiles_are_in_order_and_users_wait_for_all_their_tokens(traffic, deployment):
    model, degrees = deployment
    figures = simulated(catalogued(model, "h200-sxm"), degrees, **traffic)
    for name in ("ttft", "tpot", "inter_token", "end_to_end"):
        seconds = getattr(figures, name)
        assert 0 < seconds.p50 <= seconds.p90 <= seconds.p99
    assert figures.end_to_end.mean > figures.ttft.mean
    assert 0 <= figures.goodput <= figures.request_rate


@given(traffics(), st.sampled_from(DEPLOYMENTS), st.floats(1.05, 3))
@settings(max_examples=25, deadline=None)
def test_more_bandwidth_is_never_slower(traffic, deployment, factor):
    model, degrees = deployment
    slow = catalogued(model, "h200-sxm")
    bandwidth = slow.chip.memory_bandwidth * factor
    fast = replace(slow, chip=slow.chip.model_copy(update={"memory_bandwidth": bandwidth}))
    before, after = simulated(slow, degrees, **traffic), simulated(fast, degrees, **traffic)
    # Which prompts share a step can change, so single requests may lose a little.
    assert after.end_to_end.mean <= before.end_to_end.mean * 1.001
    assert after.throughput >= before.throughput * 0.999


def test_a_rank_is_served_like_a_deployment_of_one():
    """Two ranks with half of the slots each see what one rank with that many sees."""
    both = simulated(catalogued("llama-3.1-8b", "h200-sxm", batch_size=32), {"dp": 2})
    one = simulated(catalogued("llama-3.1-8b", "h200-sxm", batch_size=16), {})
    assert both.ttft.p99 == pytest.approx(one.ttft.p99)
    assert both.throughput == pytest.approx(2 * one.throughput)
    assert both.requests == 2 * one.requests


def test_limits_are_those_of_each_request():
    taken = Latencies(
        ttft=np.array([1.0, 3.0, 1.0, 1.0]),
        tpot=np.array([0.1, 0.1, 0.3, np.nan]),
        end_to_end=np.ones(4),
    )
    assert keep_limits(taken, max_ttft=2.0, max_tpot=0.2).tolist() == [True, False, False, True]
    assert keep_limits(taken, max_ttft=None, max_tpot=None).all()


def line(*, arrival=(0.0,), admission=(0.0,), gaps=(), mean=()):
    return Timeline(arrival, admission, admission, admission, gaps, mean)


def test_gaps_between_tokens_count_once_per_request():
    """98 gaps of 10 ms and two of 100 ms: the mean is 11.8 ms, only the 99th sees a slow one."""
    gaps = inter_token(line(gaps=(2, 98), mean=(0.1, 0.01)))
    assert (gaps.p50, gaps.p90, gaps.p99) == (0.01, 0.01, 0.1)
    assert gaps.mean == pytest.approx(0.0118)


def test_a_queue_grows_by_the_share_that_is_too_much():
    """Every second one arrives, every two seconds one is admitted: twice the capacity."""
    arrival = np.arange(100.0)
    assert queue_growth(line(arrival=arrival, admission=2 * arrival)) == pytest.approx(1.0)
    assert queue_growth(line(arrival=arrival, admission=arrival + 5)) == pytest.approx(0.0)


def test_all_figures_equal_give_that_figure():
    assert distribution(np.full(7, 0.25)).p99 == 0.25
