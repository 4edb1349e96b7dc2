"""Whatever users and servers do in whatever order: one state, right counters, nothing lost."""

from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from llm_simulator.database import Database
from llm_simulator.migrations import upgrade
from llm_simulator.schemas.lists import ExperimentQuery, TaskQuery
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.lifecycle import ACTIVE
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.task_rows import StoredTask
from llm_simulator.task_manager.write_buffer import Unwritten, write
from tests.service.made_up_work import outcome
from tests.service.postgres import emptied
from tests.service.test_queue import stored_chunks
from tests.service.test_store import result, stored_results, submission

SERVERS = ("a", "b")


class AnyHistory(RuleBasedStateMachine):
    """Users and two servers act on one store; ``states`` is what must come of it."""

    url = ""
    tasks: Bundle[str] = Bundle("tasks")
    runs: Bundle[StoredTask] = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.database = Database.open(self.url)
        emptied(self.database)
        self.stores = {name: TaskStore(self.database, server_id=name) for name in SERVERS}
        self.store = self.stores["a"]
        self.states: dict[str, TaskState] = {}
        self.epochs: dict[str, int] = {}

    @initialize(target=tasks)
    def begin(self) -> Any:
        return multiple(*(self.submit(priority) for priority in (0, 0, 1)))

    @rule(target=tasks, priority=st.integers(-100, 100))
    def submit(self, priority: int) -> str:
        task_id = self.store.create(submission(priority=priority))
        self.states[task_id] = TaskState.PENDING
        return task_id

    @precondition(lambda self: TaskState.PENDING in self.states.values())
    @rule(target=runs, server=st.sampled_from(SERVERS))
    def take_up(self, server: str) -> Any:
        return self.claim(server)

    def claim(self, server: str) -> Any:
        """A task taken up, if one waits."""
        task = self.stores[server].claim_next()
        assert (task is None) == (TaskState.PENDING not in self.states.values())
        if task is None:
            return multiple()
        assert self.states[task.task_id] is TaskState.PENDING
        assert task.epoch == self.epochs.get(task.task_id, 0) + 1
        self.states[task.task_id] = TaskState.RUNNING
        self.epochs[task.task_id] = task.epoch
        return task

    def holds(self, run: StoredTask) -> bool:
        """Whether nobody has ended the run's task or taken it up since."""
        running = self.states.get(run.task_id) is TaskState.RUNNING
        return running and self.epochs[run.task_id] == run.epoch

    @rule(run=runs, chunk=st.integers(0, 3))
    def save(self, run: StoredTask, chunk: int) -> None:
        refused = write(self.database, [Unwritten(run, outcomes={chunk: (1, outcome(chunk))})])
        assert (refused == []) == self.holds(run)

    @rule(run=consumes(runs), fails=st.booleans())
    def finish(self, run: StoredTask, fails: bool) -> None:
        expected = self.holds(run)
        if fails:
            assert self.store.fail(run, "Because.") == expected
        else:
            assert self.store.complete(run, result(), message="Done") == expected
        if expected:
            self.states[run.task_id] = TaskState.FAILED if fails else TaskState.COMPLETED

    @rule(task_id=tasks)
    def cancel(self, task_id: str) -> None:
        expected = self.states.get(task_id) in ACTIVE
        assert (self.store.cancel(task_id) is not None) == expected
        if expected:
            self.states[task_id] = TaskState.CANCELLED

    @rule(task_id=tasks)
    def retry(self, task_id: str) -> None:
        expected = self.states.get(task_id) in (TaskState.FAILED, TaskState.CANCELLED)
        assert self.store.retry(task_id) == expected
        if expected:
            self.states[task_id] = TaskState.PENDING

    @rule(task_id=tasks, priority=st.integers(-100, 100))
    def set_priority(self, task_id: str, priority: int) -> None:
        assert self.store.set_priority(task_id, priority) == (self.states.get(task_id) in ACTIVE)

    @rule(task_id=consumes(tasks))
    def delete(self, task_id: str) -> None:
        assert (self.store.delete(task_id) is not None) == (task_id in self.states)
        self.states.pop(task_id, None)

    @precondition(lambda self: TaskState.RUNNING in self.states.values())
    @rule(target=runs, server=st.sampled_from(SERVERS))
    def take_over(self, server: str) -> Any:
        """No server holds a lease: all have lost what they run, and another goes on with it."""
        running = [task for task, state in self.states.items() if state is TaskState.RUNNING]
        assert self.store.take_over() == len(running)
        self.states |= dict.fromkeys(running, TaskState.PENDING)
        return self.claim(server)

    @invariant()
    def the_database_agrees(self) -> None:
        history = History(self.database)
        stored = history.tasks(TaskQuery(limit=1000)).tasks
        assert {task.task_id: task.status for task in stored} == self.states
        completed = list(self.states.values()).count(TaskState.COMPLETED)
        for experiment in history.experiments(ExperimentQuery(limit=10)).experiments:
            counted = (experiment.total_tasks, experiment.completed_tasks)
            assert counted == (len(self.states), completed)
        assert stored_results(self.database) == 2 * completed
        if not ACTIVE & set(self.states.values()):
            assert stored_chunks(self.database) == 0

    def teardown(self) -> None:
        self.database.close()


def test_any_history(tmp_path: Path) -> None:
    AnyHistory.url = f"sqlite:///{tmp_path / 'any.db'}"
    database = Database.open(AnyHistory.url)
    upgrade(database)
    database.close()
    # Without shrinking, which would take minutes on a real database.
    few = settings(
        max_examples=20,
        stateful_step_count=30,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(AnyHistory, settings=few)
