"""Single requests simulated step by step: percentiles, bursts, traces and goodput.

All decoding requests advance together, so an engine step costs the same however many run, and a
stretch of steps without prompts costs as much as one. Approximations: docs/model.md.
"""
