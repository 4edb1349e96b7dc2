"""Submissions that wait together are stored in one transaction.

A commit waits for the disk, whatever is in it: this way a hundred submissions wait once, and the
queue is measured once for all of them.
"""

from collections.abc import Sequence

from llm_simulator.database import UNREACHABLE
from llm_simulator.errors import QueueFull
from llm_simulator.task_manager.commands import Submit
from llm_simulator.task_manager.store import TaskStore

MOST_TOGETHER = 200


class GroupCommit:
    """Stores submissions while ``most_waiting`` allow it, and answers each of them."""

    def __init__(self, store: TaskStore, most_waiting: int) -> None:
        self._store = store
        self._most_waiting = most_waiting

    def store(self, submissions: Sequence[Submit]) -> None:
        """Ends each ``task_id`` with an id or an error; raises nothing."""
        for at in range(0, len(submissions), MOST_TOGETHER):
            self._store_together(submissions[at : at + MOST_TOGETHER])

    def _store_together(self, together: Sequence[Submit]) -> None:
        try:
            ids = self._store.create_all(
                [one.submission for one in together], most_waiting=self._most_waiting
            )
        except Exception as error:
            if len(together) == 1 or isinstance(error, UNREACHABLE):
                for one in together:
                    one.task_id.set_exception(error)
                return
            # One of them is at fault; the others shall not suffer.
            for one in together:
                self._store_together([one])
            return
        for one, task_id in zip(together, ids, strict=False):
            one.task_id.set_result(task_id)
        for one in together[len(ids) :]:
            one.task_id.set_exception(self._full())

    def _full(self) -> QueueFull:
        return QueueFull(
            f"{self._most_waiting:,} tasks wait already; submit again when some have been run."
        )
