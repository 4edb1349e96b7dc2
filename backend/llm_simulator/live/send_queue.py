"""One client's unsent messages, bounded.

Every change of a task's state is kept; progress is only the newest. The queue holds ``capacity``
messages; a client that lets more come together is told the present state instead, and that it
missed something.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from llm_simulator.live.subscription import Subscription
from llm_simulator.schemas.events import Event, TaskEvent, TaskUpdate
from llm_simulator.schemas.states import TaskState

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CatchUp:
    """The client must first be told the present state, or what it missed since an event."""

    since: int | None
    resync: bool


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """An event as it is sent, made once for all clients."""

    event: Event
    key: Key
    """What a newer message replaces: the same task in the same state."""
    is_progress: bool
    """Whether another event of the same task is soon to follow."""
    text: str

    @classmethod
    def of(cls, event: Event) -> "EncodedEvent":
        """The message that tells of this event."""
        state = event.status if isinstance(event, TaskUpdate) else "deleted"
        text = event.model_dump_json()
        return cls(event, (event.task_id, state), state is TaskState.RUNNING, text)


class SendQueue:
    """Used in the event loop only."""

    def __init__(self, subscription: Subscription, *, capacity: int) -> None:
        self._capacity = capacity
        self._unsent: dict[Key, EncodedEvent] = {}
        self._replies: dict[str, str] = {}
        self.ready = asyncio.Event()
        """There is something to send at once: all but progress, which waits for ``wake``."""
        self.coalesced = 0
        """Progress that a newer state replaced before it was sent."""
        self.overflows = 0
        self.subscribe(subscription)

    def subscribe(self, subscription: Subscription) -> None:
        """From now on, only what this subscription covers; the client catches up first."""
        self.subscription = subscription
        self._start_anew(CatchUp(subscription.since, resync=False))

    def put(self, message: EncodedEvent) -> None:
        """Adds a message about an event, in place of older progress of the same task."""
        if message.event.sequence <= self._told or not self.subscription.covers(message.event):
            return
        # What is replaced moves to the end: messages stay in the order of their events.
        self.coalesced += self._unsent.pop(message.key, None) is not None
        self._unsent[message.key] = message
        if len(self._unsent) > self._capacity:
            self.overflows += 1
            self._start_anew(CatchUp(None, resync=True))
        if not message.is_progress:
            self.ready.set()

    def wake(self) -> None:
        """Lets progress go too, if there is any."""
        if self._unsent:
            self.ready.set()

    def reply(self, kind: str, message: str) -> None:
        """Adds an answer to the client; of each kind only the newest is kept."""
        self._replies[kind] = message
        self.ready.set()

    def forget(self, *, up_to: int) -> None:
        """Drops messages about events up to this number, also those still to come: it was told."""
        self._told = up_to
        self._keep(lambda event: event.sequence > up_to)

    def forget_older(self, tasks: Sequence[TaskEvent]) -> None:
        """Drops messages that are no newer than these states, which are about to be told."""
        told = {task.task_id: task.sequence for task in tasks}
        self._keep(lambda event: event.sequence > told.get(event.task_id, -1))

    def _keep(self, wanted: Callable[[Event], bool]) -> None:
        self._unsent = {key: kept for key, kept in self._unsent.items() if wanted(kept.event)}

    def take(self) -> CatchUp | list[str]:
        """What to send next: all messages in order, unless the client has to catch up first."""
        if self._catch_up is not None:
            catch_up, self._catch_up = self._catch_up, None
            return catch_up
        messages = [message.text for message in self._unsent.values()]
        messages += self._replies.values()
        self._unsent.clear()
        self._replies.clear()
        self.ready.clear()
        return messages

    def _start_anew(self, catch_up: CatchUp) -> None:
        self._unsent.clear()
        self._told = -1
        self._catch_up: CatchUp | None = catch_up
        self.ready.set()


def latest(events: Iterable[Event]) -> list[EncodedEvent]:
    """Messages of the events without progress that a later one of the same task replaces."""
    kept: dict[Key, EncodedEvent] = {}
    for message in map(EncodedEvent.of, events):
        kept.pop(message.key, None)
        kept[message.key] = message
    return list(kept.values())
