"""Perceptron: the step unit, which learns a straight boundary by asking the points.

    ŷ = 1 if W·x + b ≥ 0, else 0

The perceptron trick (Rosenblatt, Psychological Review 65, 1958): a misclassified point pulls the
boundary towards itself. If it should be 1, η·x is added to W and η to b; if it should be 0, both are
subtracted. On data that a straight boundary separates this ends after finitely many moves (Novikoff,
1962); on other data it never does, and the boundary with the fewest mistakes is kept (Gallant's
pocket, 1990).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, overload

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from tidynet.errors import InputError, did_you_mean, listed
from tidynet.model.incoming import Incoming, as_incoming, as_target
from tidynet.prepare.encoders import as_numbers

__all__ = ["Boundaries", "Boundary", "Perceptron", "boundary_text"]

Array = NDArray[Any]

SHORT, LONG = 16, 4096  # rows looked at together in search of the next misclassified one
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MOST_ROWS_PROVED = 20_000  # up to which it is worked out whether any boundary separates the classes


class Boundary(NamedTuple):
    """A boundary W·x + b = 0, as `coefficients` of shape (features,) and a `bias`."""

    coefficients: Array
    bias: float


class Boundaries(Sequence[Boundary]):
    """Boundaries in the order in which they were held, kept as one matrix of (boundaries, features + 1)."""

    def __init__(self, values: Array) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, place: int) -> Boundary: ...
    @overload
    def __getitem__(self, place: slice) -> Boundaries: ...
    def __getitem__(self, place: int | slice) -> Boundary | Boundaries:
        if isinstance(place, slice):
            return Boundaries(self.values[place])
        return Boundary(self.values[place, :-1], float(self.values[place, -1]))

    def __iter__(self) -> Iterator[Boundary]:
        return (self[place] for place in range(len(self)))

    def __repr__(self) -> str:
        return f"Boundaries of {self.values.shape[1] - 1} coefficients and a bias: {len(self)}"


@dataclass(frozen=True)
class _Scale:
    """Columns as the points are asked in: (x − centre)/spread."""

    centre: Array
    spread: Array

    def apply(self, X: Array) -> Array:
        return (X - self.centre) / self.spread

    def own_units(self, boundaries: Array) -> Array:
        """Boundaries of scaled columns as boundaries of the columns themselves: the same lines."""
        coefficients = boundaries[:, :-1] / self.spread
        biases = boundaries[:, -1] - coefficients @ self.centre
        return np.column_stack([coefficients, biases])

    def scaled_units(self, coefficients: Array, bias: float) -> tuple[Array, float]:
        return coefficients * self.spread, float(bias + coefficients @ self.centre)


@dataclass
class _Learnt:
    """What the trick left behind: every boundary, the row that moved each, and moves of each epoch."""

    boundaries: list[Array]
    rows: list[int]
    moves: list[int]
    converged: bool
    kept: int


class Perceptron(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The step unit with the perceptron trick, for two classes on numeric columns.

    Parameters
    ----------
    learning_rate : float
        η, the share of a misclassified point's coordinates that is added or subtracted; above 0.
    max_epochs : int
        Passes over the points after which learning stops where no boundary was found.
    shuffle : bool
        Whether each epoch asks the points in a new order.
    random_state : int, RandomState instance or None
        Of the first boundary and the orders.
    scale : bool or "auto"
        Whether the points are asked in standardised coordinates, which finds a boundary in far fewer
        moves where columns differ in size; boundaries are given in the columns' own units all the
        same. ``"auto"`` does so for a table and takes a plain array as it is.
    initial : pair of (coefficients, bias) or None
        The first boundary; None draws one at random.

    Attributes
    ----------
    coef_, intercept_ : ndarray of shape (1, features) and (1,)
        The boundary kept, in the columns' own units.
    classes_ : ndarray
        The two labels, sorted; the second is the one at and above the boundary.
    path_ : Boundaries
        Every boundary it held, the first included, as (coefficients, bias).
    moved_by_ : ndarray of int
        The row that moved each boundary of the path to the next.
    mistakes_ : list of int
        Moves in each epoch.
    kept_ : int
        Place in the path of the boundary kept.
    converged_ : bool
        Whether it classifies every training row as it should.
    outcome_ : str
        How learning ended, as a sentence.
    n_iter_ : int
        Epochs.

    Examples
    --------
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> model = Perceptron(initial=([0.0, 0.0], 0.0), learning_rate=1.0, shuffle=False).fit(X, [0, 0, 0, 1])
    >>> model.boundary
    '2x₁ + x₂ − 3 = 0'
    >>> model.predict(X), model.converged_
    (array([0, 0, 0, 1]), True)
    """

    def __init__(
        self,
        learning_rate: float = 0.1,
        *,
        max_epochs: int = 1000,
        shuffle: bool = True,
        random_state: Any = None,
        scale: bool | str = "auto",
        initial: Any = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.shuffle = shuffle
        self.random_state = random_state
        self.scale = scale
        self.initial = initial

    def fit(self, X: Any, y: Any) -> Self:
        """Move the boundary until no point is misclassified, or the epochs are used up.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
            Numbers without missing values.
        y : array or column of shape (rows,)
            Two classes.

        Raises
        ------
        InputError
            If a column holds no numbers or misses some, or there are not two classes.
        """
        self._check_parameters()
        incoming = as_incoming(X)
        names = incoming.names or tuple(f"x{place}" for place in range(incoming.width))
        values = _numbers(incoming, names)
        labels = as_target(y, incoming.rows)
        self._learn_classes(labels)
        self._keep_names(incoming)
        self._scale = self._fitted_scale(values, incoming.array is None)
        random_state = check_random_state(self.random_state)
        start = self._scale.scaled_units(*self._start(incoming.width, random_state))
        points, above = self._scale.apply(values), labels == self.classes_[1]
        learnt = _ask_points(points, above, start, self.learning_rate, self.max_epochs,
                             random_state if self.shuffle else None)  # fmt: skip
        self._keep(learnt, points, above)
        return self

    def _check_parameters(self) -> None:
        if not isinstance(self.learning_rate, (int, float, np.number)) or not 0 < self.learning_rate < np.inf:
            raise InputError(f"learning_rate is {self.learning_rate!r}, expected a number above 0", "try 0.1")
        if not isinstance(self.max_epochs, (int, np.integer)) or self.max_epochs < 1:
            raise InputError(f"max_epochs is {self.max_epochs!r}, expected a whole number above 0", "try 1000")
        if self.scale not in (True, False, "auto"):
            raise InputError(f"scale is {self.scale!r}, expected True, False or 'auto'")

    def _learn_classes(self, labels: Array) -> None:
        if labels.ndim > 1:
            raise InputError(f"the target y has shape {labels.shape}, expected one column of classes")
        check_classification_targets(labels)
        classes = np.unique(labels)
        if len(classes) == 1:
            raise InputError(
                f"the target y has one class alone, {classes.tolist()[0]!r}, so there is no boundary to find"
            )
        if len(classes) > 2:
            raise InputError(
                f"the target y has {len(classes)} classes. Only binary classification is supported. "
                "The type of the target is multiclass",
                "choose two classes, or use MLPClassifier",
            )
        self.classes_ = classes

    def _keep_names(self, incoming: Incoming) -> None:
        self.n_features_in_ = incoming.width
        if incoming.names is not None:
            self.feature_names_in_ = np.array(incoming.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _fitted_scale(self, values: Array, is_table: bool) -> _Scale:
        width = values.shape[1]
        if self.scale is False or (self.scale == "auto" and not is_table):
            return _Scale(np.zeros(width), np.ones(width))
        spread = values.std(axis=0)
        return _Scale(values.mean(axis=0), np.where(spread > 0, spread, 1.0))

    def _start(self, width: int, random_state: np.random.RandomState) -> tuple[Array, float]:
        if self.initial is None:
            drawn = random_state.normal(size=width + 1)
            own = self._scale.own_units(drawn[None, :])[0]
            return own[:-1], float(own[-1])
        try:
            coefficients, bias = self.initial
            coefficients, bias = np.array(coefficients, dtype=np.float64), float(bias)
        except (TypeError, ValueError):
            raise InputError(
                f"initial is {self.initial!r}, expected a pair of coefficients and a bias", "such as ([2, 1], -18)"
            ) from None
        if coefficients.shape != (width,):
            raise InputError(f"initial has coefficients of shape {coefficients.shape}, expected ({width},)")
        return coefficients, bias

    def _keep(self, learnt: _Learnt, points: Array, above: Array) -> None:
        path = np.array(learnt.boundaries)
        self.path_ = Boundaries(self._scale.own_units(path))
        self.moved_by_ = np.array(learnt.rows, dtype=np.int64)
        self.mistakes_, self.converged_, self.kept_ = learnt.moves, learnt.converged, learnt.kept
        self.n_iter_ = len(learnt.moves)
        self._held = path[learnt.kept]
        kept = self.path_[learnt.kept]
        self.coef_, self.intercept_ = kept.coefficients[None, :].copy(), np.array([kept.bias])
        wrong = int(((_heights(points, self._held) >= 0) != above).sum())
        self.outcome_ = self._told(wrong, points, above)

    def _told(self, wrong: int, points: Array, above: Array) -> str:
        moves, epochs = len(self.moved_by_), self.n_iter_
        how = f"{moves} {'move' if moves == 1 else 'moves'} in {epochs} {'epoch' if epochs == 1 else 'epochs'}"
        if self.converged_:
            return f"Converged after {how}: every point is on its side of {self.boundary}."
        rest = f"the boundary kept, {self.boundary}, misclassifies {wrong} of {len(points)} points."
        separable = _is_separable(points, above) if len(points) <= MOST_ROWS_PROVED else None
        if separable is False:
            return f"Stopped after {how}: no straight boundary separates these classes; {rest}"
        hint = "one that separates the classes exists, so raise max_epochs; " if separable else ""
        return f"Stopped after {how}, not converged: {hint}{rest}"

    @property
    def boundary(self) -> str:
        """The boundary kept, with the table's own names.

        Examples
        --------
        >>> test_and_grades = np.array([[9.0, 8.0], [3.0, 4.0]])
        >>> Perceptron(initial=([2.0, 1.0], -18.0)).fit(test_and_grades, [1, 0]).boundary
        '2x₁ + x₂ − 18 = 0'
        """
        check_is_fitted(self, "coef_")
        named = getattr(self, "feature_names_in_", None)
        return boundary_text(self.coef_[0], float(self.intercept_[0]), None if named is None else list(named))

    def explain_training(self) -> str:
        """How learning ended, in a sentence."""
        check_is_fitted(self, "coef_")
        return self.outcome_

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """W·x + b of each row, shape (rows,): at least 0 for the second class."""
        check_is_fitted(self, "coef_")
        return _heights(self._scale.apply(self._values(X)), self._held)

    def predict(self, X: Any) -> Array:
        """The class of each row by the side of the boundary on which it lies, shape (rows,)."""
        check_is_fitted(self, "coef_")
        return self.classes_[(self.decision_function(X) >= 0).astype(np.int64)]

    def _values(self, X: Any) -> Array:
        incoming = as_incoming(X, judged=False)
        known = getattr(self, "feature_names_in_", None)
        if incoming.names is not None and known is not None:
            missing = [name for name in known if name not in incoming.names]
            if missing:
                hint = did_you_mean(missing[0], incoming.names) or f"its columns are {listed(incoming.names)}"
                raise InputError(
                    f"the column '{missing[0]}', which the model was trained with, is missing from the table", hint
                )
            return _numbers(incoming, tuple(known))
        if incoming.width != self.n_features_in_:
            raise InputError(
                f"X has {incoming.width} features, but Perceptron is expecting {self.n_features_in_} features as input"
            )
        return _numbers(incoming, incoming.names or tuple(f"x{place}" for place in range(incoming.width)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = True
        tags.input_tags.string = True  # numbers written as text are read
        return tags


def _numbers(incoming: Incoming, names: tuple[str, ...]) -> NDArray[np.float64]:
    """The columns of those names as float64, shape (rows, columns)."""
    if incoming.array is not None:
        return incoming.array.astype(np.float64)
    frame = incoming.as_frame()
    columns = []
    for name in names:
        series = frame.get_column(name)
        kind = incoming.judgements.get(name)
        if kind is not None and not series.dtype.is_numeric() and kind.kind.value in ("nominal", "binary", "text"):
            raise InputError(
                f"the column '{name}' holds {series.drop_nulls()[0]!r}, but a perceptron takes numbers alone",
                "leave it out, or use MLPClassifier",
            )
        values = as_numbers(series)
        missing = int(np.isnan(values).sum())
        if missing:
            raise InputError(
                f"the column '{name}' is missing (NaN) in {missing} of {len(values)} rows", "drop those rows"
            )
        columns.append(values)
    return np.column_stack(columns)


def _heights(points: Array, boundary: Array) -> NDArray[np.float64]:
    """W·x + b of each point; summed row by row, so that a point's value never depends on its company."""
    return np.asarray((points * boundary[:-1]).sum(axis=1) + boundary[-1])


def _ask_points(
    points: Array,
    above: Array,
    start: tuple[Array, float],
    rate: float,
    epochs: int,
    random_state: np.random.RandomState | None,
) -> _Learnt:
    """The perceptron trick, point by point; shuffled if there is a `random_state`."""
    boundary = np.append(*start).astype(np.float64)
    learnt = _Learnt([boundary], [], [], False, 0)
    fewest = int(((_heights(points, boundary) >= 0) != above).sum())
    for _ in range(epochs):
        order = np.arange(len(points)) if random_state is None else random_state.permutation(len(points))
        before = len(learnt.rows)
        for row in _misclassified(points, above, order, learnt.boundaries):
            share = rate if above[row] else -rate
            learnt.boundaries.append(learnt.boundaries[-1] + share * np.append(points[row], 1.0))
            learnt.rows.append(int(row))
        learnt.moves.append(len(learnt.rows) - before)
        wrong = int(((_heights(points, learnt.boundaries[-1]) >= 0) != above).sum())
        if wrong < fewest:
            fewest, learnt.kept = wrong, len(learnt.boundaries) - 1
        if learnt.moves[-1] == 0:
            learnt.converged, learnt.kept = True, len(learnt.boundaries) - 1
            break
    return learnt


def _misclassified(points: Array, above: Array, order: Array, boundaries: list[Array]) -> Iterator[int]:
    """Each point of an epoch that the newest boundary misclassifies when its turn comes."""
    at, length = 0, SHORT
    while at < len(order):
        block = order[at : at + length]
        wrong = (_heights(points[block], boundaries[-1]) >= 0) != above[block]
        first = int(wrong.argmax())
        if wrong[first]:
            yield int(block[first])
            at, length = at + first + 1, SHORT
        else:
            at, length = at + len(block), min(2 * length, LONG)


def _is_separable(points: Array, above: Array) -> bool | None:
    """Whether some boundary separates the classes, by a linear programme; None if it cannot tell."""
    from scipy.optimize import linprog

    spread = np.where(points.std(axis=0) > 0, points.std(axis=0), 1.0)
    scaled = np.column_stack([(points - points.mean(axis=0)) / spread, np.ones(len(points))])
    side = np.where(above, 1.0, -1.0)[:, None]
    width = scaled.shape[1]
    found = linprog(
        np.zeros(width), A_ub=-side * scaled, b_ub=-np.ones(len(points)), bounds=[(None, None)] * width, method="highs"
    )
    return {0: True, 2: False}.get(found.status)


def boundary_text(coefficients: Array, bias: float, names: Sequence[str] | None = None) -> str:
    """A boundary as one reads it: four significant digits, true minus signs, names if there are any.

    Examples
    --------
    >>> boundary_text(np.array([2.0, 1.0]), -18.0)
    '2x₁ + x₂ − 18 = 0'
    >>> boundary_text(np.array([2.0, -0.5]), 0.0, ["test", "grades"])
    '2·test − 0.5·grades = 0'
    """
    terms = []
    for place, value in enumerate(coefficients):
        name = f"x{str(place + 1).translate(SUBSCRIPTS)}" if names is None else names[place]
        size = f"{abs(value):.4g}"
        if float(size) != 0:
            factor = "" if size == "1" else size if names is None else f"{size}·"
            terms.append((value < 0, f"{factor}{name}"))
    if float(f"{abs(bias):.4g}") != 0 or not terms:
        terms.append((bias < 0, f"{abs(bias):.4g}"))
    first = ("−" if terms[0][0] else "") + terms[0][1]
    return first + "".join(f" {'−' if negative else '+'} {text}" for negative, text in terms[1:]) + " = 0"
