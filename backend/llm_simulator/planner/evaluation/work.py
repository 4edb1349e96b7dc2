"""Anything that can be asked, chunk by chunk: one search, or a sweep of many."""

from collections.abc import Mapping, Sequence
from typing import Any

from llm_simulator.planner.evaluation import search
from llm_simulator.planner.evaluation.search import PreparedSearch
from llm_simulator.planner.evaluation.sweep import (
    Layout,
    assemble_sweep,
    evaluate_sweep_chunk,
    is_sweep,
    layout,
    running_sweep_stats,
)
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.requests.sweep_request import SweepRequest, sweep_from
from llm_simulator.planner.results.result import EvaluationResult, SearchStats

Request = EvaluationRequest | SweepRequest
Work = PreparedSearch | Layout
"""How much there is to do and in which chunks: total_plans, total_evaluations, chunks."""


def parse_request(body: Mapping[str, Any], catalogue: Catalogue | None = None) -> Request:
    """The request in ``body``; raises InvalidInput naming every part that can't be read."""
    if is_sweep(body):
        return SweepRequest.parse(body, catalogue)
    return EvaluationRequest.parse(_without_sweep(body), catalogue)


def _without_sweep(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in body.items() if name != "sweep"}


def work_of(request: Request) -> Work:
    """The work that a request is; raises InvalidInput when no legal plan is left to try."""
    return layout(request) if isinstance(request, SweepRequest) else search.prepare(request)


def planned_work(snapshot: Mapping[str, Any]) -> Work:
    """The work that a snapshot describes."""
    return layout(sweep_from(snapshot)) if is_sweep(snapshot) else search.prepared_from(snapshot)


def evaluate_chunk(snapshot: Mapping[str, Any], start: int, stop: int) -> Any:
    """The outcome of one chunk of a snapshot's work: plain data."""
    evaluate = evaluate_sweep_chunk if is_sweep(snapshot) else search.evaluate_chunk
    return evaluate(snapshot, start, stop)


def running_stats(outcomes: Sequence[Any], total_plans: int) -> SearchStats:
    """The search statistics of the chunks done so far, of ``total_plans`` in all."""
    of_a_sweep = any("running" in outcome for outcome in outcomes)
    stats = running_sweep_stats if of_a_sweep else search.running_stats
    return stats(outcomes, total_plans)


def assemble(snapshot: Mapping[str, Any], outcomes: Sequence[Any]) -> EvaluationResult:
    """The result of work whose chunks are all done, whatever their order."""
    put_together = assemble_sweep if is_sweep(snapshot) else search.assemble
    return put_together(snapshot, outcomes)
