"""How alike the errors of two plans of one case are: shares of variance out of held-out runs.

``residuals`` predicts each run by fits that were not shown its curve, or its case; ``shares`` finds
what part of the errors' variance two runs share by how far apart their plans and loads are. The
figures go into ``catalogue/uncertainty.toml``.
"""
