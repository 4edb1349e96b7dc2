"""Who may use the service, and what it tells those who may not."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from typer.testing import CliRunner
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from llm_simulator.api.app import create_app
from llm_simulator.api.body import StrictRoute
from llm_simulator.cli.main import app as cli
from llm_simulator.security.tokens import hashed
from llm_simulator.settings import Settings
from tests.service.running_server import PATIENCE, RunningServer, client_of, eventually
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, refused
from tests.service.test_live import received

SUBMIT = f"{EVALUATION}/submit"


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the guarded server has its database."""
    return tmp_path_factory.mktemp("guarded")


@pytest.fixture(scope="module")
def token(data_dir: Path) -> str:
    """A token from the command line."""
    return run(data_dir, "create", "first").strip()


@pytest.fixture(scope="module")
def guarded(data_dir: Path, token: str) -> Iterator[RunningServer]:
    """A server that has tokens, a name, and a short queue that nothing leaves."""
    assert token
    limits = {"TIER6_MAX_QUEUED_TASKS": "1", "TIER6_MAX_RUNNING_TASKS": "1"}
    names = {"TIER6_ALLOWED_HOSTS": "Tier6.Example.,", "TIER6_MAX_SEARCH_PLANS": "1000"}
    server = RunningServer(data_dir, TIER6_WORKERS="1", **limits, **names)
    yield server
    server.tear_down()


def run(data_dir: Path, *words: str, code: int = 0, database: str | None = None) -> str:
    """What ``tier6 token`` prints."""
    environment = {"TIER6_DATA_DIR": str(data_dir), "TIER6_DATABASE_URL": database}
    result = CliRunner().invoke(cli, ["token", *words], env=environment)
    assert result.exit_code == code, result.output
    return result.output


def test_a_token_is_needed_for_the_api_and_not_for_the_page(
    guarded: RunningServer, token: str
) -> None:
    with client_of(guarded) as client:
        refusals: list[Any] = [{}, bearer(token[:-1]), {"Authorization": b"Bearer \xff\xfe"}]
        for headers in refusals:
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
    guarded: RunningServer, token: str
) -> None:
    offers: list[dict[str, Any]] = [
        {"additional_headers": bearer(token)},
        {"subprotocols": ["tier6", f"token.{token}"]},
    ]
    for offer in offers:
        with connect(guarded.ws_url, **offer) as live:
            assert received(live)["type"] == "snapshot"
            assert live.subprotocol == ("tier6" if "subprotocols" in offer else None)
    refusals: list[Any] = [{}, {"subprotocols": ["tier6", "token.wrong"]}]
    for offer in refusals:
        with pytest.raises(InvalidStatus) as refusal:
            connect(guarded.ws_url, **offer)
        assert refusal.value.response.status_code == 401
    assert token not in guarded.log.read_text()


def test_tokens_come_and_go_while_the_server_runs(
    guarded: RunningServer, data_dir: Path, token: str
) -> None:
    other = run(data_dir, "create", "other").strip()
    with client_of(guarded) as client:

        def status(token: str) -> int:
            return client.get("/metrics", headers=bearer(token)).status_code

        eventually(lambda: status(other) == 200, "the new token is good")
        listed = run(data_dir, "list")
        assert "first" in listed
        assert "other" in listed
        assert other not in listed
        with connect(guarded.ws_url, additional_headers=bearer(other)) as live:
            assert received(live)["type"] == "snapshot"
            run(data_dir, "revoke", "other")
            with pytest.raises(ConnectionClosedError) as end:
                live.recv(PATIENCE)
            assert end.value.rcvd
            assert end.value.rcvd.code == 1008
        assert status(other) == 401
        assert client.get(f"{EVALUATION}/tasks", headers=bearer(token)).status_code == 200


def test_only_hashes_of_tokens_are_stored(
    guarded: RunningServer, data_dir: Path, token: str
) -> None:
    stored = b"".join(file.read_bytes() for file in data_dir.glob(f"{guarded.database.name}*"))
    assert hashed(token).encode() in stored
    assert token.encode() not in stored
    run(data_dir, "create", "first", code=1)
    run(data_dir, "revoke", "unknown", code=1)


