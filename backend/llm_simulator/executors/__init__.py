"""Where chunks of work run: this machine's processes (a cluster engine has the same surface)."""
