"""Decision surfaces: what a model answers everywhere on the plane of two columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import as_columns, as_frame_like, require_fitted
from tidynet.byhand.feature_plane import FeaturePlane, make_feature_plane
from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, finish_figure, fit_width, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["PlottedRows", "decision_surface", "draw_surface", "predict_on_grid", "rows_on_plane"]

Array = NDArray[Any]

# After Okabe and Ito (2008), ordered so that neighbors differ in lightness too.
_COLORS: Final = ("#0b6fa8", "#e69f00", "#7a3f8f", "#4fb39a", "#c0392b", "#9ecae1", "#5b6b2f", "#e7a1c4")
_MARKERS: Final = ("o", "^", "s", "D", "v", "P", "X", "p")
GRAY: Final = "#a6afbb"
_TINT: Final = 0.5  # how much of a class's color its region has where it is certain
_STEP: Final = "answer"  # what a model's shade means that gives no probabilities
_FEW: Final = 40  # so few rows are drawn larger
_MAX_POINTS: Final = 800  # rows drawn; of more, evenly picked ones


@dataclass(frozen=True)
class PlottedRows:
    """Rows to draw as points: where they lie, and what is true of them."""

    across: Array
    up: Array
    truth: Array


@dataclass(frozen=True)
class _GridPredictions:
    """What a model says of each point of a plane: of each class how probable, or a number."""

    classes: tuple[Any, ...]  # empty for numbers
    values: Array  # (points, points, classes) or (points, points)
    label: str


def decision_surface(
    model: Any,
    X: Any,
    y: Any = None,
    columns: Sequence[str] | None = None,
    *,
    test: tuple[Any, Any] | None = None,
    row: int | None = None,
    display_text: Any = None,
    points: int = 200,
    size: tuple[float, float] = (4.9, 4.0),
) -> Figure:
    """What a model answers for all values of two columns.

    The other columns are held at their medians and most frequent levels, or at the values of one row.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, Perceptron or any fitted estimator
        With ``predict_proba``, the shade is a probability; else it is the prediction.
    X, y : table or array, and the target
        Training rows, drawn as small marks; without y they only set the axes.
    columns : two names, optional
        The axes, across and up; categories have their levels side by side. Not needed where the model has
        just two columns of numbers.
    test : (X, y), optional
        Test rows, drawn larger with a dark edge.
    row : int, optional
        The row of X, from 0, whose values the other columns are held at.
    display_text : class or int, optional
        A class whose probability alone is shaded; for several targets, the number of one from 0.
    points : int
        Steps along each axis.
    size : (float, float)
        Inches.

    Two classes: darker is more probably the second, a line where both are as probable. More: a tint for
    each, paler where less certain, lines between. Numbers: darker is more.

    Raises
    ------
    InputError
        If a column, row or class does not exist, or it is not clear which two columns to draw.

    >>> import tidynet as tn
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 8, [0, 1, 1, 0] * 8
    >>> model = tn.MLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, y)
    >>> decision_surface(model, X, y, points=20).axes[0].get_ylabel()
    'x1'
    """
    require_fitted(model)
    if isinstance(y, str):
        second = columns if isinstance(columns, str) else "…"
        raise InputError(
            f"y is {y!r}, expected what is true of each row, or nothing",
            f"the axes are named together, as in decision_surface(model, X, columns=({y!r}, {second!r}))",
        )
    if points < 2:
        raise InputError(f"points is {points}, expected 2 or more")
    plane = make_feature_plane(model, X, columns, row, [] if test is None else [test[0]])
    figure = new_figure(*size)
    axes = figure.subplots()
    result = predict_on_grid(model, plane, X, points, display_text)
    named = [
        (name, rows_on_plane(plane, user_value, truth))
        for name, user_value, truth in (("training", X, y), ("test", *(test or (None, None))))
        if truth is not None
    ]
    draw_surface(axes, plane, result, named)
    _scale(figure, axes, result)
    _legend(axes, result, [name for name, _ in named])
    if plane.others:
        text = textwrap.fill(fit_width(f"held at {plane.others}", 200), int(size[0] * 15))
        figure.supxlabel(text, x=0.02, ha="left", color=MUTED, fontsize=FONT_SIZE - 2.5, parse_math=False)
    return figure


def predict_on_grid(model: Any, plane: FeaturePlane, X: Any, points: int, display_text: Any = None) -> _GridPredictions:
    """What the model says at each point of the plane."""
    user_value = as_frame_like(X, plane.rows(points))
    classes = tuple(np.asarray(getattr(model, "classes_", ())).tolist())
    if not classes:
        values = np.asarray(model.predict(user_value), dtype=np.float64)
        if values.ndim > 1:
            values = values[:, _target(display_text, values.shape[1])]
        return _GridPredictions((), values.reshape(points, points), "predicted")
    if len(classes) == 1:
        raise InputError(f"the model knows one class alone, {classes[0]!r}, so there is no surface to draw")
    if getattr(model, "_multilabel", False) and display_text is None:
        raise InputError(f"the model gives {len(classes)} labels at once", "choose one, as in shown=0")
    label = ""
    if hasattr(model, "predict_proba"):
        values = np.asarray(model.predict_proba(user_value), dtype=np.float64)
    else:
        values = (np.asarray(model.predict(user_value))[:, None] == np.asarray(classes)[None, :]).astype(np.float64)
        label = _STEP
    values = values.reshape(points, points, -1)
    if display_text is not None:
        index = _class(display_text, classes)
        values = np.stack([1 - values[:, :, index], values[:, :, index]], axis=-1)
        classes = (f"not {classes[index]}", classes[index])
    elif len(classes) > len(_COLORS):
        raise InputError(
            f"the model tells {len(classes)} classes apart, too many for one figure",
            f"choose one, as in shown={classes[0]!r}",
        )
    return _GridPredictions(classes, values, label or f"probability of {classes[-1]}")


def _target(display_text: Any, targets: int) -> int:
    if display_text is None and targets > 1:
        raise InputError(f"the model predicts {targets} numbers", "choose one, as in shown=0")
    if display_text is not None and not 0 <= int(display_text) < targets:
        raise InputError(f"shown is {display_text}, but the model predicts {targets} numbers", "count them from 0")
    return int(display_text or 0)


def _class(display_text: Any, classes: Sequence[Any]) -> int:
    if display_text not in classes:
        names = [str(item) for item in classes]
        raise InputError(
            f"there is no class {display_text!r}",
            did_you_mean(str(display_text), names) or f"the classes are {join_names(names)}",
        )
    return list(classes).index(display_text)


def rows_on_plane(plane: FeaturePlane, X: Any, y: Any) -> PlottedRows:
    """Where rows lie on a plane; those with a missing coordinate are left out."""
    frame = as_columns(X)
    truth = np.asarray(y)
    if len(truth) != frame.height:
        raise InputError(f"there are {frame.height} rows and {len(truth)} of the target, expected as many")
    across, up = (axis.places(frame.get_column(axis.name)) for axis in (plane.across, plane.up))
    rng = np.random.default_rng(0)  # levels are spread so that rows do not hide each other
    across, up = (
        indices + rng.uniform(-0.25, 0.25, len(indices)) if axis.levels else indices
        for indices, axis in ((across, plane.across), (up, plane.up))
    )
    known = np.flatnonzero(np.isfinite(across) & np.isfinite(up))
    if len(known) > _MAX_POINTS:
        known = known[np.linspace(0, len(known) - 1, _MAX_POINTS).astype(int)]
    return PlottedRows(across[known], up[known], truth[known])


def draw_surface(
    axes: Axes,
    plane: FeaturePlane,
    result: _GridPredictions,
    rows: Sequence[tuple[str, PlottedRows]],
    *,
    named: bool = True,
    size: float = 1.0,
) -> None:
    """Shade, lines, points and the two axes with their names; `named` writes classes and heights on it."""
    across, up = plane.across, plane.up
    extent = (across.low, across.high, up.low, up.high)
    values = result.values
    low, high = _limits(result)
    colors = _shades(result)
    shaded: Any = {"interpolation": "nearest", "aspect": "auto", "origin": "lower", "extent": extent}
    if len(result.classes) > 2:
        tints = np.array([_rgb(color) for color in _COLORS[: values.shape[2]]])
        certain = (values - 1 / values.shape[2]).clip(0) / (1 - 1 / values.shape[2])
        axes.imshow(1 - _TINT * (certain[..., None] * (1 - tints)).sum(axis=2), **shaded)
    else:
        shade = values[:, :, 1] if result.classes else values
        axes.imshow(shade, cmap=colors, vmin=low, vmax=high, **shaded)
    _lines(axes, result, extent, named)
    if named and len(result.classes) > 2:
        _names(axes, result, extent)
    for name, item in rows:
        _points(axes, result, item, name == "test", (low, high), size)
    for axis, which in ((across, axes.xaxis), (up, axes.yaxis)):
        if axis.levels:
            which.set_ticks(range(len(axis.levels)), [fit_width(str(level), 14) for level in axis.levels])
    axes.set_xlabel(fit_width(across.name), parse_math=False)
    axes.set_ylabel(fit_width(up.name), parse_math=False)
    axes.set(xlim=extent[:2], ylim=extent[2:])
    finish_figure(axes, grid="")


def _rgb(color: str) -> Array:
    from matplotlib.colors import to_rgb

    return np.array(to_rgb(color))


def _shades(result: _GridPredictions) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("paper to base", [PAPER, "#7fb2d3" if result.classes else BASE])


def _limits(result: _GridPredictions) -> tuple[float, float]:
    if result.classes:
        return 0.0, 1.0
    return float(result.values.min()), float(result.values.max())


def _lines(axes: Axes, result: _GridPredictions, extent: tuple[float, float, float, float], named: bool) -> None:
    """Where the answer changes: between classes, or a few heights of a number, with their values."""
    n = len(result.values)
    centers = [low + (np.arange(n) + 0.5) / n * (high - low) for low, high in (extent[:2], extent[2:])]
    if not result.classes:
        if np.ptp(result.values) > 0:
            drawn = axes.contour(*centers, result.values, levels=6, colors=[INK], linewidths=0.8)
            if named:
                axes.clabel(drawn, fontsize=FONT_SIZE - 2, fmt="%g")
        return
    if len(result.classes) == 2:
        p = result.values[:, :, 1]
        fine = [level for level in (0.1, 0.9) if p.min() < level < p.max()]
        if named and fine and ((p > 0.01) & (p < 0.99)).mean() > 0.02:
            drawn = axes.contour(*centers, p, levels=fine, colors=[MUTED], linewidths=0.7, linestyles="--")
            axes.clabel(drawn, fontsize=FONT_SIZE - 2.5, fmt="%g")
        if p.min() < 0.5 < p.max():
            axes.contour(*centers, p, levels=[0.5], colors=[INK], linewidths=1.5)
        return
    for index in range(result.values.shape[2]):
        lead = result.values[:, :, index] - np.delete(result.values, index, axis=2).max(axis=2)
        if lead.min() < 0 < lead.max():
            axes.contour(*centers, lead, levels=[0.0], colors=[INK], linewidths=1.2)


def _names(axes: Axes, result: _GridPredictions, extent: tuple[float, float, float, float]) -> None:
    """Each class's name in the middle of its region, where that is large enough to hold it."""
    from matplotlib.patheffects import withStroke
    from scipy.ndimage import distance_transform_edt

    n, winner = len(result.values), result.values.argmax(axis=2)
    for index, item in enumerate(result.classes):
        region = np.pad(winner == index, 1)
        depth = distance_transform_edt(region)[1:-1, 1:-1]
        if depth.max() > n / 20:
            up, across = np.unravel_index(depth.argmax(), depth.shape)
            axes.text(
                extent[0] + (across + 0.5) / n * (extent[1] - extent[0]),
                extent[2] + (up + 0.5) / n * (extent[3] - extent[2]),
                fit_width(str(item), 16), ha="center", va="center", color=INK, fontsize=FONT_SIZE, zorder=5,
                path_effects=[withStroke(linewidth=2.5, foreground=PAPER)],
            )  # fmt: skip


