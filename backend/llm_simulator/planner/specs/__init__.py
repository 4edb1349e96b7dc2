"""Inputs: what is served, on what, under which load. Validated, frozen, never computing time."""
