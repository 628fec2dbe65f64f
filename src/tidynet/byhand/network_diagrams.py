"""The network diagram: units as circles, weights as lines, one row's activations as fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from tidynet.byhand.columns import as_columns, chosen_row, group_weight_rows, input_rows, require_fitted
from tidynet.core.errors import InputError
from tidynet.engine import numpy_reference as reference
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, SECOND, fit_width, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["network_diagram"]

Array = NDArray[Any]

_MOST_UNITS: Final = 12  # of a layer; the others are counted in words
_MOST_LAYERS: Final = 10
_RADIUS, _GAP, _ACROSS = 0.19, 0.47, 1.55  # inches: of a unit, between units, between layers
_DARKEST = 0.55  # the strongest fill on which ink can be read
_SIGNS = ((True, BASE, "-", "weight above 0"), (False, SECOND, (0, (2.2, 1.1)), "below 0"))


@dataclass(frozen=True)
class _DrawnLayer:
    """Units of one layer as they are drawn: those shown, and how many are not."""

    heading: str
    labels: list[str]
    values: list[float | None]
    units: int

    @property
    def shown(self) -> int:
        return len(self.labels)


def network_diagram(model: Any, X: Any = None, row: int = 0, *, restart: int = 0) -> Figure:
    """A network as circles and lines.

    Each line is a weight: the thicker, the farther from 0; solid above 0, dashed below. With a table, the
    circles show what one of its rows does: the number in a circle is its activation a, and the fill
    grows with its size. Of a layer with more than 12 units the first 12 are drawn and the others counted.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor or Perceptron
        Fitted.
    X : table or array, optional
        Rows as for ``model.predict``.
    row : int
        The row of X to show, from 0.
    restart : int
        Which of the model's networks to draw, from 0.


    Raises
    ------
    InputError
        If the model is not fitted, there is no such row or network, or it has more than 10 layers.

    Notes
    -----
    Inputs are rows of the first weight matrix. Where these are more than 12, a column that takes several of
    them (bins, levels) is drawn as one circle, with the weight farthest from 0 among its own.

    >>> import tidynet as tn
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 8, [0, 1, 1, 0] * 8
    >>> model = tn.MLPClassifier((3,), solver="lbfgs", random_state=0).fit(X, y)
    >>> [text.get_text() for text in network_diagram(model).axes[0].texts][:2]
    ['x0', 'x1']
    """
    require_fitted(model)
    if not hasattr(model, "network_"):
        return _one_unit(model, X, row)
    network, theta = model.network_, _member(model, restart)
    if len(network.sizes) > _MOST_LAYERS + 1:
        raise InputError(
            f"the network has {len(network.sizes) - 1} layers of weights, too many to draw", f"at most {_MOST_LAYERS}"
        )
    weights = [W.astype(np.float64) for W, _ in network.views(theta)]
    inputs = input_rows(model.recipe_)
    labels = [item.name for item in inputs]
    seen, raw = None, None
    if X is not None:
        raw = chosen_row(as_columns(X), row)
        seen = _row_activations(model, theta, raw)
    if len(inputs) > _MOST_UNITS:
        groups = group_weight_rows(inputs)
        weights[0] = np.array([_largest_weights(weights[0][rows]) for rows in groups.values()])
        labels = list(groups)
    layers = [_input_layer(labels, seen, raw, joined=len(labels) < len(inputs))]
    layers += [_unit_layer(model, depth, seen) for depth in range(1, len(network.sizes))]
    return _draw_network(layers, weights)


def _one_unit(model: Any, X: Any, row: int) -> Figure:
    """The diagram of a unit by itself, such as a perceptron."""
    W = np.asarray(model.coef_, dtype=np.float64).T
    names = [str(name) for name in getattr(model, "feature_names_in_", [f"x{index}" for index in range(len(W))])]
    inputs: list[float | None] = [None] * len(names)
    answer: list[float | None] = [None]
    if X is not None:
        raw = chosen_row(as_columns(X), row)
        inputs = [float(value) for value in raw.select(names if set(names) <= set(raw.columns) else raw.columns).row(0)]
        answer = [float(model.predict(raw)[0] == model.classes_[1])]
    display_text = names[:_MOST_UNITS]
    layers = [_DrawnLayer("inputs", display_text, inputs[: len(display_text)], len(names))]
    layers.append(_DrawnLayer("output\nstep", [str(model.classes_[1])], answer, 1))
    return _draw_network(layers, [W])


def _member(model: Any, restart: int) -> Array:
    members = model.members_
    if not 0 <= restart < len(members):
        raise InputError(f"restart is {restart}, but the model has {len(members)} networks", "count them from 0")
    return members[restart]


def _row_activations(model: Any, theta: Array, raw: Any) -> reference.ForwardPass:
    """What one row does in the network, in float64."""
    from tidynet.estimators.input_validation import validate_input

    inputs = model.encode_inputs(validate_input(raw, infer=False))
    return reference.forward(model.network_, theta.astype(np.float64), reference.dense(model.network_, inputs))


def _largest_weights(W: Array) -> Array:
    """Of each unit the weight farthest from 0."""
    return W[np.abs(W).argmax(axis=0), np.arange(W.shape[1])]


def _input_layer(labels: list[str], seen: Any, raw: Any, *, joined: bool) -> _DrawnLayer:
    display_text = labels[:_MOST_UNITS]
    values: list[float | None] = [None] * len(display_text)
    if seen is not None and not joined:
        values = [float(value) for value in seen.V[0][0, : len(display_text)]]
    if raw is not None and joined:
        cells = raw.row(0, named=True)
        display_text = [f"{name} = {_cell(cells[name])}" if name in cells else name for name in display_text]
    return _DrawnLayer("inputs", display_text, values, len(labels))


def _cell(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _unit_layer(model: Any, depth: int, seen: Any) -> _DrawnLayer:
    network = model.network_
    units, last = network.sizes[depth], depth == len(network.sizes) - 1
    display_text = min(units, _MOST_UNITS)
    labels = [""] * display_text
    if last:
        classes = getattr(model, "classes_", None)
        if classes is not None and units == len(classes):
            labels = [str(item) for item in classes[:display_text]]
        elif classes is not None and units == 1:
            labels = [str(classes[-1])]
    values: list[float | None] = [None] * display_text
    if seen is not None:
        values = [float(value) for value in seen.a[depth - 1][0, :display_text]]
    heading = "output" if last else f"hidden {depth}" if len(network.sizes) > 3 else "hidden"
    return _DrawnLayer(f"{heading}\n{network.layer_activations[depth - 1]}", labels, values, units)


def _draw_network(layers: list[_DrawnLayer], weights: list[Array]) -> Figure:
    """Layers from left to right in a figure whose axes count inches."""
    remaining = 0.35 + 0.085 * max(len(fit_width(label, 28)) for label in layers[0].labels)
    right = 0.4 + 0.085 * max((len(fit_width(label, 20)) for label in layers[-1].labels), default=0)
    tallest = max(layer.shown + (layer.units > layer.shown) for layer in layers)
    width = remaining + _ACROSS * (len(layers) - 1) + right
    height = 1.0 + _GAP * tallest
    figure = new_figure(max(width, 4.2), height)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, max(width, 4.2)), ylim=(0, height))
    axes.axis("off")
    middle = 0.42 + _GAP * tallest / 2
    indices = [_unit_positions(remaining + _ACROSS * depth, layer, middle) for depth, layer in enumerate(layers)]
    strongest = max((float(np.abs(W).max()) for W in weights), default=1.0) or 1.0
    for W, here, there in zip(weights, indices, indices[1:], strict=False):
        _lines(axes, W[: len(here), : len(there)] / strongest, here, there)
    for depth, (layer, at) in enumerate(zip(layers, indices, strict=True)):
        _units(axes, layer, at, side=-1 if depth == 0 else 1 if depth == len(layers) - 1 else 0)
        axes.text(
            remaining + _ACROSS * depth, height - 0.1, layer.heading, ha="center", va="top", color=MUTED,
            fontsize=FONT_SIZE - 1, linespacing=1.15,
        )  # fmt: skip
    _draw_legend(axes, strongest)
    for text in axes.texts:
        text.set_parse_math(False)
    return figure


def _unit_positions(x: float, layer: _DrawnLayer, middle: float) -> Array:
    rows = layer.shown + (layer.units > layer.shown)
    top = middle + _GAP * (rows - 1) / 2
    return np.array([(x, top - _GAP * index) for index in range(layer.shown)])


def _lines(axes: Axes, W: Array, here: Array, there: Array) -> None:
    """Weights as lines, the strong ones on top; W is scaled to at most 1."""
    for above, color, style, _ in _SIGNS:
        pairs = [(i, j) for i, j in zip(*np.nonzero((W > 0) if above else (W < 0)), strict=True)]
        pairs.sort(key=lambda pair: abs(W[pair]))
        if not pairs:
            continue
        strengths = np.array([abs(W[pair]) for pair in pairs])
        axes.add_collection(
            LineCollection(
                [[here[i], there[j]] for i, j in pairs],
                linewidths=0.35 + 3.0 * strengths,
                colors=[color] * len(pairs),
                alpha=0.25 + 0.75 * strengths,
                linestyles=[style],
                zorder=1,
            )
        )


def _units(axes: Axes, layer: _DrawnLayer, indices: Array, side: int) -> None:
    from matplotlib.patches import Circle

    largest = max((abs(value) for value in layer.values if value is not None), default=0.0) or 1.0
    small = FONT_SIZE - 2.5
    for (x, y), label, value in zip(indices, layer.labels, layer.values, strict=True):
        axes.add_patch(Circle((x, y), _RADIUS, facecolor=PAPER, edgecolor="none", zorder=2))
        strength = 0.0 if value is None else _DARKEST * abs(value) / largest
        axes.add_patch(Circle((x, y), _RADIUS, facecolor=BASE, alpha=strength, edgecolor="none", zorder=3))
        axes.add_patch(Circle((x, y), _RADIUS, facecolor="none", edgecolor=INK, linewidth=0.9, zorder=4))
        if label:
            axes.text(
                x + side * (_RADIUS + 0.08), y, fit_width(label, 28 if side < 0 else 20), color=INK,
                ha="right" if side < 0 else "left", va="center", fontsize=FONT_SIZE - 1,
            )  # fmt: skip
        if value is not None:
            axes.text(x, y, _shorten(value), ha="center", va="center", fontsize=small, color=INK, zorder=5)
    if layer.units > layer.shown:
        x, y = indices[-1]
        more = f"… {layer.units - layer.shown:,} more"
        axes.text(x, y - _GAP, more, ha="center", va="center", color=MUTED, fontsize=FONT_SIZE - 1)


def _shorten(value: float) -> str:
    """A number in at most five characters: it stands in a circle."""
    for digits in (2, 1, 0):
        text = f"{value:.{digits}f}".replace("-", "−")
        if len(text) <= 5:
            return text
    return f"{value:.0e}".replace("-", "−")


def _draw_legend(axes: Axes, strongest: float) -> None:
    x = 0.15
    for _, color, style, text in _SIGNS:
        axes.plot([x, x + 0.38], [0.2, 0.2], color=color, linewidth=2, linestyle=style)
        axes.text(x + 0.45, 0.2, text, va="center", color=INK, fontsize=FONT_SIZE - 1)
        x += 0.62 + 0.083 * len(text)
    axes.text(x, 0.2, f"thickest: {strongest:.3g}", va="center", color=MUTED, fontsize=FONT_SIZE - 1)
