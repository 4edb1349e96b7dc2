"""The service behind a real nginx with TLS, under a path of its own."""

from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.service.reverse_proxy import FORWARDED, HOST, UPGRADE, nginx, trusting
from tests.service.running_server import PATIENCE, RunningServer
from tests.service.test_api import EVALUATION
from tests.service.test_live import received
from tests.service.test_security import bearer, run

INDEX = """<!doctype html><html><head><base href="/" /><title>Tier6</title></head></html>"""


@pytest.mark.parametrize("strips", [True, False])
def test_the_service_works_under_a_path_of_a_proxy(tmp_path: Path, strips: bool) -> None:
    built = tmp_path / "dist"
    built.mkdir()
    (built / "index.html").write_text(INDEX)
    token = run(tmp_path / "data", "create", "page").strip()
    run(tmp_path / "data", "guard", "off")
    place = {"TIER6_ROOT_PATH": "/tier6", "TIER6_STATIC_DIR": str(built), "TIER6_WORKERS": "1"}
    server = RunningServer(tmp_path / "data", **place)
    try:
        headers = (HOST, UPGRADE, FORWARDED)
        with (
            nginx(
                tmp_path, server.base_url, *headers, path="/tier6", strips=strips, tls=True
            ) as base,
            httpx.Client(verify=trusting(tmp_path), timeout=PATIENCE) as client,
        ):
            for address in ("/", "/history", "/tasks/some-id"):
                page = client.get(base + address)
                assert '<base href="/tier6/" />' in page.text
            documents = client.get(f"{base}/docs").text
            assert 'src="/tier6/docs-assets/swagger-ui-bundle.js"' in documents
            assert "url: '/tier6/openapi.json'" in documents
            script = client.get(f"{base}/docs-assets/swagger-ui-bundle.js")
            assert script.status_code == 200
            document = client.get(f"{base}/openapi.json").json()
            assert document["servers"] == [{"url": "/tier6"}]

            # However the path looks that the proxy hands on: what it hands on needs a token.
            pausing = f"{base}{EVALUATION}/queue/pause"
            origin = base.removesuffix("/tier6")
            page_asks = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
            assert client.post(pausing, headers=page_asks).status_code == 401
            assert client.post(pausing, headers=page_asks | bearer(token)).status_code == 200
            evil = {"Origin": "https://evil.example"} | bearer(token)
            assert client.post(pausing, headers=evil).status_code == 403

            live_url = f"{base.replace('https', 'wss')}/ws/tasks"
            offered = [Subprotocol("tier6"), Subprotocol(f"token.{token}")]
            with connect(
                live_url, ssl=trusting(tmp_path), origin=Origin(origin), subprotocols=offered
            ) as live:
                assert received(live)["type"] == "snapshot"
            with pytest.raises(InvalidStatus) as refusal:
                connect(live_url, ssl=trusting(tmp_path), origin=Origin(origin))
            assert refusal.value.response.status_code == 401
    finally:
        server.tear_down()
