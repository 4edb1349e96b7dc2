"""Checks an exported experiment, which may be anybody's work, before anything of it is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.specs.validation import validated
from llm_simulator.schemas.exchange import Archive, ArchivedTask
from llm_simulator.schemas.lists import LARGEST_ID
from llm_simulator.schemas.plans import InfeasiblePlan, Plan
from llm_simulator.schemas.states import TaskState

DEEPEST = 40
"""Levels of nesting; our own documents have nine."""
MOST_PROBLEMS = 20

StoredPlan = TypeAdapter(Annotated[Plan | InfeasiblePlan, Field(discriminator="is_feasible")])


@dataclass(frozen=True)
class CheckedTask:
    """A task of an archive with its request read and its plans known to be plans."""

    task: ArchivedTask
    request: dict[str, Any]

    @property
    def completed(self) -> bool:
        """Whether it had come to results."""
        return self.task.status is TaskState.COMPLETED


def checked_archive(document: bytes, catalogue: Catalogue) -> tuple[Archive, list[CheckedTask]]:
    """What the document says; raises InvalidInput naming what can't be read."""
    try:
        archive = validated(Archive, _plain(document), "archive")
        tasks = [_checked(n, task, catalogue) for n, task in enumerate(archive.tasks)]
        _distinct([task.task_id for task in archive.tasks], "archive.tasks", "task_id")
    except InvalidInput as error:
        raise InvalidInput(error.problems[:MOST_PROBLEMS]) from error
    return archive, tasks


def _plain(document: bytes) -> Any:
    """The document's content; raises InvalidInput where no database could hold it."""
    try:
        content = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise InvalidInput.at("archive", "is not valid JSON") from error
    if rb"\u0000" in document:
        raise InvalidInput.at("archive", "contains the character NUL, which no text may have")
    level = [content]
    for _ in range(DEEPEST):
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return content
    raise InvalidInput.at("archive", f"is nested more than {DEEPEST} levels deep")


def _parts(whole: Any) -> Iterator[Any]:
    parts = whole.values() if isinstance(whole, dict) else whole if isinstance(whole, list) else ()
    return (part for part in parts if isinstance(part, dict | list))


def _checked(position: int, task: ArchivedTask, catalogue: Catalogue) -> CheckedTask:
    field = f"archive.tasks[{position}]"
    try:
        request = EvaluationRequest.parse(task.request, catalogue)
    except InvalidInput as error:
        raise InvalidInput(
            [FieldProblem(f"{field}.request.{p.field}", p.message) for p in error.problems]
        ) from error
    if task.results and task.status is not TaskState.COMPLETED:
        raise InvalidInput.at(f"{field}.results", "only a completed task has results")
    for number, plan in enumerate(task.results):
        _check_plan(f"{field}.results[{number}]", plan)
    ranks = [plan["rank"] for plan in task.results if plan["is_feasible"]]
    _distinct(ranks, f"{field}.results", "rank")
    return CheckedTask(task, request.snapshot())


def _check_plan(field: str, plan: Mapping[str, Any]) -> None:
    try:
        checked = StoredPlan.validate_python(plan, strict=True)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"][1:])
        raise InvalidInput.at(
            f"{field}.{place}".rstrip("."), str(error.errors()[0]["msg"])
        ) from error
    counts = {**checked.parallelism.model_dump(), "chips": checked.chips}
    if isinstance(checked, Plan):
        counts["rank"] = checked.rank
    for name, count in counts.items():
        if not 1 <= count <= LARGEST_ID:
            raise InvalidInput.at(f"{field}.{name}", f"must be from 1 to {LARGEST_ID:,}")


def _distinct(values: list[Any], field: str, name: str) -> None:
    if len(set(values)) < len(values):
        raise InvalidInput.at(field, f"have the same {name} more than once")
