"""The page under load: main-thread tasks over 50 and 100 ms, layout shift, nodes of the document.

    python -m benchmarks.page_load [--path /] [--only burst|stream|history]

A real server and a real Chromium with the built page. *burst*: 60 small tasks submitted within 8 s.
*stream*: one search of two million plans for 30 s. *history*: 500 ended tasks, all loaded and
scrolled through. A task of the main thread is timed twice: by the clock, which counts what other
processes took of the machine, and by the processor time it used itself.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS
from tests.service.running_server import RunningServer, client_of
from tests.service.submissions import long, quick

BURST = 60
BURST_SECONDS = 8.0
STREAM_SECONDS = 30.0
HISTORY = 500
ONE_PLAN = {"search_mode": "manual", "manual_parallelism": {"tp": 8}}
PATIENCE_SECONDS = 400.0
LONG_MS = 100.0
STALL_MS = 50.0
SETTLING_MS = 5_000
"""After the last task's end, so that what leaves the screen after 3 s is seen leaving it."""

OBSERVE = """
window.__shift = 0; window.__shifts = []
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue
    window.__shift += entry.value
    const of = entry.sources.map(({ node }) => node?.className || node?.nodeName).join(' | ')
    window.__shifts.push([entry.value, of])
  }
}).observe({ type: 'layout-shift', buffered: true })
"""


@dataclass(frozen=True)
class Measured:
    """What one scenario did to the page; times in milliseconds."""

    name: str
    clock: Sequence[float]
    """Of each main-thread task over 1 ms, by the clock."""
    processor: Sequence[float]
    shift: float
    nodes: int
    shifts: Sequence[tuple[float, str]]

    def line(self) -> str:
        """One row of the report."""
        over = [sum(ms > limit for ms in self.clock) for limit in (STALL_MS, LONG_MS)]
        used = [sum(ms > limit for ms in self.processor) for limit in (STALL_MS, LONG_MS)]
        return (
            f"{self.name:8} clock: {over[0]:3} over 50 ms, {over[1]:3} over 100 ms, "
            f"longest {max(self.clock, default=0):6.0f} ms   processor: {used[0]:3} over 50 ms, "
            f"{used[1]:3} over 100 ms, longest {max(self.processor, default=0):6.0f} ms   "
            f"shift {self.shift:.3f}   {self.nodes} nodes"
        )


@contextmanager
def opened_page(server: RunningServer, path: str) -> Iterator[Page]:
    """The page at that path, watched, in a fresh browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(120_000)
        page.add_init_script(OBSERVE)
        page.goto(server.base_url + path)
        page.locator("output[data-state=open]").wait_for()
        page.wait_for_timeout(2_000)
        yield page
        browser.close()


def measured(name: str, page: Page, act: Callable[[], object]) -> Measured:
    """What ``act`` did to the page."""
    page.evaluate("() => { window.__shift = 0; window.__shifts = [] }")
    browser = page.context.browser
    assert browser is not None
    categories = ["disabled-by-default-devtools.timeline"]
    browser.start_tracing(page=page, categories=categories)
    act()
    clock, processor = main_thread_tasks(json.loads(browser.stop_tracing()))
    return Measured(
        name=name,
        clock=clock,
        processor=processor,
        shift=page.evaluate("() => window.__shift"),
        nodes=page.evaluate("() => document.querySelectorAll('*').length"),
        shifts=page.evaluate("() => window.__shifts.sort((a, b) => b[0] - a[0]).slice(0, 8)"),
    )


def main_thread_tasks(trace: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Milliseconds of the renderer's main-thread tasks, by the clock and of processor time."""
    events = trace["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event
        for event in events
        if event["name"] == "RunTask"
        and (event["pid"], event["tid"]) in threads
        and event.get("dur", 0) > 1_000
    ]
    clock = [event["dur"] / 1_000 for event in tasks]
    return clock, [event.get("tdur", 0) / 1_000 for event in tasks]


def wait_for_ends(page: Page, client: httpx.Client, tasks: int) -> None:
    """Returns once so many tasks have ended; raises TimeoutError where they never do."""
    query = {"status": ["completed", "failed", "cancelled"], "limit": 1}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while client.get("/api/evaluation/tasks", params=query).json()["total"] < tasks:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{tasks} tasks have not ended in {PATIENCE_SECONDS} s")
        page.wait_for_timeout(500)


def burst(page: Page, client: httpx.Client) -> None:
    """60 small tasks within 8 s, until all have ended and left the screen."""
    began = time.monotonic()
    for number in range(BURST):
        body = quick(f"burst {number}", **ONE_PLAN)
        client.post("/api/evaluation/submit", json=body).raise_for_status()
        page.wait_for_timeout(
            max(0.0, began + (number + 1) * BURST_SECONDS / BURST - time.monotonic()) * 1000
        )
    wait_for_ends(page, client, BURST)
    page.wait_for_timeout(SETTLING_MS)


def stream(page: Page, client: httpx.Client) -> None:
    """One long search, watched."""
    task = client.post("/api/evaluation/submit", json=long("stream")).json()["task_id"]
    page.wait_for_timeout(STREAM_SECONDS * 1000)
    client.post(f"/api/evaluation/tasks/{task}/cancel")
    page.wait_for_timeout(SETTLING_MS)


def fill(page: Page, client: httpx.Client) -> None:
    """500 ended tasks."""
    for number in range(HISTORY):
        body = quick(f"history {number % 50}", **ONE_PLAN)
        client.post("/api/evaluation/submit", json=body).raise_for_status()
    wait_for_ends(page, client, HISTORY)
    page.reload()
    page.wait_for_timeout(4_000)


def load_all(page: Page, _client: httpx.Client) -> None:
    """Every page of the history, by its button or by scrolling, then to its top and down again."""
    more = page.get_by_role("button", name="Load more")
    rows = page.locator(".virtual-table[data-complete]")
    for _ in range(60):
        if more.count():
            more.click()
        elif rows.count() or not page.locator(".virtual-table").count():
            break
        page.evaluate("document.querySelector('.virtual-table')?.scrollTo(0, 1e9)")
        page.wait_for_timeout(400)
    for step in range(40):
        page.evaluate(
            "(y) => { document.querySelector('.virtual-table')?.scrollTo(0, y); scrollTo(0, y) }",
            400 * step,
        )
        page.wait_for_timeout(50)


SCENARIOS: dict[str, Callable[[Page, httpx.Client], None]] = {
    "burst": burst,
    "stream": stream,
    "history": load_all,
}


def main() -> None:
    """Prints one line for each scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", default="/", help="of the page that is open")
    parser.add_argument("--only", choices=SCENARIOS)
    parser.add_argument("--sources", action="store_true", help="what shifted the most")
    options = parser.parse_args()
    for name, act in SCENARIOS.items():
        if options.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            server = RunningServer(Path(folder), TIER6_WORKERS="2")
            with client_of(server) as client, opened_page(server, options.path) as page:
                if name == "history":
                    fill(page, client)
                found = measured(name, page, lambda: act(page, client))  # noqa: B023
            server.kill()
        print(found.line(), flush=True)
        if options.sources:
            print(*(f"    {value:.4f} {of}" for value, of in found.shifts), sep="\n", flush=True)


if __name__ == "__main__":
    main()
