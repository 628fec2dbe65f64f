"""Effects: grids, curves and sentences against direct computations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.evaluation import effects as module
from tidynet.evaluation import feature_grid
from tidynet.evaluation.effects import (
    EffectCurve,
    FeatureEffect,
    InteractionEffect,
    feature_effect,
    interaction_effect,
    strongest_interaction,
)
from tidynet.evaluation.evaluation_data import EvaluationData, predict_test_data
from tidynet.evaluation.feature_grid import make_feature_grid, representative_rows, sample_outputs
from tidynet.evaluation.sections import SPECS
from tidynet.evaluation.sections.effects import effect_sentence, interaction_sentence

Columns = Callable[[int, int], pl.DataFrame]
Made = Callable[..., EvaluationData]


class Classes:
    """A model of k classes whose scores are formulas of x and z."""

    def __init__(self, k: int) -> None:
        self.classes_ = np.array([f"class {number}" for number in range(k)])

    def predict(self, frame: pl.DataFrame) -> Any:
        return self.classes_[self.predict_proba(frame).argmax(axis=1)]

    def predict_proba(self, frame: pl.DataFrame) -> Any:
        raw = np.exp(np.outer(frame["x"].to_numpy(), np.arange(len(self.classes_))) + frame["z"].to_numpy()[:, None])
        return raw / raw.sum(axis=1, keepdims=True)


def of_k(frame: pl.DataFrame, k: int, codes: Any = None) -> EvaluationData:
    model: Any = Classes(k)
    labels = np.random.default_rng(0).integers(0, k, frame.height) if codes is None else codes
    return predict_test_data(model, frame, model.classes_[labels], "y")


def formula(frame: pl.DataFrame) -> Any:
    return frame["x"] * frame["z"] + frame["x"].sin() + 2.0 * (frame["city"] == "Oslo")


def test_partial_dependence_and_local_effects_are_means_over_the_rows(columns: Columns, of_numbers: Made) -> None:
    frame = columns(300, 0)
    data = of_numbers(frame, formula, 0.1)
    found = feature_effect(data, "x")
    assert found is not None
    x, values = frame["x"].to_numpy(), np.array(found.grid_values)
    ordered = np.sort(x)
    assert values == pytest.approx(ordered[np.linspace(0, 299, 15).round().astype(int)])

    def predicted(at: Any) -> Any:
        return np.asarray(formula(frame.with_columns(x=pl.Series(np.broadcast_to(at, 300).copy()))))

    curve = found.curves[0]
    assert curve.partial_dependence == pytest.approx([predicted(value).mean() for value in values])
    assert curve.low == curve.high == curve.partial_dependence
    # The interval of each row, (lower, upper], is the first that ends at its value or above.
    interval = np.clip([sum(values < value) for value in x], 1, 14)
    change = predicted(values[interval]) - predicted(values[interval - 1])
    steps = [0.0, *(change[interval == k].mean() for k in range(1, 15))]
    ale = np.cumsum(steps)
    weights = np.array([(interval == k).sum() for k in range(1, 15)])
    ale -= (weights * (ale[1:] + ale[:-1]) / 2).sum() / 300
    assert curve.ale == pytest.approx(ale)
    assert curve.ale_low == curve.ale_high == curve.ale
    assert found.counts == tuple(np.bincount([sum(values < value) for value in x], minlength=15))
    assert (found.rows, found.members, found.of_classes, found.column) == (300, 1, False, "x")
    assert len(found.rug) == 60
    assert list(found.rug) == sorted(found.rug)
    assert (curve.name, found.is_number, found.scale) == ("y", True, "linear")


def test_a_category_has_the_mean_prediction_if_every_row_had_it(columns: Columns, of_numbers: Made) -> None:
    frame = columns(200, 1)
    found = feature_effect(of_numbers(frame, formula, 0.1), "city")
    assert found is not None
    assert found.labels == tuple(frame["city"].value_counts(sort=True)["city"])
    means = [formula(frame.with_columns(city=pl.lit(label))).mean() for label in found.labels]
    assert found.curves == (EffectCurve("y", *(tuple(pytest.approx(means) for _ in range(1)) * 3)),)
    assert found.counts == tuple(frame["city"].value_counts(sort=True)["count"])
    assert (found.rug, found.is_number, found.grid_values) == ((), False, (0.0, 1.0, 2.0))


def test_blocks_of_grid_values_do_not_change_a_curve(
    columns: Columns, of_numbers: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = of_numbers(columns(100, 0), formula, 0.1)
    whole = feature_effect(data, "x")
    monkeypatch.setattr(module, "_BLOCK_ROWS", 250)
    assert feature_effect(data, "x") == whole


def test_two_classes_have_one_curve_and_many_the_most_frequent_five(columns: Columns) -> None:
    frame = columns(80, 0)
    assert sample_outputs(of_k(frame, 2)) == [1]
    assert sample_outputs(of_k(frame, 5)) == [0, 1, 2, 3, 4]
    codes = np.repeat([0, 1, 2, 3, 4, 5], [5, 20, 15, 15, 5, 20])
    assert sample_outputs(of_k(frame, 6, codes)) == [0, 1, 2, 3, 5]
    found = feature_effect(of_k(frame, 6, codes), "x")
    assert found is not None
    assert [item.name for item in found.curves] == [f"class {number}" for number in (0, 1, 2, 3, 5)]
    model: Any = Classes(6)
    expected = model.predict_proba(frame.with_columns(x=pl.lit(found.grid_values[4]))).mean(axis=0)
    assert [item.partial_dependence[4] for item in found.curves] == pytest.approx(expected[[0, 1, 2, 3, 5]])
    assert found.of_classes


def test_rows_are_spread_over_the_predictions(columns: Columns, of_numbers: Made) -> None:
    data = of_numbers(columns(500, 0), lambda f: f["x"], 0.1)
    assert representative_rows(data, 500).tolist() == list(range(500))
    chosen = representative_rows(data, 50)
    ranks = np.argsort(np.argsort(data.y_pred[:, 0]))[chosen]
    assert np.diff(ranks).tolist() == [10] * 49
    assert ranks[0] == int(10 * np.random.default_rng(0).random())
    classes = of_k(columns(300, 0), 3)
    chosen = representative_rows(classes, 30)
    order = sorted(range(300), key=lambda row: (classes.y_pred[row].argmax(), classes.y_pred[row].max()))
    assert np.diff([order.index(row) for row in chosen]).tolist() == [10] * 29


def test_a_grid_has_each_value_once_and_none_where_there_is_one(of_numbers: Made) -> None:
    frame = pl.DataFrame({"n": [0.0] * 50 + [1.5] * 40 + [None] * 10, "one": [2.0] * 99 + [None], "t": [None] * 100})
    frame = frame.with_columns(t=pl.col("t").cast(pl.Float64))
    data = of_numbers(frame, lambda f: np.zeros(f.height), 1.0)
    grid = make_feature_grid(data, "n")
    assert grid is not None
    assert grid.grid_values.tolist() == [0.0, 1.5]
    assert grid.labels == ("0", "1.50")
    assert frame["n"][grid.rows].to_list() == [0.0, 1.5]
    assert np.isnan(grid.of_rows[-10:]).all()
    assert make_feature_grid(data, "one") is make_feature_grid(data, "t") is None
    effect = feature_effect(data, "n")
    assert effect is not None
    assert (effect.counts, len(effect.rug)) == ((50, 40), 60)


def test_a_grid_of_categories_is_of_the_most_frequent(of_numbers: Made) -> None:
    names = [f"c{number:02d}" for number in range(14) for _ in range(20 - number)]
    data = of_numbers(pl.DataFrame({"c": names}), lambda f: np.zeros(f.height), 1.0)
    for count, expected in ((15, 12), (3, 3)):
        grid = make_feature_grid(data, "c", count)
        assert grid is not None
        assert grid.labels == tuple(f"c{number:02d}" for number in range(expected))
        assert [names[row] for row in grid.rows] == list(grid.labels)
        codes = [int(name[1:]) if int(name[1:]) < expected else np.nan for name in names]
        assert grid.of_rows == pytest.approx(codes, nan_ok=True)
    assert feature_grid._in_order(("low", "high"), False)("other") == 2
    alone = of_numbers(pl.DataFrame({"c": ["u"] * 30}), lambda f: np.zeros(f.height), 1.0)
    assert make_feature_grid(alone, "c") is None


def test_an_interaction_is_the_variance_that_sums_leave(columns: Columns, of_numbers: Made) -> None:
    frame = columns(120, 2)
    found = interaction_effect(of_numbers(frame, formula, 0.1), "x", "city")
    pair = interaction_effect(of_numbers(frame, formula, 0.1), "x", "z")
    assert found is not None
    assert pair is not None
    assert (pair.columns, pair.is_number, pair.name) == (("x", "z"), (True, True), "y")
    assert (len(pair.places[0]), len(pair.places[1]), found.is_number) == (7, 7, (True, False))
    table = np.array(
        [[formula(frame.with_columns(x=pl.lit(x), z=pl.lit(z))).mean() for z in pair.places[1]] for x in pair.places[0]]
    )
    assert np.array(pair.partial) == pytest.approx(table)
    residual = table - table.mean(axis=0) - table.mean(axis=1)[:, None] + table.mean()
    assert pair.interaction_strength == pytest.approx(residual.var() / table.var())
    flat = interaction_effect(of_numbers(frame, lambda f: f["idle"], 0.1), "x", "z")
    assert flat is not None
    assert flat.interaction_strength == pytest.approx(0.0, abs=1e-9)


def test_an_interaction_of_classes_is_that_of_the_second_or_of_the_first_curve(columns: Columns) -> None:
    frame = columns(60, 0)
    for k, name in ((2, "class 1"), (3, "class 0")):
        found = interaction_effect(of_k(frame, k), "x", "z")
        assert found is not None
        assert found.name == name


def test_the_strongest_interaction_is_of_the_first_four_columns(columns: Columns, of_numbers: Made) -> None:
    frame = columns(100, 0).with_columns(w=pl.col("idle") * 2)
    data = of_numbers(frame, lambda f: f["w"] * f["x"] + 0.01 * f["z"] * f["idle"], 0.1)
    late = strongest_interaction(data, ["x", "z", "idle", "city", "w"])
    early = strongest_interaction(data, ["x", "z", "idle", "w"])
    assert late is not None
    assert early is not None
    assert (set(late.columns), set(early.columns)) == ({"z", "idle"}, {"x", "w"})


# Sentences ---------------------------------------------------------------------------------------


def effect(partial: tuple[float, ...], ale: tuple[float, ...] = (), **changes: Any) -> FeatureEffect:
    n = len(partial)
    labels, places = tuple(str(item + 1) for item in range(n)), tuple(map(float, range(n)))
    curve = EffectCurve("y", partial, partial, partial, ale)
    return replace(FeatureEffect("x", True, places, labels, (1,) * n, (), (curve,), 1), **changes)


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (effect((1.0, 5.0, 2.0)), "'x': mean prediction of 'y' 1 at 1, 5 at 2"),
        (effect((5.0, 3.0, 1.0)), "'x': mean prediction of 'y' 5 at 1, 1 at 3"),
        (effect((5.0, 3.0, 1.0), is_number=False), "'x': mean prediction of 'y' 1 at 3, 5 at 1"),
        (effect((0.0, 4.0), (0.0, 6.0)), "'x': mean prediction of 'y' 0 at 1, 4 at 2"),
        (
            effect((0.0, 4.0), (0.0, 6.1)),
            "'x': mean prediction of 'y' 0 at 1, 4 at 2; accumulated local effect +6.10 from 1 to 2",
        ),
        (
            effect((0.0, 4.0), (1.5, 0.0)),
            "'x': mean prediction of 'y' 0 at 1, 4 at 2; accumulated local effect −1.50 from 1 to 2",
        ),
        (
            effect((0.0, 4.0), (0.0, 4.0), correlated_columns=("z", "w")),
            "'x': accumulated local effect on 'y' +4 from 1 to 2; correlated with 'z', 'w'",
        ),
        (effect((0.0, 4.0), correlated_columns=("z",)), "'x': mean prediction of 'y' 0 at 1, 4 at 2"),
        (effect((0.0, 0.9996), of_classes=True), "'x': mean prediction of 'y' 0.000 at 1, over 0.999 at 2"),
        (effect((0.0004, 0.9995), of_classes=True), "'x': mean prediction of 'y' under 0.001 at 1, 1.000 at 2"),
        (effect((0.0005, 1.0), of_classes=True), "'x': mean prediction of 'y' 0.001 at 1, 1.000 at 2"),
    ],
)
def test_a_sentence_states_the_lowest_and_the_highest_mean(item: FeatureEffect, sentence: str) -> None:
    assert effect_sentence(item) == sentence


def test_the_curve_with_the_widest_range_is_stated() -> None:
    first, second = EffectCurve("a", (0.0, 0.2), (), (), (0.0, 0.7)), EffectCurve("b", (0.0, 0.5), (), (), (0.0, 0.5))
    item = effect((0.0, 1.0), curves=(first, second), of_classes=True)
    assert effect_sentence(item) == "'x': mean prediction of 'b' 0.000 at 1, 0.500 at 2"
    local = effect_sentence(replace(item, correlated_columns=("z",)))
    assert local == "'x': accumulated local effect on 'a' +0.700 from 1 to 2; correlated with 'z'"


def test_an_interaction_has_its_fraction() -> None:
    pair = InteractionEffect(
        ("a", "b"), ((0.0, 1.0),) * 2, (("0", "1"),) * 2, (True,) * 2, ((0.0, 0.0), (0.0, 1.0)), "y", 0.334
    )
    assert interaction_sentence(pair) == "'a' × 'b': 33% of their joint effect is interaction (H²)"
    facts = {"columns": [], "pair": asdict(pair)}
    [figure] = SPECS["effects"].figures(facts)
    assert figure.alt == "Mean prediction for each pair of values of a and b."
    assert figure.caption.startswith("Each cell is the mean prediction of y if every row had these two values")
    section = SPECS["effects"].section([interaction_sentence(pair)], facts=facts)
    texts = [cell.text for cell in SPECS["effects"].cells(section)]
    assert texts == [
        "### Interaction of a and b\n\n'a' × 'b': 33% of their joint effect is interaction (H²).",
        'tn.plot.plot_pair_effect(effects.facts["pair"])',
    ]


def test_captions_say_what_a_figure_shows_once() -> None:
    spec = SPECS["effects"]
    local = effect((0.0, 1.0), (0.0, 1.0), rows=1200, members=3, rug=(0.5,))
    local = replace(local, curves=(replace(local.curves[0], ale_low=(0.0, 1.0), ale_high=(0.0, 1.0)),))
    bars = effect((0.0, 1.0), column="c", is_number=False, members=3)
    plain = effect((0.0, 1.0), column="d", is_number=False)
    facts = {"columns": [asdict(item) for item in (local, replace(local, column="w"), bars, plain)], "pair": None}
    figures = list(spec.figures(facts))
    assert [item.alt for item in figures[:3:2]] == [
        "Effect of x on the prediction, with the range of 3 networks.",
        "Effect of c on the prediction, with the range of 3 networks.",
    ]
    assert [item.caption for item in figures] == [
        "Left: partial dependence, the mean prediction of 1,200 test rows if each had the value below. Right: accumulated "
        "local effect, the summed change of the prediction among rows near each value, with mean 0; prefer it where "
        "columns are correlated. Bands: range of the 3 networks. Ticks: values of test rows.",
        "The same for w.",
        "Partial dependence, the mean prediction if each had the value below. Pale bars: range of the 3 networks.",
        "Partial dependence, the mean prediction if each had the value below.",
    ]
    section = spec.section(["first", "second", "third", "fourth"], facts=facts)
    texts = [cell.text for cell in spec.cells(section)]
    assert texts[:2] == [
        "### Effect of x\n\nFirst.",
        'effect = effects.facts["columns"][0]\ntn.plot.plot_effect(effect)',
    ]
    assert texts[4].startswith('effect = effects.facts["columns"][1]')
    assert len(texts) == 12
