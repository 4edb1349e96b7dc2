"""Coefficients from measurements: what kernels reach of a chip's data sheet, with its residuals."""
