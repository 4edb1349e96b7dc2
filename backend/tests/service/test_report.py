"""The report of a task over real HTTP."""

import httpx

from llm_simulator import explain
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, refused, submitted

HOSTILE = "<img src=x onerror=alert(1)> & co"


def test_a_task_is_handed_on_as_one_file(client: httpx.Client) -> None:
    task_id = submitted(client, quick(HOSTILE))
    ended(client, task_id)
    answer = client.get(f"{EVALUATION}/tasks/{task_id}/report").raise_for_status()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="tier6-report-{task_id}.html"'
    )
    sentence = client.get(f"{EVALUATION}/tasks/{task_id}/results").json()["answer"]["sentence"]
    assert sentence in answer.text
    assert task_id in answer.text
    assert "<img" not in answer.text
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; co" in answer.text


def test_what_would_fit_is_stored_and_handed_on(client: httpx.Client) -> None:
    task_id = submitted(client, quick("tight", search_constraints={"max_tpot_ms": 0.5}))
    ended(client, task_id)
    results = client.get(f"{EVALUATION}/tasks/{task_id}/results").json()
    assert results["top_k_plans"] == []
    changes = explain(results["request"], results["infeasible_plans"][0]).changes
    working = [change.model_dump(mode="json") for change in changes if change.works]
    assert results["ways_out"] == working != []
    report = client.get(f"{EVALUATION}/tasks/{task_id}/report").text
    assert "What would fit" in report
    assert working[0]["sentence"] in report


def test_a_task_that_is_not_there_has_no_report(client: httpx.Client) -> None:
    refused(client.get(f"{EVALUATION}/tasks/nothing/report"), 404, "not_found")
