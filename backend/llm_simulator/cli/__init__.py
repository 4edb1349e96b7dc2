"""The command line: ``tier6 serve | evaluate | catalogue | validate``."""

from llm_simulator.cli.main import main

__all__ = ["main"]
