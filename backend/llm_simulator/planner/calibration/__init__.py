"""Fits on measured serving runs, and predictions against them.

``measurement`` is one run, ``prediction`` what the model says of it, ``comparison`` the errors of
many. A fit takes them as columns (``runs``), says what the formulas give for any factors
(``uncorrected``), finds the ``factors`` and the ``corrections`` of each of its ``levels``, and how
far held-out runs were off (``intervals``); ``calibrate`` puts it together, ``document`` writes it.
"""
