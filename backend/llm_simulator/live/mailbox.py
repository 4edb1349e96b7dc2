"""One client's unsent messages.

Every change of a task's state is kept; progress is only the newest. The mailbox holds ``capacity``
messages; a client that lets more come together is told the present state instead, and that it
missed something.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from llm_simulator.live.message import Message
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
class Parcel:
    """What to send next: after a ``catch_up``, if there is one, these messages."""

    messages: list[Message]
    catch_up: CatchUp | None = None


class Mailbox:
    """Used in the event loop only.

    ``arrived`` is called whenever there is something to send: with True when it should go out at
    once, with False for progress, which may wait for more.
    """

    def __init__(
        self, subscription: Subscription, *, capacity: int, arrived: Callable[[bool], None]
    ) -> None:
        self._capacity = capacity
        self._arrived = arrived
        self._unsent: dict[Key, tuple[int, Message]] = {}
        self._replies: dict[str, Message] = {}
        self.coalesced = 0
        """Progress that a newer state replaced before it was sent."""
        self.overflows = 0
        self.subscribe(subscription)

    def subscribe(self, subscription: Subscription) -> None:
        """From now on, only what this subscription covers; the client catches up first."""
        self.subscription = subscription
        self._start_anew(CatchUp(subscription.since, resync=False))

    def put(self, event: Event, message: Message) -> None:
        """Leaves a message about an event, in place of older progress of the same task."""
        if event.sequence <= self._told or not self.subscription.covers(event):
            return
        key = _key(event)
        # What is replaced moves to the end: messages stay in the order of their events.
        self.coalesced += self._unsent.pop(key, None) is not None
        self._unsent[key] = (event.sequence, message)
        if len(self._unsent) > self._capacity:
            self.overflows += 1
            self._start_anew(CatchUp(None, resync=True))
        self._arrived(not _is_progress(event))

    def reply(self, kind: str, message: Message) -> None:
        """Leaves an answer to the client; of each kind only the newest is kept."""
        self._replies[kind] = message
        self._arrived(True)

    def forget(self, *, up_to: int) -> None:
        """Drops messages about events up to this number, also those still to come: it was told."""
        self._told = up_to
        self._unsent = {key: kept for key, kept in self._unsent.items() if kept[0] > up_to}

    def forget_older(self, tasks: Sequence[TaskEvent]) -> None:
        """Drops messages that are no newer than these states, which are about to be told."""
        told = {task.task_id: task.sequence for task in tasks}
        self._unsent = {
            key: kept for key, kept in self._unsent.items() if kept[0] > told.get(key[0], -1)
        }

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return not (self._unsent or self._replies or self.catch_up)

    def take(self) -> Parcel:
        """All there is, in order; empty when there is nothing."""
        if self.catch_up:
            parcel = Parcel([], self.catch_up)
            self.catch_up = None
            return parcel
        parcel = Parcel([m for _, m in self._unsent.values()] + list(self._replies.values()))
        self._unsent.clear()
        self._replies.clear()
        return parcel

    def _start_anew(self, catch_up: CatchUp) -> None:
        self._unsent.clear()
        self._told = -1
        self.catch_up: CatchUp | None = catch_up
        self._arrived(True)


def latest(events: Iterable[Event]) -> list[Event]:
    """The events without progress that a later one of the same task replaces, in order."""
    kept: dict[Key, Event] = {}
    for event in events:
        kept.pop(_key(event), None)
        kept[_key(event)] = event
    return list(kept.values())


def _is_progress(event: Event) -> bool:
    """Whether another event of the same task is soon to follow."""
    return isinstance(event, TaskUpdate) and event.status is TaskState.RUNNING


def _key(event: Event) -> Key:
    return (event.task_id, event.status if isinstance(event, TaskUpdate) else "deleted")
