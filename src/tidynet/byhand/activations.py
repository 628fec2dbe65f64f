"""Activation functions with their derivatives, and the gradients of deep networks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import ACTIVATIONS, Network, activation
from tidynet.engine import numpy_reference as reference
from tidynet.estimators.blas_threads import one_blas_thread
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, SECOND, finish_figure, legend, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]

_MAX_H: Final = 4.0
_STYLES = (("-", "o"), ((0, (5, 1.5)), "^"), ((0, (1.5, 1.2)), "s"), ((0, (5, 1.2, 1.2, 1.2)), "D"))
_LINE_COLORS = (BASE, SECOND, INK, MUTED)


def activation_functions(names: Sequence[str] = tuple(ACTIVATIONS), *, columns: int = 3) -> Figure:
    """Each activation a = f(h), solid, with its derivative f′(h), dashed.

    Softmax is drawn for two units, with h = 0 for the other: the sigmoid.

    One panel for each. Softmax is drawn for two units, the other's h held at 0, where it is the sigmoid.

    Parameters
    ----------
    names : sequence of str
        Activations of the engine; all by default.
    columns : int
        Panels per row.

    Raises
    ------
    InputError
        If a name is unknown.

    Examples
    --------
    >>> [axes.get_title(loc="left") for axes in activation_functions(["sigmoid", "relu"]).axes]
    ['sigmoid', 'relu']
    """
    chosen = [activation(name) for name in names]
    if not chosen:
        raise InputError("names is empty, expected one or more activations")
    columns = min(columns, len(chosen))
    rows = math.ceil(len(chosen) / columns)
    figure = new_figure(2.25 * columns + 0.3, 1.75 * rows + 0.35)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    h = np.linspace(-_MAX_H, _MAX_H, 401)
    for axes, item in zip(grid, chosen, strict=False):
        a, slope = _curves(item.name, h)
        axes.axhline(0, color=MUTED, linewidth=0.7)
        axes.axvline(0, color=MUTED, linewidth=0.7)
        axes.plot(h, a, color=BASE, linewidth=1.8, label="f(h)")
        axes.plot(h, slope, color=SECOND, linewidth=1.4, linestyle=(0, (4, 1.3)), label="f′(h)")
        axes.set(ylim=(-1.9, 2.3), xticks=(-4, -2, 0, 2, 4), yticks=(-1, 0, 1, 2))
        axes.set_title(item.name, loc="left", color=INK, fontsize=FONT_SIZE)
        finish_figure(axes, grid="")
    for axes in grid[len(chosen) :]:
        axes.set_visible(False)
    grid[0].legend(
        loc="upper left", frameon=False, fontsize=FONT_SIZE - 1.5, labelcolor=INK, handlelength=1.8, borderpad=0
    )
    return figure


def _curves(name: str, h: Array) -> tuple[Array, Array]:
    row = activation(name)
    if name == "softmax":
        a = row.function(np.column_stack([h, np.zeros_like(h)]))[:, 0]
        return a, a * (1 - a)
    a = row.function(h)
    return a, row.derivative(h, a)


@one_blas_thread()
def gradient_norms_by_layer(
    name: str, depth: int = 10, *, width: int = 32, rows: int = 200, seed: int = 0, rule: str = "auto"
) -> Array:
    """The root mean square of each layer's weight gradient in a new deep network on random rows."""
    if depth < 2 or width < 1 or rows < 1:
        raise InputError(
            f"depth is {depth}, width {width} and rows {rows}, expected depth 2 or more, width and rows 1 or more"
        )
    rng = np.random.default_rng(seed)
    network = Network(
        numbers=width, hidden=(width,) * (depth - 1), outputs=1, activations=(activation(name).name,) * (depth - 1),
        output_activation="sigmoid", loss="binary_cross_entropy",
    )  # fmt: skip
    theta = network.initial_parameters(rng, rule, np.float64)
    X = rng.normal(size=(rows, width))
    y = rng.integers(0, 2, size=(rows, 1)).astype(np.float64)
    result = reference.backward(network, theta, reference.forward(network, theta, X), y)
    return np.array([np.sqrt(np.mean(W * W)) for W, _ in network.views(result.gradient)])


def plot_gradient_norms(
    names: Sequence[str] = ("sigmoid", "tanh", "relu"), depth: int = 10, *, width: int = 32, seed: int = 0
) -> Figure:
    """The norm of ∂E/∂W by layer, on a log axis: vanishing gradients.

    Backpropagation multiplies the error by f′(h) in each layer; for the sigmoid f′(h) is at most ¼.

    Size of ∂E/∂W over the layers, on a log axis, each curve with its name.

    Parameters
    ----------
    names : sequence of str
        One to four activations.
    depth, width, seed : int
        As in `gradient_norms_by_layer`.

    Raises
    ------
    InputError
        If an activation is unknown, or there are more than four.

    Examples
    --------
    >>> plot_gradient_norms(depth=4).axes[0].get_yscale()
    'log'
    """
    if not 1 <= len(names) <= len(_STYLES):
        raise InputError(f"names has {len(names)} activations, expected 1 to {len(_STYLES)}")
    figure = new_figure(4.9, 3.2)
    axes = figure.subplots()
    layers = np.arange(1, depth + 1)
    for name, (style, marker), color in zip(names, _STYLES, _LINE_COLORS, strict=False):
        sizes = gradient_norms_by_layer(name, depth, width=width, seed=seed)
        axes.plot(
            layers, np.maximum(sizes, 1e-300), color=color, linestyle=style, marker=marker, markersize=4, label=name
        )
    axes.set_yscale("log")
    axes.set_xticks(layers if depth <= 12 else layers[:: math.ceil(depth / 12)])
    axes.set_xlabel("layer, from the inputs")
    axes.set_ylabel("norm of ∂E/∂W")
    _hide_minor_ticks(axes)
    return figure


def _hide_minor_ticks(axes: Axes) -> None:
    from matplotlib.ticker import NullLocator

    axes.yaxis.set_minor_locator(NullLocator())
    legend(axes)
    finish_figure(axes, grid="y")
    for label in axes.get_yticklabels():
        label.set_parse_math(True)  # powers of ten
