"""Evaluation tasks: submit, prioritise, cancel, retry, delete, resume.

The database is the truth. ``store`` makes every change of state together with its event; ``keeper``
is the one thread that takes tasks up and stores what ``run`` computes in the executor's workers,
through ``feeder``, which says whose chunk is next. ``events`` tells the subscribers what the log
says, ``heart`` keeps the servers on one database apart. Nothing here knows HTTP or sockets.
"""
