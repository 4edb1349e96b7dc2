"""Which Tier6 a process runs: servers and workers compare it, as figures depend on the code."""

import hashlib
import importlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import llm_simulator


def registered(modules: Sequence[str]) -> str:
    """The code this process runs, after it has imported ``modules``: it is warm then."""
    for module in modules:
        importlib.import_module(module)
    return code_identity()


def code_identity() -> str:
    """Version and digest of the code, such as ``0.1.0 (code 3f2a9c01)``."""
    return f"{llm_simulator.__version__} (code {_digest()})"


@cache
def _digest() -> str:
    root = Path(llm_simulator.__file__).parent
    files = sorted(path for path in root.rglob("*") if path.suffix in {".py", ".toml", ".json"})
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]
