"""What a model is unsure of, read on test rows: calibration, the promise of its sets and intervals, abstention."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.errors import InputError
from tidynet.model.unfamiliarity import RARE
from tidynet.trust.abstention import Abstention, abstention_of, unlike_training
from tidynet.trust.calibration import Calibration, calibration
from tidynet.trust.conformal import (
    Coverage,
    Part,
    coverage_by_part,
    coverage_of_intervals,
    coverage_of_sets,
    held_by_intervals,
    held_by_sets,
)

__all__ = ["Doubt", "doubt_of"]

Array = npt.NDArray[Any]

UNLIKE = 1 - RARE  # share of rows from the same source that are unlike all others
CANNOT_TELL = "whether its probabilities and sets can be believed cannot be told"
SURPRISING = 0.05  # chance below which more of them are worth a word


@dataclass(frozen=True)
class Doubt:
    """Plain data on how far a model's doubt can be believed.

    Attributes
    ----------
    coverage : Coverage or None
        None if too few rows were set aside; `note` says so.
    parts : tuple of Part
        The same over levels of columns and quarters of numbers, the worst first.
    before, after : Calibration or None
        Without and with scaling; None for numbers.
    scaling : str
        What scaling did on the rows set aside, in words.
    abstention : Abstention or None
    unfamiliar : float or None
        Share of test rows whose unfamiliarity is at least 0.99.
    note : str
    rows, unknown : int
        Test rows, and how many of them are of a class that training never saw: only unfamiliarity is of these too.
    """

    coverage: Coverage | None
    parts: tuple[Part, ...] = ()
    before: Calibration | None = None
    after: Calibration | None = None
    scaling: str = ""
    abstention: Abstention | None = None
    unfamiliar: float | None = None
    note: str = ""
    rows: int = 0
    unknown: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain data, just as JSON gives it back."""
        return json.loads(json.dumps(asdict(self)))

    def sentences(self) -> list[str]:
        """What there is to say, in order of weight."""
        found = [self._unknown_classes()] if self.unknown else []
        found += [self.note] if self.note else []
        if self.coverage is not None:
            found.append(f"prediction {'sets' if self.coverage.sizes else 'intervals'}: {self.coverage.sentence()}")
            worst = min(self.parts, key=_chance, default=None)
            # the worst of many parts falls short by chance alone: corrected after Bonferroni
            if worst is not None and _chance(worst) * len(self.parts) < 0.05:
                found.append(
                    f"where {worst.words} they hold only {worst.coverage.coverage:.1%} of {worst.coverage.rows:,} rows"
                )
        if self.after is not None:
            found.append(self.after.sentence())
        if self.scaling:
            found.append(self.scaling)
        strange = self.unfamiliar is not None and _beyond_chance(self.unfamiliar, self.rows)
        # the one row in a hundred that is unlike the others by chance is no gain worth a word
        if self.abstention is not None and (self.abstention.unsure or (self.abstention.unlike and strange)):
            found.append(self.abstention.sentence())
        if self.unfamiliar is not None and (strange or self.unknown == self.rows):
            found.append(f"{self.unfamiliar:.1%} of the rows are unlike the training rows, where 1% was to be expected")
        return found

    def _unknown_classes(self) -> str:
        left = self.rows - self.unknown
        if not left:
            what = "the only row is of a class" if self.rows == 1 else f"all {self.rows:,} rows are of classes"
            return f"{what} that training never saw, so {CANNOT_TELL}"
        return (
            f"{self.unknown:,} of {self.rows:,} rows {'is' if self.unknown == 1 else 'are'} of a class that training "
            f"never saw and no prediction can name: probabilities and sets are judged by the other {left:,}"
        )


def _beyond_chance(share: float, rows: int) -> bool:
    """Whether more rows are unlike the training rows than chance brings."""
    from scipy.stats import binom

    return share > 2 * UNLIKE and float(binom.sf(round(share * rows) - 1, rows, UNLIKE)) < SURPRISING


