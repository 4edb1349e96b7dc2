"""A start that can't be: one sentence that names the setting, never a traceback or a password."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BACKEND = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("TIER6_PORT", "abc", "port"),
        ("TIER6_PORT", "99999", "port"),
        ("TIER6_WORKERS", "0", "workers"),
        ("TIER6_HOST", "not-an-address", "Can't listen on not-an-address"),
        ("TIER6_HOST", "0.0.0.0", "tier6 token create"),
        ("TIER6_WORKER", "2", "TIER6_WORKERS"),
        ("TIER6_ROOT_PATH", "/api/x", "root_path"),
        ("TIER6_API_TOKENS", "secret", "api_tokens"),
        ("TIER6_DATA_DIR", "/proc/nowhere", "data_dir"),
        ("DATABASE_URL", "foo", "database_url"),
        ("DATABASE_URL", "foo://user:secret@host/name", "database_url"),
        ("DATABASE_URL", "mysql://user:secret@host/name", "mysql is not supported"),
        ("DATABASE_URL", "postgresql+asyncpg://user:secret@host/name", "asyncpg is not supported"),
        ("DATABASE_URL", "postgresql://user:secret@host:port/name", "database_url"),
        ("DATABASE_URL", "sqlite://", "memory"),
        ("DATABASE_URL", "postgresql://user:secret@127.0.0.1:1/name", "database_url"),
    ],
)
def test_an_impossible_setting_is_refused_in_one_sentence(
    variable: str, value: str, named: str, tmp_path: Path
) -> None:
    setting = {"TIER6_PORT": "0", "TIER6_DATA_DIR": str(tmp_path), variable: value}
    start = subprocess.run(
        [sys.executable, "main.py"],
        cwd=BACKEND,
        env=os.environ | setting,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert start.returncode == 1
    assert named in start.stderr
    assert "Traceback" not in start.stderr
    assert "secret" not in start.stderr
