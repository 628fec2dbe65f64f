"""tidynet: from a messy table to a neural network that you can read, trust and share.

>>> import tidynet as tn
>>> table = tn.read("penguins")
>>> len(table)
344

The public names are imported when they are first used, so that ``import tidynet`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidynet import byhand as byhand
    from tidynet.byhand.trace import trace
    from tidynet.core.errors import InputError, TidynetError
    from tidynet.estimators.classifier import MLPClassifier
    from tidynet.estimators.load import load
    from tidynet.estimators.perceptron import Perceptron
    from tidynet.estimators.regressor import MLPRegressor
    from tidynet.evaluation.evaluate import evaluate
    from tidynet.evaluation.explain_prediction import explain_prediction
    from tidynet.plot.draw_plot import plot
    from tidynet.table import tidy
    from tidynet.table.read import read
    from tidynet.table.table import Table
    from tidynet.workflow.explore import Exploration, compare, explore
    from tidynet.workflow.notebook import notebook

    __version__: str

__all__ = [
    "Exploration",
    "InputError",
    "MLPClassifier",
    "MLPRegressor",
    "Perceptron",
    "Table",
    "TidynetError",
    "__version__",
    "compare",
    "evaluate",
    "explain_prediction",
    "explore",
    "load",
    "notebook",
    "plot",
    "read",
    "tidy",
    "trace",
]

# The room `plot` is a public name itself, since it can be called.
_ROOMS = ("byhand", "plot")
_HOMES = {
    "Exploration": "tidynet.workflow.explore",
    "InputError": "tidynet.core.errors",
    "MLPClassifier": "tidynet.estimators.classifier",
    "MLPRegressor": "tidynet.estimators.regressor",
    "Perceptron": "tidynet.estimators.perceptron",
    "Table": "tidynet.table.table",
    "TidynetError": "tidynet.core.errors",
    "compare": "tidynet.workflow.explore",
    "evaluate": "tidynet.evaluation.evaluate",
    "explain_prediction": "tidynet.evaluation.explain_prediction",
    "explore": "tidynet.workflow.explore",
    "load": "tidynet.estimators.load",
    "notebook": "tidynet.workflow.notebook",
    "read": "tidynet.table.read",
    "tidy": "tidynet.table.tidy",
    "trace": "tidynet.byhand.trace",
}


def __getattr__(name: str) -> object:
    # PEP 562: called only for names that this module does not hold yet.
    value: object
    if name == "__version__":
        from importlib.metadata import version

        value = version("tidynet")
    elif name in _ROOMS:
        from importlib import import_module

        value = import_module(f"tidynet.{name}")
    elif name in _HOMES:
        from importlib import import_module

        home = import_module(_HOMES[name])
        # Verbs that belong together are public as their module.
        value = home if home.__name__.endswith(f".{name}") and not hasattr(home, name) else getattr(home, name)
    else:
        raise AttributeError(f"module 'tidynet' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "byhand"})
