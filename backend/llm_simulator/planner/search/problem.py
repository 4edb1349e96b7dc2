"""What a search asks of each plan."""

from dataclasses import dataclass, replace
from functools import cached_property

from llm_simulator.planner.search.limits import Limits
from llm_simulator.planner.search.ranks import Ranks
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.search import Objective, Risk


@dataclass(frozen=True)
class SearchProblem:
    """What a search asks of each plan: limits, what is better, and where to look."""

    deployment: Deployment
    limits: Limits
    objective: Objective
    top_k: int
    concurrencies: tuple[int, ...]
    """Ascending; what disaggregated deployments and, unless ``per_replica``, plans are tried at."""
    pareto: tuple[Objective, ...] = ()
    """Objectives of the front that is asked for, if any."""
    decode_deployment: Deployment | None = None
    """What decode pools run on, where that is another chip."""

    risk: Risk = Risk.MEAN
    per_replica: tuple[int, ...] | None = None
    """Concurrencies of each independent replica of a plan, ascending, in place of the others."""
    fold: bool = False
    """Whether of plans that differ in the number of replicas alone the best stands for all."""

    @property
    def of_plans(self) -> tuple[int, ...]:
        """What aggregated plans are tried at."""
        return self.concurrencies if self.per_replica is None else self.per_replica

    @cached_property
    def ranks(self) -> Ranks:
        """The ranks of aggregated plans."""
        return Ranks(self.deployment)

    @property
    def cautious(self) -> bool:
        """Whether figures count that hold with 80 %."""
        return self.risk is Risk.CAUTIOUS

    def with_caution(self) -> "SearchProblem":
        """The search for the one plan that a cautious user would take."""
        return replace(self, risk=Risk.CAUTIOUS, top_k=1, pareto=())

    @property
    def decoding(self) -> Deployment:
        """What decode pools run on."""
        return self.decode_deployment or self.deployment
