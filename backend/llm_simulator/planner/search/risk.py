r"""What a prediction may be off by, and what of it holds with a given probability.

The log of measured over predicted is *split normal*: two halves of normal distributions that meet
at the median, through the 10 % and the 90 % quantile that a calibration knows. With
:math:`z \sim N(0, 1)` it is :math:`m + \sigma_\pm z`, so quantiles and probabilities are closed
forms, elementwise for columns of plans with intervals of their own.

TTFT and TPOT go wrong independently of each other (rank correlation of held-out errors: 0.06 for
calibrated cases, 0.22 for transferred ones), so their spreads add up as squares in what depends on
both.
"""

from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.search.normal import STANDARD, cumulative
from llm_simulator.planner.specs.calibration import Calibration
from llm_simulator.units import Array, Count

CAUTION = 0.8
"""Probability with which a cautious search wants limits to hold and scores to be reached."""
MEDIAN_WITHIN = 0.25
"""Share of an interval, from either end, in which no median lies: of 57 held-out cases nine in ten
had it between 0.28 and 0.62."""

_NINETY = STANDARD.inv_cdf(0.9)


@dataclass(frozen=True)
class SplitNormal:
    """Log of measured over predicted: its median, and the standard deviation on either side."""

    median: Count
    below: Count
    above: Count

    @classmethod
    def of_interval(cls, low: Count, high: Count) -> "SplitNormal":
        """That with these ratios as 10 % and 90 % quantiles.

        Its median is the prediction itself, where that lies well within the interval.

        >>> even = SplitNormal.of_interval(0.5, 2.0)
        >>> float(even.median), bool(even.below == even.above)
        (0.0, True)
        """
        low, high = np.log(low), np.log(high)
        margin = MEDIAN_WITHIN * (high - low)
        median = np.clip(0.0, low + margin, high - margin)
        return cls(median, (median - low) / _NINETY, (high - median) / _NINETY)

    def row(self, row: int) -> "SplitNormal":
        """That of one row of columns."""
        columns = (self.median, self.below, self.above)
        return SplitNormal(*(np.asarray(column)[row] for column in columns))

    def quantile(self, probability: float) -> Count:
        """The log ratio that is not exceeded with this ``probability``."""
        score = STANDARD.inv_cdf(probability)
        return self.median + score * (self.above if score > 0 else self.below)

    def ratio(self, probability: float) -> Count:
        """The same as measured over predicted.

        >>> round(float(SplitNormal.of_interval(0.5, 2.0).ratio(0.9)), 6)
        2.0
        """
        return np.exp(self.quantile(probability))

    def of_score(self, score: Count) -> Count:
        """The ratio that has this standard normal score."""
        return np.exp(self.median + score * np.where(score > 0, self.above, self.below))

    @property
    def mean(self) -> Count:
        """The mean of the log ratio."""
        return self.median + (self.above - self.below) / np.sqrt(2 * np.pi)

    def score(self, ratio: Count) -> Array:
        """The standard normal score of a ratio; without any spread it is infinite or 0."""
        off = np.asarray(np.log(ratio) - self.median)
        spread = np.where(off > 0, self.above, self.below)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(off == 0, 0.0, off / spread)

    def probability(self, ratio: Count) -> Array:
        """The probability that measured over predicted is at most ``ratio``.

        >>> round(float(SplitNormal.of_interval(0.5, 2.0).probability(2.0)), 6)
        0.9
        """
        return cumulative(self.score(ratio))


def covariance(one: SplitNormal, other: SplitNormal, correlation: Count) -> Count:
    r"""Covariance of two log ratios whose normal scores have this ``correlation``.

    With :math:`m + a z + b |z|`, a and b half the sum and half the difference of both sides:

    .. math::
        a a' \rho + b b' \tfrac{2}{\pi} \left(\sqrt{1-\rho^2} + \rho \arcsin\rho - 1\right)

    >>> even = SplitNormal(0.0, 0.2, 0.2)
    >>> round(float(covariance(even, even, 0.5)), 6)
    0.02
    """
    sums = (one.above + one.below) * (other.above + other.below) / 4
    differences = (one.above - one.below) * (other.above - other.below) / 4
    rho = np.clip(correlation, -1.0, 1.0)
    of_sizes = 2 / np.pi * (np.sqrt(1 - rho**2) + rho * np.arcsin(rho) - 1)
    return sums * rho + differences * of_sizes


@dataclass(frozen=True)
class LatencyErrors:
    """What TTFT and TPOT may be off by."""

    ttft: SplitNormal
    tpot: SplitNormal

    @classmethod
    def of(cls, calibration: Calibration, nearness: Count) -> "LatencyErrors":
        """Those of a calibration's intervals, as near to what was measured as plans are."""
        return cls(*(SplitNormal.of_interval(*ends) for ends in calibration.intervals(nearness)))

    @classmethod
    def of_pools(cls, calibration: Calibration) -> "LatencyErrors":
        """Those of serving in pools."""
        pairs = calibration.intervals(1.0, pooled=True)
        return cls(*(SplitNormal.of_interval(*ends) for ends in pairs))

    def turn(self, ttft_share: Count) -> SplitNormal:
        r"""What the whole time of a request is off by, TTFT being this share w of it.

        .. math:: m = w m_1 + (1-w) m_2, \quad \sigma^2 = (w\sigma_1)^2 + ((1-w)\sigma_2)^2

        Rates are off by its inverse: they fall where either latency grows, as long as a standard
        deviation of the log is below 1.
        """
        one, other = self.ttft, self.tpot
        others = 1 - ttft_share
        return SplitNormal(
            ttft_share * one.median + others * other.median,
            np.hypot(ttft_share * one.below, others * other.below),
            np.hypot(ttft_share * one.above, others * other.above),
        )

    @property
    def shortest_turn(self) -> SplitNormal:
        """What ``turn`` is not below at any probability over 50 %, whatever the share of TTFT."""
        one, other = self.ttft, self.tpot
        whole = np.hypot(one.above, other.above)
        above = one.above * other.above / np.where(whole > 0, whole, 1.0)
        return SplitNormal(np.minimum(one.median, other.median), 0.0, above)


def ttft_share(ttft: Count, tpot: Count, output_tokens: int) -> Count:
    """The share of a request's time that passes before its first token.

    >>> ttft_share(1.0, 0.1, output_tokens=11)
    0.5
    """
    return ttft / (ttft + (output_tokens - 1) * tpot)
