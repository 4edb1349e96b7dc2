"""What would make a plan keep its limits: every change is tried on the request itself."""

from typing import Any

import pytest

from llm_simulator import explain
from llm_simulator.errors import InvalidInput
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.explain.explanation import Explanation
from llm_simulator.planner.results.change import Change

TIGHT = {
    "model": "llama-3.1-70b",
    "topology": "servers-4x8",
    "hardware": "h100-sxm",
    "inference": {
        "batch_size": 64,
        "input_seq_length": 8192,
        "output_seq_length": 512,
        "max_ttft_ms": 1500,
    },
}
TOO_LARGE = TIGHT | {
    "inference": {"batch_size": 512, "input_seq_length": 8192, "output_seq_length": 512}
}
TP = {"parallelism": {"tp": 4}}
POOLS = {
    "pools": {
        "prefill": {"instances": 1, "parallelism": {"tp": 4}},
        "decode": {"instances": 1, "parallelism": {"tp": 4}},
    }
}
SIZED = TIGHT | {
    "inference": {"batch_size": 4, "input_seq_length": 1024, "output_seq_length": 512},
    "search_constraints": {"min_request_rate": 2.0},
}


def changed(request: dict[str, Any], given: dict[str, Any], change: Change) -> tuple[Any, Any]:
    """The request and the plan after a change, made where the change says."""
    place, _, name = change.field.partition(".")
    if change.kind in ("chips", "degrees"):
        assert change.parallelism is not None
        return request, {"parallelism": change.parallelism.model_dump()}
    part = request.get(place, {})
    part = {"base": part} if isinstance(part, str) else part
    changes = {name: change.after}
    if change.kind == "limit":
        assert change.batch_size is not None
        load = request["inference"] | {"batch_size": change.batch_size}
        load.pop("max_ttft_ms", None)
        request = request | {"inference": load}
        rate = name == "min_request_rate"
        changes = {name: float(change.after or 0) * (1 + (-1e-12 if rate else 1e-12))}
    return request | {place: part | changes}, given


def by_kind(found: Explanation) -> dict[str, Change]:
    return {change.kind: change for change in found.changes}


@pytest.mark.parametrize(
    ("request_", "given", "working"),
    [
        (TIGHT, TP, {"concurrency", "input_length", "chips", "memory", "weight_dtype"}),
        (
            TOO_LARGE,
            {"parallelism": {"tp": 2}},
            {"concurrency", "chips", "memory"},
        ),
        (SIZED, TP, {"concurrency", "output_length", "limit"}),
    ],
)
def test_every_change_makes_the_plan_feasible(
    request_: dict[str, Any], given: dict[str, Any], working: set[str]
) -> None:
    found = explain(request_, given)
    assert not found.plan.is_feasible
    changes = by_kind(found)
    assert working <= {kind for kind, change in changes.items() if change.works}
    for change in changes.values():
        if not change.works:
            assert change.sentence
            continue
        again = explain(*changed(request_, given, change)).plan
        assert again.is_feasible, change
        assert (again.ttft, again.tpot) == pytest.approx((change.ttft, change.tpot), rel=1e-9)


def test_one_request_more_would_be_too_many() -> None:
    change = by_kind(explain(TIGHT, TP))["concurrency"]
    assert isinstance(change.after, int)
    more = TIGHT["inference"] | {"batch_size": change.after + 1}
    assert not explain(TIGHT | {"inference": more}, TP).plan.is_feasible


def test_one_gb_less_would_be_too_little() -> None:
    given = {"parallelism": {"tp": 2}}
    change = by_kind(explain(TOO_LARGE, given))["memory"]
    assert isinstance(change.after, int)
    less = {"base": "h100-sxm", "memory_capacity_gb": change.after - 1}
    assert not explain(TOO_LARGE | {"hardware": less}, given).plan.is_feasible


def test_pools_get_more_instances() -> None:
    load = TIGHT["inference"] | {"max_ttft_ms": 10_000}
    changes = by_kind(explain(TIGHT | {"inference": load}, POOLS))
    assert changes["chips"].works
    assert changes["chips"].chips is not None
    assert 8 < changes["chips"].chips <= 32


def test_a_feasible_plan_needs_no_change() -> None:
    easy = TIGHT | {"inference": TIGHT["inference"] | {"batch_size": 1, "input_seq_length": 128}}
    assert explain(easy, TP).changes == []


def test_the_largest_concurrency_is_the_largest() -> None:
    load = TIGHT["inference"] | {"max_ttft_ms": 2000}
    found = explain(TIGHT | {"inference": load}, {"parallelism": {"tp": 8}})
    most = found.capacity.largest_concurrency_within_limits
    assert most is not None
    for number, feasible in ((most, True), (most + 1, False)):
        asked = TIGHT | {"inference": load | {"batch_size": number}}
        assert explain(asked, {"parallelism": {"tp": 8}}).plan.is_feasible is feasible
    fits = found.capacity.largest_concurrency
    assert fits is not None
    for number, feasible in ((fits, True), (fits + 1, False)):
        unlimited = load | {"batch_size": number, "max_ttft_ms": None}
        asked = TIGHT | {"inference": unlimited}
        assert explain(asked, {"parallelism": {"tp": 8}}).plan.is_feasible is feasible


def test_the_largest_context_is_the_largest() -> None:
    load = TIGHT["inference"] | {"max_ttft_ms": None}
    given = {"parallelism": {"tp": 8}}
    found = explain(TIGHT | {"inference": load}, given)
    longest = found.capacity.largest_context_at_concurrency
    assert longest is not None
    for tokens, feasible in ((longest, True), (longest + 16, False)):
        asked = TIGHT | {"inference": load | {"input_seq_length": tokens - 512}}
        assert explain(asked, given).plan.is_feasible is feasible


def test_own_chips_pay_from_some_use_on() -> None:
    prices = {
        "chip_usd_per_hour": 2.0,
        "api_usd_per_million_input_tokens": 0.5,
        "api_usd_per_million_output_tokens": 1.5,
    }
    load = TIGHT["inference"] | {"max_ttft_ms": None}
    request = TIGHT | {"inference": load, "economics": prices}
    plan = evaluate_request(
        request | {"search_mode": "manual", "manual_parallelism": {"tp": 8}}
    ).top_k_plans[0]
    assert plan.economics is not None
    found = plan.economics.break_even
    assert found is not None
    per_request = (8192 * 0.5 + 512 * 1.5) / 1e6
    assert found.own_usd_per_day == pytest.approx(8 * 2 * 24)
    assert found.requests_per_day == pytest.approx(8 * 2 * 24 / per_request)
    rate = plan.throughput / 512
    assert found.share_of_capacity == pytest.approx(found.requests_per_day / (rate * 86_400))
    assert {a.field for a in plan.economics.assumptions} >= {
        "economics.api_usd_per_million_input_tokens"
    }


@pytest.mark.parametrize(
    "prices",
    [
        {"api_usd_per_million_input_tokens": 0.5},
        {"api_usd_per_million_input_tokens": 0, "api_usd_per_million_output_tokens": 0},
        {"api_usd_per_million_input_tokens": -1, "api_usd_per_million_output_tokens": 1},
    ],
)
def test_half_a_price_list_is_refused(prices: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="api_usd_per_million_input_tokens") as error:
        explain(TIGHT | {"economics": prices}, TP)
    assert str(error.value).startswith("economics")
