"""A column with thousands of levels is used, although each category has few rows."""

import numpy as np
import polars as pl

import tidynet as tn


def test_thousands_of_levels_come_near_the_best_that_can_be_said():
    rng = np.random.default_rng(0)
    levels, rows, training = 2_000, 10_000, 8_000
    code, effect = rng.integers(0, levels, rows), rng.normal(size=levels)
    yes = effect[code] + rng.normal(size=rows) > 0
    table = pl.DataFrame({"city": [f"city {one}" for one in code], "noise": rng.normal(size=rows)})
    model = tn.MLPClassifier(random_state=0, effort="fast").fit(table[:training], yes[:training])

    seen = np.bincount(code[:training], minlength=levels)
    shrunk = (np.bincount(code[:training], yes[:training], levels) + 1) / (seen + 2)
    best = ((shrunk[code[training:]] > 0.5) == yes[training:]).mean()
    ours = (model.predict(table[training:]) == yes[training:]).mean()
    assert ours > best - 0.02
