"""What a search asks of each plan."""

from dataclasses import dataclass

from llm_simulator.planner.search.limits import Limits
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.search import Objective


@dataclass(frozen=True)
class SearchProblem:
    """What a search asks of each plan: limits, what is better, and where to look."""

    deployment: Deployment
    limits: Limits
    objective: Objective
    top_k: int
    concurrencies: tuple[int, ...]
    """Ascending."""
    pareto: tuple[Objective, ...] = ()
    """Objectives of the front that is asked for, if any."""
    decode_deployment: Deployment | None = None
    """What decode pools run on, where that is another chip."""

    @property
    def decoding(self) -> Deployment:
        """What decode pools run on."""
        return self.decode_deployment or self.deployment
