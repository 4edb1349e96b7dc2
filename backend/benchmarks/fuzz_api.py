"""Generated requests against every operation of the OpenAPI document: none may end in a 5xx.

    python -m benchmarks.fuzz_api [--cases 50000] [--url http://127.0.0.1:8001]

Half of the requests fit the document, half break it somewhere. Without a URL, a server of its own
runs on an empty database meanwhile.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def fuzz(url: str, cases: int, *, chance: int = 0) -> Counter[int]:
    """How many answers of each status there were; raises at the first that breaks the document."""
    document = requests.get(f"{url}/openapi.json", timeout=60).json()
    schema: Any = schemathesis.openapi.from_url(f"{url}/openapi.json")
    asked = [
        (operation, mode)
        for operation in (result.ok() for result in schema.get_all_operations())
        for mode in _modes(document["paths"][operation.path][operation.method])
    ]
    statuses: Counter[int] = Counter()
    with requests.Session() as session:
        while (left := cases - statuses.total()) > 0:
            # Some operations have few different requests: the others make up for it next time.
            share = -(-left // len(asked))
            for operation, mode in asked:
                _fuzz_one(operation, mode, session, statuses, cases=share, chance=chance)
            chance += 1
    return statuses


def _modes(operation: dict[str, Any]) -> tuple[GenerationMode, ...]:
    """An operation that takes nothing, or any text at all, can't be asked wrongly."""
    fallible = "requestBody" in operation or any(
        parameter["in"] == "query" or parameter["schema"].get("type") != "string"
        for parameter in operation.get("parameters", ())
    )
    return tuple(GenerationMode) if fallible else (GenerationMode.POSITIVE,)


def _fuzz_one(
    operation: Any,
    mode: GenerationMode,
    session: requests.Session,
    statuses: Counter[int],
    *,
    cases: int,
    chance: int,
) -> None:
    @seed(chance)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = case.call(session=session, timeout=60)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    with suppress(Unsatisfiable):
        ask()


@contextmanager
def _own_server() -> Iterator[str]:
    from tests.service.running_server import RunningServer

    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder))
        try:
            yield server.base_url
        finally:
            server.stop()


def main() -> None:
    """Runs it and prints the answers' statuses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--url")
    parser.add_argument("--chance", type=int, default=0, help="another seed, other requests")
    options = parser.parse_args()
    begun = time.monotonic()
    if options.url:
        statuses = fuzz(options.url, options.cases, chance=options.chance)
    else:
        with _own_server() as url:
            statuses = fuzz(url, options.cases, chance=options.chance)
    seconds = time.monotonic() - begun
    print(f"{statuses.total():,} requests in {seconds:.0f} s: {dict(sorted(statuses.items()))}")


if __name__ == "__main__":
    main()
