"""Evidence: predictions beside public figures and measured curves, kept where a diff shows.

.. code-block:: text

    public_figures.toml   public end-to-end figures, each with its source
    figures.py            those figures, read
    answers.py            what the model predicts for them
    curves.py             measured runs, one line per curve and per group of runs
    latencies.py          measured runs and predictions beside them, as columns
    decisions.py          regret: would the plan that ranks first have won?
    fronts.py             what a search promises beside measured fronts
    held_out.py           errors and regret of runs held back, split by split
    support.py            model by chip by engine: what predictions rest on
    baseline.py           baseline.csv: every line of the evidence
    scatter.py            predicted against measured, as a picture
    page.py  promises.py  tables.py    docs/accuracy.md
    evidence.py           ``make validate``
    gallery.py  front_picture.py       ``make evidence``: runs over fronts, not committed
"""
