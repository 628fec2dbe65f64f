"""Novelty of rows: how unlike the training rows they are, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.estimators.fitted_attributes import FittedAttributes
from tidynet.estimators.novelty import NoveltyDetector

Array = NDArray[Any]


class NoveltyMethods(FittedAttributes):
    """Novelty by the training rows that a fitted model stores."""

    _novelty: NoveltyDetector | None = None

    def novelty(self, X: Any) -> Array:
        """Novelty of each row, from 0 to 1: the fraction of training rows that are closer to their neighbors.

        A row's distance is the mean distance to its nearest training rows, over the features of the recipe (of a
        large table over a sample). For rows from the same source novelty is uniform from 0 to 1.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)

        Returns
        -------
        ndarray of shape (rows,)

        Raises
        ------
        InputError
            After `partial_fit`, which stores no training rows.

        Examples
        --------
        >>> import numpy as np, tidynet as tn
        >>> X = np.random.default_rng(0).normal(size=(200, 2))
        >>> model = tn.MLPRegressor(random_state=0, preset="tidynet", effort="fast").fit(X, X[:, 0])
        >>> model.novelty([[0.0, 0.0], [9.0, 9.0]]).round(1).tolist()[1]
        1.0
        """
        incoming = self._check_input(X)
        return self._novelty_reference().score(self._encoder.features(incoming))

    def novelty_reasons(self, X: Any) -> list[list[str]]:
        """What is novel in each row, a list of clauses; empty where nothing is.

        Values outside the training range, unseen categories, values missing that never were in training, and for the
        most novel of the other rows the two columns that differ most from the nearest training row.
        """
        incoming = self._check_input(X)
        features, reference = self._encoder.features(incoming), self._novelty_reference()
        return reference.reasons(
            self.recipe_, self._encoder.match_columns(incoming), features, reference.score(features)
        )

    def novelty_summary(self, X: Any, is_novel: Any) -> list[tuple[str, int]]:
        """Why rows of a table are novel, the most frequent reason first.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        is_novel : array of bool, shape (rows,)
            The novel rows; reasons are counted in these alone.

        Returns
        -------
        list of (str, int)
            The reason, and the number of novel rows that have it.
        """
        incoming = self._check_input(X)
        features, matched = self._encoder.features(incoming), self._encoder.match_columns(incoming)
        return self._novelty_reference().count_reasons(self.recipe_, matched, features, np.asarray(is_novel))

    @property
    def novelty_detector(self) -> NoveltyDetector | None:
        """The stored training rows; None after partial_fit."""
        return self._novelty

    def _novelty_reference(self) -> NoveltyDetector:
        if self._novelty is None:
            raise InputError("this model has no stored training rows to measure novelty by", "train it by fit")
        return self._novelty
