"""Which chart suits which variables: a table to read, from the top; the first line that fits is drawn.

A variable is "levels", "quantity" or "time"; None where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from tidynet.plot.scatter import MOST_POINTS
from tidynet.plot.scene import PlotData
from tidynet.plot.theme import shorten
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable

__all__ = ["CHOICES", "Choice", "choose_chart", "data_shape", "explain_choice"]

Form = Literal["levels", "quantity", "time"] | None


class Choice(NamedTuple):
    """One line of the table."""

    x: Form
    y: Form
    when: str  # a condition of `CONDITIONS`, empty for always
    chart: str
    reason: str


CHOICES: Final = (
    # x, y, when, chart, because
    Choice("levels", None, "colored", "clustered", "bars side by side compare the levels of two variables"),
    Choice("levels", None, "", "bar", "rows are counted for each level"),
    Choice("time", None, "", "time", "rows are counted along time"),
    Choice("quantity", None, "colored", "density", "curves can lie over each other"),
    Choice("quantity", None, "", "histogram", "rows are counted in bins"),
    Choice("quantity", "quantity", "colored or sized", "scatter", "each point can carry more than two variables"),
    Choice("quantity", "quantity", "crowded", "hist2d", "so many points would hide each other"),
    Choice("quantity", "quantity", "counted", "hist2d", "there are counts and no rows"),
    Choice("quantity", "quantity", "", "scatter", "each row can be seen as a point"),
    Choice("time", "quantity", "", "time", "means along time show its course"),
    Choice("time", "levels", "", "ridgeline", "each level has its own course in time"),
    Choice("time", "time", "", "hist2d", "both are times"),
    Choice("quantity", "time", "", "hist2d", "rows are counted in cells"),
    Choice("levels", "time", "", "ridgeline", "each level has its own course in time"),
    Choice("levels", "quantity", "few rows", "strip", "so few rows can all be seen"),
    Choice("levels", "quantity", "many levels", "box", "boxes compare many levels in little room"),
    Choice("levels", "quantity", "", "violin", "the whole distribution of each level can be seen"),
    Choice("quantity", "levels", "few rows", "strip", "so few rows can all be seen"),
    Choice("quantity", "levels", "many levels", "box", "boxes compare many levels in little room"),
    Choice("quantity", "levels", "", "violin", "the whole distribution of each level can be seen"),
    Choice("levels", "levels", "few cells", "clustered", "bars side by side compare few levels"),
    Choice("levels", "levels", "", "heat", "a table of shaded counts holds many levels"),
)

CONDITIONS: Final[dict[str, Callable[[PlotData], bool]]] = {
    "": lambda _: True,
    "colored": lambda scene: scene.color is not None,
    "colored or sized": lambda scene: scene.color is not None or scene.size is not None,
    "crowded": lambda scene: _crowded(scene),
    "counted": lambda scene: scene.counted,
    "few rows": lambda scene: not scene.counted and scene.rows <= 40,
    "many levels": lambda scene: max(_level_counts(scene)) > 6,
    "few cells": lambda scene: max(_level_counts(scene)) <= 4 and min(_level_counts(scene)) <= 3,
}


def data_shape(variable: Variable | None) -> Form:
    """What a variable is in the table.

    Examples
    --------
    >>> data_shape(None) is None
    True
    """
    if variable is None:
        return None
    if isinstance(variable, CategoricalVariable):
        return "levels"
    return "time" if variable.scale == "time" else "quantity"


def choose_chart(scene: PlotData) -> Choice:
    """The first line of `CHOICES` that fits."""
    forms = data_shape(scene.x), data_shape(scene.y)
    return next(line for line in CHOICES if (line.x, line.y) == forms and CONDITIONS[line.when](scene))


def explain_choice(scene: PlotData, chart: str, reason: str) -> str:
    """The choice as a sentence."""
    axes = [
        f"a {'log' if item.scale == 'log' else 'square-root'} {name}"
        for item, name in ((scene.x, "axis" if scene.y is None else "x axis"), (scene.y, "y axis"))
        if isinstance(item, NumericVariable) and item.scale in ("log", "sqrt")
    ]
    drawn = f"{chart} with {' and '.join(axes)}" if axes else chart
    return f"{drawn}: {', '.join(_fact(item) for item in scene.variables)}; {reason}"


def _fact(variable: Variable) -> str:
    name = f"`{shorten(variable.name, 60)}` is {variable.kind}"
    if isinstance(variable, CategoricalVariable):
        number = len(variable.labels) - (variable.others > 0) + variable.others
        return f"{name} with {number:,} level{'s' if number != 1 else ''}"
    if variable.scale == "time" or variable.kind == "text":
        return name
    return f"{name} with skew {variable.skew:.1f}".replace("-0.0", "0.0").replace("-", "−")


def _crowded(scene: PlotData) -> bool:
    return not scene.counted and scene.rows > MOST_POINTS


def _level_counts(scene: PlotData) -> list[int]:
    return [len(item.labels) for item in (scene.x, scene.y) if isinstance(item, CategoricalVariable)] or [0]
