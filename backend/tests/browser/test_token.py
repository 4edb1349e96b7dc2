"""A guarded service asks its page for a token."""

from pathlib import Path

from playwright.sync_api import expect
from typer.testing import CliRunner

from llm_simulator.cli.main import app as cli
from tests.browser.chromium import ARTIFACTS, chromium_page
from tests.service.running_server import RunningServer


def test_the_page_asks_for_a_token_until_it_is_a_good_one(tmp_path: Path) -> None:
    made = CliRunner().invoke(
        cli, ["token", "create", "reader"], env={"TIER6_DATA_DIR": str(tmp_path)}
    )
    token = made.stdout.strip()
    server = RunningServer(tmp_path)
    try:
        with chromium_page("en-US") as page:
            page.goto(server.base_url)
            dialog = page.get_by_role("dialog", name="API token")
            expect(page.locator("output[data-state=unauthorized]")).to_have_text("No token")
            dialog.get_by_label("Token").fill("wrong")
            dialog.get_by_role("button", name="Use this token").click()
            expect(dialog.get_by_role("alert")).to_have_text("This token was not accepted.")
            page.screenshot(path=ARTIFACTS / "token.png")

            # Put off, it is asked for again from the notice.
            page.keyboard.press("Escape")
            expect(dialog).to_be_hidden()
            page.get_by_role("button", name="Enter a token").first.click()
            dialog.get_by_label("Token").fill(token)
            page.keyboard.press("Enter")
            expect(page.locator("output[data-state=open]")).to_have_text("Live")
            expect(dialog).to_be_hidden()
            expect(page.get_by_role("button", name="Model: DeepSeek-V3")).to_be_visible()
    finally:
        server.tear_down()
