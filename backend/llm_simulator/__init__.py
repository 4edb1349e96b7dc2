"""Tier6: which parallel plan, on which chips and topology, serves this model, and how fast."""

__version__ = "0.1.0"
