"""Hypothetical chips: figures of a base chip moved, in a list or in every combination of a grid.

A figure is a factor over the base chip's (``1.5``) or an amount with a unit (``"4 TB/s"``).

======================  ==========================================================================
figure                  what moves with it
======================  ==========================================================================
``memory_bandwidth``    bytes/s of the chip's memory
``peak_flops``          FLOP/s of every matrix unit; an amount is bf16's, the others in proportion
``link_bandwidth``      bytes/s of the link of the boards, and of tiers that are one network with it
``memory_capacity``     bytes of the chip's memory
``price``               USD per chip-hour before ``economics.hourly_overhead``
======================  ==========================================================================
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from llm_simulator.errors import InvalidInput, unknown_name
from llm_simulator.planner.requests.sweep_axes import values_of
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.economics import EVERY
from llm_simulator.planner.specs.topology import TIERS, TopologySpec, tiers_like_boards
from llm_simulator.units import Array, IntArray, amount, is_number, quantity

SPEEDS = ("memory_bandwidth", "peak_flops", "link_bandwidth")
"""Figures that steps take time by."""
FIGURES = (*SPEEDS, "memory_capacity", "price")
UNITS = {
    "memory_bandwidth": "bytes/s",
    "peak_flops": "FLOP/s",
    "link_bandwidth": "bytes/s",
    "memory_capacity": "bytes",
    "price": "USD/h",
}
EXAMPLES = {
    "memory_bandwidth": "4 TB/s",
    "peak_flops": "2 PFLOP/s",
    "link_bandwidth": "900 GB/s",
    "memory_capacity": "192 GB",
    "price": "3.5 USD/h",
}
MOST_LISTED = 10_000
"""Candidates of a list: about a megabyte of request."""
MOST_CANDIDATES = 2_000_000
MOST_SPEEDS = 100_000
"""Combinations of memory bandwidth, FLOP/s and link bandwidth. Each evaluates every plan; memory
capacities and prices of one combination share that."""
LARGEST_FACTOR = 1_000.0
"""How far from the base chip a candidate may be."""


class Figures(NamedTuple):
    """A chip's figures in base units; of the matrix units bf16's. NaN for what it has not."""

    memory_bandwidth: float
    peak_flops: float
    link_bandwidth: float
    memory_capacity: float
    price: float
    """USD per hour of one chip, before the overhead of the site."""


@dataclass(frozen=True)
class Candidates:
    """N hypothetical chips in order; of a grid the last figure runs fastest."""

    base: Figures
    values: tuple[tuple[float, ...], ...]
    """Of each of ``FIGURES`` the values it takes, in base units."""
    rows: tuple[tuple[int, ...], ...] | None = None
    """Of a list: each candidate's place among the values of each figure; None for a grid."""
    names: tuple[str, ...] = ()
    """Of a list."""
    price_shares: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    """Shares of the price that grow with each of the other figures."""

    @cached_property
    def size(self) -> int:
        """How many there are."""
        if self.rows is not None:
            return len(self.rows)
        return math.prod(len(values) for values in self.values)

    @cached_property
    def places(self) -> IntArray:
        """Each candidate's place among the values of each figure; [N, 5]."""
        if self.rows is not None:
            return np.array(self.rows)
        return self.places_of(np.arange(self.size))

    def places_of(self, numbers: IntArray) -> IntArray:
        """The same of some candidates; [n, 5]."""
        if self.rows is not None:
            return np.array(self.rows)[numbers]
        shape = tuple(len(values) for values in self.values)
        return np.stack(np.unravel_index(numbers, shape), axis=1)

    def figures(self, numbers: IntArray) -> Array:
        """The figures of some candidates, in the order of ``FIGURES``; [n, 5]."""
        places = self.places_of(numbers)
        columns = [np.array(known)[places[:, at]] for at, known in enumerate(self.values)]
        columns[-1] = columns[-1] * self._price_factor(columns[:-1])
        return np.stack(columns, axis=1)

    def _price_factor(self, figures: Sequence[Array]) -> Array:
        r"""What other figures make of the price: :math:`1 + \sum_i s_i (x_i / x_{base} - 1)`."""
        total = np.ones(len(figures[0]))
        for share, figure, own in zip(self.price_shares, figures, self.base, strict=False):
            if share:
                total += share * (figure / own - 1)
        return total

    @cached_property
    def speeds(self) -> IntArray:
        """Different combinations of ``SPEEDS``, as places among their values; [S, 3]."""
        if self.rows is not None:
            return self._listed_speeds[0]
        shape = tuple(len(values) for values in self.values[: len(SPEEDS)])
        return np.stack(np.unravel_index(np.arange(math.prod(shape)), shape), axis=1)

    def at_speed(self, speed: int) -> IntArray:
        """The candidates of one combination, ascending."""
        if self.rows is not None:
            return np.flatnonzero(self._listed_speeds[1] == speed)
        each = math.prod(len(values) for values in self.values[len(SPEEDS) :])
        return np.arange(speed * each, (speed + 1) * each)

    @cached_property
    def _listed_speeds(self) -> tuple[IntArray, IntArray]:
        speeds, of = np.unique(np.array(self.rows)[:, : len(SPEEDS)], axis=0, return_inverse=True)
        return speeds, np.reshape(of, -1)


