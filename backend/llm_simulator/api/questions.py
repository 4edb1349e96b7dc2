"""Routes of saved questions."""

from typing import Annotated

from fastapi import APIRouter, Path

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Serving
from llm_simulator.planner.evaluate import parse_request
from llm_simulator.schemas.lists import LARGEST_ID
from llm_simulator.schemas.questions import QuestionToSave, SavedQuestion, SavedQuestions
from llm_simulator.schemas.submission import ActionResult
from llm_simulator.task_manager.saved_questions import (
    delete_question,
    save_question,
    saved_questions,
)

router = APIRouter(prefix="/api/questions", tags=["questions"], route_class=StrictRoute)


@router.get("", responses=documented())
def questions(service: Serving) -> SavedQuestions:
    """The saved questions, by name."""
    stored = saved_questions(service.database)
    return SavedQuestions(questions=[SavedQuestion.model_validate(one) for one in stored])


@router.post("", responses=documented(409, 413, 422))
def save(body: QuestionToSave, service: Serving) -> SavedQuestion:
    """Keeps an evaluation under a name, in place of what had it; what can't be asked is refused."""
    request = body.evaluation()
    parse_request(request, service.catalogue)
    return SavedQuestion.model_validate(save_question(service.database, body.name, request))


@router.delete("/{question_id}", responses=documented(404, 422))
def delete(
    question_id: Annotated[int, Path(ge=1, le=LARGEST_ID)], service: Serving
) -> ActionResult:
    """Removes a saved question; what was asked with it stays."""
    delete_question(service.database, question_id)
    return ActionResult(success=True, message="Question deleted.")
