"""Schema steps up and down, with data in the tables, on SQLite and on PostgreSQL."""

import lzma
import zlib
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, insert, select, text

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.database import POOL_OVERFLOW, POOL_SIZE, Database
from llm_simulator.errors import Conflict
from llm_simulator.migrations import FOLDER, downgrade, upgrade
from llm_simulator.planner.evaluate import parse_request
from llm_simulator.schemas.lists import TaskQuery
from llm_simulator.schemas.tasks import TaskResults
from llm_simulator.stored.points import GZIP
from llm_simulator.stored.snapshots import unpacked_snapshot
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.task_rows import Submission
from tests.service.postgres import fresh_database
from tests.service.running_server import RunningServer, client_of
from tests.service.submissions import quick
from tests.service.test_store import claimed, result, submission


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind without any table of ours."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        url = request.getfixturevalue("postgresql_url")
    opened = Database.open(url)
    downgrade(opened, "base")
    yield opened
    downgrade(opened, "base")
    opened.close()


def contents(database: Database) -> dict[str, Any]:
    """Every row of the guide's tables, by columns of the first schema."""
    columns = {
        "experiments": "id, name, description, total_tasks, created_at",
        "evaluation_tasks": "id, task_id, status, request",
        "evaluation_results": "id, task_id, rank, score, tp",
    }
    with database.reading() as session:
        return {
            table: [
                {name: read(value) for name, value in row._asdict().items()}
                for row in session.execute(text(f"SELECT {names} FROM {table} ORDER BY id"))
            ]
            for table, names in columns.items()
        }


def read(stored: Any) -> Any:
    """A column's value; a task's request is the same before and after requests were packed."""
    if isinstance(stored, bytes):
        return unpacked_snapshot(stored)
    if isinstance(stored, str) and stored.startswith("{"):
        return orjson.loads(stored)
    return stored


def filled(database: Database) -> TaskStore:
    """A store with tasks, one of them completed with results."""
    store = TaskStore(database)
    for name in ("Früh", "late"):
        store.create(submission(name, model="Llama"))
    assert store.complete(claimed(store), result(), message="Done")
    return store


def test_steps_down_and_up_again_lose_no_task_and_no_result(bare: Database) -> None:
    upgrade(bare)
    filled(bare)
    before = contents(bare)
    assert [len(rows) for rows in before.values()] == [2, 2, 2]
    downgrade(bare, "0002")
    assert contents(bare) == before
    upgrade(bare)
    assert contents(bare) == before
    [found] = History(bare).tasks(TaskQuery(text="FRÜH")).tasks
    assert (found.model_name, found.best_score, found.pinned, found.tags) == (
        "Llama",
        1.5,
        False,
        [],
    )


def test_texts_that_are_searched_are_brought_into_one_line(bare: Database) -> None:
    upgrade(bare)
    filled(bare)
    downgrade(bare, "0005")
    with bare.writing() as session:
        old = "UPDATE evaluation_tasks SET search_text = :text WHERE id = 1"
        session.execute(text(old), {"text": "früh\nllama  3\nh\nt"})
    upgrade(bare)
    with bare.reading() as session:
        rows = session.execute(text("SELECT search_text FROM evaluation_tasks ORDER BY id"))
        assert rows.scalars().all() == ["früh / llama 3 / h / t", "late / llama / h / t"]


def test_what_older_tasks_were_asked_is_found_in_their_requests(bare: Database) -> None:
    """A stored task says the same whether it was submitted before or after there was a column."""
    upgrade(bare)
    store, history = TaskStore(bare), History(bare)
    catalogue = builtin_catalogue()
    bodies = [
        quick(sweep=["inference.input_seq_length=1024,2048"]),
        quick(candidates={"grid": {"memory_bandwidth": [1, 2]}}),
        quick(model="qwen3-235b-a22b", hardware="h20", search_constraints={"max_tpot_ms": 30}),
    ]
    for body in bodies:
        snapshot = parse_request({n: body[n] for n in body.keys() - {"experiment_name"}}, catalogue)
        store.create(Submission(body["experiment_name"], None, snapshot.snapshot()))

    def told() -> list[Any]:
        texts = "SELECT search_text FROM evaluation_tasks ORDER BY id"
        with bare.reading() as session:
            searched = session.execute(text(texts)).scalars().all()
        return [[task.asked for task in history.tasks(TaskQuery()).tasks], searched]

    before = told()
    downgrade(bare, "0009")
    upgrade(bare)
    assert told() == before
    [found] = history.tasks(TaskQuery(text="QWEN3 8xh20 1k")).tasks
    assert found.asked is not None
    assert (found.asked.chips, found.asked.input_tokens, found.asked.max_tpot_ms) == (8, 1024, 30)


OLD = Path(__file__).parent / "databases" / "0009.db.xz"
"""As the last version before step 0010 left it: a search with pools, a sweep, a search without a
plan, a task that failed and one that waits."""


def old_rows(folder: Path, bare: Database) -> dict[str, list[dict[str, Any]]]:
    """The rows of the old database by table, copied into ``bare``, which is of that step."""
    file = folder / "old.db"
    file.write_bytes(lzma.decompress(OLD.read_bytes()))
    engine, there, here = create_engine(f"sqlite:///{file}"), MetaData(), MetaData()
    there.reflect(engine)
    downgrade(bare, "0009")
    here.reflect(bare.engine)
    with engine.connect() as old, bare.writing() as new:
        rows = {
            table.name: [row._asdict() for row in old.execute(select(table))]
            for table in there.sorted_tables
            if table.name != "alembic_version"
        }
        for name in (table.name for table in there.sorted_tables if rows.get(table.name)):
            new.execute(insert(here.tables[name]), rows[name])
    engine.dispose()
    return rows


