"""What a command imports before it runs: each waits only for what it needs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = ("--model", "llama-3.1-8b", "--topology", "server-8", "--hardware", "h100-sxm")
SERVICE = ("fastapi", "sqlalchemy", "llm_simulator.task_manager", "llm_simulator.settings")
FITS = ("scipy", "llm_simulator.planner.calibration", "distributed", "pyarrow")
PLANNER = ("numpy", "llm_simulator.planner", "llm_simulator.catalogue")


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        (("--help",), (*SERVICE, *FITS, *PLANNER)),
        (("version",), (*SERVICE, *FITS, *PLANNER)),
        (("token", "list"), ("fastapi", "llm_simulator.task_manager", *FITS, *PLANNER)),
        (("catalogue", "chips"), (*SERVICE, *FITS, "llm_simulator.planner.search")),
        (("evaluate", *SMALL, "--plan", "tp=8"), (*SERVICE, *FITS)),
        (("explain", *SMALL, "--plan", "tp=8"), (*SERVICE, *FITS)),
        # The web stack is imported, and then the port refused.
        (("serve", "--port", "65536"), FITS),
    ],
)
def test_a_command_imports_only_what_it_needs(
    command: tuple[str, ...], unwanted: tuple[str, ...], tmp_path: Path
) -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "llm_simulator", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path), "TIER6_DATA_DIR": str(tmp_path)},
    )
    imported = set(re.findall(r"^import time: .*\| +(\S+)$", run.stderr, re.MULTILINE))
    assert "llm_simulator.cli.main" in imported
    assert "Traceback" not in run.stderr
    assert imported.isdisjoint(unwanted), run.stderr[-2000:]
