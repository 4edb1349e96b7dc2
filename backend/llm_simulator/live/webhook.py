"""Tells one configured address of every task's end: an HTTP POST of its last event as JSON."""

import http.client
import json
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import structlog

from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.schemas.record import Record
from llm_simulator.schemas.states import TaskState

ENDED = {TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED}
TIMEOUT_SECONDS = 5.0
WAITS_SECONDS = (1.0, 5.0, 25.0)
"""Before each further try; after the last one the end is not told."""
MOST_WAITING = 1_000
"""More ends than this are not kept for an address that does not answer."""

log = structlog.get_logger(__name__)


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: nothing but the configured address is asked."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class Webhook:
    """A thread that posts; whoever publishes events never waits for it."""

    def __init__(self, url: str, *, waits: tuple[float, ...] = WAITS_SECONDS) -> None:
        self._url = url
        self._waits = waits
        self._ends: queue.Queue[TaskUpdate | None] = queue.Queue(MOST_WAITING)
        self._stopping = threading.Event()
        self._opener = build_opener(_Stay)
        self._thread = threading.Thread(target=self._work, name="webhook", daemon=True)

    def start(self) -> None:
        """Begins to post."""
        self._thread.start()

    def stop(self) -> None:
        """Gives up what waits; a post that is under way ends."""
        self._stopping.set()
        with suppress(queue.Full):
            self._ends.put_nowait(None)
        self._thread.join(2 * TIMEOUT_SECONDS)

    def publish(self, event: Record) -> None:
        """Remembers a task's end to be posted; everything else is passed over."""
        if not isinstance(event, TaskUpdate) or event.status not in ENDED:
            return
        try:
            self._ends.put_nowait(event)
        except queue.Full:
            log.warning("webhook_overrun", task_id=event.task_id)

    def _work(self) -> None:
        while not self._stopping.is_set():
            end = self._ends.get()
            if end is not None:
                self._tell(end)

    def _tell(self, end: TaskUpdate) -> None:
        """Posts until it is accepted, refused, or tried often enough."""
        for wait in (*self._waits, None):
            problem = self._posted(end)
            if problem is None:
                return
            if wait is None or not problem.passing or self._stopping.wait(wait):
                log.warning("webhook_failed", task_id=end.task_id, problem=problem.text)
                return

    def _posted(self, end: TaskUpdate) -> "Problem | None":
        body = json.dumps({"event": "task_ended", **end.model_dump(mode="json")}).encode()
        request = Request(self._url, data=body, headers={"Content-Type": "application/json"})
        return problem_of(lambda: self._opener.open(request, timeout=TIMEOUT_SECONDS).close())


class Problem(Record):
    """Why a post was not accepted, and whether another try may help."""

    text: str
    passing: bool


def problem_of(post: Callable[[], object]) -> Problem | None:
    """What went wrong with a post; None where it was accepted."""
    try:
        post()
    except HTTPError as error:
        error.close()
        return Problem(text=f"HTTP {error.code}", passing=error.code >= 500 or error.code == 429)
    except (URLError, OSError, http.client.HTTPException) as error:
        return Problem(text=type(error).__name__, passing=True)
    return None
