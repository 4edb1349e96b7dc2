"""Questions that people keep on the server, to be asked again and changed."""

from typing import Any

from llm_simulator.schemas.record import Moment, Record
from llm_simulator.schemas.submission import CountRequest, ExperimentName


class QuestionToSave(CountRequest):
    """An evaluation as it would be submitted, under a name; one of that name is replaced."""

    name: ExperimentName


class SavedQuestion(Record):
    """An evaluation as it was saved: names stay names."""

    id: int
    name: str
    request: dict[str, Any]
    updated_at: Moment


class SavedQuestions(Record):
    """All of them, by name."""

    questions: list[SavedQuestion]
