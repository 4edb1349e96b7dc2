"""What several test modules use: a running server, its client, and both databases."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from llm_simulator.database import Database
from llm_simulator.migrations import upgrade
from tests.service.postgres import emptied, fresh_database, running_postgresql
from tests.service.running_server import RunningServer, client_of

# Timing never decides a test: another one may have the processor.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server shared by tests that leave it running."""
    running = RunningServer(tmp_path_factory.mktemp("server"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """An HTTP client of the shared server."""
    with client_of(server) as http:
        yield http


@pytest.fixture(scope="session")
def previews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """An HTTP client of a server that answers at once, with one worker of each kind."""
    running = RunningServer(
        tmp_path_factory.mktemp("previews"),
        TIER6_WORKERS="1",
        TIER6_PREVIEW_WORKERS="1",
        TIER6_PREVIEW_SECONDS="60",
    )
    with client_of(running) as http:
        yield http
    assert running.stop() == 0


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that one test may kill."""
    running = RunningServer(tmp_path / "data", TIER6_WORKERS="2")
    yield running
    running.kill()


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own."""
    with running_postgresql(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """An empty database on PostgreSQL."""
    return fresh_database(postgresql_server)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind, with the newest schema."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        url = request.getfixturevalue("postgresql_server")
    opened = Database.open(url)
    try:
        upgrade(opened)
        yield opened
        if opened.shared:
            emptied(opened)
    finally:
        opened.close()
