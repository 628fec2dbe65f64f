"""What the classifier and the regressor share, put together: they add a target of their own."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from tidynet.estimators.ensemble import predict_ensemble_mean
from tidynet.estimators.file_format import write_container
from tidynet.estimators.fitting import FitMixin
from tidynet.estimators.html_diagram import estimator_diagram
from tidynet.estimators.state import to_state

__all__ = ["NetworkEstimator"]

Array = NDArray[Any]


class NetworkEstimator(FitMixin):
    """A multilayer network behind scikit-learn's estimator interface; not used by itself.

    Each class that it is made of adds one thing: parameters (`Configured`), inputs and targets (`Encoding`), what
    training leaves (`Learnt`), what is doubtful (`Doubtful`), and training itself (`Fitting`).
    """

    # Predicting -----------------------------------------------------------------------------

    @abstractmethod
    def predict(self, X: Any) -> Any:
        """Predict the target of each row."""

    def predict_point(self, X: Any) -> Any:
        """One prediction a row, whatever the loss: here `predict`."""
        return self.predict(X)

    def _raw_outputs(self, X: Any) -> Array:
        """Mean over the networks of their outputs ŷ, shape (rows, outputs)."""
        inputs = self._inputs(self._check_fitted_input(X))
        return predict_ensemble_mean(self.network_, self.members_, inputs)

    # Saving ---------------------------------------------------------------------------------

    def save(self, path: str | Path) -> int:
        """Write the fitted model to one safe file (`tidynet.load` reads it); returns its bytes."""
        return write_container(path, *self.to_state())

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """The fitted model as facts that JSON can hold, and arrays by name."""
        check_is_fitted(self, "members_")
        return to_state(self)

    # In a notebook, and to scikit-learn -----------------------------------------------------

    def _repr_html_(self) -> str:
        return estimator_diagram(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # scikit-learn's own would show a list of parameters.
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        return tags
