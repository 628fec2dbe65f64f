"""Figures: their structure says what the notes ask for."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.plot import evaluation as results
from tidynet.plot.single_column import bars, histogram, plot_column
from tidynet.plot.training_curve import plot_training_curve
from tidynet.profiling.counts import Bars, count_values
from tidynet.table.variable_type import TypeInference, VariableType

NAMES = ["Ana", "$x^2$ & co_1", "محمد علي", "東京都", "🍎", "a very long category name that goes on and on", ""]


def drawn(figure: Any) -> Any:
    figure.draw_without_rendering()  # lays everything out: warnings are errors here
    return figure.axes[0]


def labels(axes: Any, axis: str) -> list[str]:
    return [label.get_text() for label in getattr(axes, f"get_{axis}ticklabels")()]


def history(losses: list[float | None], validation: list[float | None], best: int) -> dict[str, Any]:
    pairs = enumerate(zip(losses, validation, strict=True), start=1)
    return {
        "epochs": [{"epoch": e, "training_loss": t, "validation_loss": v} for e, (t, v) in pairs],
        "best_epoch": best,
    }


def test_short_names_stand_below_upright_bars_of_one_color() -> None:
    axes = drawn(bars(Bars(("b", "a"), (5, 2)), "group"))
    assert labels(axes, "x") == ["b", "a"]
    assert [int(bar.get_height()) for bar in axes.patches] == [5, 2]
    assert len({bar.get_facecolor() for bar in axes.patches}) == 1
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("group", "rows")


def test_long_names_make_bars_lie_down_from_the_top() -> None:
    axes = drawn(bars(Bars(("a long name of a level", "b"), (5, 2), 3, 4), "group"))
    assert labels(axes, "y") == ["a long name of a level", "b", "3 others"]
    assert [int(bar.get_width()) for bar in axes.patches] == [5, 2, 4]
    assert axes.yaxis_inverted()
    assert [text.get_text() for text in axes.texts] == ["5", "2", "4"]


def test_whole_numbers_are_centered_on_their_ticks() -> None:
    counts = count_values(pl.Series([1, 2, 2, 3]))
    assert counts is not None
    axes = drawn(histogram(counts, "rank"))
    assert labels(axes, "x") == ["1", "2", "3"]
    assert [bar.get_x() for bar in axes.patches] == [0.5, 1.5, 2.5]


def test_skewed_values_are_drawn_on_a_log_axis_with_natural_labels() -> None:
    counts = count_values(pl.Series(10 ** np.random.default_rng(0).normal(4, 0.7, 400)))
    assert counts is not None
    axes = drawn(histogram(counts, "income"))
    assert axes.get_xscale() == "log"
    assert {"1000", "10k", "100k"} <= set(labels(axes, "x"))


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (NAMES * 3, VariableType.NOMINAL),
        ([f"level {i}" for i in range(1000)], VariableType.NOMINAL),
        ([1e300, -1e300, 0.0], VariableType.CONTINUOUS),
        ([1e-310, 2e-310], VariableType.CONTINUOUS),
        ([5.0, 5.0], VariableType.CONTINUOUS),
        ([None, None], VariableType.CONSTANT),
        ([True, False, None], VariableType.BOOLEAN),
        (["2020-01-01", "2021-01-01"], VariableType.DATETIME),
    ],
)
def test_any_column_is_drawn_without_a_warning(values: list[Any], kind: VariableType, small: bool) -> None:
    axes = drawn(plot_column(pl.Series("$na_me$ 🍎", values), TypeInference(kind, "a reason"), small=small))
    assert "$na_me$" in axes.get_xlabel() + axes.get_ylabel()


def test_nothing_to_draw_is_said_in_words() -> None:
    axes = drawn(plot_column(pl.Series("id", ["a", "b"]), TypeInference(VariableType.IDENTIFIER, "a reason")))
    assert [text.get_text() for text in axes.texts] == ["no chart for type identifier"]


def test_a_training_curve_marks_the_epoch_kept() -> None:
    axes = drawn(plot_training_curve(history([0.9, 0.5, 0.4], [1.0, 0.6, 0.7], best=2)))
    names = [line.get_label() for line in axes.lines]
    assert names == ["training", "validation", "best epoch 2"]
    assert list(axes.lines[2].get_xdata()) == [2, 2]
    assert axes.get_yscale() == "linear"
    assert axes.get_ylim()[0] == 0


def test_further_restarts_lie_behind_and_within_the_axes() -> None:
    first = history([0.9, 0.5], [1.0, 0.6], best=2)
    axes = drawn(plot_training_curve(first, [history([5.0, 3.0, 2.0], [6.0, 3.0, 2.0], best=3)]))
    names = [str(line.get_label()) for line in axes.lines]
    assert names[2:] == ["training", "validation", "best epoch 2"]
    assert axes.get_ylim()[1] > 6
    assert axes.get_xlim()[1] > 3


def test_losses_that_fall_far_get_a_log_axis() -> None:
    axes = drawn(plot_training_curve(history([100.0, 10.0, 0.5], [90.0, 9.0, 1.0], best=3)))
    assert axes.get_yscale() == "log"
    assert {"1", "10", "100"} <= set(labels(axes, "y"))


@pytest.mark.parametrize(
    ("losses", "validation", "lines"),
    [
        ([], [], 1),
        ([0.5], [None], 2),
        ([None, 0.5], [None, None], 2),
        ([float("nan")], [float("inf")], 1),
        ([0.0, 0.0], [0.0, 0.0], 3),
        ([-3.0, -4.0], [-3.0, -3.5], 3),
    ],
)
def test_odd_histories_are_drawn(losses: list[float], validation: list[float], lines: int) -> None:
    axes = drawn(plot_training_curve(history(losses, validation, best=1)))
    assert len(axes.lines) == lines


def test_thousands_of_epochs_are_thinned_with_the_kept_and_the_last_one() -> None:
    losses = [1 / (e + 1) for e in range(5000)]
    axes = drawn(plot_training_curve(history(losses, losses, best=4321)))
    epochs = list(axes.lines[0].get_xdata())
    assert len(epochs) < 700
    assert {1, 4321, 5000} <= set(epochs)


def test_a_confusion_matrix_has_true_classes_down_and_predictions_across() -> None:
    axes = drawn(results.plot_confusion_matrix([[3, 1], [0, 2]], ["no", "yes"]))
    cells = {text.get_text(): text.get_position() for text in axes.texts}
    assert cells == {"3": (0, 0), "1": (1, 0), "2": (1, 1)}
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    assert labels(axes, "y") == ["no", "yes"]


def test_odd_class_names_are_drawn_without_a_warning() -> None:
    axes = drawn(results.plot_confusion_matrix(np.eye(len(NAMES), dtype=int), NAMES))
    assert labels(axes, "x")[1] == "$x^2$ & co_1"


def test_sixty_classes_are_shaded_without_numbers() -> None:
    axes = drawn(results.plot_confusion_matrix(np.eye(60, dtype=int) * 9 + 1, range(60)))
    assert not axes.texts
    assert 1 <= len(axes.patches) <= 6


def test_a_class_without_test_rows_is_drawn() -> None:
    axes = drawn(results.plot_confusion_matrix([[0, 0], [1, 2]], ["a", "b"]))
    assert sorted(text.get_text() for text in axes.texts) == ["1", "2"]


def test_few_pairs_are_points_and_both_axes_span_the_same() -> None:
    axes = drawn(results.plot_predicted_vs_actual([1.0, 2.0, np.nan], [2.0, 8.0, 1.0], "price"))
    assert len(axes.collections[0].get_offsets()) == 2
    assert axes.get_xlim() == axes.get_ylim()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("true price", "predicted price")


def test_many_pairs_are_counted_in_squares() -> None:
    truth = np.random.default_rng(0).normal(size=5000)
    axes = drawn(results.plot_predicted_vs_actual(truth, truth + 0.1))
    assert 1 <= len(axes.patches) <= 6
    first, second, last = (text.get_text() for text in axes.get_legend().get_texts())
    assert (first, last) == ("1 row per cell", "perfect prediction")
    assert second.endswith(" rows per cell")


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [([], []), ([5.0], [5.0]), ([0.0, 0.0], [0.0, 0.0]), ([1e300, -1e300], [0.0, 1e300]), ([1e-310], [2e-310])],
)
def test_odd_pairs_are_drawn(truth: list[float], predicted: list[float]) -> None:
    axes = drawn(results.plot_predicted_vs_actual(truth, predicted, "$y_1$ 🍎"))
    assert axes.get_xlabel().startswith("true $y_1$")


def test_skewed_pairs_get_log_axes() -> None:
    truth = 10 ** np.random.default_rng(0).normal(4, 0.7, 300)
    axes = drawn(results.plot_predicted_vs_actual(truth, truth * 1.1))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_scores_stand_in_order_with_the_network_on_top() -> None:
    score = {"value": 0.9, "low": 0.8, "high": 0.95}
    axes = drawn(results.plot_scores({"network": score, "ridge regression": score}, "R²"))
    assert labels(axes, "y") == ["network", "ridge regression"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_figures_know_no_pyplot() -> None:
    code = (
        "import sys; from tidynet.plot import *;"
        "svg(plot_confusion_matrix([[1]], ['a']), alt='x');"
        "print('matplotlib.figure' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "True False\n"
