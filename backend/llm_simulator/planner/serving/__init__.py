"""Prefill and decode steps put together: what a user of the deployment sees."""
