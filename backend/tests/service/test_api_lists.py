"""Lists, labels and batches over real HTTP."""

import httpx
import pytest

from tests.service.submissions import long, quick
from tests.service.test_api import EVALUATION, ended, refused, submitted, task


def test_a_list_is_read_page_by_page(client: httpx.Client) -> None:
    ids = [submitted(client, quick("paged")) for _ in range(5)]
    for task_id in ids:
        ended(client, task_id)
    query = {"experiment_name": "paged", "limit": 2, "status": ["completed", "failed"]}
    pages, cursor = [], None
    while True:
        params = query if cursor is None else query | {"cursor": cursor}
        page = client.get(f"{EVALUATION}/tasks", params=params).raise_for_status().json()
        assert page["total"] == 5
        pages += [item["task_id"] for item in page["tasks"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == ids[::-1]
    assert all(item["best_score"] > 0 for item in page["tasks"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cursor=abc", "cursor"),
        ("sort=colour", "sort"),
        ("order=up", "order"),
        ("created_after=yesterday", "created_after"),
        ("created_after=0001-01-01T00:00:01%2B00:01", "created_after"),
        ("status=completed&status=lost", "status"),
        ("text=", "text"),
        ("tag=%00", "tag"),
        ("experiment_id=99999999999", "experiment_id"),
    ],
)
def test_an_unreadable_question_names_its_field(
    client: httpx.Client, query: str, field: str
) -> None:
    answer = client.get(f"{EVALUATION}/tasks?{query}")
    assert refused(answer, 422, "invalid_input") == [field]


def test_tags_and_pins_are_set_and_taken_back(client: httpx.Client) -> None:
    task_id = submitted(client, quick("labelled"))
    ended(client, task_id)
    url = f"{EVALUATION}/tasks/{task_id}"
    labelled = client.patch(url, json={"tags": [" b", "a", "b"], "pinned": True}).json()
    assert (labelled["tags"], labelled["pinned"]) == (["a", "b"], True)
    assert client.patch(url, json={"tags": []}).json()["tags"] == []
    assert task(client, task_id)["pinned"] is True
    for body in ({"tags": ["x" * 51]}, {"tags": ["a\x00"]}, {"tags": [f"{n}" for n in range(21)]}):
        assert refused(client.patch(url, json=body), 422, "invalid_input") == ["tags"]
    refused(client.patch(f"{EVALUATION}/tasks/unknown", json={}), 404, "not_found")


def test_a_batch_reports_on_every_task(client: httpx.Client) -> None:
    done = submitted(client, quick("batch"))
    ended(client, done)
    runs, waits = submitted(client, long("batch")), submitted(client, long("batch"))
    ids = [runs, "nobody", done, waits, runs]
    answer = client.post(f"{EVALUATION}/tasks/batch", json={"action": "cancel", "task_ids": ids})
    report = answer.raise_for_status().json()
    outcome = [(item["task_id"], item["success"], item["code"]) for item in report["results"]]
    assert outcome == [
        (runs, True, None),
        ("nobody", False, "not_found"),
        (done, False, "conflict"),
        (waits, True, None),
    ]
    assert (report["succeeded"], report["failed"]) == (2, 2)
    body = {"action": "retry", "task_ids": [runs, done]}
    again = client.post(f"{EVALUATION}/tasks/batch", json=body).json()["results"]
    assert [item["code"] for item in again] == [None, "conflict"]
    body = {"action": "set_priority", "task_ids": [runs, waits], "priority": 7}
    moved = client.post(f"{EVALUATION}/tasks/batch", json=body).json()["results"]
    assert [item["code"] for item in moved] == [None, "conflict"]
    assert task(client, runs)["priority"] == 7
    body = {"action": "delete", "task_ids": [runs, waits, done]}
    assert client.post(f"{EVALUATION}/tasks/batch", json=body).json()["succeeded"] == 3
    assert client.get(f"{EVALUATION}/tasks?experiment_name=batch").json()["total"] == 0
    for body, field in (
        ({"action": "delete", "task_ids": []}, "task_ids"),
        ({"action": "delete", "task_ids": ["x"] * 1001}, "task_ids"),
        ({"action": "frame", "task_ids": ["x"]}, "action"),
        ({"action": "retry", "task_ids": ["x"], "priority": 101}, "priority"),
    ):
        refusal = client.post(f"{EVALUATION}/tasks/batch", json=body)
        assert refused(refusal, 422, "invalid_input") == [field]


def test_an_experiment_goes_with_its_running_tasks(client: httpx.Client) -> None:
    done = submitted(client, quick("doomed"))
    ended(client, done)
    runs = submitted(client, long("doomed"))
    experiment_id = task(client, done)["experiment_id"]
    url = f"{EVALUATION}/experiments/{experiment_id}"
    renamed = client.patch(url, json={"name": "renamed", "pinned": True}).json()
    assert (renamed["name"], renamed["total_tasks"]) == ("renamed", 2)
    assert client.delete(url).json() == {
        "success": True,
        "message": "Experiment deleted with 2 tasks.",
    }
    for gone in (f"{EVALUATION}/tasks/{runs}", f"{EVALUATION}/tasks/{done}/results", url):
        refused(client.get(gone), 404, "not_found")
    refused(client.delete(url), 404, "not_found")
    running = client.get(f"{EVALUATION}/running").json()["tasks"]
    assert runs not in [item["task_id"] for item in running]
