"""A request with ``candidates``: hypothetical chips, each with its best plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.planner.requests.candidates import (
    Candidates,
    Figures,
    base_figures,
    candidates_of,
    deployed_on,
)
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.search import ServingMode

PriceOf = Callable[[Deployment], float]
"""USD per hour of a deployment's chip, before overheads; NaN where nobody knows it."""


@dataclass(frozen=True)
class CandidatesRequest:
    """What is asked of the base chip, and the chips to ask it of."""

    base: EvaluationRequest
    candidates: Candidates
    written: Mapping[str, Any]
    """The candidates as they were given."""

    @classmethod
    def parse(
        cls, body: Mapping[str, Any], catalogue: Catalogue, price_of: PriceOf
    ) -> "CandidatesRequest":
        """The request in ``body``; raises InvalidInput naming what can't be."""
        if body.get("sweep") is not None:
            raise InvalidInput.at("sweep", "does not go with candidates; leave one of them out")
        written = body["candidates"]
        rest = {n: part for n, part in body.items() if n not in ("candidates", "sweep")}
        request = EvaluationRequest.parse(rest, catalogue)
        _check(request)
        price = price_of(request.deployment)
        figures = base_figures(request.deployment, price)
        return cls(request.without_traffic(), candidates_of(written, figures), written)

    @property
    def figures(self) -> Figures:
        """Those of the base chip."""
        return self.candidates.base

    def request(self, figures: Figures) -> EvaluationRequest:
        """What is asked of a chip with these figures: the same but for the hardware."""
        deployed = deployed_on(self.base.deployment, self.figures, figures)
        return replace(self.base, deployment=deployed)

    def snapshot(self) -> dict[str, Any]:
        """The request as JSON-able data with all presets resolved; reading it gives it back."""
        return {**self.base.snapshot(), "candidates": self.written}

    @cached_property
    def digest(self) -> str:
        """What two requests have in common if and only if they ask the same."""
        return sha256(f"{self.base.digest} {self.written!r}".encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CandidatesRequest) and self.digest == other.digest


def _check(request: EvaluationRequest) -> None:
    """Raises InvalidInput naming all that does not go with candidates."""
    constraints = request.search_constraints
    problems = []
    if constraints.serving is not ServingMode.AGGREGATED or request.manual_pools is not None:
        problems.append(
            FieldProblem(
                "search_constraints.serving",
                "must be aggregated with candidates: pools of hypothetical chips are not evaluated",
            )
        )
    if constraints.pareto is not None:
        problems.append(
            FieldProblem(
                "search_constraints.pareto",
                "does not go with candidates, which have a front of their own: throughput per chip "
                "against cost, or against TPOT without a price",
            )
        )
    if constraints.limit_percentile is not None:
        problems.append(
            FieldProblem(
                "search_constraints.limit_percentile",
                "does not go with candidates, for which no single requests are simulated",
            )
        )
    if problems:
        raise InvalidInput(problems)
