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
    from tidynet.errors import InputError, TidynetError
    from tidynet.exploration import Exploration, compare, explore
    from tidynet.model.classifier import MLPClassifier
    from tidynet.model.file import load
    from tidynet.model.perceptron import Perceptron
    from tidynet.model.regressor import MLPRegressor
    from tidynet.plot.picture import plot
    from tidynet.sharing import notebook
    from tidynet.table import tidy
    from tidynet.table.read import read
    from tidynet.table.table import Table
    from tidynet.trust.table_evaluation import evaluate
    from tidynet.trust.why import explain_prediction

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
    "Exploration": "tidynet.exploration",
    "InputError": "tidynet.errors",
    "MLPClassifier": "tidynet.model.classifier",
    "MLPRegressor": "tidynet.model.regressor",
    "Perceptron": "tidynet.model.perceptron",
    "Table": "tidynet.table.table",
    "TidynetError": "tidynet.errors",
    "compare": "tidynet.exploration",
    "evaluate": "tidynet.trust.table_evaluation",
    "explore": "tidynet.exploration",
    "load": "tidynet.model.file",
    "notebook": "tidynet.sharing",
    "read": "tidynet.table.read",
    "tidy": "tidynet.table.tidy",
    "trace": "tidynet.byhand.trace",
    "why": "tidynet.trust.why",
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
