"""The plan to explain, in any written form: degrees, pools, or a plan as a result shows it."""

from collections.abc import Mapping
from typing import Any

from pydantic import model_validator

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.results.plan import InfeasiblePlan, Plan, Pool
from llm_simulator.planner.specs.search import ManualParallelism
from llm_simulator.planner.specs.validation import PositiveInt, Spec, validated


def _without(data: Any, shown: set[str], known: set[str]) -> Any:
    """``data`` without the figures of a result that say nothing of how a plan is made."""
    if not isinstance(data, Mapping):
        return data
    return {name: part for name, part in data.items() if name in known or name not in shown}


class PoolGiven(Spec):
    """Equal instances of one plan."""

    instances: PositiveInt = 1
    parallelism: ManualParallelism
    batch: PositiveInt | None = None
    """Prompts of a step, or places, of an instance, as results show it; left out, what the load
    makes of it."""
    max_batch_size: PositiveInt | None = None
    """Requests that a data-parallel rank runs at once at most."""

    @model_validator(mode="before")
    @classmethod
    def _takes_a_shown_pool(cls, data: Any) -> Any:
        return _without(data, set(Pool.model_fields), set(cls.model_fields))


class PoolsGiven(Spec):
    """The pool that takes in prompts and the pool that decodes."""

    prefill: PoolGiven
    decode: PoolGiven

    @property
    def manual(self) -> dict[str, Any]:
        """The same as a request's ``manual_pools``."""
        return self.model_dump(exclude={"prefill": {"batch"}, "decode": {"batch"}})


class PlanGiven(Spec):
    """One plan: ``parallelism``, or ``pools``; a plan of a result is taken as it is."""

    parallelism: ManualParallelism | None = None
    pools: PoolsGiven | None = None
    batch_size: PositiveInt | None = None
    """Requests in flight; left out, those of the request, of several the best."""

    @model_validator(mode="before")
    @classmethod
    def _takes_a_shown_plan(cls, data: Any) -> Any:
        shown = {*Plan.model_fields, *InfeasiblePlan.model_fields}
        return _without(data, shown, set(cls.model_fields))


def plan_given(data: object) -> PlanGiven:
    """The plan that ``data`` says; raises InvalidInput."""
    given = validated(PlanGiven, data, "plan")
    if given.parallelism is None and given.pools is None:
        raise InvalidInput.at("plan", "needs parallelism: dp, tp, pp, ep, …, or pools")
    return given
