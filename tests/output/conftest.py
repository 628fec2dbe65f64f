"""A finished training to report on, without training: only what the report reads."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.engine import EpochRecord, History, StopReason, TrainingStop
from tidynet.evaluation.evaluate_predictions import evaluate_predictions
from tidynet.evaluation.result import Evaluation
from tidynet.profiling import count_column
from tidynet.profiling.profile import ColumnProfile, Finding, PairCounts, PairProfile, Profile, TargetAssociation
from tidynet.table.infer_types import infer_types
from tidynet.table.table import Table

PROVENANCE = {
    "version": "1.2.3",
    "command": "tidynet train birds.csv --target species",
    "seed": 7,
    "date": "2030-01-02T03:04:05+00:00",
    "seconds": 0.82,
    "rows": {"training": 64, "validation": 16, "test": 20},
    "packages": {"numpy": "2.0.0", "polars": "1.30.0"},
    "settings": {"hidden layers": "64, 32"},
}


def a_frame(rows: int = 100) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "species": rng.choice(["Adelie", "Gentoo"], rows),
            "mass": [None, *np.round(rng.normal(4000, 500, rows - 1)).astype(int).tolist()],
            "label": [f"N{i}" for i in range(rows)],
        }
    )


def a_history(epochs: int = 30, best: int = 20) -> History:
    records = [
        EpochRecord(e, 1 / e, 1 / e + 0.1, 0.001, 0.1, 1e5, e / 100, 0.0, e == best) for e in range(1, epochs + 1)
    ]
    stop = TrainingStop(StopReason.NO_IMPROVEMENT, epochs, limit=10, monitored="validation_loss")
    return History(records, stop)


def classes_evaluated(classes: list[str], rows: int = 60, target: str = "species") -> Evaluation:
    rng = np.random.default_rng(0)
    k = len(classes)
    code = np.concatenate([np.arange(k), rng.integers(0, k, max(rows - k, 0))])[:rows]
    chances = rng.dirichlet(np.ones(k), len(code)) * 0.5
    chances[np.arange(len(code)), code] += 0.5
    labels = np.array(classes, dtype=object)
    most_frequent = (np.full(len(code), classes[0], dtype=object), np.full((len(code), k), 1 / k))
    return evaluate_predictions(
        "binary" if k == 2 else "multiclass",
        target,
        classes,
        labels[code],
        (labels[chances.argmax(1)], chances),
        {"most frequent class": most_frequent},
    )


def numbers_evaluated(rows: int = 60, target: str = "mass") -> Evaluation:
    truth = np.random.default_rng(0).normal(4000, 500, rows)
    mean = np.full(rows, truth.mean())
    return evaluate_predictions("regression", target, None, truth, (truth + 50, None), {"mean": (mean, None)})


@pytest.fixture
def training() -> Callable[..., dict[str, Any]]:
    """Make the arguments of `write_report`, each of which may be given."""

    def make(
        frame: pl.DataFrame | None = None,
        *,
        name: str = "birds",
        source: str = "data/birds.csv",
        notes: tuple[str, ...] = (),
        excluded_columns: dict[str, str] | None = None,
        history: History | None = None,
        other_histories: tuple[History, ...] = (),
        classes: list[str] | None = None,
        regression: bool = False,
        rows: int = 60,
        target: str | None = None,
        provenance: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        frame = a_frame() if frame is None else frame
        if regression:
            evaluation = numbers_evaluated(rows, target or "mass")
        else:
            evaluation = classes_evaluated(classes or ["Adelie", "Gentoo"], rows, target or "species")
        excluded = {"label": "labels unique in each row"} if excluded_columns is None else excluded_columns
        histories = [a_history() if history is None else history, *other_histories]
        model = SimpleNamespace(
            history_=histories[0],
            histories_=histories,
            recipe_=SimpleNamespace(excluded_columns=excluded),
            record_={},
            explain_training=lambda: "",
        )
        return {
            "table": Table(frame, infer_types(frame), name, source, notes),
            "model": model,
            "evaluation": evaluation,
            "provenance": PROVENANCE if provenance is None else provenance,
        }

    return make


def a_column(series: pl.Series, table: Table) -> ColumnProfile:
    inferred = table.inferred_types[series.name]
    counts = count_column(series, inferred)
    numbers: dict[str, float] = {}
    levels: tuple[tuple[str, int], ...] = ()
    if series.dtype.is_numeric() and counts is not None:
        values = series.drop_nulls().to_numpy().astype(float)
        numbers = {"min": values.min(), "median": float(np.median(values)), "mean": values.mean(), "max": values.max()}
    elif series.dtype == pl.String:
        levels = tuple(series.drop_nulls().value_counts(sort=True).head(9).iter_rows())
        numbers = {"top fraction": levels[0][1] / len(series)} if levels else {}
    return ColumnProfile(
        series.name,
        str(inferred.variable_type),
        inferred.reason,
        len(series),
        series.null_count(),
        series.n_unique(),
        numbers | {"bytes": float(series.estimated_size())},
        levels,
        counts,
        {"smallest dtype": "Int16"},
    )


@pytest.fixture
def profile_of() -> Callable[..., Profile]:
    """Make a profile of a frame by hand, without looking at it: only what a report shows."""

    def make(
        frame: pl.DataFrame | None = None, *, name: str = "birds", target: str | None = None, **parts: Any
    ) -> Profile:
        frame = a_frame() if frame is None else frame
        table = Table(frame, infer_types(frame), name)
        columns = [a_column(series, table) for series in frame.get_columns()]
        quantities = [one for one in columns if "mean" in one.statistics]
        pairs = tuple(
            PairProfile(
                x.name,
                y.name,
                {"Pearson": 0.5, "ξ": 0.2},
                0.5,
                0.08,
                frame.height,
                PairCounts(
                    x.chart_counts,
                    y.chart_counts,
                    tuple((1,) * len(y.chart_counts.counts) for _ in x.chart_counts.counts),
                ),
            )
            for x, y in itertools.pairwise(quantities)
            if x.chart_counts is not None and y.chart_counts is not None
        )
        findings = tuple(
            Finding(
                "missing",
                "high",
                0.9,
                (one.name,),
                f"{one.name} is missing in {one.missing:,} of {one.rows:,} rows",
                {"missing share": one.missing / one.rows, "rows": float(one.missing)},
                "Find out why before filling it in.",
                f'tidynet.impute(table, "{one.name}")',
            )
            for one in columns
            if one.missing
        )
        relations = tuple(
            TargetAssociation(one.name, 0.5 / n, 0.4 / n, 0.6 / n, frame.height)
            for n, one in enumerate((one for one in columns if one.name != target), 1)
        )
        facts: dict[str, Any] = {
            "pairs": pairs,
            "findings": findings,
            "target_associations": relations if target else (),
            "missing_patterns": tuple(((one.name,), one.missing) for one in columns if one.missing),
            "duplicates": 0,
            "bytes": frame.estimated_size(),
            "seconds": 0.2,
        }
        return Profile(name, f"{name}.csv", frame.height, tuple(columns), target=target, **(facts | parts))

    return make
