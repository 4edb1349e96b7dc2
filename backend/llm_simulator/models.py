"""The tables: experiments have evaluation tasks, tasks have evaluation results.

Beside them what the task manager needs to lose nothing: the outcomes of a running task's finished
chunks, the log of events, the servers alive, and whether the queue is paused; users' labels; and
who may come in.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column

from llm_simulator.schemas.states import SearchMode, TaskState
from llm_simulator.stored.snapshots import Snapshot

LISTED = (
    "created_at",
    "id",
    "status",
    "experiment_id",
    "completed_at",
    "progress",
    "best_score",
    "pinned",
    "search_text",
)
"""What lists filter and sort by: one index with all of it, as rows themselves are large."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite, which knows no zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What columns of this type hold."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as the database stores it."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored moment, with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def _among(column: str, values: type[TaskState] | type[SearchMode]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can address it on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    here_only: ClassVar[frozenset[str]] = frozenset()
    """Columns that no archive has: they mean something in this installation only, or follow from
    other columns. All others move with their row."""
    type_annotation_map = {  # noqa: RUF012 - the shape SQLAlchemy asks for
        datetime: UtcDateTime,
        dict[str, Any]: JSON(none_as_null=True),
        list[dict[str, Any]]: JSON(none_as_null=True),
    }


def exported_columns(table: type[Base]) -> tuple[InstrumentedAttribute[Any], ...]:
    """The columns of a row that move with it to another installation."""
    names = (column.key for column in table.__table__.columns)
    return tuple(getattr(table, name) for name in names if name not in table.here_only)


class Experiment(Base):
    """A named group of tasks, with the configuration of its first one."""

    __tablename__ = "experiments"
    __table_args__ = (
        Index("ix_experiments_listed", "created_at", "id", "pinned", "search_text"),
        {"sqlite_autoincrement": True},
    )
    here_only = frozenset({"id", "total_tasks", "completed_tasks", "search_text"})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    model_config: Mapped[dict[str, Any] | None]
    hardware_config: Mapped[dict[str, Any] | None]
    inference_config: Mapped[dict[str, Any] | None]
    # Changed only together with the task they count, in the same transaction.
    total_tasks: Mapped[int] = mapped_column(default=0)
    completed_tasks: Mapped[int] = mapped_column(default=0)

    # Labels and what lists look at.
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    search_text: Mapped[str] = mapped_column(String(600), default="", server_default="")
    """Name and the beginning of the description, casefolded."""


