"""What a model is unsure of, read on test rows: calibration, the promise of its sets and intervals, abstention."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.errors import InputError
from tidynet.model.scaling import log_losses
from tidynet.model.unfamiliarity import RARE
from tidynet.trust.abstention import Abstention, abstention_of, unlike_training
from tidynet.trust.calibration import Calibration, calibration
from tidynet.trust.conformal import (
    Coverage,
    Part,
    coverage_by_class,
    coverage_by_part,
    coverage_of_intervals,
    coverage_of_sets,
    held_by_intervals,
    held_by_sets,
)
from tidynet.trust.wording import less_or_more

__all__ = ["Doubt", "doubt_of"]

Array = npt.NDArray[Any]

UNLIKE = 1 - RARE  # share of rows from the same source that are unlike all others
CANNOT_TELL = "whether its probabilities and sets can be believed cannot be told"
PER_CLASS = "`per_class=True` of `predict_set`, in a terminal `--per-class`, keeps the promise within each class"
TOO_RARE = "too few rows of a class were set aside to keep the promise within each"
SURPRISING = 0.05  # chance below which more of them are worth a word
FEWEST_TO_TELL = 10  # rows; parts of a score of fewer are accidents
MOST_REASONS, MOST_KEPT = 4, 40
OFTEN = 0.02  # share of rows from which on a further reason is told


@dataclass(frozen=True)
class Doubt:
    """Plain data on how far a model's doubt can be believed.

    Attributes
    ----------
    coverage : Coverage or None
        None if too few rows were set aside; `note` says so.
    parts : tuple of Part
        The same over levels of columns and quarters of numbers, the worst first.
    classes : tuple of Part
        The same over true classes, the worst first; empty for numbers.
    before, after : Calibration or None
        Without and with scaling; None for numbers.
    scaling : str
        What scaling did on the rows set aside, in words.
    abstention : Abstention or None
    unfamiliar : float or None
        Share of test rows whose unfamiliarity is at least 0.99.
    reasons : tuple of (str, int)
        What is unlike in them, in words, and in how many of them; the commonest.
    losses : tuple of float, or None
        The log loss of the test rows without and with scaling.
    note : str
    per_class : bool
        Whether enough rows of each class were set aside to promise the coverage within each.
    rows, unknown : int
        Test rows, and how many of them are of a class that training never saw: only unfamiliarity is of these too.
    """

    coverage: Coverage | None
    parts: tuple[Part, ...] = ()
    classes: tuple[Part, ...] = ()
    before: Calibration | None = None
    after: Calibration | None = None
    scaling: str = ""
    abstention: Abstention | None = None
    unfamiliar: float | None = None
    reasons: tuple[tuple[str, int], ...] = ()
    losses: tuple[float, float] | None = None
    note: str = ""
    per_class: bool = False
    rows: int = 0
    unknown: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain data, just as JSON gives it back."""
        return json.loads(json.dumps(asdict(self) | {"drift": self.drift()}))

    def drift(self) -> str:
        """How many rows are unlike the training rows and why, in words; nothing where chance brings as many."""
        share = self.unfamiliar
        return "" if share is None or not _beyond_chance(share, self.rows) else self._unlike(share)

    def _unlike(self, share: float) -> str:
        whole = "the only row is" if self.rows == 1 else f"all {self.rows:,} rows are"
        part = f"{share:.1%} of the rows are"
        said = f"{whole if share == 1 else part} unlike the training rows, where 1% was to be expected"
        if not self.reasons or not share:
            return said
        # a value just beyond the range seen comes by chance too
        unlike = round(share * self.rows)
        (words, rows), *others = (
            one for one in self.reasons if one[1] > max(1, OFTEN * unlike) or one == self.reasons[0]
        )
        more = [f"{one} in {rows:,}" for one, rows in others[: MOST_REASONS - 1]]
        left = len(others) - len(more)
        of = f"{unlike:,} rows" if share == 1 else f"these {unlike:,}"
        return "; ".join([f"{said}: {words} in {rows:,} of {of}", *more, *([f"and {left} more"] if left else [])])

    def sentences(self) -> list[str]:
        """What there is to say, in order of weight."""
        found = [self._unknown_classes()] if self.unknown else []
        drift = self.drift()
        found += [one for one in (drift, self.note) if one]
        if self.coverage is not None:
            found.append(f"prediction {'sets' if self.coverage.sizes else 'intervals'}: {self.coverage.sentence()}")
            rare = _falls_short(self.coverage, self.classes)
            if rare:
                found.append(f"{rare}: {PER_CLASS if self.per_class else TOO_RARE}")
            short = _falls_short(self.coverage, self.parts)
            if short:
                found.append(short)
        found += self._calibrated()
        strange = bool(drift)
        # the one row in a hundred that is unlike the others by chance is no gain worth a word
        if self.abstention is not None and (self.abstention.unsure or (self.abstention.unlike and strange)):
            found.append(self.abstention.sentence())
        return found

    def _calibrated(self) -> list[str]:
        """What probabilities are worth on these rows, and what scaling did on the rows set aside and here."""
        if self.after is None:
            return [self.scaling] if self.scaling else []
        few = self.after.rows < FEWEST_TO_TELL
        found = [self.after.sentence()] if few else [self.after.sentence(), self.after.parts()]
        if self.scaling:
            found.append(self.scaling)
        if self.before is not None and self.losses is not None and not few:
            loss = less_or_more("log loss", *self.losses)
            error = less_or_more("calibration error", 100 * self.before.error, 100 * self.after.error, 1, " points")
            found.append(f"on the {self.after.rows:,} test rows scaling {loss}, and {error}")
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


def _falls_short(whole: Coverage, parts: tuple[Part, ...]) -> str:
    """The part that falls short of the promise beyond chance, in words, if one does.

    Where the whole misses the promise, every part may: then a part is held against the whole's share.
    """
    from scipy.stats import binom

    share = min(whole.stated, whole.coverage)
    worse = [one for one in parts if one.coverage.coverage < share]
    chances = [float(binom.cdf(one.coverage.held, one.coverage.rows, share)) for one in worse]
    # the worst of many parts falls short by chance alone: corrected after Bonferroni
    if not worse or min(chances) * len(parts) >= 0.05:
        return ""
    worst = worse[int(np.argmin(chances))]
    return f"where {worst.words} they hold only {worst.coverage.coverage:.1%} of {worst.coverage.rows:,} rows"


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
    if unlike is not None and _beyond_chance(told["unfamiliar"], len(known)):
        told["reasons"] = tuple(model.unfamiliar_reasons(features, unlike)[:MOST_KEPT])
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
    unscaled = model.unscaled_proba(features) if model.calibration_["method"] != "none" else None
    if unscaled is not None:
        told["losses"] = tuple(float(log_losses(one, codes).mean()) for one in (unscaled, probabilities))
    told = told | {
        "before": None if unscaled is None else calibration(codes, unscaled, of=name),
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
    each = coverage_by_class(truth, members, classes, coverage)
    told["per_class"] = _can_promise_per_class(model, features, coverage)
    return Doubt(found, parts, each, abstention=abstention_of(sizes != 1, unlike, right), **told)


def _can_promise_per_class(model: Any, features: pl.DataFrame, coverage: float) -> bool:
    try:
        model.predict_members(features.head(1), coverage, True)
    except InputError:
        return False
    return True


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
