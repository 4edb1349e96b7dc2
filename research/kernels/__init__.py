"""Curves of single kernels, fitted on tables of measured times per chip and engine.

``fit_kernels`` (fit.py) reads a folder of tables and returns a ``KernelFit``; document.py writes it
to a TOML file and reads it back; curve.py has the two formulas that the coefficients belong to.
"""
