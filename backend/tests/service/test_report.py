"""The report of a task over real HTTP."""

import httpx

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


def test_a_task_that_is_not_there_has_no_report(client: httpx.Client) -> None:
    refused(client.get(f"{EVALUATION}/tasks/nothing/report"), 404, "not_found")
