"""What the service hands a browser: its API page and the built web page."""

import re

import httpx

from benchmarks.fuzz_api import fuzz
from tests.service.running_server import RunningServer


def test_the_api_page_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses
    for address in addresses:
        assert address.startswith("/"), address
        assert client.get(address).status_code == 200


def test_large_answers_are_compressed(client: httpx.Client) -> None:
    answer = client.get("/openapi.json")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["info"]["title"] == "Tier6"


def test_the_document_says_what_a_submission_s_parts_are(client: httpx.Client) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert set(schemas["Inference"]["required"]) == {"input_seq_length", "output_seq_length"}
    assert "nvfp4" in schemas["Dtype"]["enum"]
    assert "throughput_per_chip" in schemas["Objective"]["enum"]
    assert set(schemas["ManualParallelism"]["properties"]) == {
        "dp",
        "tp",
        "pp",
        "ep",
        "sp",
        "moe_tp",
        "dcp",
    }


def test_the_service_behaves_as_its_document_says(server: RunningServer) -> None:
    statuses = fuzz(server.base_url, 100)
    assert {200, 404, 422} <= set(statuses) <= {200, 404, 409, 413, 422, 429}
