"""The linear boundary of a perceptron or a logistic unit, update by update."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.byhand.columns import as_columns, require_column, require_fitted
from tidynet.core.display import Displayed
from tidynet.core.errors import FileReadError, InputError, folder_not_found_error
from tidynet.core.text import join_names, pluralize
from tidynet.estimators.fitted_model import feature_names
from tidynet.estimators.linear_boundary import boundary_text
from tidynet.estimators.perceptron import Perceptron
from tidynet.estimators.target_validation import validate_target
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, SECOND, finish_figure, fit_width, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]

_MAX_FRAMES: Final = 60
_DPI: Final = 100


@dataclass(frozen=True, repr=False)
class TrainingAnimation(Displayed):
    """All boundaries of a unit with two inputs, and the row of each update.

    >>> animation = animate_logistic([[0.0, 1.0], [1.0, 0.0], [2.0, 3.0], [3.0, 2.0]], [0, 0, 1, 1], epochs=2)
    >>> len(animation), animation.boundaries.shape
    (8, (9, 3))
    """

    points: Array  # shape (rows, 2)
    above: Array  # shape (rows,), whether a row is of the second class
    boundaries: Array  # shape (updates + 1, 3), (w₁, w₂, b) of w₁·x₁ + w₂·x₂ + b = 0 in the units of the columns
    moved_by: Array  # shape (updates,), row numbers
    names: tuple[str, str]
    classes: tuple[str, str]
    unit: str  # "perceptron" or "logistic unit"

    def __len__(self) -> int:
        return len(self.moved_by)

    def display_lines(self) -> list[str]:
        """The unit, its updates, and its last boundary."""
        names, (*weights, bias) = list(self.names), self.boundaries[-1]
        return [
            f"Training of a {self.unit} in {pluralize(len(self), 'update')}, {pluralize(len(self.points), 'row')}",
            f"last boundary: {boundary_text(np.array(weights), float(bias), names)}",
        ]

    def figure(self) -> Figure:
        """All boundaries: the first dashed, later ones darker, the last bold."""
        figure, axes = self._draw_background()
        steps = self._drawn_steps()
        for index, step in enumerate(steps[1:-1], 1):
            self._line(axes, step, color=MUTED, linewidth=0.7, alpha=0.15 + 0.6 * index / len(steps))
        self._line(axes, 0, color=SECOND, linewidth=1.6, linestyle=(0, (4, 1.5)), label="first")
        self._line(axes, len(self), color=INK, linewidth=2.2, label=f"after {pluralize(len(self), 'update')}")
        self._legend(axes)
        return figure

    def frame(self, step: int) -> Figure:
        """The boundary after `step` updates, with a ring around the row of the last one.

        Raises
        ------
        InputError
            If there were fewer updates.
        """
        if not 0 <= step <= len(self):
            raise InputError(f"step is {step}, expected a number from 0 to {len(self)}")
        figure, axes = self._draw_background()
        self._draw_frame(axes, step)
        return figure

    def _draw_frame(self, axes: Axes, step: int) -> None:
        """Replace the lines and the ring by those of a step."""
        for artist in (*axes.lines, *axes.collections[len(self.classes) :]):
            artist.remove()
        if step:
            self._line(axes, step - 1, color=MUTED, linewidth=1.2, linestyle=(0, (4, 1.5)), label="before")
        self._line(axes, step, color=INK, linewidth=2.2, label=f"after update {step:,} of {len(self):,}")
        if step:
            x, y = self.points[self.moved_by[step - 1]]
            axes.scatter(
                [x], [y], s=170, facecolor="none", edgecolor=SECOND, linewidth=2, zorder=5, label="row of the update"
            )
        self._legend(axes)

    def _frames(self) -> list[Any]:
        """The drawn steps as images; the layout is computed once."""
        figure, axes = self._draw_background()
        self._draw_frame(axes, len(self))
        _pixels(figure)
        figure.set_layout_engine("none")
        frames = []
        for step in self._drawn_steps():
            self._draw_frame(axes, step)
            frames.append(_pixels(figure))
        return frames

    def save(self, path: str | Path, *, frames_per_second: float = 4.0) -> int:
        """Write the animation as .gif or self-contained .html; returns the bytes written.

        Parameters
        ----------
        path : str or Path
            The file; of more than 60 updates a selection is shown.
        frames_per_second : float
            Above 0.

        Raises
        ------
        InputError
            If the suffix is neither .gif nor .html.
        FileReadError
            If the file cannot be written.
        """
        file = Path(path)
        if not 0 < frames_per_second <= 50:
            raise InputError(f"frames_per_second is {frames_per_second}, expected a number above 0, at most 50")
        if file.suffix not in (".gif", ".html"):
            raise InputError(f"the suffix is '{file.suffix}', expected .gif or .html")
        frames = self._frames()
        content = _gif(frames, frames_per_second) if file.suffix == ".gif" else self._page(frames, frames_per_second)
        try:
            return file.write_bytes(content)
        except OSError as error:
            if not file.parent.is_dir():
                raise folder_not_found_error(file) from None
            raise FileReadError(f"the file '{file}' cannot be written: {error.strerror}") from error

    def _drawn_steps(self) -> list[int]:
        """The drawn steps, denser at the beginning."""
        if len(self) < _MAX_FRAMES:
            return list(range(len(self) + 1))
        return np.unique(np.round(len(self) * np.linspace(0, 1, _MAX_FRAMES) ** 2).astype(int)).tolist()

    def _draw_background(self) -> tuple[Figure, Axes]:
        """The points and the axes."""
        figure = new_figure(4.9, 4.0)
        axes = figure.subplots()
        styles: tuple[dict[str, Any], ...] = (
            {"marker": "o", "facecolor": PAPER, "edgecolor": INK, "linewidth": 0.7},
            {"marker": "^", "facecolor": BASE, "edgecolor": PAPER, "linewidth": 0.4},
        )
        for rows, name, style in zip((~self.above, self.above), self.classes, styles, strict=True):
            x, y = self.points[rows].T
            axes.scatter(x, y, s=24, label=fit_width(name, 16), zorder=3, **style)
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        margin = 0.08 * np.where(high > low, high - low, 1.0)
        axes.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
        axes.set_xlabel(fit_width(self.names[0]), parse_math=False)
        axes.set_ylabel(fit_width(self.names[1]), parse_math=False)
        return figure, axes

    def _line(self, axes: Axes, step: int, **style: Any) -> None:
        w1, w2, b = self.boundaries[step]
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        # Along the axis with the smaller slope, which is finite.
        if abs(w2) * (top - bottom) >= abs(w1) * (right - left) and w2:
            x = np.array([left, right])
            axes.plot(x, -(w1 * x + b) / w2, zorder=2, scalex=False, scaley=False, **style)
        elif w1:
            y = np.array([bottom, top])
            axes.plot(-(w2 * y + b) / w1, y, zorder=2, scalex=False, scaley=False, **style)

    def _legend(self, axes: Axes) -> None:
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=FONT_SIZE - 1, labelcolor=INK,
            borderpad=0.1, columnspacing=0.9, handletextpad=0.3, title=None,
        )  # fmt: skip
        finish_figure(axes, grid="")

    def _page(self, frames: Sequence[Any], rate: float) -> bytes:
        """An HTML page with the frames as images, a slider and a play button."""
        sources = []
        for item in frames:
            buffer = io.BytesIO()
            item.quantize(32).save(buffer, "PNG", optimize=True)
            sources.append(f'"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"')
        title = html.escape(f"The boundary of a {self.unit}, update by update")
        return _PAGE.format(
            title=title, last=len(frames) - 1, pause=round(1000 / rate), frames=",".join(sources), width=frames[0].width
        ).encode()


_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px system-ui,sans-serif;max-width:{width}px;margin:1rem auto;padding:0 1rem}}
img{{width:100%}}div{{display:flex;gap:.5rem}}input{{flex:1}}</style>
<h1 style="font-size:1.1rem">{title}</h1><img id="frame" alt="{title}">
<div><button id="play">Play</button>
<input id="step" type="range" min="0" max="{last}" value="0" aria-label="step"></div>
<script>
const frames=[{frames}],image=document.getElementById("frame"),step=document.getElementById("step"),
play=document.getElementById("play");let timer=null;
const show=()=>{{image.src=frames[step.value]}};
const stop=()=>{{clearInterval(timer);timer=null;play.textContent="Play"}};
step.oninput=()=>{{stop();show()}};
play.onclick=()=>{{if(timer)return stop();if(+step.value==={last})step.value=0;play.textContent="Pause";show();
timer=setInterval(()=>{{if(+step.value==={last})return stop();step.value=+step.value+1;show()}},{pause})}};
show();
</script></html>
"""


