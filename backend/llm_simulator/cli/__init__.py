"""The command line: ``tier6 serve | evaluate | catalogue``."""

from llm_simulator.cli.main import main

__all__ = ["main"]
