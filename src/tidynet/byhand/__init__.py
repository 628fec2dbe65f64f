"""A network explained: its diagram, its decision surface, what training does, number by number.

Every picture is one function that gives a matplotlib Figure. The names are imported when first used.
"""

from __future__ import annotations

from importlib import import_module

# module: the public names that live in it
_HOMES = {
    "activations": ("activation_functions", "gradient_sizes"),
    "comparisons": ("surfaces_by_penalty", "surfaces_by_size"),
    "curves": ("learning_rate_curve", "learning_rate_test", "training_regions"),
    "diagram": ("network_diagram",),
    "gates": ("Gate", "gate"),
    "landscape": ("error_slice", "error_surface"),
    "movement": ("Movement", "logistic_movement", "perceptron_movement"),
    "networks": ("HandNetwork", "network"),
    "surfaces": ("decision_surface",),
    "trace": ("Trace",),
    "weights": ("dropout_masks", "weights_by_penalty"),
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