def _chance(part: Part) -> float:
    """How often so few rows or fewer would be held if the promise were kept."""
    from scipy.stats import binom

    return float(binom.cdf(part.coverage.held, part.coverage.rows, part.coverage.stated))


def doubt_of(model: Any, features: pl.DataFrame, truth: npt.ArrayLike, coverage: float = 0.9) -> Doubt:
    """Read a model's doubt on labelled rows that it has not learnt from; nothing is fitted on them.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted.
    features : polars DataFrame of rows
        Without the target.
    truth : array of shape (rows,)
        Labels as in `classes_`, or numbers.
    coverage : float
        The promise to check.

    Returns
    -------
    Doubt

    Examples
    --------
    >>> import tidynet as tn
    >>> table = tn.read("penguins")
    >>> rows = table.drop(target="species")
    >>> model = tn.MLPClassifier(random_state=0, effort="fast").fit(rows, table["species"])
    >>> doubt_of(model, rows.frame, table["species"].to_list()).coverage.coverage > 0.9
    True
    """
    known = np.asarray(truth)
    unlike = unlike_training(model, features)
    told: dict[str, Any] = {"rows": len(known), "unfamiliar": None if unlike is None else float(unlike.mean())}
    if not hasattr(model, "classes_"):
        if known.ndim > 1:
            return Doubt(None, note="the intervals of several targets are not checked together", **told)
        return _of_numbers(model, features, known, coverage, unlike, told)
    places = {label: place for place, label in enumerate(np.asarray(model.classes_).tolist())}
    codes = np.array([places.get(label, -1) for label in known.tolist()], dtype=np.int64)
    seen = codes >= 0
    told["unknown"] = int((~seen).sum())
    if not seen.any():
        return Doubt(None, **told)
    if told["unknown"]:
        features, codes, unlike = (
            features.filter(pl.Series(seen)),
            codes[seen],
            None if unlike is None else unlike[seen],
        )
    return _of_classes(model, features, codes, coverage, unlike, told)


def _of_classes(
    model: Any, features: pl.DataFrame, codes: Array, coverage: float, unlike: Array | None, told: dict[str, Any]
) -> Doubt:
    classes = np.asarray(model.classes_)
    probabilities = model.predict_proba(features)
    name = f"'{classes[1]}'" if len(classes) == 2 else "the predicted class"
    scaled = model.calibration_["method"] != "none"
    told = told | {
        "before": calibration(codes, model.unscaled_proba(features), of=name) if scaled else None,
        "after": calibration(codes, probabilities, of=name),
        "scaling": model.calibration_["sentence"],
    }
    try:
        members = model.predict_members(features, coverage)
    except InputError as error:
        return Doubt(None, note=str(error), **told)
    truth, sizes = classes[codes], members.sum(axis=1)
    found, held = coverage_of_sets(truth, members, classes, coverage), held_by_sets(truth, members, classes)
    right = (probabilities.argmax(axis=1) == codes).astype(np.float64)
    parts = coverage_by_part(held, sizes, coverage, _used(model, features), sets=True)
    return Doubt(found, parts, abstention=abstention_of(sizes != 1, unlike, right), **told)


def _of_numbers(
    model: Any, features: pl.DataFrame, truth: Array, coverage: float, unlike: Array | None, told: dict[str, Any]
) -> Doubt:
    squares = (truth.astype(np.float64) - model.point(features)) ** 2
    told = told | {"abstention": abstention_of(np.zeros(len(truth), dtype=bool), unlike, squares, "RMSE")}
    try:
        ends = model.predict_interval(features, coverage)
    except InputError as error:
        return Doubt(None, note=str(error), **told)
    found = coverage_of_intervals(truth, ends, coverage)
    held, widths = held_by_intervals(truth, ends), ends[:, 1] - ends[:, 0]
    return Doubt(found, coverage_by_part(held, widths, coverage, _used(model, features)), **told)


def _used(model: Any, features: pl.DataFrame) -> list[pl.Series]:
    return [features.get_column(name) for name in model.recipe_.used if name in features.columns]
