"""Puts the built web page into the package, so that an installed Tier6 serves it."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = "llm_simulator/page"


class PageHook(BuildHookInterface):
    """Adds ``frontend/dist``; an editable install serves it from where it was built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Ends the build with one sentence where the page was not built."""
        root = Path(self.root)
        # LICENSE and README.md are links out of this folder, which an archive must not hold.
        files = {str(Path(file).resolve()): to for file, to in build_data["force_include"].items()}
        # A source archive already has the page where the package wants it.
        if version != "editable" and not (root / PAGE / "index.html").is_file():
            built = root.parent / "frontend" / "dist"
            if not (built / "index.html").is_file():
                raise SystemExit(f"{built} has no built page: run make frontend first.")
            files[str(built)] = PAGE
        build_data["force_include"] = files
