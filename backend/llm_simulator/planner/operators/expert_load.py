"""How many experts a step wakes and how much more than the mean the busiest rank gets.

Experts are told apart by their share of all visits. Without copies they lie anywhere; with
redundant copies (EPLB, deepseek-ai/EPLB) the most visited ones are doubled and all are dealt out
so that the ranks are evenly loaded.
"""

import heapq
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from llm_simulator.planner.specs.expert_load import ExpertLoad
from llm_simulator.units import Array, Count

CLASSES = 16
"""Groups of like experts that are told apart: within 0.5 % of the sum over 256 single ones."""


@dataclass(frozen=True)
class Popularity:
    """Visits of expert copies, most visited first; one row per group of equals, shape [G]."""

    shares: Array
    """Share of all visits that one copy gets."""
    copies: Array
    """Copies in the group; shares times copies sum to 1."""
    is_dealt: bool = False
    """Whether copies are placed by their load, not anywhere."""

    @cached_property
    def experts(self) -> float:
        """Copies of all groups."""
        return float(np.sum(self.copies))

    @cached_property
    def variation(self) -> float:
        """The coefficient of variation of the shares."""
        deviations = self.copies * (self.experts * self.shares - 1) ** 2
        return float(np.sqrt(np.sum(deviations) / self.experts))

    @cached_property
    def classes(self) -> tuple[Array, Array]:
        """Mean share and number of copies of at most CLASSES groups of like experts; [C]."""
        # The hottest ones differ most, so they are told apart most finely.
        ranks = np.geomspace(1, len(self.shares) + 1, CLASSES + 1).astype(int)
        bounds = np.unique(ranks)[:-1] - 1
        copies = np.add.reduceat(self.copies, bounds)
        return np.add.reduceat(self.shares * self.copies, bounds) / copies, copies


@lru_cache(maxsize=32)
def popularity(load: ExpertLoad, experts: int, per_token: int, redundant: int = 0) -> Popularity:
    """The copies of ``experts`` routed experts under ``load``, of which a token visits some.

    >>> popularity("uniform", 4, 1).shares.tolist(), popularity("uniform", 4, 1).copies.tolist()
    ([0.25], [4.0])
    >>> popularity("uniform", 2, 1, redundant=1).shares.tolist()
    [0.5, 0.25, 0.25]
    """
    if load == "uniform" and not redundant:
        return Popularity(np.array([1 / experts]), np.array([float(experts)]))
    weights = np.ones(experts)
    if load != "uniform" and load.power_law is not None:
        weights = np.arange(1.0, experts + 1) ** -load.power_law
    elif load != "uniform" and load.histogram is not None:
        weights = np.sort(np.asarray(load.histogram))[::-1]
    shares = _at_most_once_per_token(weights / np.sum(weights), per_token)
    copied = _copied(shares, redundant)
    return Popularity(copied, np.ones(len(copied)), is_dealt=redundant > 0)


def _at_most_once_per_token(shares: Array, per_token: int) -> Array:
    """Shares, none above 1/k since no token visits an expert twice; the rest takes the excess."""
    limit = 1.0 / per_token
    order = np.arange(len(shares))
    # With the m hottest at the limit, the others scale to what these leave.
    left = np.cumsum(shares[::-1])[::-1]
    scale = np.maximum(1.0 - order * limit, 0.0) / np.maximum(left, 1e-300)
    capped = int(np.argmax(shares * scale <= limit * (1 + 1e-12)))
    return np.where(order < capped, limit, shares * scale[capped])


def _copied(shares: Array, redundant: int) -> Array:
    """Each further copy goes to the expert with most visits per copy, as EPLB does."""
    if not redundant:
        return shares
    copies = np.ones(len(shares), dtype=int)
    heap = [(-share, expert) for expert, share in enumerate(shares.tolist())]
    heapq.heapify(heap)
    for _ in range(redundant):
        _, expert = heap[0]
        copies[expert] += 1
        heapq.heapreplace(heap, (-shares[expert] / copies[expert], expert))
    return np.sort(np.repeat(shares / copies, copies))[::-1]


def distinct_experts(tokens: Count, popular: Popularity, per_token: float) -> Count:
    r"""Expected number of expert copies that at least one of ``tokens`` visits.

    .. math:: \sum_e 1 - (1 - k\,p_e)^T

    which is :math:`E\,(1 - (1 - k/E)^T)` where all are equally popular.

    >>> [round(float(distinct_experts(t, popularity("uniform", 256, 8), 8))) for t in (0, 8, 64)]
    [0, 57, 222]
    """
    visitors = np.asarray(tokens, dtype=float)
    total: Count = 0.0
    for share, copies in zip(*popular.classes, strict=True):
        total = total + copies * (1 - (1 - np.minimum(per_token * share, 1.0)) ** visitors)
    return total


