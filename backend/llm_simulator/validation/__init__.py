"""Predictions against measured serving runs: read, predict, compare."""
