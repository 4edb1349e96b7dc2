"""The service's settings: one frozen value, read from the environment, passed to create_app."""

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from llm_simulator.errors import FieldProblem, InvalidInput

PREFIX = "TIER6_"
PACKAGE = Path(__file__).resolve().parent
BACKEND = PACKAGE.parent
CHECKOUT = (BACKEND / "pyproject.toml").is_file()
"""Whether this is a working copy and not an installed package."""
PAGE = PACKAGE / "page"
"""The built page in an installed package (hatch_build.py)."""
DATABASE_FILE = "llm_evaluations.db"
FRONT_END_ORIGINS = ("http://localhost:3100", "http://127.0.0.1:3100")


class Settings(BaseSettings):
    """Every setting with its default; ``TIER6_PORT=9000`` in the environment changes ``port``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, populate_by_name=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8001, ge=0, le=65535)
    data_dir: Path = BACKEND / "data" if CHECKOUT else user_data_path("tier6", appauthor=False)
    database_url: str | None = Field(
        default=None, validation_alias=AliasChoices("TIER6_DATABASE_URL", "DATABASE_URL")
    )
    max_running_tasks: int = Field(default=4, ge=1)
    chunk_timeout_seconds: float = Field(default=600.0, gt=0)
    ageing_seconds: float = Field(default=600.0, gt=0)
    lease_seconds: float = Field(default=10.0, gt=0)
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    executor_url: str = Field(
        default="local", validation_alias=AliasChoices("TIER6_EXECUTOR", "TIER6_EXECUTOR_URL")
    )
    dask_tls_ca: Path | None = None
    """With the two below: certificates that server, scheduler and workers of a cluster show."""
    dask_tls_cert: Path | None = None
    dask_tls_key: Path | None = None
    worker_niceness: int = Field(default=10, ge=0, le=19)
    preview_workers: int = Field(default=2, ge=0)
    """Processes that answer previews and nothing else; none switches previews off."""
    preview_evaluations: int = Field(default=20_000, ge=1)
    preview_queue: int = Field(default=32, ge=0)
    preview_seconds: float = Field(default=5.0, gt=0)
    root_path: str = Field(default="", pattern=r"^(/[\w.~-]+)*$")
    """The path under which a proxy in front offers the service, such as /tier6."""
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may use the API, beside the service's own and the development server."""
    static_dir: Path = PAGE if PAGE.is_dir() else BACKEND.parent / "frontend" / "dist"

    # Limits: what is beyond them gets a 413, 422 or 429 that says so.
    max_body_bytes: int = Field(default=2_000_000, ge=1)
    max_import_bytes: int = Field(default=64_000_000, ge=1)
    max_import_tasks: int = Field(default=10_000, ge=1)
    max_json_depth: int = Field(default=32, ge=8)
    max_search_plans: int = Field(default=1_000_000_000, ge=1)
    max_queued_tasks: int = Field(default=10_000, ge=1)

    retention_days: int | None = Field(default=None, ge=1, le=36_500)
    """Days after which ended tasks are removed unless pinned; None keeps all."""

    # Who may use the service (security/).
    allow_unauthenticated: bool = False
    api_tokens: Annotated[tuple[str, ...], NoDecode] = ()
    """SHA-256 hashes of tokens, beside those of ``tier6 token create``; they guard access too."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Names under which the service is reached, beside localhost and plain addresses."""

    # Watching it (live/, observability/).
    heartbeat_seconds: float = Field(default=15.0, gt=0)
    websocket_queue: int = Field(default=1_000, ge=10)
    max_websockets: int = Field(default=2_000, ge=1)
    send_timeout_seconds: float = Field(default=60.0, ge=1)
    """After so long a client that takes nothing of what is sent loses its connection."""
    webhook_url: str | None = Field(default=None, pattern=r"^https?://[^/\s]+")
    """Where every task's end is posted (live/webhook.py); of several servers on one database only
    one should have it."""
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    tracing: bool = False
    """OpenTelemetry traces, sent where OTEL_EXPORTER_OTLP_ENDPOINT says; needs tier6[otel]."""

    @field_validator("allowed_origins", "api_tokens", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """The parts of a comma-separated text, the form an environment variable has."""
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("root_path")
    @classmethod
    def _not_ours(cls, value: str) -> str:
        if value.split("/")[1:2] in (["api"], ["ws"], ["metrics"]):
            raise ValueError("can't begin with an address of the service itself")
        return value

    @field_validator("api_tokens")
    @classmethod
    def _hashes(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if not re.fullmatch(r"[0-9a-f]{64}", value):
                raise ValueError("needs SHA-256 hashes of tokens, 64 hexadecimal digits each")
        return values

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database in force."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{self.data_dir / DATABASE_FILE}"

    @property
    def origins(self) -> frozenset[str]:
        """Origins whose pages may use the API, beside those of the address that was asked."""
        given = (*FRONT_END_ORIGINS, *self.allowed_origins)
        return frozenset(origin.rstrip("/").lower() for origin in given)


def settings_of(**given: Any) -> Settings:
    """The settings of the environment, with those ``given`` in their place.

    Raises InvalidInput naming each setting that can't be read, or that there is none of.
    """
    _refuse_misspelt(os.environ)
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = [
            FieldProblem(str(e["loc"][0]), f"{e['msg']}{_given(e['loc'][0], e['input'])}")
            for e in error.errors()
        ]
        raise InvalidInput(problems) from error


def _given(field: int | str, value: Any) -> str:
    """What was given, unless somebody may have put a secret there."""
    return "" if field in ("api_tokens", "webhook_url") else f" (given: {value})"


def _refuse_misspelt(environment: Iterable[str]) -> None:
    """Raises InvalidInput for a variable that looks like a setting and is none.

    >>> _refuse_misspelt(["HOME", "TIER6_WORKER"])
    Traceback (most recent call last):
    llm_simulator.errors.InvalidInput: TIER6_WORKER: is no setting. Nearest: TIER6_WORKERS
    """
    given = {name for name in environment if name.upper().startswith(PREFIX)}
    unknown = sorted(name for name in given if name.upper() not in VARIABLES)
    if unknown:
        raise InvalidInput([FieldProblem(name, _no_setting(name)) for name in unknown])


def _no_setting(name: str) -> str:
    near = get_close_matches(name.upper(), sorted(VARIABLES), n=1)
    return "is no setting." + (f" Nearest: {near[0]}" if near else " README.md lists them.")


def _variables(name: str, field: FieldInfo) -> Iterable[str]:
    alias = field.validation_alias
    return map(str, alias.choices) if isinstance(alias, AliasChoices) else [PREFIX + name.upper()]


VARIABLES = frozenset(
    {variable for name, f in Settings.model_fields.items() for variable in _variables(name, f)}
    | {"TIER6_CRASH_AT"}  # set by tests that end a server in the middle (crash_points.py)
)
"""Every environment variable that means something."""
