"""What a row repeats of its request or texts, so that lists need not read large columns."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.task_manager.rows.asked import asked, words_of

MOST_SEARCHED = 600
"""Letters of the text that is searched: an index of PostgreSQL takes 2,704 bytes a row."""
BETWEEN = " / "
"""Stands between the texts that are searched."""


def task_columns(experiment_name: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """A task's request, and the columns that follow from it.

    >>> request = {"model": {"name": "Qwen"}, "topology": {"name": "HGX"}, "search_mode": "auto"}
    >>> columns = task_columns("My  Test", request)
    >>> columns["model_name"], columns["search_text"]
    ('Qwen', 'my test / qwen /  / hgx')
    """
    names = [_name(request.get(part)) for part in ("model", "hardware", "topology")]
    question = asked(request)
    return {
        "request": request,
        "search_mode": request["search_mode"],
        "manual_parallelism": request.get("manual_parallelism"),
        "search_constraints": request.get("search_constraints"),
        "model_name": names[0][:200],
        "asked": question,
        "search_text": _searched(experiment_name, *names, *words_of(question)),
    }


def experiment_search_text(name: str, description: str | None) -> str:
    """What lists of experiments look for a text in."""
    return _searched(name, description or "")


def folded(text: str) -> str:
    """The text as it is searched: capitals and the kind of white space make no difference.

    >>> folded("Two\\nLines")
    'two lines'
    """
    return " ".join(text.casefold().split())


def best_score(result: Mapping[str, Any]) -> float | None:
    """The score of the first plan; None when no plan is feasible."""
    return next((plan["score"] for plan in result["top_k_plans"]), None)


def _name(part: Any) -> str:
    return str(part.get("name") or "") if isinstance(part, Mapping) else ""


def _searched(*texts: str) -> str:
    return BETWEEN.join(map(folded, texts))[:MOST_SEARCHED]