def base_figures(deployed: Deployment, price: float) -> Figures:
    """The figures of a deployment's own chip, whose hour costs ``price`` before overheads."""
    board = deployed.topology.links.get(TIERS[0])
    return Figures(
        memory_bandwidth=deployed.chip.memory_bandwidth,
        peak_flops=deployed.chip.peak_flops["bf16"],
        link_bandwidth=math.nan if board is None else board.bandwidth,
        memory_capacity=deployed.chip.memory_capacity,
        price=price,
    )


def deployed_on(deployed: Deployment, base: Figures, figures: Sequence[float]) -> Deployment:
    """The deployment, whose chip has the figures ``base``, on a chip of other ``figures``."""
    bandwidth, peak, link, capacity, price = (float(figure) for figure in figures)
    chip = deployed.chip
    faster = peak / base.peak_flops
    moved = chip.model_copy(
        update={
            "memory_bandwidth": bandwidth,
            "peak_flops": {u: flops * faster for u, flops in chip.peak_flops.items()}
            | {"bf16": peak},
            "memory_capacity": capacity,
        }
    )
    economics = deployed.economics
    if economics is not None and not math.isnan(price) and price != base.price:
        rent = {"chip_usd_per_hour": {EVERY: price}, "chip_price_usd": None}
        economics = economics.model_copy(update=rent)
    topology = deployed.topology
    if not math.isnan(link) and link != base.link_bandwidth:
        topology = _with_link(topology, link)
    return replace(deployed, chip=moved, topology=topology, economics=economics)


def _with_link(topology: TopologySpec, bandwidth: float) -> TopologySpec:
    links = dict(topology.links)
    for tier in tiers_like_boards(topology):
        links[tier] = links[tier].model_copy(update={"bandwidth": bandwidth})
    return topology.model_copy(update={"links": links})


_PARTS = {"grid", "list", "price_shares"}


def candidates_of(data: object, base: Figures) -> Candidates:
    """The candidates of a request's field; raises InvalidInput naming what can't be."""
    if not isinstance(data, Mapping) or ("grid" in data) == ("list" in data):
        raise InvalidInput.at(
            "candidates",
            "an object with either a grid, {'grid': {'memory_bandwidth': '1..4 step 0.5', 'price': "
            "[1, 1.5]}}, or a list, {'list': [{'memory_bandwidth': '8 TB/s', 'price': 1.4}]}",
        )
    _refuse_unknown(data, _PARTS, "candidates", "part of candidates")
    shares = _price_shares(data.get("price_shares"), base)
    if "grid" in data:
        return _grid(data["grid"], base, shares)
    return _listed(data["list"], base, shares)


def _grid(data: object, base: Figures, shares: tuple[float, ...]) -> Candidates:
    at = "candidates.grid"
    if not isinstance(data, Mapping) or not data:
        raise InvalidInput.at(at, f"an object with some of {', '.join(FIGURES)} is needed")
    _refuse_unknown(data, set(FIGURES), at, "figure of a candidate")
    values = tuple(
        _values(name, data[name], f"{at}.{name}", base) if name in data else (own,)
        for name, own in zip(FIGURES, base, strict=True)
    )
    found = Candidates(base, values, price_shares=shares)
    if found.size > MOST_CANDIDATES:
        raise InvalidInput.at(
            at, f"has {found.size:,} candidates, more than {MOST_CANDIDATES:,}; take fewer values"
        )
    _refuse_many_speeds(math.prod(len(known) for known in values[: len(SPEEDS)]), at)
    return found


