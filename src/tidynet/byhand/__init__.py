"""A network explained: its diagram, its decision surface, what training does, number by number.

Every figure is one function that gives a matplotlib Figure. The names are imported when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidynet.byhand.activations import activation_functions as activation_functions
    from tidynet.byhand.activations import plot_gradient_norms as plot_gradient_norms
    from tidynet.byhand.decision_surfaces import decision_surface as decision_surface
    from tidynet.byhand.error_surfaces import error_cross_section as error_cross_section
    from tidynet.byhand.error_surfaces import error_surface as error_surface
    from tidynet.byhand.logic_gates import LogicGate as LogicGate
    from tidynet.byhand.logic_gates import logic_gate as logic_gate
    from tidynet.byhand.manual_networks import ManualNetwork as ManualNetwork
    from tidynet.byhand.manual_networks import manual_network as manual_network
    from tidynet.byhand.model_comparisons import surfaces_by_penalty as surfaces_by_penalty
    from tidynet.byhand.model_comparisons import surfaces_by_size as surfaces_by_size
    from tidynet.byhand.network_diagrams import network_diagram as network_diagram
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
    "activations": ("activation_functions", "plot_gradient_norms"),
    "decision_surfaces": ("decision_surface",),
    "error_surfaces": ("error_cross_section", "error_surface"),
    "logic_gates": ("LogicGate", "logic_gate"),
    "manual_networks": ("ManualNetwork", "manual_network"),
    "model_comparisons": ("surfaces_by_penalty", "surfaces_by_size"),
    "network_diagrams": ("network_diagram",),
    "regularization": ("dropout_masks", "weights_by_penalty"),
    "trace": ("Trace",),
    "training_animation": ("TrainingAnimation", "animate_logistic", "animate_perceptron"),
    "training_curves": ("learning_rate_range_test", "plot_fit_regions", "plot_learning_rate_range_test"),
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