@contextmanager
def serving(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of the server, both for as long as the block runs."""
    try:
        with client_of(server) as client:
            yield client
    finally:
        server.tear_down()


def test_what_is_guarded_stays_guarded_until_it_is_switched_off(tmp_path: Path) -> None:
    with serving(RunningServer(tmp_path, TIER6_WORKERS="1")) as client:

        def status(**headers: str) -> int:
            return client.get(f"{EVALUATION}/tasks", headers=headers).status_code

        assert status() == 200
        # A proxy on this machine speaks for others.
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            assert status(**{header: "for=10.0.0.1"}) == 401
        run(tmp_path, "create", "only")
        eventually(lambda: status() == 401, "the first token guards")
        assert "guard off" in run(tmp_path, "revoke", "only")
        other = run(tmp_path, "create", "other").strip()
        eventually(lambda: status(**bearer(other)) == 200, "the other token is good")
        assert status() == 401
        run(tmp_path, "revoke", "other")
        eventually(lambda: status(**bearer(other)) == 401, "the last token is revoked")
        assert status() == 401
        run(tmp_path, "guard", "off")
        eventually(lambda: status() == 200, "the guard is off")
        assert status(**{"X-Forwarded-For": "10.0.0.1"}) == 401


def test_a_token_of_one_server_guards_all_on_its_database(
    postgresql_url: str, tmp_path: Path
) -> None:
    url = postgresql_url
    server = RunningServer(tmp_path / "b", TIER6_DATABASE_URL=url, TIER6_WORKERS="1")
    with serving(server) as client:
        assert client.get("/metrics").status_code == 200
        token = run(tmp_path / "a", "create", "made beside a", database=url).strip()
        eventually(lambda: client.get("/metrics").status_code == 401, "b is guarded")
        assert client.get("/metrics", headers=bearer(token)).status_code == 200


def test_the_file_of_an_older_version_guards_the_service(tmp_path: Path) -> None:
    record = {"name": "old", "sha256": hashed("secret"), "created_at": "2026-01-01T00:00:00Z"}
    file = tmp_path / "tokens.json"
    file.write_text(json.dumps([record]))
    with serving(RunningServer(tmp_path, TIER6_WORKERS="1")) as client:
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers=bearer("secret")).status_code == 200
    assert not file.exists()
    file.write_text("[{]")
    run(tmp_path, "list", code=1)


def test_a_page_of_another_site_changes_nothing(client: httpx.Client) -> None:
    evil = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    for origin in (evil["Origin"], "null", "http://localhost:3100.evil"):
        for address in ("queue/pause", "experiments/import", "submit"):
            content = "" if address == "queue/pause" else "{}"
            headers = evil | {"Origin": origin}
            answer = client.post(f"{EVALUATION}/{address}", content=content, headers=headers)
            refused(answer, 403, "foreign_origin")
            assert "TIER6_ALLOWED_ORIGINS" in answer.json()["error"]["message"]
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site}
        refused(client.post(f"{EVALUATION}/queue/pause", headers=headers), 403, "foreign_origin")
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = client.post(f"{EVALUATION}/submit", content="{}", headers={"Content-Type": kind})
        refused(answer, 415, "invalid_input")
    assert client.get(f"{EVALUATION}/queue").json()["paused"] is False


def test_our_own_page_may_do_everything_whatever_our_name(
    guarded: RunningServer, token: str
) -> None:
    page = {"Origin": "https://tier6.example", "Host": "TIER6.example"} | bearer(token)
    with client_of(guarded) as client:
        for headers in (page, bearer(token) | {"Origin": "http://localhost:3100"}):
            answer = client.post(f"{EVALUATION}/queue/resume", headers=headers)
            assert answer.status_code == 200, answer.text
    raw = socket.create_connection(("127.0.0.1", guarded.port))
    origin = Origin("https://tier6.example")
    address = "ws://tier6.example/ws/tasks"
    with connect(address, sock=raw, origin=origin, additional_headers=bearer(token)) as live:
        assert received(live)["type"] == "snapshot"


def test_a_refused_origin_is_told_to_the_page_and_to_the_log(own_server: RunningServer) -> None:
    for offered in (None, [Subprotocol("tier6")]):
        origin = Origin("https://evil.example")
        with connect(own_server.ws_url, origin=origin, subprotocols=offered) as live:
            with pytest.raises(ConnectionClosedError) as end:
                live.recv(PATIENCE)
            assert end.value.rcvd is not None
            assert end.value.rcvd.code == 4403
            assert end.value.rcvd.reason == "TIER6_ALLOWED_ORIGINS lacks https://evil.example"
    assert "https://evil.example" in own_server.log.read_text()


def test_a_full_queue_is_429(guarded: RunningServer, token: str) -> None:
    for worker in guarded.workers():
        os.kill(worker, signal.SIGSTOP)
    with client_of(guarded) as client:
        client.headers.update(bearer(token))
        answers = [client.post(SUBMIT, json=quick(f"queue {n}")) for n in range(3)]
        full = next(answer for answer in answers if answer.status_code != 200)
        refused(full, 429, "queue_full")
        assert int(full.headers["retry-after"]) > 0


def test_a_search_beyond_the_limit_names_it(guarded: RunningServer, token: str) -> None:
    with client_of(guarded) as client:
        large = quick("large", model="deepseek-v3", topology="pod-64", hardware="h200-sxm")
        answer = client.post(SUBMIT, json=large, headers=bearer(token))
    assert refused(answer, 422, "invalid_input") == ["search_constraints"]


def test_another_name_for_our_address_is_not_answered(
    client: httpx.Client, guarded: RunningServer
) -> None:
    refused(client.get("/", headers={"Host": "evil.example"}), 421, "invalid_input")
    assert client.get("/healthz", headers={"Host": "10.1.2.3:8001"}).status_code == 200
    with client_of(guarded) as other:
        for name in ("tier6.example:443", "TIER6.example", "tier6.example."):
            assert other.get("/healthz", headers={"Host": name}).status_code == 200


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
        assert "connect-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
    assert "script-src 'self' 'sha256-" in client.get("/docs").headers["content-security-policy"]
