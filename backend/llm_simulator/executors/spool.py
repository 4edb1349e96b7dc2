"""Shared values as files that this machine's workers read once each."""

import contextlib
import shutil
import tempfile
import threading
import weakref
from itertools import count
from pathlib import Path

from llm_simulator.executors.parcel import Shared


class Spool:
    """A folder with a file per shared value; the file goes when the value does."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tier6-"))
        self._paths: weakref.WeakKeyDictionary[Shared, Path] = weakref.WeakKeyDictionary()
        self._numbers = count()
        self._lock = threading.Lock()

    def path(self, shared: Shared) -> Path:
        """The value's file; written anew if something tidied it away."""
        with self._lock:
            path = self._paths.get(shared) or self._named(shared)
            if not path.exists():
                self.folder.mkdir(mode=0o700, exist_ok=True)
                path.write_bytes(shared.content)
        return path

    def close(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _named(self, shared: Shared) -> Path:
        # A number is never used twice: workers remember what they have read from a path.
        path = self.folder / str(next(self._numbers))
        self._paths[shared] = path
        weakref.finalize(shared, _remove, path)
        return path


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
