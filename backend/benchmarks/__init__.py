"""Measurements of speed; `make bench`. No test depends on them."""
