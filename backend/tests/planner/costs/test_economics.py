"""Costs and energy by hand; what is not known stays unknown."""

from dataclasses import replace

import numpy as np
import pytest

from llm_simulator.planner.costs.power import missing_power, power, power_draw
from llm_simulator.planner.costs.prices import (
    HOURS_PER_YEAR,
    hourly_cost,
    missing_price,
    usd_per_chip_hour,
    usd_per_hour,
    usd_per_million_tokens,
)
from tests.deployments import CATALOGUE, catalogued, evaluated

H100 = CATALOGUE.chips["h100-sxm"].spec
H200 = CATALOGUE.chips["h200-sxm"].spec
UNPRICED = CATALOGUE.chips["h20"].spec
ASSUMED = CATALOGUE.economics


def given(**figures):
    return ASSUMED.model_copy(update=figures)


def priced(economics=ASSUMED, chip="h100-sxm"):
    return replace(catalogued(chip=chip), economics=economics)


def test_a_rented_chip_costs_its_rent_and_nothing_else():
    assert usd_per_chip_hour(given(chip_usd_per_hour={"*": 2.0}), H100) == 2.0
    assert usd_per_hour(given(chip_usd_per_hour={"*": 2.0}), H100, 8) == 16.0


def test_a_bought_chip_pays_for_itself_its_server_and_its_power():
    """45,000 USD over 43,830 hours, and 1.43 kW at 8 cents."""
    bought = given(chip_price_usd={"*": 30_000.0})
    assert usd_per_chip_hour(bought, H100) == pytest.approx(45_000 / 43_830 + 1.43 * 0.08)
    other = given(chip_price_usd={"*": 30_000.0}, server_overhead_usd=5_000.0, years=10.0)
    assert usd_per_chip_hour(other, H100) == pytest.approx(
        35_000 / (10 * HOURS_PER_YEAR) + 1.43 * 0.08
    )


def test_what_the_request_says_goes_before_the_catalogue():
    assert usd_per_chip_hour(ASSUMED, H100) == H100.price_usd_per_hour
    only_h200 = given(chip_usd_per_hour={"h200-sxm": 9.0})
    assert usd_per_chip_hour(only_h200, H200) == 9.0
    assert usd_per_chip_hour(only_h200, H100) == H100.price_usd_per_hour


def test_a_published_price_per_token_comes_out():
    """22,300 tokens/s of 8 H100 are said to cost 0.20 USD per million (LMSYS, 2025-05-05).

    The rent is not in our notes of it; 2 USD per chip-hour fits, and is what DeepSeek counts with.
    """
    assert usd_per_million_tokens(8 * 2.0, 22_300) == pytest.approx(0.20, rel=0.01)


def test_host_and_cooling_come_on_top():
    whole = power(given(host_power=400.0, pue=1.5), H100, chips=8, mfu=1.0, mbu=1.0)
    assert whole == pytest.approx(1.5 * 8 * 1100)


def test_a_table_equals_its_rows_whatever_its_shape():
    rng = np.random.default_rng(0)
    mfu, mbu = (rng.uniform(0.1, 1, (3, 4)) for _ in range(2))
    chips = rng.integers(1, 64, 4)
    deployed = priced()
    watts = np.asarray(power_draw(deployed, chips, mfu, mbu))
    assert watts.shape == (3, 4)
    assert watts[1, 2] == power_draw(deployed, chips[2], mfu[1, 2], mbu[1, 2])
    assert np.asarray(hourly_cost(deployed, chips))[2] == hourly_cost(deployed, chips[2])


def test_what_nobody_knows_is_said_instead_of_guessed():
    unpriced = priced(chip="h20")
    assert np.isnan(hourly_cost(unpriced, 8))
    assert missing_price(unpriced) == "no price for h20; give economics.chip_usd_per_hour"
    assert missing_power(unpriced) is None
    no_power = priced(given(chip_price_usd={"*": 1.0}), "sg2262")
    assert np.isnan(power_draw(no_power, 8, 0.5, 0.5))
    assert missing_price(no_power) == "no power for sg2262; give hardware.tdp_w"
    assert np.isnan(hourly_cost(catalogued(), 8))


@pytest.mark.parametrize("chip", CATALOGUE.chips.values(), ids=lambda c: c.name)
def test_every_price_of_the_catalogue_has_its_source(chip):
    assert (chip.spec.price_usd_per_hour is None) == (chip.spec.price_source is None)
    assert (chip.spec.price_usd_per_hour is None) == (chip.spec.price_kind is None)


def test_every_assumption_has_its_source():
    stated = {name for name, value in ASSUMED if value is not None and name != "sources"}
    assert stated == set(ASSUMED.sources)


SMALL = {
    "model": "llama-3.1-8b",
    "topology": "server-8",
    "inference": {"batch_size": 8, "input_seq_length": 512, "output_seq_length": 128},
}
OVER_CHIPS = {"field": "hardware", "values": ["h100-sxm", "l40s", "h20"]}
GIVEN = {"h100-sxm": 2, "l40s": 1}


@pytest.mark.parametrize(
    ("body", "prices"),
    [
        ({"sweep": [OVER_CHIPS]}, ["h100-sxm contract, l40s on demand"]),
        ({"sweep": [OVER_CHIPS], "economics": {"chip_usd_per_hour": GIVEN}}, []),
        ({"sweep": [{"field": "hardware", "values": ["h100-sxm", "b200-sxm"]}]}, []),
        (
            {
                "hardware": "h100-sxm",
                "decode_hardware": {"base": "h200-sxm", "price_usd_per_hour": 4},
                "search_constraints": {"serving": "disaggregated"},
            },
            ["h100-sxm contract, h200-sxm given"],
        ),
        ({"hardware": "h100-sxm"}, []),
    ],
)
def test_prices_of_different_kinds_are_said(body, prices):
    found = evaluated(SMALL | body)["warnings"]
    kinds = [note["values"]["prices"] for note in found if note["code"] == "price_kinds_differ"]
    assert kinds == prices
