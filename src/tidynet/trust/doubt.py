"""What a model is unsure of, read on test rows: calibration, the promise of its sets and intervals, abstention."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.errors import InputError
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

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Abstention", "Doubt", "doubt_of"]

Array = npt.NDArray[Any]

UNFAMILIAR = 0.99  # from here on a row is counted as unlike any seen; of rows like the training's, one in a hundred


@dataclass(frozen=True)
class Abstention:
    """What leaving unsure rows blank would gain.

    Attributes
    ----------
    rows, blank : int
    of_all, of_rest : float
        Accuracy over all rows, and over those not left blank (NaN if none is left).
    """

    rows: int
    blank: int
    of_all: float
    of_rest: float

    def sentence(self) -> str:
        """The gain in words.

        Examples
        --------
        >>> Abstention(200, 50, 0.8, 0.9).sentence()
        'left blank where unsure (50 of 200 rows), the accuracy of the rest is 90.0% in place of 80.0%'
        """
        if self.blank == self.rows:
            return f"all {self.rows:,} rows are unsure: nothing would be left"
        return (
            f"left blank where unsure ({self.blank:,} of {self.rows:,} rows), the accuracy of the rest is "
            f"{self.of_rest:.1%} in place of {self.of_all:.1%}"
        )


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
        For classes.
    unfamiliar : float or None
        Share of test rows whose unfamiliarity is at least 0.99.
    note : str
    """

    coverage: Coverage | None
    parts: tuple[Part, ...] = ()
    before: Calibration | None = None
    after: Calibration | None = None
    scaling: str = ""
    abstention: Abstention | None = None
    unfamiliar: float | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain data, just as JSON gives it back, with the `sentences`."""
        return json.loads(json.dumps(asdict(self) | {"sentences": self.sentences()}))

    def sentences(self) -> list[str]:
        """What there is to say, in order of weight."""
        found = [self.note] if self.note else []
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
        if self.abstention is not None and self.abstention.blank:
            found.append(self.abstention.sentence())
        if self.unfamiliar is not None and self.unfamiliar > 2 * (1 - UNFAMILIAR):
            found.append(f"{self.unfamiliar:.1%} of the rows are unlike the training rows, where 1% was to be expected")
        return found


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
    unfamiliar = _unfamiliar(model, features)
    if not hasattr(model, "classes_"):
        if known.ndim > 1:
            return Doubt(None, unfamiliar=unfamiliar, note="the intervals of several targets are not checked together")
        return _of_numbers(model, features, known, coverage, unfamiliar)
    return _of_classes(model, features, known, coverage, unfamiliar)


def _of_classes(model: Any, features: pl.DataFrame, truth: Array, coverage: float, unfamiliar: float | None) -> Doubt:
    classes = np.asarray(model.classes_)
    places = {label: place for place, label in enumerate(classes.tolist())}
    codes = np.array([places.get(label, -1) for label in truth.tolist()], dtype=np.int64)
    probabilities = model.predict_proba(features)
    name = f"'{classes[1]}'" if len(classes) == 2 else "the predicted class"
    after = calibration(codes, probabilities, of=name)
    scaled = model.calibration_["method"] != "none"
    before = calibration(codes, model.unscaled_proba(features), of=name) if scaled else None
    told = {"before": before, "after": after, "scaling": model.calibration_["sentence"], "unfamiliar": unfamiliar}
    try:
        members = model.predict_members(features, coverage)
    except InputError as error:
        return Doubt(None, note=str(error), **told)
    found = coverage_of_sets(truth, members, classes, coverage)
    held, sizes = held_by_sets(truth, members, classes), members.sum(axis=1)
    right, sure = probabilities.argmax(axis=1) == codes, sizes == 1
    of_rest = float(right[sure].mean()) if sure.any() else float("nan")
    abstention = Abstention(len(codes), int((~sure).sum()), float(right.mean()), of_rest)
    parts = coverage_by_part(held, sizes, coverage, _used(model, features), sets=True)
    return Doubt(found, parts, abstention=abstention, **told)


def _of_numbers(model: Any, features: pl.DataFrame, truth: Array, coverage: float, unfamiliar: float | None) -> Doubt:
    try:
        ends = model.predict_interval(features, coverage)
    except InputError as error:
        return Doubt(None, note=str(error), unfamiliar=unfamiliar)
    found = coverage_of_intervals(truth, ends, coverage)
    held, widths = held_by_intervals(truth, ends), ends[:, 1] - ends[:, 0]
    return Doubt(found, coverage_by_part(held, widths, coverage, _used(model, features)), unfamiliar=unfamiliar)


def _used(model: Any, features: pl.DataFrame) -> list[pl.Series]:
    return [features.get_column(name) for name in model.recipe_.used if name in features.columns]


def _unfamiliar(model: Any, features: pl.DataFrame) -> float | None:
    try:
        return float((model.unfamiliarity(features) >= UNFAMILIAR).mean())
    except InputError:
        return None
