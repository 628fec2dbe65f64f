"""MLPRegressor: a network that predicts numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from tidynet.errors import InputError
from tidynet.model.estimator import NetworkEstimator
from tidynet.prepare import NumberCoder

__all__ = ["MLPRegressor"]

Array = NDArray[Any]


class MLPRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """A multilayer network for numbers, on raw mixed tables or arrays.

    It minimises the squared error ½·Σ (y − ŷ)² of the standardised target; several target columns
    are learnt together. Parameters are those of `MLPClassifier`.

    Attributes
    ----------
    recipe_ : Recipe
        How columns become features.
    history_ : History
        The training of the first restart; `histories_` of all.
    n_outputs_ : int
        Target columns.

    Examples
    --------
    >>> import numpy as np
    >>> from tidynet import MLPRegressor
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> model = MLPRegressor(random_state=0).fit(X, X[:, 0] ** 2)
    >>> bool(abs(model.predict(np.array([[0.5]]))[0] - 0.25) < 0.1)
    True
    """

    def _learn_target(self, y: Array) -> None:
        if y.dtype.kind not in "fiub":
            raise InputError(
                f"the target holds {y.ravel()[:1].tolist()[0]!r}, expected numbers",
                "use MLPClassifier for classes",
            )
        values = y.astype(np.float64)
        if not np.isfinite(values).all():
            raise InputError("the target holds infinity, expected finite numbers", "mend or drop those rows")
        self._column_target = y.ndim == 1
        self._coder = NumberCoder.fit(values.reshape(len(values), -1))
        self.n_outputs_ = self._coder.mean.size

    def _encode_target(self, y: Array) -> Array:
        return self._coder.encode(y.astype(np.float64).reshape(len(y), -1))

    def _strata(self, y: Array) -> Array | None:
        return None

    def _output(self) -> tuple[int, str, str]:
        return self.n_outputs_, "identity", "squared_error"

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predicted numbers, float64 of shape (rows,) or (rows, targets)."""
        predicted = self._coder.decode(self._raw_outputs(X))
        return predicted[:, 0] if self._column_target else predicted
