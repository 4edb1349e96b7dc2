"""The pure wing: no file, clock, log, HTTP or SQL."""
