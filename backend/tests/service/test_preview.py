"""Previews over HTTP: the same figures as a task's, nothing stored, bounded, alive after deaths."""

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from llm_simulator.errors import Conflict, TookTooLong
from llm_simulator.evaluate import evaluate_request
from llm_simulator.executors.local import LocalExecutor
from llm_simulator.executors.previews import Previews, warm_up
from tests.service.running_server import RunningServer, client_of, eventually
from tests.service.submissions import long, quick
from tests.service.work import process_id

PREVIEW = "/api/evaluation/preview"
EVALUATIONS = 1_500


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with one preview worker and three places in line."""
    running = RunningServer(
        tmp_path_factory.mktemp("previews"),
        TIER6_WORKERS="1",
        TIER6_PREVIEW_WORKERS="1",
        TIER6_PREVIEW_QUEUE="3",
        # A busy machine may take longer than five seconds to start a worker.
        TIER6_PREVIEW_SECONDS="60",
        TIER6_PREVIEW_EVALUATIONS=str(EVALUATIONS),
    )
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def client(live: RunningServer) -> Iterator[httpx.Client]:
    """An HTTP client of that server."""
    with client_of(live) as http:
        yield http


def asked(**changes: Any) -> dict[str, Any]:
    """A small request, as a submission without a name."""
    body = quick(**changes)
    del body["experiment_name"]
    return body


def refused(client: httpx.Client, status: int, **changes: Any) -> dict[str, Any]:
    """The one offending field of a refused preview."""
    answer = client.post(PREVIEW, json=asked(**changes))
    assert answer.status_code == status, answer.text
    [problem] = answer.json()["error"]["fields"]
    return problem


def test_a_preview_is_what_an_evaluation_finds(client: httpx.Client) -> None:
    body = asked(search_constraints={"top_k": 3})
    answer = client.post(PREVIEW, json=body)
    assert answer.headers["content-encoding"] == "gzip"
    found, alone = answer.json(), evaluate_request(body).as_json()
    assert found["search_stats"]["evaluated_plans"] == alone["search_stats"]["evaluated_plans"]
    names = "rank parallelism engines refused_by chips ttft tpot throughput latency ttft_high"
    figures = names.split()
    for plan, expected in zip(found["top_k_plans"], alone["top_k_plans"], strict=True):
        assert {k: plan[k] for k in figures} == {k: expected.get(k) for k in figures}
    plain = client.post(PREVIEW, json=body, headers={"Accept-Encoding": "identity"})
    assert plain.json()["top_k_plans"] == found["top_k_plans"]


def test_a_preview_shows_five_plans_and_stores_nothing(client: httpx.Client) -> None:
    assert len(client.post(PREVIEW, json=asked()).json()["top_k_plans"]) == 5
    assert client.get("/api/evaluation/tasks").json()["total"] == 0
    assert client.get("/api/evaluation/experiments").json()["experiments"] == []


def test_a_larger_search_is_refused_with_the_way_out(client: httpx.Client) -> None:
    problem = refused(client, 422, model="deepseek-v3", topology="pod-64")
    assert f"1,823 evaluations, more than the {EVALUATIONS:,}" in problem["message"]
    assert "task" in problem["message"]


def test_single_requests_are_left_out_with_a_warning(client: httpx.Client) -> None:
    load = {"batch_size": 8, "input_seq_length": 128, "output_seq_length": 16, "traffic": {}}
    found = client.post(PREVIEW, json=asked(inference=load)).json()
    assert found["top_k_plans"][0]["simulated"] is None
    assert any("submit a task" in warning["message"] for warning in found["warnings"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"experiment_name": "x"}, "experiment_name"),
        ({"sweep": ["hardware=h200-sxm"]}, "sweep"),
        ({"hardware": "h1000"}, "hardware"),
        ({"inference": {"batch_size": -1}}, None),
        ({"search_constraints": {"top_k": 0}}, "search_constraints.top_k"),
        ({"search_constraints": {"limit_percentile": 99}}, "search_constraints.limit_percentile"),
        ({"search_constraints": 3}, "search_constraints"),
        ({"sensitivity": "much"}, "sensitivity"),
        ({"search_mode": "manual"}, "manual_parallelism"),
    ],
)
def test_nonsense_is_named(client: httpx.Client, changes: dict[str, Any], field: str) -> None:
    answer = client.post(PREVIEW, json=asked() | changes)
    assert answer.status_code == 422
    fields = [problem["field"] for problem in answer.json()["error"]["fields"]]
    assert field in fields or (field is None and "inference.batch_size" in fields)
    assert "Traceback" not in answer.text


def test_a_preview_survives_its_worker_s_death(client: httpx.Client, live: RunningServer) -> None:
    """With one worker for tasks and one for previews, both are killed."""
    workers = live.workers()
    assert len(workers) == 2
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert client.post(PREVIEW, json=asked()).status_code == 200
    eventually(lambda: len(live.workers()) == 2, "new workers")
    assert not set(live.workers()) & set(workers)


def test_a_full_line_is_refused_and_the_loop_stays_free(
    client: httpx.Client, live: RunningServer
) -> None:
    """Twenty at once on one worker: its turn, three places in line, the others are told."""
    freeze(live)
    with ThreadPoolExecutor(20) as users:
        answers = [users.submit(client.post, PREVIEW, json=asked()) for _ in range(20)]
        eventually(lambda: sum(a.done() for a in answers) >= 16, "the line is full")
        assert client.get("/healthz").status_code == 200
        thaw(live)
        codes = sorted(answer.result().status_code for answer in answers)
    assert codes == [200] * 4 + [429] * 16
    assert client.post(PREVIEW, json=asked()).status_code == 200


def freeze(server: RunningServer) -> None:
    """Stops every worker where it is."""
    eventually(lambda: len(server.workers()) == 2, "both workers")
    for pid in server.workers():
        os.kill(pid, signal.SIGSTOP)


def thaw(server: RunningServer) -> None:
    """Lets them go on."""
    for pid in server.workers():
        os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    """One worker without a server."""
    local = LocalExecutor(1, warm_up=warm_up)
    yield local
    local.close()


def answers(executor: LocalExecutor, *requests: dict[str, Any], **bounds: Any) -> list[Any]:
    """What comes of requests that arrive together, in their order."""

    async def together() -> list[Any]:
        previews = Previews(executor, **{"evaluations": 10**9, "queue": 9, "seconds": 60} | bounds)
        asked = [previews.content(zipped=False, **request) for request in requests]
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(together())


def test_a_newer_preview_of_a_client_replaces_those_that_wait(executor: LocalExecutor) -> None:
    names = ("page 1", "page 1", "page 2", None, None, "page 1")
    found = answers(executor, *({"body": asked(), "client": name} for name in names))
    # The first has its turn at once, so it is no longer waiting.
    assert [type(answer) for answer in found] == [bytes, Conflict, bytes, bytes, bytes, bytes]


def test_a_preview_that_takes_too_long_is_killed(executor: LocalExecutor) -> None:
    """Millions of plans take any machine longer than the second that is given."""
    before = executor.submit(process_id).result()
    endless = long()
    del endless["experiment_name"]
    [found] = answers(executor, {"body": endless, "client": None}, seconds=1)
    assert isinstance(found, TookTooLong)
    assert executor.submit(process_id).result() != before
    [found] = answers(executor, {"body": asked(), "client": None})
    assert isinstance(found, bytes)


def test_switched_off_previews_say_so(server: RunningServer) -> None:
    """The shared server of all other tests has none."""
    with client_of(server) as client:
        answer = client.post(PREVIEW, json=asked())
    assert answer.status_code == 409
    assert "submit a task" in answer.json()["error"]["message"]
