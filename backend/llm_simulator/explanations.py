"""Why a plan is as fast as it is: the planner's explanation with the built-in catalogue."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.explain.explain import explain as explain_with
from llm_simulator.planner.explain.explanation import Explanation
from llm_simulator.planner.results.plan import InfeasiblePlan, Plan


def explain(
    request: Mapping[str, Any], plan: Mapping[str, Any] | Plan | InfeasiblePlan | None = None
) -> Explanation:
    """One plan under a request's load explained; a plan that does not fit is explained too.

    ``plan`` has ``parallelism`` or ``pools``, and ``batch_size`` where it is not the request's; a
    plan of a result is taken as it is. Left out, it is the request's own (manual mode). All sums
    are figures of the explanation's ``plan``. Raises InvalidInput naming what can't be read.

    >>> request = {"model": "llama-3.1-8b", "topology": "server-8", "hardware": "h100-sxm",
    ...     "inference": "chat"}
    >>> found = explain(request, {"parallelism": {"tp": 2}})
    >>> [phase.phase for phase in found.phases]
    ['prefill', 'decode']
    """
    given = plan.model_dump() if isinstance(plan, Plan | InfeasiblePlan) else plan
    body = {**request, **({} if given is None else {"plan": given})}
    return explain_with(body, builtin_catalogue())
