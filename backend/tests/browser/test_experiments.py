"""An experiment in a real browser: named, marked, noted, moved to another name and back."""

import json

from playwright.sync_api import expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page
from tests.service.running_server import RunningServer, client_of
from tests.service.submissions import quick

expect.set_options(timeout=PATIENCE_MS)


def test_an_experiment_is_kept_as_its_owner_wants_it(own_server: RunningServer) -> None:
    with client_of(own_server) as http:
        http.post("/api/evaluation/submit", json=quick("a plain name"))
        http.post("/api/evaluation/submit", json=quick("another"))
    with chromium_page("en-US") as page:
        witness = Witness(page)
        page.goto(f"{own_server.base_url}/experiments")
        page.get_by_role("button", name="Pin a plain name").click()
        rows = page.locator(".data-table tbody tr")
        expect(rows.first).to_contain_text("a plain name")
        page.get_by_role("link", name="a plain name").click()

        page.get_by_role("button", name="Rename").click()
        page.get_by_role("textbox", name="Name").fill("order of spring")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("order of spring")
        expect(page.get_by_role("row", name="order of spring")).to_be_visible()
        page.get_by_role("combobox", name="Tags").fill("h20,")
        expect(page.locator(".experiment-tags")).to_contain_text("h20")
        page.get_by_role("button", name="Add notes").click()
        page.get_by_role("textbox", name="Notes").fill("**cheap** <img src=x onerror=alert(1)>")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".notes strong")).to_have_text("cheap")
        assert page.locator(".notes img").count() == 0
        page.screenshot(path=ARTIFACTS / "experiment.png")

        with page.expect_download() as archive:
            page.get_by_role("link", name="Export the whole experiment").click()
        kept = archive.value.path()
        assert json.loads(kept.read_bytes())
        page.get_by_role("button", name="Delete the experiment").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.get_by_role("link", name="another")).to_be_visible()
        expect(page.get_by_role("link", name="order of spring")).to_be_hidden()
        page.get_by_label("File of an exported experiment").set_input_files(kept)
        expect(page.get_by_role("link", name="order of spring")).to_be_visible()
        expect(rows.first.locator(".experiment-tag")).to_have_text("h20")
        page.screenshot(path=ARTIFACTS / "experiments.png")
        assert witness.complaints == []
