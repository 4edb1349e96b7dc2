"""Rows of the table of architectures, by family."""