def test_an_old_database_keeps_every_plan_and_finding(bare: Database, tmp_path: Path) -> None:
    upgrade(bare)
    rows = old_rows(tmp_path, bare)
    upgrade(bare)
    seen = 0
    for task in rows["evaluation_tasks"]:
        found = History(bare).results(task["task_id"])
        plans = [row for row in rows["evaluation_results"] if row["task_id"] == task["id"]]
        shown = TaskResults.model_validate(
            {
                **task,
                **(task["findings"] or {}),
                "warnings": task["warnings"] or [],
                "experiment_name": found.experiment_name,
                "top_k_plans": [row["full_result"] for row in plans if row["is_feasible"]],
                "infeasible_plans": [row["full_result"] for row in plans if not row["is_feasible"]],
            }
        )
        assert found == shown
        seen += len(plans)
    assert seen == len(rows["evaluation_results"]) > 20
    with bare.reading() as session:
        named = session.execute(text("SELECT CAST(full_result AS TEXT) FROM evaluation_results"))
        assert all(orjson.loads(each)["batch_size"] for each in named.scalars())
    downgrade(bare, "0012")
    with bare.reading() as session:
        # What SQLite's shell reads with sqlar_uncompress(data, size).
        details = session.execute(text("SELECT size, data FROM evaluation_details")).all()
        assert all(len(zlib.decompress(row.data)) == row.size for row in details)
    downgrade(bare, "0009")
    with bare.reading() as session:
        results = MetaData()
        results.reflect(bare.engine, only=["evaluation_results"])
        table = results.tables["evaluation_results"]
        back = session.execute(select(table).order_by(table.c.id)).mappings()
        assert [row["full_result"] for row in back] == [
            row["full_result"] for row in rows["evaluation_results"]
        ]
    upgrade(bare)


POINTS = Path(__file__).parent / "databases" / "points_before_0015.json.xz"
"""The same points in each of the forms that there were, and as they are sent."""


@pytest.mark.parametrize("form", ["xz", "zlib", "gzip"])
def test_older_points_are_sent_as_they_were(bare: Database, form: str) -> None:
    upgrade(bare)
    filled(bare)
    [task] = [one for one in History(bare).tasks(TaskQuery()).tasks if one.status == "completed"]
    downgrade(bare, "0014")
    given = orjson.loads(lzma.decompress(POINTS.read_bytes()))
    stored, sent = given["forms"][form], b64decode(given["sent"])
    row = {"layout": orjson.dumps(stored["layout"]).decode(), "data": b64decode(stored["data"])}
    done = "SELECT id, :layout, :data FROM evaluation_tasks WHERE status = 'completed'"
    insertion = text(f"INSERT INTO evaluation_points (task_id, layout, data) {done}")
    with bare.writing() as session:
        session.execute(insertion, row)
    upgrade(bare)
    assert zlib.decompress(History(bare).point_data(task.task_id) or b"", GZIP) == sent
    downgrade(bare, "0014")
    with bare.reading() as session:
        data = session.execute(text("SELECT data FROM evaluation_points")).scalar_one()
    assert zlib.decompress(data, GZIP) == sent
    upgrade(bare)


def test_every_step_goes_down_to_an_empty_database(bare: Database) -> None:
    upgrade(bare)
    filled(bare)
    downgrade(bare, "0001")
    assert [len(rows) for rows in contents(bare).values()] == [2, 2, 2]
    downgrade(bare, "base")
    upgrade(bare)
    assert [len(rows) for rows in contents(bare).values()] == [0, 0, 0]


def test_a_newer_schema_is_refused_in_one_sentence(bare: Database) -> None:
    upgrade(bare)
    with bare.changing_schema() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="newer Tier6"):
        upgrade(bare)
    with bare.changing_schema() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    # Tables without a version: a backup that was restored in part.
    with pytest.raises(Conflict, match="can't be brought to this version's schema"):
        upgrade(bare)
    newest = ScriptDirectory(str(FOLDER)).get_current_head()
    with bare.changing_schema() as connection:
        connection.execute(text(f"INSERT INTO alembic_version VALUES ('{newest}')"))


def test_servers_started_together_on_a_fresh_database_all_start(
    postgresql_server: str, tmp_path: Path
) -> None:
    def started(name: str, url: str) -> RunningServer:
        return RunningServer(tmp_path / name, TIER6_DATABASE_URL=url, TIER6_WORKERS="1")

    for turn in range(4):
        url = fresh_database(postgresql_server)
        with ThreadPoolExecutor() as pool:
            servers = list(pool.map(lambda n, u=url, t=turn: started(f"{t}-{n}", u), range(2)))
        for server in servers:
            with client_of(server) as client:
                assert client.get("/readyz").status_code == 200
            server.kill()


def test_what_holds_connections_does_not_stop_tasks(database: Database) -> None:
    of_tasks = database.with_own_pool(2)
    with ExitStack() as held:
        for _ in range(POOL_SIZE + POOL_OVERFLOW):
            held.enter_context(database.engine.connect())
        with of_tasks.reading() as session:
            assert session.execute(text("SELECT 1")).scalar() == 1
    of_tasks.close()
