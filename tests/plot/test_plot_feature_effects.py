"""Figures of explanations, from plain data."""

from __future__ import annotations

from typing import Any

import pytest

from tidynet.plot import plot_contributions, plot_effect, plot_importance, plot_pair_effect, plot_subgroups, svg


def curve(name: str, *, local: bool) -> dict[str, Any]:
    values = [0.1, 0.5, 0.3]
    effect = {"name": name, "partial_dependence": values, "low": [0.0, 0.4, 0.2], "high": [0.2, 0.6, 0.4]}
    return effect | {"ale": values if local else [], "ale_low": values, "ale_high": values}


@pytest.mark.parametrize("names", [["yes"], ["a", "b", "c"]])
@pytest.mark.parametrize("is_number", [True, False])
def test_an_effect_has_a_line_for_each_class_and_a_panel_for_each_way(names: list[str], is_number: bool) -> None:
    facts = {
        "column": "$x_1$", "is_number": is_number, "grid_values": [1.0, 2.0, 4.0], "labels": ["1", "2", "4"],
        "rug": [1.0, 1.5] if is_number else [], "curves": [curve(name, local=is_number) for name in names],
    }  # fmt: skip
    figure = plot_effect(facts)
    assert len(figure.axes) == (2 if is_number else 1)
    assert [axes.get_ylabel() for axes in figure.axes] == ["mean prediction", "accumulated local effect"][
        : len(figure.axes)
    ]
    labels = figure.axes[0].get_legend_handles_labels()[1]
    assert labels == names
    assert "$x_1$" in svg(figure, alt="effect")


def test_importances_that_are_not_significant_are_muted() -> None:
    groups = [
        {"columns": ["age", "born"], "value": 0.2, "low": 0.1, "high": 0.3},
        {"columns": ["city"], "value": 0.0, "low": -0.1, "high": 0.1},
    ]
    axes = plot_importance({"score": "RMSE", "groups": groups}).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["age + born", "city"]
    assert axes.lines[0].get_color() != axes.lines[2].get_color()


def test_a_pair_effect_shows_each_value() -> None:
    facts = {
        "columns": ["a", "b"],
        "labels": [["1", "2"], ["u", "w"]],
        "partial": [[0.0, 0.25], [0.5, 1.0]],
        "name": "yes",
    }
    axes = plot_pair_effect(facts).axes[0]
    assert sorted(text.get_text() for text in axes.texts) == ["0.00", "0.25", "0.50", "1.00"]
    flat = plot_pair_effect(facts | {"partial": [[20_000.0, 20_000.0], [20_000.0, 20_000.0]]})
    assert {text.get_text() for text in flat.axes[0].texts} == {"20k"}


@pytest.mark.parametrize(("count", "bars"), [(9, 9), (15, 9)])
def test_contributions_lead_from_the_average_to_the_prediction(count: int, bars: int) -> None:
    columns = [{"column": f"c{index}", "shown": "1", "value": 0.1, "error": 0.01} for index in range(count)]
    facts = {
        "row": 1234,
        "of": "probability of 'yes'",
        "base_value": 0.2,
        "prediction": 0.2 + 0.1 * count,
        "columns": columns,
    }
    axes = plot_contributions(facts).axes[0]
    assert len(axes.patches) == bars
    for index, patch in enumerate(axes.patches):
        assert patch.get_x() == pytest.approx(0.2 + 0.1 * index)
    assert axes.patches[-1].get_x() + axes.patches[-1].get_width() == pytest.approx(facts["prediction"])
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert (names[0], names[-1]) == ("mean prediction", "row 1,234")
    assert names[-2] == ("c8 = 1" if count == 9 else "7 others")


def test_a_weak_subgroup_stands_beside_the_rows_elsewhere() -> None:
    groups = [{"conditions": ["'a' is 'u'", "'b' is 'w'"], "loss": 0.6, "loss_elsewhere": 0.2}]
    axes = plot_subgroups({"measure": "Brier score", "found": groups}).axes[0]
    assert axes.get_yticklabels()[0].get_text() == "'a' is 'u'\nand 'b' is 'w'"
    assert axes.get_legend_handles_labels()[1] == ["subgroup", "other rows"]
    assert plot_subgroups({"measure": "absolute error", "found": []}).axes[0].get_xlabel() == "mean absolute error"