def _pixels(figure: Figure) -> Any:
    """A figure as a Pillow image."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure.set_dpi(_DPI)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def _gif(frames: Sequence[Any], rate: float) -> bytes:
    buffer = io.BytesIO()
    small = [item.quantize(32) for item in frames]
    pauses = [round(1000 / rate)] * (len(small) - 1) + [2500]
    small[0].save(buffer, "GIF", save_all=True, append_images=small[1:], duration=pauses, loop=0, optimize=True)
    return buffer.getvalue()


def animate_perceptron(model: Perceptron, X: Any, y: Any) -> TrainingAnimation:
    """The updates of a fitted `Perceptron` with two columns.

    Parameters
    ----------
    model : Perceptron
        Fitted on X and y.
    X, y : table or array of two columns, and the target

    Raises
    ------
    InputError
        If the model is no fitted Perceptron, or there are not two columns.

    Examples
    --------
    >>> X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), [0, 0, 0, 1]
    >>> model = Perceptron(random_state=0).fit(X, y)
    >>> len(animate_perceptron(model, X, y)) == len(model.update_rows_)
    True
    """
    if not isinstance(model, Perceptron):
        raise InputError(f"the model is a {type(model).__name__}, expected a Perceptron")
    require_fitted(model)
    points, target, names = _two_columns(X, y, feature_names(model))
    boundaries = np.array([[*item.coefficients, item.bias] for item in model.path_])
    classes = (str(model.classes_[0]), str(model.classes_[1]))
    return TrainingAnimation(
        points, target == model.classes_[1], boundaries, model.update_rows_, names, classes, "perceptron"
    )


def animate_logistic(
    X: Any, y: Any, columns: Sequence[str] | None = None, *, learning_rate: float = 0.1, epochs: int = 3, seed: int = 0
) -> TrainingAnimation:
    """A logistic unit trained row by row: w ← w + α·(y − ŷ)·x and b ← b + α·(y − ŷ).

    Unlike the perceptron it is updated by correctly classified rows too. Training uses standardized columns; the
    boundaries are in the units of the columns.

    Parameters
    ----------
    X, y : table or array, and two classes
    columns : two names, optional
        Optional if X has exactly two columns.
    learning_rate : float
        α.
    epochs : int
        Passes over the rows, each in a new order.
    seed : int
        Of the initial weights and the orders.

    Raises
    ------
    InputError
        If there are not two columns of numbers or not two classes.
    """
    points, target, names = _two_columns(X, y, columns)
    classes = np.unique(target)
    if len(classes) != 2:
        raise InputError(f"y has {pluralize(len(classes), 'class', 'classes')}, expected two")
    if not learning_rate > 0 or epochs < 1:
        raise InputError(f"learning_rate is {learning_rate} and epochs {epochs}, expected both above 0")
    above = target == classes[1]
    center, spread = points.mean(axis=0), points.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = np.column_stack([(points - center) / spread, np.ones(len(points))])
    rng = np.random.default_rng(seed)
    path = [rng.normal(size=3)]
    rows: list[int] = []
    for _ in range(epochs):
        for row in rng.permutation(len(points)).tolist():
            predicted = 1 / (1 + np.exp(-float(path[-1] @ scaled[row])))
            path.append(path[-1] + learning_rate * (float(above[row]) - predicted) * scaled[row])
            rows.append(row)
    scaled_boundaries = np.array(path)
    weights = scaled_boundaries[:, :2] / spread
    boundaries = np.column_stack([weights, scaled_boundaries[:, 2] - weights @ center])
    return TrainingAnimation(
        points, above, boundaries, np.array(rows), names, (str(classes[0]), str(classes[1])), "logistic unit"
    )


def _two_columns(X: Any, y: Any, columns: Sequence[str] | None) -> tuple[Array, Array, tuple[str, str]]:
    """Points, target and names of two numeric columns."""
    frame = as_columns(X)
    names = list(columns) if columns is not None else frame.columns
    if len(names) != 2:
        raise InputError(
            f"there are {pluralize(len(names), 'column')} ({join_names(names)}), expected two", "select two columns"
        )
    for name in names:
        if not frame.schema[require_column(frame, name)].is_numeric():
            raise InputError(f"column '{name}' is not numeric, expected numbers", "choose another")
    points = frame.select([frame.get_column(name) for name in names]).cast(pl.Float64).to_numpy()
    if not np.isfinite(points).all():
        raise InputError(f"columns {join_names(names)} have missing values, expected none", "drop those rows")
    return points, validate_target(y, frame.height), (names[0], names[1])
