"""The model card: facts from the file, and entries to fill in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

import tidynet as tn
from tidynet.evaluation.section import EvaluationSection
from tidynet.output.report.model_card import TO_FILL_IN, model_card
from tidynet.workflow import TrainOptions, fit_and_evaluate


def test_a_trained_model_fills_the_fields(tmp_path: Path) -> None:
    from tidynet.workflow import TrainOptions, run

    made = run(
        "penguins", TrainOptions("species", out=tmp_path / "out", max_epochs=2, effort="fast", command="tidynet train")
    )
    card = model_card(tn.load(tmp_path / "out" / "model.tidynet"), "model.tidynet")
    assert card.startswith("# Model card: prediction of `species`\n")
    for part in (
        "multiclass: `Adelie`",
        "344 rows",
        "69 test",
        "`island` | nominal, 3 categories",
        "`tidynet train`",
        "Seed: 0",
    ):
        assert part in card
    accuracy = made.evaluation.to_dict()["network"]["accuracy"]["value"]
    assert f"| **accuracy** (higher is better) | network | {accuracy:.2f}" in card
    sections = [line for line in card.splitlines() if line.startswith("## ")]
    assert sections[:4] == ["## Model details", "## Intended use", "## Factors", "## Training data"]
    assert card.count(TO_FILL_IN) == 9


def test_what_the_file_lacks_is_to_fill_in() -> None:
    model = tn.MLPRegressor(max_iter=2, preset="tidynet", n_networks=1).fit(np.arange(60.0)[:, None], np.arange(60.0))
    card = model_card(model)
    assert "Table: **To fill in**" in card
    assert "**To fill in**: the scores on rows outside the training set" in card


def test_sections_of_retrained_networks_are_below_the_scores() -> None:
    model = fit_and_evaluate(
        tn.read("penguins"), TrainOptions(target="species", effort="fast", max_epochs=2, sections="scores")
    ).model
    assert "### " not in model_card(model)
    folds = EvaluationSection(
        "cross-validation",
        "Cross-validation",
        ("On 344 rows it wins: 0.1_a_.",),
        ("", "network", "a|b"),
        (("accuracy", "0.9 (0.8 to 1)", "0.5"), ("log loss", "0.1", "")),
    )
    curve = EvaluationSection("learning curve", "Learning curve", ("Not available: 9 rows.",))
    model.record_["evaluation"]["sections"] = [one.to_dict() for one in (curve, folds)]
    text = model_card(model).split("## Evaluation")[1].split("## Uncertainty")[0]
    assert text.endswith(
        """

### Learning curve

Not available: 9 rows.

### Cross-validation

On 344 rows it wins: 0.1\\_a\\_.

|  | network | a\\|b |
|---|---|---|
| accuracy | 0.9 (0.8 to 1) | 0.5 |
| log loss | 0.1 |  |

"""
    )


def test_hostile_names_stay_in_their_cells() -> None:
    name = "a|b`c\nd<script>"
    frame = pl.DataFrame({name: ["x", "y"] * 30, "z": np.arange(60.0)})
    model = tn.MLPRegressor(max_iter=2, n_networks=1).fit(tn.read(frame), np.arange(60.0))
    rows = [line for line in model_card(model).splitlines() if "script" in line]
    assert rows == ["| `a\\|bʼc d<script>` | nominal, 2 categories | none |"] or "boolean" in rows[0]


def test_hostile_labels_are_shown_as_they_are() -> None:
    odd = "<i>weiß|nicht</i>"
    frame = pl.DataFrame({"x": np.arange(80.0), "a|b": ["p", "q"] * 40, "y": [odd, "_b_"] * 40})
    experiment = fit_and_evaluate(tn.read(frame), TrainOptions(target="y", effort="fast", sections="scores"))
    card = model_card(experiment.model)
    assert "| **F1 of \\<i\\>weiß\\|nicht\\</i\\>** (higher is better) | network |" in card
    assert "| **F1 of \\_b\\_** (higher is better) | network |" in card
    assert f"`{odd}`" in card  # between backticks, and in no table, nothing is escaped
    assert "| `a\\|b` |" in card
    assert "<i>" not in card.replace(f"`{odd}`", "")


def test_a_column_of_free_text_is_listed_once() -> None:
    words = [f"a note of six words {n}" for n in range(60)]
    frame = pl.DataFrame({"x": np.arange(60.0), "note": words})
    model = tn.MLPRegressor(max_iter=2, n_networks=1).fit(tn.read(frame), np.arange(60.0))
    assert "`note` (free text, 6 words on average)." in model_card(model)
