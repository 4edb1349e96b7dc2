"""What a report says, in one language: its fixed words, and how it tells what was found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from llm_simulator.planner.results.change import Change
from llm_simulator.planner.results.plan import InfeasiblePlan, Plan
from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.schemas.tasks import TaskResults

Result = EvaluationResult | TaskResults


class Language(StrEnum):
    """Of a report."""

    ENGLISH = "en"
    CHINESE = "zh"


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of one language; what is in braces is filled in."""

    tag: str
    """Of the language, as HTML names it."""
    separator: str
    space: str
    """Between two sentences."""
    one_chip: str
    """The name of a plan that spreads nothing."""

    model_on_chip: str
    own_model: str
    own_chip: str
    two_chips: str
    cluster: str
    own_topology: str
    topology: str
    lengths: str
    best_concurrency: str
    in_flight: str
    latency_limit: str
    rate_limit: str
    end_to_end: str
    ranked_by: str
    served_by: str
    objective: Callable[[str], str]

    unfinished: str
    sweep: str
    hypothetical: str
    no_plan: str
    closest: str
    kept: str
    almost_sure: str
    almost_never: str
    answer: Callable[[Result, Plan], str]
    reason: Callable[[InfeasiblePlan], str]
    """Why a plan is not feasible, to follow its name and chips."""

    ways_out: str
    ways_in_the_mean: str
    """Said where a percentile was asked for; empty where each change's sentence says so."""
    way_out: Callable[[Change], str]

    plans: str
    intervals: str
    columns: tuple[str, ...]

    time: str
    prefill: str
    decode: str
    time_of: str
    causes: Mapping[str, str]
    memory: str
    fullest_chip: str
    prefill_pool: str
    decode_pool: str
    memory_uses: Mapping[str, str]
    memory_of: str
    usable: str

    assumed: str
    basis: Callable[[Plan], str]
    """What the predictions rest on, in a word; empty where the sentence behind it says it all."""
    costs: str
    cost_columns: tuple[str, str, str]

    warnings: str
    warning: Callable[[EvaluationWarning], str | None]
    """None where there are no words for it in this language."""
    in_english: str
    """Said before sentences of the service that there are only in English; empty in English."""

    origin: str
    searched: str
    task: str
    written: str
    predictions: str
    again: tuple[str, str]
    """Before the command and behind it."""
    request: str


LATENCIES = {"max_ttft": "TTFT", "max_tpot": "TPOT"}
"""Limits on latency, in words that every language has; the third is ``end_to_end``."""


def limit_in(words: Words, code: str, value: float) -> str:
    """A limit of a plan or of a request: ``TPOT at most 30 ms``."""
    if code == "min_request_rate":
        return words.rate_limit.format(value=f"{value:,g}")
    name = LATENCIES.get(code, words.end_to_end)
    return words.latency_limit.format(name=name, value=f"{value:,g}")


def figure(value: float) -> str:
    """Three digits, and never fewer than all before the point.

    >>> figure(1234.5), figure(0.01234)
    ('1,234', '0.0123')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
