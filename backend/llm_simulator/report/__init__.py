"""A result as one HTML file that opens anywhere: nothing is fetched, no script runs."""

from llm_simulator.report.report import html_report
from llm_simulator.report.words import Language

__all__ = ["Language", "html_report"]
