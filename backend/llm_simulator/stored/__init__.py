"""Forms in which tables hold what is large; steps of migrations know them too."""