def _points(
    axes: Axes, result: _GridPredictions, rows: PlottedRows, tested: bool, limits: tuple[float, float], size: float
) -> None:
    look: dict[str, Any] = {
        "s": (34 if tested else 13 if len(rows.truth) > _FEW else 40) * size,
        "edgecolors": INK if tested else PAPER,
        "linewidths": (1.1 if tested else 0.4) * size,
        "zorder": 4 if tested else 3,
    }
    if not result.classes:
        axes.scatter(rows.across, rows.up, c=rows.truth, cmap=_shades(result), vmin=limits[0], vmax=limits[1],
                     **(look | {"edgecolors": INK, "linewidths": 1.1 if tested else 0.5}))  # fmt: skip
        return
    for index, item in enumerate(result.classes):
        mine = _is_class(rows.truth, item, result.classes)
        face, edge = _marker_colors(result, index)
        axes.scatter(
            rows.across[mine], rows.up[mine], facecolor=face, marker=_MARKERS[index],
            **(look | ({} if tested else {"edgecolors": edge})),
        )  # fmt: skip


def _marker_colors(result: _GridPredictions, index: int) -> tuple[str, str]:
    """Color of a class's marks and of their edges: of two, the first is hollow as its side is white."""
    if len(result.classes) > 2:
        return _COLORS[index], PAPER
    return (PAPER, INK) if index == 0 else (BASE, PAPER)


