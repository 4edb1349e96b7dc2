"""What is written beside a task: its results, search columns, experiment and submission key."""
