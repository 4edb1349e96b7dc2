"""Evaluation tasks: create, submit, cancel, delete, recover.

The database is the truth; up to ``max_running`` tasks run at once in the executor's workers, and
every change is published to the subscribers. Nothing here knows HTTP or sockets.
"""
