"""Evaluation tasks: submit, prioritise, cancel, retry, delete, resume.

The database is the truth. ``store`` makes every change of state together with its event. Two
threads do the work and send each other ``commands``: ``scheduler`` owns the database, takes tasks
up and stores what is computed; ``dispatcher`` hands the chunks of each ``run`` to the executor,
``fair_scheduler`` says whose is next. ``events`` tells the subscribers what the log says,
``heartbeat`` keeps the servers on one database apart. Nothing here knows HTTP or sockets.
"""
