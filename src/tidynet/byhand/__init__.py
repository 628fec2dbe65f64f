"""A network explained: its diagram, its decision surface, what training does, number by number.

Every picture is one function that gives a matplotlib Figure. The names are imported when first used.
"""

from __future__ import annotations

from importlib import import_module

# module: the public names that live in it
_HOMES = {
    "activations": ("activation_functions", "gradient_sizes"),
    "diagram": ("network_diagram",),
    "gates": ("Gate", "gate"),
    "surfaces": ("decision_surface",),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'tidynet.byhand' has no attribute '{name}'")
    value: object = getattr(import_module(f"tidynet.byhand.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
