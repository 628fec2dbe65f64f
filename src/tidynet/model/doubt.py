"""What a fitted network is unsure of, measured on rows that `fit` set aside; shared by both estimators."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from tidynet.errors import InputError
from tidynet.model.incoming import Incoming, as_incoming, as_target, as_weights
from tidynet.model.learnt import Learnt
from tidynet.model.members import predict_mean
from tidynet.model.unfamiliarity import Familiar, sample_of
from tidynet.prepare import Features, fold_rows
from tidynet.table import Table

__all__ = ["Doubtful", "Evidence", "LearntFrom"]

Array = NDArray[Any]

MOST_ROWS = 20_000  # more than these tell no more of a threshold
MOST_CELLS = 4_000_000  # of networks × rows × outputs, held at once
FOLDS = 5  # of the networks trained anew where `fit` set no rows aside
NO_ROWS = "this model has set no rows aside to measure its doubt on"


@dataclass(frozen=True)
class Evidence:
    """What networks say of rows that at least one of them has not learnt from.

    Attributes
    ----------
    outputs : array of shape (networks, rows, outputs)
    unseen : array of bool, shape (networks, rows)
        Whether a network has not learnt from a row.
    features : Features
    target : array of shape (rows, …)
    weights : array of shape (rows,), or None
        How much each row counted in training.
    stands_for : array of shape (rows,), or None
        How many rows like it each stands for: the weights that were given for rows. Weights of classes are none of
        them, for they make no class more frequent.
    source : str
        Where the rows come from, in words.
    """

    outputs: Array
    unseen: Array
    features: Features
    target: Array
    weights: Array | None
    stands_for: Array | None
    source: str


@dataclass(frozen=True)
class LearntFrom:
    """The rows of a training, as in `Evidence`: references to what the user holds, never saved."""

    incoming: Incoming
    target: Array
    weights: Array | None
    stands_for: Array | None
    groups: Array | None = None


class Doubtful(Learnt):
    """Calibration, conformal sets and intervals: what they need of an estimator, and when they are measured."""

    _learnt_from: LearntFrom | None = None
    _familiar: Familiar | None = None
    _restart_numbers: tuple[int, ...] = ()

    @abstractmethod
    def _measure(self, evidence: Evidence) -> None:
        """Learn scaling and scores from evidence."""

    @abstractmethod
    def _forget_doubt(self) -> None:
        """Forget scaling and scores."""

    @abstractmethod
    def _has_scores(self) -> bool:
        """Whether scores were measured."""

    @abstractmethod
    def _aligned(self, twin: Any, outputs: Array) -> Array:
        """A twin's raw outputs in the terms of this estimator's own."""

    def _set_none_aside(self) -> None:
        self._forget_doubt()
        self._learnt_from = None

    def _doubts(self) -> bool:
        """Whether there is a doubt to measure for this target."""
        return True

    def conformalize(self, X: Any = None, y: Any = None, sample_weight: Any = None) -> Self:
        """Measure doubt: the scores of `predict_set` and `predict_interval`, and the scaling of probabilities.

        `fit` does so by itself on the rows that it sets aside to stop early by. Where it sets none aside
        (scikit-learn's settings, `early_stopping=False`, `solver="lbfgs"`, under 40 rows), the first prediction
        of a set or an interval calls this without rows: five networks like this one are then each trained on
        four fifths of the training rows and asked about the others, which takes about as long as four fits.

        Parameters
        ----------
        X, y : table and target, optional
            Rows that the model has not learnt from; what was measured before is replaced.
        sample_weight : array of shape (rows,), optional
            How many rows like it each of them stands for.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If no rows are given and the training rows are not at hand: in a model loaded from a file, after
            `partial_fit` or after a warm start.

        Examples
        --------
        >>> import numpy as np, tidynet as tn
        >>> X = np.linspace(0, 1, 80)[:, None]
        >>> model = tn.MLPRegressor(random_state=0, solver="lbfgs").fit(X[::2], X[::2, 0])
        >>> model.conformalize(X[1::2], X[1::2, 0]).predict_interval(X[:3]).shape
        (3, 2)
        """
        check_is_fitted(self, "members_")
        if X is not None:
            incoming = as_incoming(X, judged=False)
            weights = as_weights(sample_weight, incoming.rows)
            rows = np.arange(incoming.rows) if weights is None else np.flatnonzero(weights)
            unseen = np.ones((len(self.members_), len(rows)), dtype=bool)
            given = LearntFrom(incoming, as_target(y, incoming.rows), weights, weights)
            self._measure_on(given, rows, unseen, "rows given to conformalize")
            return self
        if self._has_scores():
            return self
        if self._learnt_from is None:
            raise InputError(
                NO_ROWS, "give it rows that it has not learnt from by conformalize(X, y), or train with early_stopping"
            )
        self._measure(self._by_twins(self._learnt_from))
        self._learnt_from = None
        return self

    def _measure_doubt(self, learnt: LearntFrom, validation: Array, folds: tuple[Array, ...]) -> None:
        """Measure doubt on the rows that training watched, or keep hold of all rows to do so when asked."""
        self._set_none_aside()
        if not self._doubts():
            return
        if folds:
            fold = np.empty(learnt.incoming.rows, dtype=np.int64)
            for number, rows in enumerate(folds):
                fold[rows] = number
            own = np.array(self._restart_numbers)[:, None] % len(folds)
            unseen = fold == own
            rows = np.flatnonzero(unseen.any(axis=0))
            self._measure_on(learnt, rows, unseen[:, rows], "the folds that training stopped early by")
        elif len(validation):
            unseen = np.ones((len(self.members_), len(validation)), dtype=bool)
            self._measure_on(learnt, validation, unseen, "the validation rows")
        else:
            self._learnt_from = learnt
            if self.calibrate not in ("auto", "none"):
                self.conformalize()

    def _measure_on(self, learnt: LearntFrom, rows: Array, unseen: Array, source: str) -> None:
        most = max(1_000, min(MOST_ROWS, MOST_CELLS // (len(self.members_) * self.network_.outputs)))
        if len(rows) > most:
            kept = np.sort(np.random.default_rng(0).choice(len(rows), most, replace=False))
            rows, unseen = rows[kept], unseen[:, kept]
        features = self._features(learnt.incoming.take(rows))
        inputs = self._inputs_of(features)
        outputs = np.stack([predict_mean(self.network_, [theta], inputs) for theta in self.members_])
        weights, stands_for = (None if one is None else one[rows] for one in (learnt.weights, learnt.stands_for))
        self._measure(Evidence(outputs, unseen, features, learnt.target[rows], weights, stands_for, source))

    def _by_twins(self, learnt: LearntFrom) -> Evidence:
        """What networks like this one, each trained without a fold, say of that fold."""
        rows = learnt.incoming.rows
        if rows < 2:
            raise InputError(NO_ROWS, "give it more rows")
        folds = fold_rows(rows, min(FOLDS, rows), np.random.default_rng(0), self._strata(learnt.target), learnt.groups)
        outputs = np.zeros((1, rows, self.network_.outputs))
        for fold in folds:
            others = np.delete(np.arange(rows), fold)
            twin = clone(self).set_params(**self._twin_parameters())
            weights, groups = (None if one is None else one[others] for one in (learnt.weights, learnt.groups))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # of the fit itself the user was told
                twin.fit(_as_table(learnt.incoming.take(others)), learnt.target[others], weights, groups=groups)
            inputs = twin._inputs_of(twin._features(learnt.incoming.take(fold)))
            outputs[0, fold] = self._aligned(twin, predict_mean(twin.network_, twin.members_, inputs))
        return Evidence(
            outputs,
            np.ones((1, rows), dtype=bool),
            self._features(learnt.incoming),
            learnt.target,
            learnt.weights,
            learnt.stands_for,
            f"{len(folds)} networks trained in turn",
        )

    def _twin_parameters(self) -> dict[str, Any]:
        settings: Any = vars(self)["settings_"]
        quiet = {"calibrate": "none", "checkpoint": None, "verbose": False, "warm_start": False}
        return quiet | {"preset": settings.preset, "class_weight": None}

    def __getstate__(self) -> dict[str, Any]:
        whole: Any = super().__getstate__()
        state: dict[str, Any] = dict(whole)
        state.pop("_learnt_from", None)  # a model that is passed on must not carry the training rows
        return state

    # Rows unlike any seen ------------------------------------------------------------------

    def unfamiliarity(self, X: Any) -> Array:
        """How unlike the training rows each row is, from 0 to 1.

        The share of training rows that are closer to their own nearest training rows than this row is to its
        nearest ones, over the features of the recipe (of a large table over a sample). For rows from the same
        source it is spread evenly from 0 to 1.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)

        Returns
        -------
        ndarray of shape (rows,)

        Raises
        ------
        InputError
            If the model comes from a file of an earlier tidynet, or from `partial_fit`.

        Examples
        --------
        >>> import numpy as np, tidynet as tn
        >>> X = np.random.default_rng(0).normal(size=(200, 2))
        >>> model = tn.MLPRegressor(random_state=0, preset="tidynet", effort="fast").fit(X, X[:, 0])
        >>> model.unfamiliarity([[0.0, 0.0], [9.0, 9.0]]).round(1).tolist()[1]
        1.0
        """
        incoming = self._known(X)
        return self._familiar_rows().measure(self._features(incoming))

    def unfamiliar_because(self, X: Any) -> list[list[str]]:
        """What is unlike any training row, in sentences, a list for each row; empty where nothing is.

        Values beyond the range seen, levels never seen and values missing that never were; for the most unfamiliar
        of the other rows, the columns in which no training row is like them.
        """
        incoming = self._known(X)
        features, familiar = self._features(incoming), self._familiar_rows()
        measured = familiar.measure(features)
        return familiar.reasons(self.recipe_, self._matched(incoming), features, measured)

    def unfamiliar_reasons(self, X: Any, unlike: Any) -> list[tuple[str, int]]:
        """Why rows of a whole table are unlike any training row, the commonest reason first.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        unlike : array of bool, shape (rows,)
            Rows that are unfamiliar, also those in which no single value is; reasons are counted in these alone.

        Returns
        -------
        list of (str, int)
            In words, and in how many of the unfamiliar rows.
        """
        incoming = self._known(X)
        features, matched = self._features(incoming), self._matched(incoming)
        return self._familiar_rows().counted_reasons(self.recipe_, matched, features, np.asarray(unlike))

    def _familiar_rows(self) -> Familiar:
        if self._familiar is None:
            raise InputError(
                "this model keeps no training rows to compare with, so it cannot tell how unfamiliar a row is",
                "train it by fit, with this version of tidynet",
            )
        return self._familiar

    def _keep_familiar(self, incoming: Incoming, target: Array) -> None:
        rows = sample_of(incoming.rows, len(self.recipe_.used))
        features = self._features(incoming.take(rows))
        if self.recipe_.plain and incoming.array is not None:
            ranges = np.stack([incoming.array.min(axis=0), incoming.array.max(axis=0)]).astype(np.float64)
        else:
            ranges = self.recipe_.ranges(self._matched(incoming))
        truth = self._strata(target[rows]) if hasattr(self, "classes_") else target[rows]
        plain = None if truth is None or truth.ndim > 1 else truth.astype(np.float64)
        self._familiar = Familiar.of(features, self.recipe_.plain, ranges, plain)

    # Saving ---------------------------------------------------------------------------------

    @abstractmethod
    def _doubt_facts(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """What the file must hold of scaling and scores."""

    @abstractmethod
    def _restore_doubt(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Take up what `_doubt_facts` gave."""


def _as_table(incoming: Incoming) -> Any:
    """Rows in a form that `fit` takes, with the kinds that columns were judged to be."""
    if incoming.array is not None:
        return incoming.array
    return Table(incoming.as_frame(), incoming.judgements, "rows")