def busiest_distinct(everywhere: Count, experts: float, ranks: Count) -> Count:
    r"""Visited expert copies on the rank with most, of K ``everywhere``.

    Each of n ranks holds m of E copies, of which a hypergeometric number is visited:

    .. math:: K/n + z_n \sqrt{m\,\tfrac{K}{E}\,(1 - \tfrac{K}{E})\,\tfrac{E - m}{E - 1}},
              \text{ at most } \min(m, K)

    with the :math:`z_n` of ``largest_deviation``. Checked by Monte Carlo: within 3 % from 16 tokens
    on; too few by up to 8 % at one token on 8 ranks, 28 % on 64.

    >>> float(busiest_distinct(57.0, 256, 1))
    57.0
    >>> [round(float(busiest_distinct(k, 128, 8)), 1) for k in (29.1, 82.4, 128)]
    [6.1, 13.1, 16.0]
    """
    held, share = experts / ranks, everywhere / experts
    variance = held * share * (1 - share) * (experts - held) / max(experts - 1, 1.0)
    largest = everywhere / ranks + largest_deviation(ranks) * np.sqrt(np.maximum(variance, 0))
    return np.minimum(largest, np.minimum(held, everywhere))


def largest_deviation(ranks: Count) -> Count:
    r"""Expected largest of n normal deviates that sum to 0, in standard deviations.

    .. math:: \sqrt{\tfrac{n}{n - 1}}\;\Phi^{-1}\Bigl(\tfrac{n - 0.375}{n + 0.25}\Bigr),
              \quad \Phi^{-1}(p) \approx 4.91\,\bigl(p^{0.14} - (1 - p)^{0.14}\bigr)

    Source: Blom, Statistical Estimates and Transformed Beta-Variables, 1958; Tukey's lambda.

    >>> [round(float(largest_deviation(n)), 2) for n in (1, 2, 8, 64)]
    [0.0, 0.83, 1.53, 2.35]
    """
    below = (ranks - 0.375) / (ranks + 0.25)
    deviates = 4.91 * (below**0.14 - (1 - below) ** 0.14)
    return deviates * np.sqrt(ranks / np.maximum(ranks - 1, 1))


def load_imbalance(mean_load: Count, ranks: Count, placement: Count = 1.0) -> Count:
    r"""Largest over mean load of ``ranks``, drawing of visits and uneven placement together.

    .. math:: 1 + \sqrt{(r - 1)^2 + 2 \ln n / \mu}, \text{ at most } n

    Source: maximum of n Gaussian approximations to Poisson loads; checked by Monte Carlo
    (32 ranks, mean load 64: 1.33 against 1.30). Independent spreads add in squares.

    >>> float(load_imbalance(64.0, 1))
    1.0
    >>> round(float(load_imbalance(64.0, 32)), 2)
    1.33
    >>> float(load_imbalance(1e30, 32, placement=1.5))
    1.5
    """
    drawing = 2 * np.log(ranks) / np.maximum(mean_load, 1e-9)
    return np.minimum(1 + np.sqrt((placement - 1) ** 2 + drawing), ranks)


def placement_imbalance(popular: Popularity, ranks: Count) -> Count:
    """Largest over mean share of visits of ``ranks`` that each hold some of the copies; [P]."""
    if not popular.is_dealt:
        return _scattered_imbalance(popular, ranks)
    distinct, row = np.unique(np.asarray(ranks, dtype=int), return_inverse=True)
    return np.array([_dealt_imbalance(popular.shares, int(n)) for n in distinct])[row]


def _scattered_imbalance(popular: Popularity, ranks: Count) -> Count:
    r"""Experts lie anywhere: the spread of sums of E/n of them, or the rank of the hottest one.

    .. math:: \max\Bigl(1 + c_v\,\sqrt{2 \ln n\,\tfrac{n - 1}{E - 1}},\;
              n\,\bigl(p_1 + (E/n - 1)\,\tfrac{1 - p_1}{E - 1}\bigr)\Bigr)

    with the coefficient of variation :math:`c_v` of the shares p; the variance is that of drawing
    without replacement. Checked by Monte Carlo: Zipf laws of exponent 0.3 to 1 over 256 experts,
    2 to 256 ranks, within 7 %.

    >>> hot = Popularity(np.array([0.4, 0.2]), np.array([1.0, 3.0]))
    >>> round(float(_scattered_imbalance(hot, 4)), 2)
    1.6
    """
    experts, hottest = popular.experts, float(popular.shares[0])
    others = max(experts - 1, 1.0)
    spread = popular.variation * np.sqrt(2 * np.log(ranks) * (ranks - 1) / others)
    with_hottest = ranks * (hottest + (experts / ranks - 1) * (1 - hottest) / others)
    return np.maximum(np.maximum(1 + spread, with_hottest), 1.0)


def _dealt_imbalance(shares: Array, ranks: int) -> float:
    """Copies dealt in rounds, the most visited left to the rank with least so far.

    >>> _dealt_imbalance(np.array([0.4, 0.3, 0.2, 0.1]), 2)
    1.0
    """
    rounds = -(-len(shares) // ranks)
    dealt = np.zeros(rounds * ranks)
    dealt[: len(shares)] = shares
    loads = np.zeros(ranks)
    for dealing in dealt.reshape(rounds, ranks):
        loads[np.argsort(loads, kind="stable")] += dealing
    return max(float(np.max(loads)) * ranks, 1.0)
