"""Loading a model file: the fitted estimator that wrote it, with the same predictions bit for bit."""

from __future__ import annotations

import warnings
from pathlib import Path

from tidynet.core.environment import describe_differences
from tidynet.core.errors import FileReadError, TidynetWarning, check_is_path
from tidynet.estimators.classifier import MLPClassifier
from tidynet.estimators.file_format import read_model_file
from tidynet.estimators.regressor import MLPRegressor

ESTIMATORS: dict[str, type[MLPClassifier] | type[MLPRegressor]] = {
    "MLPClassifier": MLPClassifier,
    "MLPRegressor": MLPRegressor,
}


def load(path: str | Path) -> MLPClassifier | MLPRegressor:
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : str or Path
        The model file.

    Returns
    -------
    MLPClassifier or MLPRegressor

    Raises
    ------
    FileReadError
        If the file is missing, not a model, damaged, or from another version of tidynet.

    Examples
    --------
    >>> load("nowhere.tidynet")
    Traceback (most recent call last):
    tidynet.core.errors.FileReadError: there is no model file 'nowhere.tidynet'; train one with tidynet train
    """
    check_is_path(path)
    facts, arrays = read_model_file(Path(path))
    if facts.get("estimator") == "Perceptron":
        raise FileReadError(f"'{path}' contains a Perceptron", "read it with tidynet.Perceptron.load")
    try:
        model = ESTIMATORS[facts["estimator"]].from_state(facts, arrays)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise FileReadError(
            f"the model file '{path}' is incomplete ({type(error).__name__}: {error})",
            "train again, or use the version of tidynet that wrote it",
        ) from error
    differs = describe_differences((model.record_.get("provenance") or {}).get("environment"))
    if differs:
        warnings.warn(differs, TidynetWarning, stacklevel=2)
    return model
