"""Activation functions and the gradient that they let through."""

from __future__ import annotations

import numpy as np
import pytest

import tidynet as tn
from tidynet.byhand import activation_functions, plot_gradient_norms
from tidynet.byhand.activations import gradient_norms_by_layer
from tidynet.engine import ACTIVATIONS


def test_every_activation_of_the_engine_has_a_panel_with_two_curves():
    panels = [axes for axes in activation_functions().axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in panels] == list(ACTIVATIONS)
    for axes in panels:
        curve, slope = (line for line in axes.lines if line.get_label().startswith("f"))
        h, a = curve.get_data()
        inside = np.abs(h - 0) > 0.1  # central differences know nothing of kinks
        np.testing.assert_allclose(
            np.gradient(a, h)[inside][1:-1], slope.get_ydata()[inside][1:-1], atol=0.03, rtol=0.03
        )


def test_sigmoid_s_gradient_vanishes_and_relu_s_does_not():
    sigmoid, relu = gradient_norms_by_layer("sigmoid", 10), gradient_norms_by_layer("relu", 10)
    assert sigmoid[0] < 1e-5 * sigmoid[-1]
    assert relu[0] > 1e-2 * relu[-1]
    axes = plot_gradient_norms(("sigmoid", "relu"), 10).axes[0]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), sigmoid)


def test_mistakes_are_named():
    with pytest.raises(tn.InputError, match="the activation 'rulu' is unknown; did you mean 'relu'"):
        activation_functions(["rulu"])
    with pytest.raises(tn.InputError, match="names has 5 activations, expected 1 to 4"):
        plot_gradient_norms(["relu"] * 5)
    with pytest.raises(tn.InputError, match="depth is 1"):
        gradient_norms_by_layer("relu", 1)
