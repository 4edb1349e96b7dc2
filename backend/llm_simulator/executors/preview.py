"""What a preview worker runs: a whole small evaluation, its answer ready to be sent."""

import zlib
from collections.abc import Mapping
from typing import Any, TypedDict

import orjson

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import InvalidInput
from llm_simulator.executors.envelope import Envelope, enveloped
from llm_simulator.planner.evaluate import preview

FAST = 1
GZIP = 31
"""zlib's level and its word for the gzip format."""


class PreviewAnswer(TypedDict):
    """A result as JSON, or each offending field with what is wrong with it."""

    content: bytes
    problems: list[tuple[str, str]]


def previewed(body: Mapping[str, Any], most: int, zipped: bool) -> Envelope:
    """A PreviewAnswer to a request of at most ``most`` evaluations, compressed if ``zipped``.

    Written and compressed here: the server's event loop only hands it on.
    """
    return enveloped(_answer, body, most, zipped)


def _answer(body: Mapping[str, Any], most: int, zipped: bool) -> PreviewAnswer:
    try:
        content = orjson.dumps(preview(body, most, builtin_catalogue()))
    except InvalidInput as error:
        problems = [(problem.field, problem.message) for problem in error.problems]
        return PreviewAnswer(content=b"", problems=problems)
    return PreviewAnswer(
        content=zlib.compress(content, FAST, GZIP) if zipped else content, problems=[]
    )
