"""A studio's own eye: from choices between pairs of grades to a head of the scorer that predicts them.

`choices` reads the CSV of the panel or of a formal test, `screening` finds raters whose choices are not like
those of the others, `thurstone` scales choices to JOD with intervals, `head` is fine-tuned on them, `holdout`
says how well it predicts choices of scenes that it was not taught on, beside the stock scorer, and `house` is
the file that comes of it. `design` chooses what to compare. Nothing here opens a picture.
"""
