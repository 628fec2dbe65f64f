"""What a training leaves behind: weights, histories, and scikit-learn's attributes of them."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from tidynet.core.errors import InputError
from tidynet.engine import History
from tidynet.estimators.encoding import EncodingMixin
from tidynet.estimators.ensemble import EnsembleMember, validation_loss
from tidynet.estimators.train_validation_split import TrainValidationRows
from tidynet.estimators.training_diagnosis import explain_history
from tidynet.estimators.training_statistics import baseline_loss

__all__ = ["FittedAttributesMixin"]

Array = NDArray[Any]

ROWS_FOR_CONSTANT = 10_000
NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)


class FittedAttributesMixin(EncodingMixin):
    """The networks that were trained, how their training went, and the weights as scikit-learn names them."""

    def _set_fitted_attributes(self, trained: list[EnsembleMember], rows: TrainValidationRows) -> list[EnsembleMember]:
        """Keep what was learnt; returns the networks that stay."""
        for item in trained:
            if not any(record.is_best for record in item.history.epochs) or not np.isfinite(item.theta).all():
                raise InputError(f"{NOT_FINITE} Training ended: {item.history.stop_text}.")
        if self.ensemble == "best" and len(trained) > 1:
            trained = [min(trained, key=validation_loss)]
        self.members_ = [item.theta for item in trained]
        self._restart_numbers = tuple(item.restart for item in trained)
        self.histories_ = [item.history for item in trained]
        self.folds_ = rows.folds
        self.n_training_rows_, self.n_validation_rows_ = rows.counts
        self.interrupted_ = any(item.interrupted for item in trained)
        self.record_: dict[str, Any] = {}
        self.arrays_: dict[str, Array] = {}
        self._set_history_attributes()
        return trained

    def _init_run_record(self, target: str | None) -> None:
        """Begin the facts that travel in the model file: what is predicted, and when the model was made."""
        # The environment is written down when the model is saved: looking it up takes longer than a small fit.
        made = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "environment": None}
        self.record_ = ({} if target is None else {"target": target}) | {"provenance": made}

    def _set_history_attributes(self) -> None:
        """scikit-learn's attributes of a training, from the first network's history."""
        history = self.history_
        validated = self.n_validation_rows_ > 0
        self.n_iter_ = len(history)
        self.t_ = self.n_iter_ * self.n_training_rows_
        self.n_layers_ = len(self.network_.sizes)
        self.n_outputs_ = self.network_.outputs
        self.out_activation_ = {"sigmoid": "logistic"}.get(
            self.network_.output_activation, self.network_.output_activation
        )
        self.loss_curve_ = [record.training_loss for record in history.epochs]
        self.loss_ = self.loss_curve_[-1]
        finite = [loss for loss in self.loss_curve_ if np.isfinite(loss)]
        self.best_loss_ = None if validated else min(finite, default=np.inf)
        self.validation_loss_curve_ = [record.validation_loss for record in history.epochs] if validated else None
        self.validation_scores_ = (
            [np.nan if record.validation_score is None else record.validation_score for record in history.epochs]
            if validated
            else None
        )
        self.best_validation_score_ = (
            float(np.nanmax(self.validation_scores_)) if self.validation_scores_ is not None else None
        )

    def _constant_loss(self, target: Array, weights: Array | None) -> float:
        """Loss of always predicting the same, on a sample of the rows."""
        if self._custom_loss() is not None:
            return float("nan")
        some = slice(None, None, max(1, len(target) // ROWS_FOR_CONSTANT))
        few = None if weights is None else weights[some]
        return baseline_loss(self.network_, self._encode_target(target[some]), few)

    def explain_training(self) -> str:
        """What happened in the training, in two or three sentences, and what to try next.

        Underfitting, overfitting and from which epoch on, a learning rate too high, gradients that vanish, units
        that died, restarts that disagree: the rules are rows of `tidynet.estimators.training_diagnosis.RULES`.

        Examples
        --------
        >>> import tidynet as tn
        >>> X = np.random.default_rng(0).normal(size=(200, 2))
        >>> model = tn.MLPRegressor(random_state=0, solver="sgd", learning_rate_init=5.0).fit(X, 9 * X[:, 0])
        >>> "learning rate of 5 is too high" in model.explain_training()
        True
        """
        check_is_fitted(self, "members_")
        return explain_history(self)

    def _check_convergence(self) -> None:
        """Warn as scikit-learn does when its own settings ran out of iterations."""
        if self.settings_.preset != "scikit-learn" or self.interrupted_:
            return
        if any(history.stop_reason is not None and history.stop_reason.is_limit for history in self.histories_):
            warnings.warn(
                f"training used up its {self.n_iter_} iterations before it converged; raise max_iter or tol",
                ConvergenceWarning,
                stacklevel=3,
            )

    @property
    def history_(self) -> History:
        """What the first restart's training was like."""
        return self.histories_[0]

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer of the first network, (inputs, units), as views."""
        return [weights for weights, _ in self.network_.views(self.members_[0])]

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer of the first network, (units,), as views."""
        layers = self.network_.views(self.members_[0])
        return [np.zeros(weights.shape[1], self.dtype_) if biases is None else biases for weights, biases in layers]
