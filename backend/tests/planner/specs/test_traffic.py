"""Traffic: every bad value is one error that names its field."""

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.traffic import TrafficSpec
from tests.deployments import read

POISSON = {"arrivals": "poisson", "request_rate": 2.0}
BURSTY = {"arrivals": "bursty", "request_rate": 2.0, "burstiness": 2.0}
TRACE = {"arrivals": "trace", "trace": [[0.0, 10, 1], [0.5, 20, 2]]}


def request(traffic, **load):
    inference = {"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 1024, **load}
    return read(
        {
            "topology": "server-8",
            "model": "llama-3.1-8b",
            "hardware": "h100-sxm",
            "inference": inference | {"traffic": traffic},
        }
    )


@pytest.mark.parametrize("traffic", [{}, POISSON, BURSTY, TRACE])
def test_a_snapshot_gives_the_traffic_back(traffic):
    parsed = request(traffic)
    assert read(parsed.snapshot()) == parsed
    assert parsed.deployment.workload.traffic == TrafficSpec.model_validate(traffic)


def test_no_traffic_is_no_simulation():
    assert request(None).deployment.workload.traffic is None


@pytest.mark.parametrize(
    ("traffic", "field"),
    [
        ({"arrivals": "uniform"}, "arrivals"),
        ({"arrivals": "poisson"}, "request_rate"),
        (POISSON | {"request_rate": 0}, "request_rate"),
        (POISSON | {"request_rate": -1}, "request_rate"),
        (POISSON | {"request_rate": float("nan")}, "request_rate"),
        (POISSON | {"request_rate": float("inf")}, "request_rate"),
        (POISSON | {"request_rate": "fast"}, "request_rate"),
        ({"request_rate": 2.0}, "request_rate"),
        (POISSON | {"burstiness": 2.0}, "burstiness"),
        (BURSTY | {"burstiness": None}, "burstiness"),
        (BURSTY | {"burstiness": 0}, "burstiness"),
        ({"arrivals": "trace"}, "trace"),
        (TRACE | {"trace": []}, "trace"),
        (TRACE | {"trace": [[0.0, 10]]}, "trace[0][2]"),
        (TRACE | {"trace": [[-1.0, 10, 1]]}, "trace[0][0]"),
        (TRACE | {"trace": [[0.0, 10, 1], [0.0, 0, 1]]}, "trace[1][1]"),
        (TRACE | {"trace": [[0.0, 10, 1.5]]}, "trace[0][2]"),
        (POISSON | {"trace": TRACE["trace"]}, "trace"),
        (TRACE | {"length_spread": 0.1}, "length_spread"),
        ({"length_spread": 1.0}, "length_spread"),
        ({"length_spread": -0.1}, "length_spread"),
        ({"prefix_cache_hit_rate": 1.1}, "prefix_cache_hit_rate"),
        ({"prefix_cache_hit_rate": -0.1}, "prefix_cache_hit_rate"),
        (POISSON | {"requests": 0}, "requests"),
        (POISSON | {"requests": 200_001}, "requests"),
        ({"requests": 100}, "requests"),
        (POISSON | {"requests_per_slot": 10}, "requests_per_slot"),
        ({"requests_per_slot": 0}, "requests_per_slot"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"rate": 1.0}, "rate"),
    ],
)
def test_a_bad_value_is_one_error_naming_the_field(traffic, field):
    with pytest.raises(InvalidInput) as caught:
        request(traffic)
    assert [problem.field for problem in caught.value.problems] == [f"inference.traffic.{field}"]


def test_too_many_requests_are_refused_with_the_way_out():
    with pytest.raises(InvalidInput, match="at most 200000") as caught:
        request({"requests_per_slot": 1000}, batch_size=1000)
    assert [problem.field for problem in caught.value.problems] == ["inference.traffic"]


def test_too_many_steps_are_refused_with_the_way_out():
    with pytest.raises(InvalidInput, match="raise max_batched_tokens") as caught:
        request(POISSON | {"requests": 100_000}, max_batched_tokens=16)
    assert [problem.field for problem in caught.value.problems] == ["inference.traffic"]


def test_a_trace_of_too_many_rows_is_refused():
    rows = [[0.0, 1, 1]] * 200_001
    with pytest.raises(InvalidInput, match=r"traffic\.trace"):
        request({"arrivals": "trace", "trace": rows})
