"""The page's first load: requests, bytes over the network, and how soon it can be used.

    python -m benchmarks.first_load [--rounds 5] [--list]

A real server and a fresh Chromium with an empty cache and the built page: on an empty database,
and on one with an ended task, whose table is loaded too. Bytes are those of the answers as they
travelled, heads included. Usable: the button that runs the analysis can be pressed.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.page_load import ONE_PLAN
from tests.browser.chromium import ARGUMENTS
from tests.service.running_server import RunningServer, client_of, eventually
from tests.service.submissions import quick

STATES = {"empty": "#welcome-title", "with a task": ".task-history tr[data-key]"}
"""Of the database, each with what is shown last."""
WATCH = """
const usable = () => document.querySelector('.question-tools [type=submit]:not([disabled])')
const look = () => {
  if (usable()) window.__usable ??= performance.now()
  else requestAnimationFrame(look)
}
look()
"""
TIMES = """() => [
  performance.getEntriesByName('first-contentful-paint')[0].startTime, window.__usable
]"""


@dataclass(frozen=True)
class Load:
    """One load of the page; times in milliseconds since navigation."""

    sizes: Sequence[tuple[str, int]]
    """Of each answer, in the order of their ends: path and bytes."""
    painted: float
    usable: float

    @property
    def bytes(self) -> int:
        """Of all answers."""
        return sum(size for _, size in self.sizes)


def load(server: RunningServer, last: str) -> Load:
    """What a first visit takes until ``last`` is there, a selector."""
    paths: dict[str, str] = {}
    sizes: list[tuple[str, int]] = []

    def asked(event: dict[str, Any]) -> None:
        paths[event["requestId"]] = event["request"]["url"].removeprefix(server.base_url)

    def answered(event: dict[str, Any]) -> None:
        path = paths[event["requestId"]]
        if not path.startswith("data:"):
            sizes.append((path, int(event["encodedDataLength"])))

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="en-US"
        ).new_page()
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", asked)
        network.on("Network.loadingFinished", answered)
        page.add_init_script(WATCH)
        page.goto(server.base_url)
        page.wait_for_function("() => window.__usable && performance.getEntriesByType('paint')[1]")
        page.locator(last).first.wait_for()
        page.wait_for_load_state("networkidle")
        painted, usable = page.evaluate(TIMES)
        browser.close()
    return Load(sizes, painted, usable)


def report(name: str, loads: Sequence[Load]) -> str:
    """One line: of the times the median."""
    last = loads[-1]
    painted = statistics.median(one.painted for one in loads)
    usable = statistics.median(one.usable for one in loads)
    return (
        f"{name:14} {len(last.sizes):3} requests {last.bytes / 1e3:6.0f} kB   first paint "
        f"{painted:5.0f} ms, usable {usable:5.0f} ms, between {usable - painted:5.0f} ms"
    )


def main() -> None:
    """Prints a line for an empty database, and one for a database with a task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--list", action="store_true", help="every answer with its size")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder))
        with client_of(server) as client:
            for name, last in STATES.items():
                loads = [load(server, last) for _ in range(options.rounds)]
                print(report(name, loads), flush=True)
                if options.list:
                    print(*(f"{size:9,} {path}" for path, size in loads[-1].sizes), sep="\n")
                body = quick("first", **ONE_PLAN)
                client.post("/api/evaluation/submit", json=body).raise_for_status()
                query = {"status": "completed"}
                eventually(
                    lambda: client.get("/api/evaluation/tasks", params=query).json()["total"],  # noqa: B023
                    "the task ends",
                )
        server.kill()


if __name__ == "__main__":
    main()