class EvaluationTask(Base):
    """One submission; ``request`` holds all that is needed to run it again."""

    __tablename__ = "evaluation_tasks"
    __table_args__ = (
        CheckConstraint(_among("status", TaskState), name="status"),
        CheckConstraint(_among("search_mode", SearchMode), name="search_mode"),
        Index(None, "status", "id"),
        Index(None, "status", "queue_key", "id"),
        Index(None, "status", "priority", "queue_key"),
        Index(None, "experiment_id", "created_at", "id"),
        Index("ix_evaluation_tasks_listed", *LISTED),
        Index(None, "best_score", "id"),
        Index(None, "completed_at", "id"),
        Index(None, "search_text"),
        {"sqlite_autoincrement": True},
    )
    here_only = frozenset(
        {
            # Who runs it, and when it has its turn.
            *("id", "experiment_id", "server_id", "epoch", "plan_fingerprint", "traceparent"),
            *("waiting_since", "queue_key", "rate", "seconds_left", "best_so_far"),
            # What follows from the request or the results.
            *("search_mode", "manual_parallelism", "search_constraints"),
            *("model_name", "asked", "best_score", "search_text"),
        }
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(String(36), unique=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(16))
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    search_mode: Mapped[str] = mapped_column(String(16))
    manual_parallelism: Mapped[dict[str, Any] | None]
    search_constraints: Mapped[dict[str, Any] | None]
    search_stats: Mapped[dict[str, Any] | None]
    warnings: Mapped[list[dict[str, Any]] | None]
    request: Mapped[dict[str, Any]] = mapped_column(Snapshot, server_default="")
    priority: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[float] = mapped_column(default=0.0)
    """Unix time at which the task joined the queue, or would have for the place it was moved to;
    kept when a server's end puts it back."""
    queue_key: Mapped[float] = mapped_column(default=0.0)
    """The smallest is next: ``waiting_since``, some seconds earlier for each step of priority."""
    server_id: Mapped[str | None] = mapped_column(String(36))
    """Who runs the task; nobody else writes its progress or result."""
    epoch: Mapped[int] = mapped_column(default=0)
    """How often the task was taken up: what was computed for an earlier epoch is refused."""
    plan_fingerprint: Mapped[str | None] = mapped_column(String(64))
    """What the stored chunks are chunks of."""
    evaluations: Mapped[dict[str, Any] | None]
    rate: Mapped[float | None]
    seconds_left: Mapped[float | None]
    best_so_far: Mapped[dict[str, Any] | None]
    traceparent: Mapped[str | None] = mapped_column(String(55))
    """The span of the request that submitted the task, in W3C's form."""

    # Labels and what lists look at.
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    model_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    asked: Mapped[dict[str, Any] | None]
    """The question in short, as ``schemas.tasks.Asked``."""
    best_score: Mapped[float | None]
    """The score of the plan of rank 1."""
    search_text: Mapped[str] = mapped_column(String(600), default="", server_default="")
    """The experiment's name, then model, chip, topology and words of the question, casefolded."""


class EvaluationChunk(Base):
    """A part of a running task: its outcome, or how many workers it has cost so far.

    Kept until the task ends, so that whoever takes the task up goes on after it.
    """

    __tablename__ = "evaluation_chunks"
    __table_args__ = (
        UniqueConstraint("task_id", "chunk"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("evaluation_tasks.id", ondelete="CASCADE"))
    chunk: Mapped[int]
    attempt: Mapped[int]
    """Tries begun; more than one when a worker died of it."""
    outcome: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Compressed JSON; None while it is not computed."""


class LoggedEvent(Base):
    """One change of a task's state as clients are told it, in the order of the changes."""

    __tablename__ = "task_events"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True
    )
    task_id: Mapped[str] = mapped_column(String(36))
    experiment_name: Mapped[str] = mapped_column(String(200))
    event: Mapped[dict[str, Any]]


class ServerLease(Base):
    """A server that runs tasks; alive until ``lease_until``, Unix time of the database's clock."""

    __tablename__ = "servers"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    lease_until: Mapped[float]


class TaskQueue(Base):
    """The queue's switch: a single row, absent until somebody pauses the queue."""

    __tablename__ = "task_queue"

    id: Mapped[int] = mapped_column(primary_key=True)
    paused: Mapped[bool]


class EvaluationResult(Base):
    """One plan's figures; times in milliseconds. The plan in full is in the task's details.

    ``rank`` orders feasible plans from 1; an infeasible plan has none. Disaggregated deployments
    may share the plan of their decode pool, which is the one in the columns.
    """

    __tablename__ = "evaluation_results"
    __table_args__ = (
        UniqueConstraint("task_id", "rank"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("evaluation_tasks.id", ondelete="CASCADE"))
    rank: Mapped[int | None]
    dp: Mapped[int]
    tp: Mapped[int]
    pp: Mapped[int]
    ep: Mapped[int]
    sp: Mapped[int]
    moe_tp: Mapped[int]
    chips: Mapped[int]
    throughput: Mapped[float | None]
    tps_per_chip: Mapped[float | None]
    ttft: Mapped[float | None]
    tpot: Mapped[float | None]
    mfu: Mapped[float | None]
    mbu: Mapped[float | None]
    score: Mapped[float | None]
    is_feasible: Mapped[bool]
    infeasible_reason: Mapped[str | None] = mapped_column(Text)
    full_result: Mapped[dict[str, Any]]
    """What names the plan beside the columns, such as its concurrency (``batch_size``)."""
    created_at: Mapped[datetime]


class EvaluationDetails(Base):
    """All that a task found but its points: plans in full, and what is beside them.

    A row beside the task, as lists are read without it, and one for all plans, as they repeat each
    other.
    """

    __tablename__ = "evaluation_details"

    task_id: Mapped[int] = mapped_column(
        ForeignKey("evaluation_tasks.id", ondelete="CASCADE"), primary_key=True
    )
    data: Mapped[bytes] = mapped_column(LargeBinary)
    """JSON in xz's format: ``plans`` by rank, then those that don't fit, and ``findings``."""


class EvaluationPoints(Base):
    """Every feasible point of a completed task: a row beside it, as tasks are read without them."""

    __tablename__ = "evaluation_points"

    task_id: Mapped[int] = mapped_column(
        ForeignKey("evaluation_tasks.id", ondelete="CASCADE"), primary_key=True
    )
    layout: Mapped[dict[str, Any]]
    """What the data has, as ``planner.results.points.PointLayout``."""
    data: Mapped[bytes] = mapped_column(LargeBinary)
    """Columns of numbers as ``stored.points`` packs them."""


class SavedQuestion(Base):
    """An evaluation that somebody keeps under a name."""

    __tablename__ = "saved_questions"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    request: Mapped[dict[str, Any]]
    """As it was given: what the catalogue says of a name may change."""
    updated_at: Mapped[datetime]


class TaskTag(Base):
    """A user's word on a task."""

    __tablename__ = "task_tags"
    __table_args__ = (Index(None, "task_id"),)

    tag: Mapped[str] = mapped_column(String(50), primary_key=True)
    task_id: Mapped[int] = mapped_column(
        ForeignKey("evaluation_tasks.id", ondelete="CASCADE"), primary_key=True
    )


class ExperimentTag(Base):
    """A user's word on an experiment."""

    __tablename__ = "experiment_tags"
    __table_args__ = (Index(None, "experiment_id"),)

    tag: Mapped[str] = mapped_column(String(50), primary_key=True)
    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )


class SubmissionKey(Base):
    """An Idempotency-Key with the submission it stands for; no two submissions have the same."""

    __tablename__ = "submission_keys"
    __table_args__ = (Index(None, "task_id"), Index(None, "created_at"))

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    task_id: Mapped[int] = mapped_column(ForeignKey("evaluation_tasks.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]


class ApiToken(Base):
    """A token that lets its bearer in, on every server of this database."""

    __tablename__ = "api_tokens"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class AccessGuard(Base):
    """Whether everybody needs a token: a single row, absent until the first token is made."""

    __tablename__ = "access_guard"

    id: Mapped[int] = mapped_column(primary_key=True)
    guarded: Mapped[bool]