def _is_class(truth: Array, item: Any, classes: Sequence[Any]) -> Array:
    """Which rows are of a class; of "not a class", those that are of any other."""
    if len(classes) == 2 and item == f"not {classes[1]}":
        return np.asarray([value != classes[1] for value in truth.tolist()])
    return np.asarray([value == item for value in truth.tolist()])


def _scale(figure: Figure, axes: Axes, result: _GridPredictions) -> None:
    """A bar that says what the shade means, where it is one number."""
    if len(result.classes) > 2:
        return
    bar = figure.colorbar(axes.images[0], ax=axes, fraction=0.05, pad=0.02)
    bar.outline.set_visible(False)
    if result.label.startswith(_STEP):
        bar.set_ticks([0, 1], labels=[fit_width(str(item), 16) for item in result.classes])
    bar.set_label(fit_width(result.label, 40), color=INK, fontsize=FONT_SIZE - 1)
    bar.ax.tick_params(length=0, labelsize=FONT_SIZE - 1, labelcolor=MUTED)


def _legend(axes: Axes, result: _GridPredictions, drawn: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], linestyle="", marker=_MARKERS[index], color=_marker_colors(result, index)[0], markeredgecolor=INK,
               markeredgewidth=0.6, label=fit_width(str(item), 18))
        for index, item in enumerate(result.classes)
    ]  # fmt: skip
    edges = {"training": (3.5, 0.4), "test": (6.0, 1.1)}
    if len(drawn) > 1:
        marks += [
            Line2D([], [], linestyle="", marker="o", color=GRAY, markeredgecolor=INK if name == "test" else GRAY,
                   markersize=edges[name][0], markeredgewidth=edges[name][1], label=name)
            for name in drawn
        ]  # fmt: skip
    if marks:
        length = sum(len(str(mark.get_label())) + 4 for mark in marks)
        axes.legend(
            handles=marks, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(marks) if length < 46 else 3,
            frameon=False, borderpad=0.1,
            fontsize=FONT_SIZE - 0.5, labelcolor=INK, handletextpad=0.1, columnspacing=0.9,
        )  # fmt: skip
        for text in axes.get_legend().get_texts():  # type: ignore[union-attr]
            text.set_parse_math(False)
