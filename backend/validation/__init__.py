"""Evidence: predictions beside public figures and measured curves, kept where a diff shows.

.. code-block:: text

    public_figures.toml   public end-to-end figures, each with its source
    figures.py            those figures, read
    answers.py            what the model predicts for them
    curves.py             measured runs, one line per curve and per group of runs
    baseline.py           baseline.csv: every line of the evidence
    scatter.py            predicted against measured, as a picture
    page.py  tables.py    docs/accuracy.md
    evidence.py           ``make validate``
"""
