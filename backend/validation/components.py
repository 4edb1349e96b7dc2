r"""What the error is made of: how much would go if a factor per group were known.

The mean square of :math:`\ln(\text{predicted}/\text{measured})` splits exactly into the part of the
overall bias, what groups add to it, what smaller groups within them add, and the rest within the
smallest: a nested analysis of variance.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import log
from statistics import fmean

from llm_simulator.planner.calibration.comparison import Compared
from validation.baseline import Line, rounded
from validation.curves import GROUPINGS, LATENCIES, Key, curve_name, pair

NESTED: Mapping[str, Key] = {
    "the same factor for all runs": lambda _: "",
    "a factor per chip and engine": GROUPINGS["chip and engine"],
    "a factor per model on it": GROUPINGS["combination"],
    "a factor per curve (version, precision, lengths, plan)": curve_name,
}
REST = "the shape over concurrency, and noise"


def component_lines(runs: Sequence[Compared]) -> list[Line]:
    """The share of each component of the error, per latency."""
    return [line for latency in LATENCIES for line in _lines(runs, latency)]


def _lines(runs: Sequence[Compared], latency: str) -> list[Line]:
    found = [(run.row, each) for run in runs if (each := pair(run, latency))]
    if not found:
        return []
    errors = [log(each.ratio) for _, each in found]
    keys = {name: [key(row) for row, _ in found] for name, key in NESTED.items()}
    shares = nested_shares(errors, list(keys.values()))
    return [
        Line("component", name, latency, rows=str(len(found)), ratio=rounded(share, 3))
        for name, share in zip([*keys, REST], shares, strict=True)
    ]


def nested_shares(errors: Sequence[float], groupings: Sequence[Sequence[str]]) -> list[float]:
    """Shares of the mean square of ``errors``: one per grouping, coarse to fine, then the rest.

    >>> nested_shares([1.0, 1.0, 3.0, 3.0], [["all"] * 4, ["a", "a", "b", "b"]])
    [0.8, 0.2, 0.0]
    """
    explained = [fmean(mean**2 for mean in _group_means(errors, g)) for g in groupings]
    whole = fmean(error**2 for error in errors)
    if whole == 0:
        return [0.0] * (len(groupings) + 1)
    steps = zip([0.0, *explained], [*explained, whole], strict=True)
    return [(after - before) / whole for before, after in steps]


def _group_means(errors: Sequence[float], names: Sequence[str]) -> list[float]:
    """The mean of its group for each error."""
    groups: dict[str, list[float]] = defaultdict(list)
    for name, error in zip(names, errors, strict=True):
        groups[name].append(error)
    return [fmean(groups[name]) for name in names]
