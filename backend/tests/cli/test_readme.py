"""The commands of README.md, run as they stand there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.planner.calibration.measured import measurements_of, runs_with, write_csv

REPOSITORY = Path(__file__).resolve().parents[3]
RUNS = [("qwen3-32b", "h20", "vllm", 8, (2048, 512), concurrency) for concurrency in (1, 8, 32, 96)]
"""The measurements of a reader's own cluster."""


def commands() -> list[list[str]]:
    """The words behind every ``.venv/bin/tier6`` in README's blocks."""
    text = (REPOSITORY / "README.md").read_text("utf-8").replace("\\\n", " ")
    blocks = "\n".join(re.findall(r"```bash\n(.*?)```", text, re.DOTALL))
    lines = re.findall(r"^\.venv/bin/tier6 (.*)$", blocks, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    """A folder like ``backend`` in which commands may write."""
    folder = tmp_path / "backend"
    folder.mkdir()
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    write_csv(folder / "runs.csv", measurements_of(runs_with(configurations=RUNS), RUNS))
    return folder


def test_every_command_of_the_readme_does_what_it_says(backend: Path) -> None:
    found = commands()
    commands_told = {"evaluate", "explain", "explore", "catalogue", "validate", "calibrate"}
    assert {words[0] for words in found} == commands_told
    for words in found:
        run = subprocess.run(
            [sys.executable, "-m", "llm_simulator", *words],
            cwd=backend,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, f"{shlex.join(words)}: {run.stderr}"
        assert run.stdout
    assert (backend / "predictions.csv").is_file()
    assert (backend / "plan.json").is_file()
