"""Checks an exported experiment, which may be anybody's work, before anything of it is stored."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, Any

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.planner.evaluate import stored_request
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.sweep_axes import axes_of
from llm_simulator.planner.results.plan import AnyPlan
from llm_simulator.planner.results.result import Findings
from llm_simulator.planner.specs.validation import validated
from llm_simulator.schemas.exchange import Archive, ArchivedTask
from llm_simulator.schemas.lists import LARGEST_ID
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.strict_json import strict_json

DEEPEST = 40
"""Levels of nesting; our own documents have ten."""
MOST_PROBLEMS = 20

PLAN: TypeAdapter[AnyPlan] = TypeAdapter(Annotated[AnyPlan, Field(discriminator="is_feasible")])
FINDINGS = TypeAdapter(Findings)


def checked_archive(document: bytes, catalogue: Catalogue, *, most_tasks: int) -> Archive:
    """What the document says, with every request complete.

    Raises InvalidInput naming what can't be read or is too much.
    """
    try:
        content = _content(document)
        if isinstance(content, dict) and isinstance(content.get("tasks"), list):
            _check_number(len(content["tasks"]), most_tasks)
        archive = validated(Archive, content, "archive")
        points = sum(_points(task.request) for task in archive.tasks)
        _check_number(len(archive.tasks) + points, most_tasks)
        _distinct([task.task_id for task in archive.tasks], "archive.tasks", "task_id")
        tasks = [
            _checked(task, f"archive.tasks[{number}]", catalogue)
            for number, task in enumerate(archive.tasks)
        ]
    except InvalidInput as error:
        raise InvalidInput(error.problems[:MOST_PROBLEMS]) from error
    return archive.model_copy(update={"tasks": tasks})


def _content(document: bytes) -> Any:
    """The document's content; raises InvalidInput where no database could hold it."""
    if rb"\u0000" in document:
        raise InvalidInput.at("archive", "contains the character NUL, which no text may have")
    try:
        return strict_json(document, DEEPEST, "archive")
    except orjson.JSONDecodeError as error:
        raise InvalidInput.at("archive", "is not valid JSON") from error


def _check_number(requests: int, most: int) -> None:
    if requests > most:
        raise InvalidInput.at(
            "archive.tasks",
            f"have {requests:,} requests, more than the {most:,} that one import may bring; raise "
            "TIER6_MAX_IMPORT_TASKS of the server",
        )


def _points(request: Mapping[str, Any]) -> int:
    """Points that reading the request looks at; a sweep of no readable axes has none."""
    calibration = request.get("calibration")
    if "sweep" not in request or (isinstance(calibration, Mapping) and "cases" in calibration):
        return 0
    try:
        return prod(len(axis.values) for axis in axes_of(request["sweep"]))
    except InvalidInput:
        return 0


def _checked(task: ArchivedTask, field: str, catalogue: Catalogue) -> ArchivedTask:
    if task.results and task.status is not TaskState.COMPLETED:
        raise InvalidInput.at(f"{field}.results", "only a completed task has results")
    for number, plan in enumerate(task.results):
        _check_plan(plan, f"{field}.results[{number}]")
    ranks = [plan["rank"] for plan in task.results if plan["is_feasible"]]
    _distinct(ranks, f"{field}.results", "rank")
    if task.findings is not None:
        _check_schema(FINDINGS, task.findings, f"{field}.findings")
    request = _complete(task.request, f"{field}.request", catalogue)
    return task.model_copy(update={"request": request})


def _complete(request: Mapping[str, Any], field: str, catalogue: Catalogue) -> dict[str, Any]:
    """The request with every preset resolved."""
    try:
        return stored_request(request, catalogue).snapshot()
    except InvalidInput as error:
        problems = [FieldProblem(f"{field}.{p.field}", p.message) for p in error.problems]
        raise InvalidInput(problems) from error


def _check_plan(plan: Mapping[str, Any], field: str) -> None:
    _check_schema(PLAN, plan, field)
    counts = {**plan["parallelism"], "chips": plan["chips"]}
    if plan["is_feasible"]:
        counts["rank"] = plan["rank"]
    for name, count in counts.items():
        if not 1 <= count <= LARGEST_ID:
            raise InvalidInput.at(f"{field}.{name}", f"must be from 1 to {LARGEST_ID:,}")


def _check_schema(schema: TypeAdapter[Any], content: object, field: str) -> None:
    """Refuses what does not fit, and a field that the schema lacks, unless it is empty.

    Plans that were stored earlier have the fields of both kinds of plans.
    """
    try:
        schema.validate_python(content, strict=True, extra="forbid")
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            unknown = problem["type"] == "extra_forbidden"
            if unknown and problem["input"] in (None, []):
                continue
            place = "".join(f".{part}" for part in problem["loc"] if isinstance(part, str))
            sentence = "is not a known field" if unknown else problem["msg"]
            raise InvalidInput.at(f"{field}{place}", sentence) from error


def _distinct(values: Sequence[Any], field: str, name: str) -> None:
    if len(set(values)) < len(values):
        raise InvalidInput.at(field, f"have the same {name} more than once")
