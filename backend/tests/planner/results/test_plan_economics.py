"""What a shown plan costs, and what that rests on."""

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.results.plan import Plan
from tests.deployments import evaluated as evaluate_request
from tests.deployments import read

BODY = {
    "topology": "server-8",
    "model": "llama-3.1-8b",
    "hardware": "h100-sxm",
    "inference": "chat",
    "search_constraints": {"top_k": 1},
}


def best(**changes):
    return evaluate_request(BODY | changes)["top_k_plans"][0]


def test_a_plan_says_what_it_costs_and_what_that_rests_on():
    plan = best(economics={"chip_usd_per_hour": 2.0, "source": "our contract"})
    found = plan["economics"]
    assert found["usd_per_hour"] == 2.0 * plan["chips"]
    per_million = 2.0 / 3600 / plan["tps_per_chip"] * 1e6
    assert found["usd_per_million_output_tokens"] == pytest.approx(per_million)
    # 1,024 tokens in for 1,024 out.
    assert found["usd_per_million_tokens"] == pytest.approx(per_million / 2)
    assert found["joules_per_token"] == pytest.approx(found["watts"] / plan["throughput"])
    stated = {a["field"]: a for a in found["assumptions"]}
    assert stated["economics.chip_usd_per_hour"]["source"] == "our contract"
    assert "Uptime" in stated["economics.pue"]["source"]
    assert stated["hardware.tdp"]["value"] == 700.0
    assert Plan.model_validate(plan).economics is not None


def test_pools_pay_for_all_their_chips():
    plan = best(search_constraints={"serving": "disaggregated", "top_k": 1})
    assert plan["economics"]["usd_per_hour"] == pytest.approx(1.3 * plan["chips"])


def test_an_unpriced_chip_gets_no_cost_but_a_way_out():
    found = best(hardware="h20")["economics"]
    assert found["usd_per_hour"] is None
    assert found["usd_per_million_output_tokens"] is None
    assert found["joules_per_token"] > 0
    assert found["missing"] == ["no price for h20; give economics.chip_usd_per_hour"]


def test_a_changed_price_does_not_keep_its_source():
    chip = {"base": "h100-sxm", "name": "ours", "price_usd_per_hour": 5.0}
    stated = {a["field"]: a for a in best(hardware=chip)["economics"]["assumptions"]}
    assert stated["hardware.price_usd_per_hour"] == {
        "field": "hardware.price_usd_per_hour",
        "value": 5.0,
        "source": "given with the chip",
    }


def test_a_snapshot_keeps_prices_and_their_sources():
    prices = {"chip_price_usd": {"H100-SXM": 30_000}, "pue": None, "source": "an offer"}
    request = read(BODY | {"economics": prices})
    assert request.deployment.economics is not None
    assert request.deployment.economics.chip_price_usd == {"h100-sxm": 30_000.0}
    assert request.deployment.economics.sources["chip_price_usd"] == "an offer"
    assert read(request.snapshot()) == request


@pytest.mark.parametrize(
    ("prices", "sentence"),
    [
        ({"chip_usd_per_hour": 2, "chip_price_usd": 3}, r"economics: .* given both"),
        ({"chip_usd_per_hour": {"h1000": 2}}, r"chip_usd_per_hour\.h1000: No chip 'h1000'.*h100"),
        ({"chip_usd_per_hour": -1}, r"economics\.chip_usd_per_hour\.\*: .* greater than 0"),
        ({"pue": 0.5}, r"economics\.pue: .* greater than or equal to 1"),
        ({"years": 0}, r"economics\.years"),
        ({"electricity_usd_per_kwh": float("nan")}, r"economics\.electricity_usd_per_kwh"),
        ({"chip_usd": 2}, r"economics\.chip_usd: is not a known field"),
        ({"sources": 3}, r"economics\.sources: an object"),
        (7, r"economics: .* object is needed, not int"),
    ],
)
def test_nonsense_is_refused_by_field(prices, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        read(BODY | {"economics": prices})
