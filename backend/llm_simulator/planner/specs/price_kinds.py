"""Of which kind the prices of chips are: a rent for years is a fraction of one by the hour."""

from collections.abc import Iterable

from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.economics import EconomicsSpec, figure_of
from llm_simulator.planner.specs.warning import EvaluationWarning

_IN_WORDS = {"on_demand": "on demand"}


def price_kind(economics: EconomicsSpec, chip: ChipSpec) -> str | None:
    """The kind of price that a chip is costed with; None where it has no price."""
    if figure_of(economics.chip_usd_per_hour, chip) is not None:
        return "given"
    if figure_of(economics.chip_price_usd, chip) is not None:
        return "bought"
    return None if chip.price_usd_per_hour is None else chip.price_kind or "given"


def price_warnings(
    economics: EconomicsSpec | None, chips: Iterable[ChipSpec]
) -> list[EvaluationWarning]:
    """A warning where chips that are compared have prices of several kinds."""
    if economics is None:
        return []
    kinds = {chip.name: price_kind(economics, chip) for chip in chips}
    priced = {name: kind for name, kind in kinds.items() if kind is not None}
    if len(set(priced.values())) < 2:
        return []
    prices = ", ".join(f"{name} {_IN_WORDS.get(kind, kind)}" for name, kind in priced.items())
    return [
        EvaluationWarning.of(
            "price_kinds_differ",
            "The prices compared are of different kinds: {prices}. A contract for years costs a "
            "fraction of a rent by the hour; economics.chip_usd_per_hour takes prices by chip.",
            prices=prices,
        )
    ]
