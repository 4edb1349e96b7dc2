"""Published configs that tests read: facts of config.json files with their sizes."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "planner" / "specs" / "published"


def published(name: str) -> dict[str, Any]:
    """The config of one of them, to change at will."""
    config: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())["config"]
    return config
