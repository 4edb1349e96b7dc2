"""Named places at which a test may have the server die, as if by kill -9 at that moment."""

import os
import signal

VARIABLE = "TIER6_CRASH_AT"


def reached(name: str) -> None:
    """Dies here when the environment says so; only tests set that."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
