"""The command line: ``tier6 --help`` lists its commands."""

from llm_simulator.cli.main import main

__all__ = ["main"]
