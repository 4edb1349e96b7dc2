"""What lists look at, taken from a submission or a result when it is stored."""

from collections.abc import Mapping
from typing import Any

MOST_SEARCHED = 600
"""Letters of the text that is searched: an index of PostgreSQL takes 2,704 bytes a row."""


def task_search_columns(experiment_name: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that lists of tasks look at.

    >>> task_search_columns("My Test", {"model": {"name": "Qwen"}, "hardware": {"name": "h200"}})
    {'model_name': 'Qwen', 'search_text': 'my test\\nqwen\\nh200\\n'}
    """
    names = [_name(request.get(part)) for part in ("model", "hardware", "topology")]
    return {"model_name": names[0][:200], "search_text": _searched(experiment_name, *names)}


def experiment_search_columns(name: str, description: str | None) -> dict[str, Any]:
    """The column that lists of experiments look at."""
    return {"search_text": _searched(name, description or "")}


def folded(text: str) -> str:
    """The text as it is searched: capitals and their like make no difference."""
    return text.casefold()


def best_score(result: Mapping[str, Any]) -> float | None:
    """The score of the first plan; None when no plan is feasible."""
    return next((plan["score"] for plan in result["top_k_plans"]), None)


def _name(part: Any) -> str:
    return str(part.get("name") or "") if isinstance(part, Mapping) else ""


def _searched(*texts: str) -> str:
    return folded("\n".join(texts))[:MOST_SEARCHED]