def _listed(data: object, base: Figures, shares: tuple[float, ...]) -> Candidates:
    at = "candidates.list"
    if not isinstance(data, Sequence) or isinstance(data, str) or not data:
        raise InvalidInput.at(at, "a list with at least one candidate is needed")
    if len(data) > MOST_LISTED:
        raise InvalidInput.at(
            at, f"has {len(data):,} candidates, more than {MOST_LISTED:,}; give a grid"
        )
    named = [_one(item, f"{at}[{number}]", base) for number, item in enumerate(data)]
    figures = np.array([figures for _, figures in named])
    columns = [np.unique(column, return_inverse=True) for column in figures.T]
    return Candidates(
        base,
        values=tuple(tuple(known.tolist()) for known, _ in columns),
        rows=tuple(map(tuple, np.stack([np.reshape(of, -1) for _, of in columns], 1).tolist())),
        names=tuple(name or f"#{number + 1}" for number, (name, _) in enumerate(named)),
        price_shares=shares,
    )


def _one(item: object, at: str, base: Figures) -> tuple[str, list[float]]:
    if not isinstance(item, Mapping):
        raise InvalidInput.at(at, f"an object with some of {', '.join(FIGURES)} is needed")
    _refuse_unknown(item, {"name", *FIGURES}, at, "figure of a candidate")
    name = item.get("name", "")
    if not isinstance(name, str) or len(name) > 200:
        raise InvalidInput.at(f"{at}.name", "a text of at most 200 characters is needed")
    return name, [
        _value(figure, item[figure], f"{at}.{figure}", base) if figure in item else own
        for figure, own in zip(FIGURES, base, strict=True)
    ]


def _values(name: str, written: object, at: str, base: Figures) -> tuple[float, ...]:
    values = [written] if is_number(written) else values_of(written, at)
    return tuple(sorted({_value(name, one, f"{at}[{n}]", base) for n, one in enumerate(values)}))


def _value(name: str, written: object, at: str, base: Figures) -> float:
    """A figure in base units, written as a factor or an amount."""
    own = getattr(base, name)
    if math.isnan(own):
        raise InvalidInput.at(at, _MISSING[name])
    value = own * float(str(written)) if is_number(written) else _amount(name, written, at)
    if not own / LARGEST_FACTOR <= value <= own * LARGEST_FACTOR:
        raise InvalidInput.at(
            at,
            f"{written} is not within a factor of {LARGEST_FACTOR:,.0f} of the base chip's "
            f"{own:.4g} {UNITS[name]}",
        )
    return value


_MISSING = {
    "link_bandwidth": "the topology has no link between the chips of a board; leave it out",
    "price": "the base chip has no price; give economics.chip_usd_per_hour",
}


def _amount(name: str, value: object, at: str) -> float:
    wanted = f"a factor over the base chip's or an amount such as '{EXAMPLES[name]}' is needed"
    if not isinstance(value, str):
        raise InvalidInput.at(at, f"{wanted}, not {value!r}")
    if name == "price":
        read = amount(value)
        if read is None or read.unit not in ("USD/h", "USD"):
            raise InvalidInput.at(at, f"{wanted}, not {value!r}")
        return float(read.number)
    try:
        return quantity(value, UNITS[name])
    except ValueError as error:
        raise InvalidInput.at(at, f"{wanted}, not {value!r}") from error


def _price_shares(data: object, base: Figures) -> tuple[float, ...]:
    at, names = "candidates.price_shares", FIGURES[:-1]
    if data is None:
        return (0.0,) * len(names)
    if not isinstance(data, Mapping):
        raise InvalidInput.at(at, f"an object with some of {', '.join(names)} is needed")
    _refuse_unknown(data, set(names), at, "figure with a share of the price")
    for name, share in data.items():
        if not is_number(share) or not 0 <= share <= 1:
            raise InvalidInput.at(f"{at}.{name}", f"a share from 0 to 1 is needed, not {share!r}")
    if sum(data.values()) > 1 + 1e-9:
        raise InvalidInput.at(at, f"add up to {sum(data.values()):g}, more than the whole price")
    if math.isnan(base.price):
        raise InvalidInput.at(at, _MISSING["price"])
    return tuple(float(data.get(name, 0.0)) for name in names)


def _refuse_many_speeds(speeds: int, at: str) -> None:
    if speeds > MOST_SPEEDS:
        raise InvalidInput.at(
            at,
            f"has {speeds:,} combinations of {', '.join(SPEEDS)}, more than {MOST_SPEEDS:,}: take "
            "fewer values of these; capacities and prices add little",
        )


def _refuse_unknown(data: Mapping[Any, Any], known: set[str], at: str, kind: str) -> None:
    for name in data:
        if name not in known:
            message = unknown_name(kind, str(name), sorted(known))
            raise InvalidInput.at(f"{at}.{name}", message)
