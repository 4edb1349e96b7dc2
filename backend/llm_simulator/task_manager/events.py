"""Tells subscribers of every change of a task, in order."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from llm_simulator.schemas.events import Event, TaskDeleted, TaskUpdate

Numbered = TypeVar("Numbered", TaskUpdate, TaskDeleted)
Subscriber = Callable[[Event], None]

log = structlog.get_logger(__name__)


class Publisher:
    """Numbers events and hands each to every subscriber; all see the same order.

    Subscribers are given at birth, so none can come too late for a task's first event.
    """

    def __init__(self, subscribers: Sequence[Subscriber]) -> None:
        self._subscribers = tuple(subscribers)
        self._lock = threading.Lock()
        # Starts at the clock, so that numbers keep growing over a restart of the server;
        # stays below 2**53, the largest integer a browser can count with.
        self._sequence = time.time_ns() // 1_000

    @property
    def sequence(self) -> int:
        """The number of the newest event."""
        return self._sequence

    def publish(self, event: Numbered) -> Numbered:
        """The event with its sequence number, after all subscribers have been told."""
        with self._lock:
            self._sequence += 1
            numbered = event.model_copy(update={"sequence": self._sequence})
            for subscriber in self._subscribers:
                _tell(subscriber, numbered)
        return numbered


def _tell(subscriber: Subscriber, event: Event) -> None:
    try:
        subscriber(event)
    except Exception:
        # A subscriber's trouble must not become the task's.
        log.exception("subscriber_failed", task_id=event.task_id)
