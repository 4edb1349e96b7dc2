"""What would fit where nothing does: the nearest plan's smallest changes, each evaluated."""

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.explain.case import case_of, parts_read
from llm_simulator.planner.explain.changes import changes_of
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.results.change import Change
from llm_simulator.planner.results.plan import InfeasiblePlan


def ways_out(
    request: EvaluationRequest, nearest: InfeasiblePlan, catalogue: Catalogue
) -> list[Change]:
    """The changes of the request after which the plan keeps all limits, as its explanation has
    them; none where it can't be explained."""
    read = parts_read(request.deployment)
    body = request.snapshot() | read | {"plan": nearest.model_dump()}
    try:
        case = case_of(body, catalogue)
    except InvalidInput:
        return []
    return [change for change in changes_of(case, case.shown(), body, catalogue) if change.works]
