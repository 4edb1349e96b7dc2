"""Questions are kept on the server as they were given."""

import httpx

from tests.service.running_server import RunningServer
from tests.service.submissions import quick

QUESTIONS = "/api/questions"


def question(name: str, **parts: object) -> dict[str, object]:
    """A small evaluation under a name."""
    body = quick("not asked", **parts)
    del body["experiment_name"]
    return {**body, "name": name}


def test_a_question_is_kept_replaced_and_removed(own_server: RunningServer) -> None:
    with httpx.Client(base_url=own_server.base_url) as client:
        first = client.post(QUESTIONS, json=question(" chat ")).raise_for_status().json()
        client.post(QUESTIONS, json=question("agents")).raise_for_status()
        limits = {"max_tpot_ms": 30}
        changed = question("chat", search_constraints=limits)
        second = client.post(QUESTIONS, json=changed).raise_for_status().json()
        assert second["id"] == first["id"]
        kept = client.get(QUESTIONS).json()["questions"]
        assert [one["name"] for one in kept] == ["agents", "chat"]
        assert kept[1] == second
        assert second["request"]["search_constraints"] == limits
        assert second["request"]["model"] == changed["model"]

        client.delete(f"{QUESTIONS}/{first['id']}").raise_for_status()
        assert client.delete(f"{QUESTIONS}/{first['id']}").status_code == 404
        assert [one["name"] for one in client.get(QUESTIONS).json()["questions"]] == ["agents"]


def test_what_can_not_be_asked_is_not_kept(own_server: RunningServer) -> None:
    with httpx.Client(base_url=own_server.base_url) as client:
        before = client.get(QUESTIONS).json()
        refused = client.post(QUESTIONS, json=question("nonsense", model="nobody"))
        assert refused.status_code == 422
        assert refused.json()["error"]["fields"][0]["field"] == "model"
        nameless = client.post(QUESTIONS, json=question(" "))
        assert nameless.json()["error"]["fields"][0]["field"] == "name"
        assert client.get(QUESTIONS).json() == before
