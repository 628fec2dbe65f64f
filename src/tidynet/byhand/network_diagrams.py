"""The network diagram: units as circles, weights as lines, the activations of one row as fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from tidynet.byhand.columns import as_columns, check_row, fitted_network, group_weight_rows, input_rows, require_fitted
from tidynet.core.errors import InputError
from tidynet.engine import numpy_reference as reference
from tidynet.estimators.fitted_model import FittedModel, feature_names, is_classifier
from tidynet.estimators.perceptron import Perceptron
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, SECOND, fit_width, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]

_MAX_UNITS: Final = 12  # drawn of a layer
_MAX_LAYERS: Final = 10
_RADIUS, _UNIT_DISTANCE, _LAYER_DISTANCE = 0.19, 0.47, 1.55  # inches
_MAX_OPACITY = 0.55  # of the fill behind text
_SIGNS = ((True, BASE, "-", "weight > 0"), (False, SECOND, (0, (2.2, 1.1)), "weight < 0"))


@dataclass(frozen=True)
class _DrawnLayer:
    """The drawn units of one layer."""

    heading: str
    labels: list[str]
    values: list[float | None]
    units: int  # drawn or not

    @property
    def n_drawn(self) -> int:
        return len(self.labels)

    @property
    def n_lines(self) -> int:
        return self.n_drawn + (self.units > self.n_drawn)


def network_diagram(model: FittedModel | Perceptron, X: Any = None, row: int = 0, *, member: int = 0) -> Figure:
    """A network as circles and lines.

    Lines are weights: width by size, solid above 0, dashed below. With a table, the numbers in the circles are the
    activations of one row, and the fill shows their size. At most 12 units of a layer are drawn. Inputs are the
    rows of the first weight matrix; of more than 12, each column is one circle with its largest weight.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor or Perceptron
        Fitted.
    X : table or array, optional
        Rows as for ``model.predict``.
    row : int
        The row of X, from 0.
    member : int
        The network of the ensemble, from 0.

    Raises
    ------
    InputError
        If the model is not fitted, there is no such row or network, or it has more than 10 layers.

    Examples
    --------
    >>> import tidynet as tn
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 8, [0, 1, 1, 0] * 8
    >>> model = tn.MLPClassifier((3,), solver="lbfgs", random_state=0).fit(X, y)
    >>> [text.get_text() for text in network_diagram(model).axes[0].texts][:2]
    ['x0', 'x1']
    """
    if isinstance(model, Perceptron):
        require_fitted(model)
        return _perceptron_diagram(model, X, row)
    members = fitted_network(model).members_
    if not 0 <= member < len(members):
        raise InputError(f"member is {member}, expected a network from 0 to {len(members) - 1}")
    shape, theta = model.network_, members[member]
    if len(shape.sizes) > _MAX_LAYERS + 1:
        raise InputError(f"the network has {len(shape.sizes) - 1} layers of weights, expected at most {_MAX_LAYERS}")
    weights = [W.astype(np.float64) for W, _ in shape.views(theta)]
    inputs = input_rows(model.recipe_)
    labels = [unit.name for unit in inputs]
    passed, cells = None, None
    if X is not None:
        frame = as_columns(X)
        cells = frame[check_row(row, frame.height)]
        dense = reference.dense(shape, model.encode_inputs(cells))
        passed = reference.forward(shape, theta.astype(np.float64), dense)
    if len(inputs) > _MAX_UNITS:
        groups = group_weight_rows(inputs)
        weights[0] = np.array([_largest_weights(weights[0][rows]) for rows in groups.values()])
        labels = list(groups)
    layers = [_input_layer(labels, passed, cells, grouped=len(labels) < len(inputs))]
    layers += [_unit_layer(model, depth, passed) for depth in range(1, len(shape.sizes))]
    return _draw_network(layers, weights)


def _perceptron_diagram(model: Perceptron, X: Any, row: int) -> Figure:
    W = np.asarray(model.coef_, dtype=np.float64).T
    names = list(feature_names(model) or (f"x{index}" for index in range(len(W))))
    inputs: list[float | None] = [None] * len(names)
    output: list[float | None] = [None]
    if X is not None:
        frame = as_columns(X)
        cells = frame[check_row(row, frame.height)]
        used = names if set(names) <= set(cells.columns) else cells.columns
        inputs = [float(value) for value in cells.select(used).row(0)]
        output = [float(model.predict(cells)[0] == model.classes_[1])]
    drawn = names[:_MAX_UNITS]
    layers = [_DrawnLayer("inputs", drawn, inputs[: len(drawn)], len(names))]
    layers.append(_DrawnLayer("output\nstep", [str(model.classes_[1])], output, 1))
    return _draw_network(layers, [W])


def _largest_weights(W: Array) -> Array:
    """The largest weight of each unit by absolute value."""
    return W[np.abs(W).argmax(axis=0), np.arange(W.shape[1])]


def _input_layer(
    labels: list[str], passed: reference.ForwardPass | None, cells: pl.DataFrame | None, *, grouped: bool
) -> _DrawnLayer:
    drawn = labels[:_MAX_UNITS]
    values: list[float | None] = [None] * len(drawn)
    if passed is not None and not grouped:
        values = [float(value) for value in passed.V[0][0, : len(drawn)]]
    if cells is not None and grouped:
        row = cells.row(0, named=True)
        drawn = [f"{name} = {_cell_text(row[name])}" if name in row else name for name in drawn]
    return _DrawnLayer("inputs", drawn, values, len(labels))


def _cell_text(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _unit_layer(model: FittedModel, depth: int, passed: reference.ForwardPass | None) -> _DrawnLayer:
    network = model.network_
    units, is_last = network.sizes[depth], depth == len(network.sizes) - 1
    n_drawn = min(units, _MAX_UNITS)
    labels = [""] * n_drawn
    if is_last and is_classifier(model):
        if units == len(model.classes_):
            labels = [str(name) for name in model.classes_[:n_drawn]]
        elif units == 1:
            labels = [str(model.classes_[-1])]
    values: list[float | None] = [None] * n_drawn
    if passed is not None:
        values = [float(value) for value in passed.a[depth - 1][0, :n_drawn]]
    heading = "output" if is_last else f"hidden {depth}" if len(network.sizes) > 3 else "hidden"
    return _DrawnLayer(f"{heading}\n{network.layer_activations[depth - 1]}", labels, values, units)


def _draw_network(layers: list[_DrawnLayer], weights: list[Array]) -> Figure:
    """Layers from left to right; the coordinates are inches."""
    left = 0.35 + 0.085 * max(len(fit_width(label, 28)) for label in layers[0].labels)
    right = 0.4 + 0.085 * max((len(fit_width(label, 20)) for label in layers[-1].labels), default=0)
    tallest = max(layer.n_lines for layer in layers)
    width = left + _LAYER_DISTANCE * (len(layers) - 1) + right
    height = 1.0 + _UNIT_DISTANCE * tallest
    figure = new_figure(max(width, 4.2), height)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, max(width, 4.2)), ylim=(0, height))
    axes.axis("off")
    center = 0.42 + _UNIT_DISTANCE * tallest / 2
    positions = [_unit_positions(left + _LAYER_DISTANCE * depth, layer, center) for depth, layer in enumerate(layers)]
    largest = max((float(np.abs(W).max()) for W in weights), default=1.0) or 1.0
    for W, sources, targets in zip(weights, positions, positions[1:], strict=False):
        _lines(axes, W[: len(sources), : len(targets)] / largest, sources, targets)
    for depth, (layer, at) in enumerate(zip(layers, positions, strict=True)):
        _units(axes, layer, at, side=-1 if depth == 0 else 1 if depth == len(layers) - 1 else 0)
        axes.text(
            left + _LAYER_DISTANCE * depth, height - 0.1, layer.heading, ha="center", va="top", color=MUTED,
            fontsize=FONT_SIZE - 1, linespacing=1.15,
        )  # fmt: skip
    _draw_legend(axes, largest)
    for text in axes.texts:
        text.set_parse_math(False)
    return figure


def _unit_positions(x: float, layer: _DrawnLayer, center: float) -> Array:
    top = center + _UNIT_DISTANCE * (layer.n_lines - 1) / 2
    return np.array([(x, top - _UNIT_DISTANCE * index) for index in range(layer.n_drawn)])


def _lines(axes: Axes, W: Array, sources: Array, targets: Array) -> None:
    """Weights as lines, large ones on top; W is scaled to at most 1."""
    for is_positive, color, style, _ in _SIGNS:
        pairs = [(i, j) for i, j in zip(*np.nonzero((W > 0) if is_positive else (W < 0)), strict=True)]
        pairs.sort(key=lambda pair: abs(W[pair]))
        if not pairs:
            continue
        strengths = np.array([abs(W[pair]) for pair in pairs])
        axes.add_collection(
            LineCollection(
                [[sources[i], targets[j]] for i, j in pairs],
                linewidths=0.35 + 3.0 * strengths,
                colors=[color] * len(pairs),
                alpha=0.25 + 0.75 * strengths,
                linestyles=[style],
                zorder=1,
            )
        )


def _units(axes: Axes, layer: _DrawnLayer, positions: Array, side: int) -> None:
    from matplotlib.patches import Circle

    largest = max((abs(value) for value in layer.values if value is not None), default=0.0) or 1.0
    for (x, y), label, value in zip(positions, layer.labels, layer.values, strict=True):
        axes.add_patch(Circle((x, y), _RADIUS, facecolor=PAPER, edgecolor="none", zorder=2))
        opacity = 0.0 if value is None else _MAX_OPACITY * abs(value) / largest
        axes.add_patch(Circle((x, y), _RADIUS, facecolor=BASE, alpha=opacity, edgecolor="none", zorder=3))
        axes.add_patch(Circle((x, y), _RADIUS, facecolor="none", edgecolor=INK, linewidth=0.9, zorder=4))
        if label:
            axes.text(
                x + side * (_RADIUS + 0.08), y, fit_width(label, 28 if side < 0 else 20), color=INK,
                ha="right" if side < 0 else "left", va="center", fontsize=FONT_SIZE - 1,
            )  # fmt: skip
        if value is not None:
            axes.text(
                x, y, _short_number(value), ha="center", va="center", fontsize=FONT_SIZE - 2.5, color=INK, zorder=5
            )
    if layer.units > layer.n_drawn:
        x, y = positions[-1]
        more = f"… {layer.units - layer.n_drawn:,} more"
        axes.text(x, y - _UNIT_DISTANCE, more, ha="center", va="center", color=MUTED, fontsize=FONT_SIZE - 1)


def _short_number(value: float) -> str:
    """A number in at most five characters, for a circle."""
    for digits in (2, 1, 0):
        text = f"{value:.{digits}f}".replace("-", "−")
        if len(text) <= 5:
            return text
    return f"{value:.0e}".replace("-", "−")


def _draw_legend(axes: Axes, largest: float) -> None:
    x = 0.15
    for _, color, style, text in _SIGNS:
        axes.plot([x, x + 0.38], [0.2, 0.2], color=color, linewidth=2, linestyle=style)
        axes.text(x + 0.45, 0.2, text, va="center", color=INK, fontsize=FONT_SIZE - 1)
        x += 0.62 + 0.083 * len(text)
    axes.text(x, 0.2, f"largest: {largest:.3g}", va="center", color=MUTED, fontsize=FONT_SIZE - 1)
