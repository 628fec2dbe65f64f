"""A network explained: its diagram, its decision surface, what training does, number by number.

Every picture is one function that gives a matplotlib Figure. The names are imported when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidynet.byhand.activations import activation_functions as activation_functions
    from tidynet.byhand.activations import plot_gradient_norms as plot_gradient_norms
    from tidynet.byhand.decision_surface import decision_surface as decision_surface
    from tidynet.byhand.error_surface import error_cross_section as error_cross_section
    from tidynet.byhand.error_surface import error_surface as error_surface
    from tidynet.byhand.logic_gates import LogicGate as LogicGate
    from tidynet.byhand.logic_gates import logic_gate as logic_gate
    from tidynet.byhand.manual_network import ManualNetwork as ManualNetwork
    from tidynet.byhand.manual_network import manual_network as manual_network
    from tidynet.byhand.model_comparisons import surfaces_by_penalty as surfaces_by_penalty
    from tidynet.byhand.model_comparisons import surfaces_by_size as surfaces_by_size
    from tidynet.byhand.network_diagram import network_diagram as network_diagram
    from tidynet.byhand.regularization import dropout_masks as dropout_masks
    from tidynet.byhand.regularization import weights_by_penalty as weights_by_penalty
    from tidynet.byhand.trace import Trace as Trace
    from tidynet.byhand.training_animation import TrainingAnimation as TrainingAnimation
    from tidynet.byhand.training_animation import animate_logistic as animate_logistic
    from tidynet.byhand.training_animation import animate_perceptron as animate_perceptron
    from tidynet.byhand.training_curves import learning_rate_range_test as learning_rate_range_test
    from tidynet.byhand.training_curves import plot_fit_regions as plot_fit_regions
    from tidynet.byhand.training_curves import plot_learning_rate_range_test as plot_learning_rate_range_test

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
