"""Who may use the service, and what it tells those who may not."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from typer.testing import CliRunner
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

from llm_simulator.api.app import create_app
from llm_simulator.api.body import StrictRoute
from llm_simulator.cli.main import app as cli
from llm_simulator.settings import Settings
from tests.service.running_server import PATIENCE, RunningServer, client_of, eventually
from tests.service.submissions import long, quick
from tests.service.test_api import EVALUATION, refused
from tests.service.test_live import received

SUBMIT = f"{EVALUATION}/submit"


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the exposed server and the command line have their tokens."""
    return tmp_path_factory.mktemp("exposed")


@pytest.fixture(scope="module")
def token(data_dir: Path) -> str:
    """A token from the command line."""
    return run(data_dir, "create", "first").strip()


@pytest.fixture(scope="module")
def exposed(data_dir: Path, token: str) -> Iterator[RunningServer]:
    """A server on all addresses, which has tokens, and a short queue that nothing leaves."""
    assert token
    limits = {"TIER6_MAX_QUEUED_TASKS": "1", "TIER6_MAX_RUNNING_TASKS": "1"}
    names = {"TIER6_ALLOWED_HOSTS": "tier6.example", "TIER6_MAX_SEARCH_PLANS": "20000"}
    server = RunningServer(data_dir, TIER6_HOST="0.0.0.0", TIER6_WORKERS="1", **limits, **names)
    yield server
    server.kill()


def run(data_dir: Path, *words: str, code: int = 0) -> str:
    """What ``tier6 token`` prints."""
    result = CliRunner().invoke(cli, ["token", *words], env={"TIER6_DATA_DIR": str(data_dir)})
    assert result.exit_code == code, result.output
    return result.output


def test_a_token_is_needed_for_the_api_and_not_for_the_page(
    exposed: RunningServer, token: str
) -> None:
    with client_of(exposed) as client:
        for headers in ({}, bearer(token[:-1]), {"Authorization": b"Bearer \xff\xfe"}):
            for address in (f"{EVALUATION}/tasks", "/api/unknown", "/metrics"):
                answer = client.get(address, headers=headers)
                refused(answer, 401, "unauthorized")
                assert answer.headers["www-authenticate"] == "Bearer"
        assert client.get(f"{EVALUATION}/tasks", headers=bearer(token)).status_code == 200
        for address in ("/", "/healthz", "/docs", "/openapi.json"):
            assert client.get(address).status_code == 200
        preflight = {"Origin": "http://localhost:3100", "Access-Control-Request-Method": "GET"}
        asked = client.options(
            f"{EVALUATION}/tasks",
            headers=preflight | {"Access-Control-Request-Headers": "authorization"},
        )
        assert asked.status_code == 200


def test_a_websocket_brings_its_token_as_a_header_or_a_subprotocol(
    exposed: RunningServer, token: str
) -> None:
    offers: list[dict[str, Any]] = [
        {"additional_headers": bearer(token)},
        {"subprotocols": ["tier6", f"token.{token}"]},
    ]
    for offer in offers:
        with connect(exposed.ws_url, **offer) as live:
            assert received(live)["type"] == "snapshot"
            assert live.subprotocol == ("tier6" if "subprotocols" in offer else None)
    for offer in ({}, {"subprotocols": ["tier6", "token.wrong"]}):
        with pytest.raises(InvalidStatus) as refusal:
            connect(exposed.ws_url, **offer)  # pyright: ignore[reportArgumentType]
        assert refusal.value.response.status_code == 401
    assert token not in exposed.log.read_text()


def test_tokens_come_and_go_while_the_server_runs(
    exposed: RunningServer, data_dir: Path, token: str
) -> None:
    other = run(data_dir, "create", "other").strip()
    with client_of(exposed) as client:

        def status(token: str) -> int:
            return client.get("/metrics", headers=bearer(token)).status_code

        eventually(lambda: status(other) == 200, "the new token is good")
        listed = run(data_dir, "list")
        assert "first" in listed
        assert "other" in listed
        assert other not in listed
        with connect(exposed.ws_url, additional_headers=bearer(other)) as live:
            assert received(live)["type"] == "snapshot"
            run(data_dir, "revoke", "other")
            with pytest.raises(ConnectionClosedError) as end:
                live.recv(PATIENCE)
            assert end.value.rcvd
            assert end.value.rcvd.code == 1008
        assert status(other) == 401
        assert client.get(f"{EVALUATION}/tasks", headers=bearer(token)).status_code == 200


def test_tokens_are_stored_as_hashes_for_the_owner_only(data_dir: Path, token: str) -> None:
    file = data_dir / "tokens.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token not in file.read_text()
    run(data_dir, "create", "first", code=1)
    run(data_dir, "revoke", "unknown", code=1)


def test_a_full_queue_is_429(exposed: RunningServer, token: str) -> None:
    for worker in exposed.workers():
        os.kill(worker, signal.SIGSTOP)
    with client_of(exposed) as client:
        client.headers.update(bearer(token))
        answers = [client.post(SUBMIT, json=quick(f"queue {n}")) for n in range(3)]
        full = next(answer for answer in answers if answer.status_code != 200)
        refused(full, 429, "queue_full")
        assert int(full.headers["retry-after"]) > 0


def test_a_search_beyond_the_limit_names_it(exposed: RunningServer, token: str) -> None:
    with client_of(exposed) as client:
        answer = client.post(SUBMIT, json=long("huge"), headers=bearer(token))
    assert refused(answer, 422, "invalid_input") == ["search_constraints"]


def test_another_name_for_our_address_is_not_answered(
    client: httpx.Client, exposed: RunningServer
) -> None:
    refused(client.get("/", headers={"Host": "evil.example"}), 421, "invalid_input")
    assert client.get("/healthz", headers={"Host": "10.1.2.3:8001"}).status_code == 200
    with client_of(exposed) as other:
        named = other.get("/healthz", headers={"Host": "tier6.example:443"})
    assert named.status_code == 200


@pytest.mark.parametrize("opening", ['{"model":' * 40, "[" * 100_000])
def test_deep_nesting_is_refused(client: httpx.Client, opening: str) -> None:
    closing = {"{": "}", "[": "]"}[opening[0]] * opening.count(opening[0])
    body = f"{opening}1{closing}"
    answer = client.post(SUBMIT, content=body, headers={"Content-Type": "application/json"})
    refused(answer, 422, "invalid_input")
    assert "deeper" in answer.json()["error"]["message"]


def test_every_body_is_read_strictly() -> None:
    routes = [r for r in _routes(create_app(Settings()).router.routes) if r.body_field]
    assert routes
    assert [route.path for route in routes if not isinstance(route, StrictRoute)] == []


def _routes(routes: list[Any]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from _routes(route.original_router.routes)


def test_a_wrong_method_is_405_with_those_allowed(client: httpx.Client) -> None:
    for method, address, allowed in (
        ("GET", SUBMIT, "POST"),
        ("PUT", f"{EVALUATION}/tasks/some-task", "GET, PATCH, DELETE"),
        ("DELETE", "/healthz", "GET"),
    ):
        answer = client.request(method, address)
        refused(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == allowed
    refused(client.post("/api/nothing"), 404, "not_found")


def test_every_answer_has_the_browser_s_safety_headers(client: httpx.Client) -> None:
    for address in ("/", "/docs", f"{EVALUATION}/tasks", "/api/nothing"):
        headers = client.get(address).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
    assert "script-src 'self' 'sha256-" in client.get("/docs").headers["content-security-policy"]
