"""Calibration on measured serving runs: factors of engines, corrections, and what error is left."""
