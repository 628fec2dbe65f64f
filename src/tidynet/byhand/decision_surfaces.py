"""Decision surfaces: the predictions of a model on the plane of two columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import as_columns, require_fitted
from tidynet.byhand.feature_plane import FeaturePlane, make_feature_plane
from tidynet.byhand.grid_predictions import GridPredictions, predict_on_grid
from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.estimators.fitted_model import Predictor
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, finish_figure, fit_width, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]
Extent = tuple[float, float, float, float]

# After Okabe and Ito (2008), ordered so that adjacent colors differ in lightness too.
_COLORS: Final = ("#0b6fa8", "#e69f00", "#7a3f8f", "#4fb39a", "#c0392b", "#9ecae1", "#5b6b2f", "#e7a1c4")
_MARKERS: Final = ("o", "^", "s", "D", "v", "P", "X", "p")
_GRAY: Final = "#a6afbb"
_TINT: Final = 0.5  # opacity of a class's color where its probability is 1
_FEW_ROWS: Final = 40  # up to so many rows are drawn larger
_MAX_POINTS: Final = 800  # rows drawn; of more, evenly spaced ones


@dataclass(frozen=True)
class PlottedRows:
    """Rows to draw as points: their positions and true targets."""

    x: Array
    y: Array
    target: Array


def decision_surface(
    model: Predictor,
    X: Any,
    y: Any = None,
    columns: Sequence[str] | None = None,
    *,
    test: tuple[Any, Any] | None = None,
    row: int | None = None,
    output: Any = None,
    points: int = 200,
    size: tuple[float, float] = (4.9, 4.0),
) -> Figure:
    """The predictions of a model for all values of two columns.

    The other columns are fixed at their medians and most frequent categories, or at the values of one row.
    Two classes: darker is a higher probability of the second, with a line at 0.5. More classes: a color for
    each, lighter where less certain. Numbers: darker is higher.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, Perceptron or any fitted estimator
        With ``predict_proba``, probabilities are drawn, else predictions.
    X, y : table or array, and the target
        Training rows, drawn as small points; without y they only set the axes.
    columns : two names, optional
        The x and the y axis; optional if the model has exactly two numeric columns.
    test : (X, y), optional
        Test rows, drawn larger with a dark edge.
    row : int, optional
        The row of X, from 0, whose values the other columns are fixed at.
    output : class or int, optional
        The one class whose probability is drawn; for several targets, the index of one.
    points : int
        Steps along each axis.
    size : (float, float)
        Width and height in inches.

    Raises
    ------
    InputError
        If a column, row or class does not exist, or the two columns are ambiguous.

    Examples
    --------
    >>> import tidynet as tn
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 8, [0, 1, 1, 0] * 8
    >>> model = tn.MLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, y)
    >>> decision_surface(model, X, y, points=20).axes[0].get_ylabel()
    'x1'
    """
    require_fitted(model)
    _check(y, columns, points)
    plane = make_feature_plane(model, X, columns, row, [] if test is None else [test[0]])
    figure = new_figure(*size)
    axes = figure.subplots()
    predictions = predict_on_grid(model, plane, X, points, output)
    parts = [("training", X, y), ("test", *(test or (None, None)))]
    rows = [(name, rows_on_plane(plane, table, target)) for name, table, target in parts if target is not None]
    draw_surface(axes, plane, predictions, rows)
    _color_bar(figure, axes, predictions)
    _legend(axes, predictions, [name for name, _ in rows])
    if plane.fixed_text:
        text = textwrap.fill(fit_width(f"fixed: {plane.fixed_text}", 200), int(size[0] * 15))
        figure.supxlabel(text, x=0.02, ha="left", color=MUTED, fontsize=FONT_SIZE - 2.5, parse_math=False)
    return figure


def _check(y: Any, columns: Sequence[str] | None, points: int) -> None:
    if isinstance(y, str):
        second = columns if isinstance(columns, str) else "…"
        raise InputError(
            f"y is {y!r}, expected the target of each row, or None",
            f"name both axes in columns, as in decision_surface(model, X, columns=({y!r}, {second!r}))",
        )
    if points < 2:
        raise InputError(f"points is {points}, expected 2 or more")


def rows_on_plane(plane: FeaturePlane, X: Any, target: Any) -> PlottedRows:
    """The positions of rows on a plane, without rows whose coordinates are missing."""
    frame = as_columns(X)
    truth = np.asarray(target)
    if len(truth) != frame.height:
        raise InputError(f"y has {pluralize(len(truth), 'value')}, expected {frame.height}, one for each row of X")
    rng = np.random.default_rng(0)  # jitter within categories
    x, y = (axis.positions(frame.get_column(axis.name)) for axis in (plane.x, plane.y))
    x, y = (
        positions + rng.uniform(-0.25, 0.25, len(positions)) if axis.categories else positions
        for positions, axis in ((x, plane.x), (y, plane.y))
    )
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(known) > _MAX_POINTS:
        known = known[np.linspace(0, len(known) - 1, _MAX_POINTS).astype(int)]
    return PlottedRows(x[known], y[known], truth[known])


def draw_surface(
    axes: Axes,
    plane: FeaturePlane,
    predictions: GridPredictions,
    rows: Sequence[tuple[str, PlottedRows]],
    *,
    labeled: bool = True,
    size: float = 1.0,
) -> None:
    """Draw shades, boundaries, points and axes; `labeled` writes classes and contour values."""
    extent = (plane.x.low, plane.x.high, plane.y.low, plane.y.high)
    values = predictions.values
    low, high = predictions.range
    style: Any = {"interpolation": "nearest", "aspect": "auto", "origin": "lower", "extent": extent}
    if len(predictions.classes) > 2:
        tints = np.array([_rgb(color) for color in _COLORS[: values.shape[2]]])
        certainty = (values - 1 / values.shape[2]).clip(0) / (1 - 1 / values.shape[2])
        axes.imshow(1 - _TINT * (certainty[..., None] * (1 - tints)).sum(axis=2), **style)
    else:
        shade = values[:, :, 1] if predictions.classes else values
        axes.imshow(shade, cmap=predictions.color_map, vmin=low, vmax=high, **style)
    _contours(axes, predictions, extent, labeled)
    if labeled and len(predictions.classes) > 2:
        _class_labels(axes, predictions, extent)
    for name, part in rows:
        _points(axes, predictions, part, name == "test", size)
    for axis, mpl_axis in ((plane.x, axes.xaxis), (plane.y, axes.yaxis)):
        if axis.categories:
            labels = [fit_width(str(category), 14) for category in axis.categories]
            mpl_axis.set_ticks(range(len(axis.categories)), labels)
    axes.set_xlabel(fit_width(plane.x.name), parse_math=False)
    axes.set_ylabel(fit_width(plane.y.name), parse_math=False)
    axes.set(xlim=extent[:2], ylim=extent[2:])
    finish_figure(axes, grid="")


def _rgb(color: str) -> Array:
    from matplotlib.colors import to_rgb

    return np.array(to_rgb(color))


def _contours(axes: Axes, predictions: GridPredictions, extent: Extent, labeled: bool) -> None:
    """Boundaries between classes, or contour lines of a number with their values."""
    values, n = predictions.values, len(predictions.values)
    centers = [low + (np.arange(n) + 0.5) / n * (high - low) for low, high in (extent[:2], extent[2:])]
    if not predictions.classes:
        if np.ptp(values) > 0:
            lines = axes.contour(*centers, values, levels=6, colors=[INK], linewidths=0.8)
            if labeled:
                axes.clabel(lines, fontsize=FONT_SIZE - 2, fmt="%g")
    elif len(predictions.classes) == 2:
        p = values[:, :, 1]
        outer = [level for level in (0.1, 0.9) if p.min() < level < p.max()]
        if labeled and outer and ((p > 0.01) & (p < 0.99)).mean() > 0.02:
            lines = axes.contour(*centers, p, levels=outer, colors=[MUTED], linewidths=0.7, linestyles="--")
            axes.clabel(lines, fontsize=FONT_SIZE - 2.5, fmt="%g")
        if p.min() < 0.5 < p.max():
            axes.contour(*centers, p, levels=[0.5], colors=[INK], linewidths=1.5)
    else:
        for index in range(values.shape[2]):
            lead = values[:, :, index] - np.delete(values, index, axis=2).max(axis=2)
            if lead.min() < 0 < lead.max():
                axes.contour(*centers, lead, levels=[0.0], colors=[INK], linewidths=1.2)


def _class_labels(axes: Axes, predictions: GridPredictions, extent: Extent) -> None:
    """The name of each class at the center of its region, if that is large enough."""
    from matplotlib.patheffects import withStroke
    from scipy.ndimage import distance_transform_edt

    n, winner = len(predictions.values), predictions.values.argmax(axis=2)
    for index, name in enumerate(predictions.classes):
        depth = distance_transform_edt(np.pad(winner == index, 1))[1:-1, 1:-1]
        if depth.max() > n / 20:
            row, column = np.unravel_index(depth.argmax(), depth.shape)
            axes.text(
                extent[0] + (column + 0.5) / n * (extent[1] - extent[0]),
                extent[2] + (row + 0.5) / n * (extent[3] - extent[2]),
                fit_width(str(name), 16), ha="center", va="center", color=INK, fontsize=FONT_SIZE, zorder=5,
                path_effects=[withStroke(linewidth=2.5, foreground=PAPER)],
            )  # fmt: skip


def _points(axes: Axes, predictions: GridPredictions, rows: PlottedRows, is_test: bool, size: float) -> None:
    style: dict[str, Any] = {
        "s": (34 if is_test else 13 if len(rows.target) > _FEW_ROWS else 40) * size,
        "linewidths": (1.1 if is_test else 0.4) * size,
        "zorder": 4 if is_test else 3,
    }
    if not predictions.classes:
        style |= {"edgecolors": INK, "linewidths": 1.1 if is_test else 0.5}
        low, high = predictions.range
        axes.scatter(rows.x, rows.y, c=rows.target, cmap=predictions.color_map, vmin=low, vmax=high, **style)
        return
    for index, name in enumerate(predictions.classes):
        mask = _is_class(rows.target, name, predictions.classes)
        face, edge = _marker_colors(predictions, index)
        style["edgecolors"] = INK if is_test else edge
        axes.scatter(rows.x[mask], rows.y[mask], facecolor=face, marker=_MARKERS[index], **style)


def _marker_colors(predictions: GridPredictions, index: int) -> tuple[str, str]:
    """The face and edge color of a class; of two classes, the first has hollow markers."""
    if len(predictions.classes) > 2:
        return _COLORS[index], PAPER
    return (PAPER, INK) if index == 0 else (BASE, PAPER)


def _is_class(target: Array, name: Any, classes: Sequence[Any]) -> Array:
    """The rows of a class; for "not a class", the rows of all others."""
    if len(classes) == 2 and name == f"not {classes[1]}":
        return np.asarray([value != classes[1] for value in target.tolist()])
    return np.asarray([value == name for value in target.tolist()])


def _color_bar(figure: Figure, axes: Axes, predictions: GridPredictions) -> None:
    if len(predictions.classes) > 2:
        return
    bar = figure.colorbar(axes.images[0], ax=axes, fraction=0.05, pad=0.02)
    bar.outline.set_visible(False)
    if not predictions.has_probabilities:
        bar.set_ticks([0, 1], labels=[fit_width(str(name), 16) for name in predictions.classes])
    bar.set_label(fit_width(predictions.label), color=INK, fontsize=FONT_SIZE - 1)
    bar.ax.tick_params(length=0, labelsize=FONT_SIZE - 1, labelcolor=MUTED)


def _legend(axes: Axes, predictions: GridPredictions, parts: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="", marker=_MARKERS[index], color=_marker_colors(predictions, index)[0],
               markeredgecolor=INK, markeredgewidth=0.6, label=fit_width(str(name), 18))
        for index, name in enumerate(predictions.classes)
    ]  # fmt: skip
    if len(parts) > 1:
        styles = {"training": (_GRAY, 3.5, 0.4), "test": (INK, 6.0, 1.1)}
        handles += [
            Line2D([], [], linestyle="", marker="o", color=_GRAY, markeredgecolor=edge, markersize=marker_size,
                   markeredgewidth=width, label=name)
            for name, (edge, marker_size, width) in styles.items()
        ]  # fmt: skip
    if handles:
        length = sum(len(str(handle.get_label())) + 4 for handle in handles)
        legend = axes.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(handles) if length < 46 else 3,
            frameon=False, borderpad=0.1, fontsize=FONT_SIZE - 0.5, labelcolor=INK, handletextpad=0.1,
            columnspacing=0.9,
        )  # fmt: skip
        for text in legend.get_texts():
            text.set_parse_math(False)
