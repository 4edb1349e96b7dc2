"""The service's settings: one frozen value, read from the environment, passed to create_app."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from llm_simulator.errors import FieldProblem, InvalidInput

BACKEND = Path(__file__).resolve().parents[1]
DATABASE_FILE = "llm_evaluations.db"
FRONT_END_ORIGINS = ("http://localhost:3100", "http://127.0.0.1:3100")


class Settings(BaseSettings):
    """Every setting with its default; ``TIER6_PORT=9000`` in the environment changes ``port``."""

    model_config = SettingsConfigDict(env_prefix="TIER6_", frozen=True, populate_by_name=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8001, ge=0, le=65535)
    data_dir: Path = BACKEND / "data"
    database_url: str | None = Field(
        default=None, validation_alias=AliasChoices("TIER6_DATABASE_URL", "DATABASE_URL")
    )
    max_running_tasks: int = Field(default=4, ge=1)
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = FRONT_END_ORIGINS
    static_dir: Path = BACKEND.parent / "frontend" / "dist"
    max_body_bytes: int = Field(default=2_000_000, ge=1)
    max_import_bytes: int = Field(default=64_000_000, ge=1)
    retention_days: int | None = Field(default=None, ge=1, le=36_500)

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """The origins of a comma-separated text, the form an environment variable has."""
        if not isinstance(value, str):
            return value
        return tuple(origin.strip() for origin in value.split(",") if origin.strip())

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database in force."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{self.data_dir / DATABASE_FILE}"

    @property
    def origins(self) -> frozenset[str]:
        """Origins whose pages may use the API: the listed ones and the service's own."""
        own = {f"http://{host}:{self.port}" for host in (self.host, "localhost", "127.0.0.1")}
        return frozenset(origin.rstrip("/") for origin in self.allowed_origins) | own


def settings_of(**given: Any) -> Settings:
    """The settings of the environment, with those ``given`` in their place.

    Raises InvalidInput naming each setting that can't be read.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = [
            FieldProblem(str(e["loc"][0]), f"{e['msg']} (given: {e['input']})")
            for e in error.errors()
        ]
        raise InvalidInput(problems) from error
