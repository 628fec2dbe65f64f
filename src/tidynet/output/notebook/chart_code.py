"""The code of a notebook's charts, in plain pandas and seaborn: a column, many columns small, two columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tidynet.profiling.counts import Bars, Histogram

if TYPE_CHECKING:
    from tidynet.profiling.profile import ColumnProfile

__all__ = ["QUANTITIES", "column_chart", "pair_chart", "plain_numbers", "small_multiples"]

QUANTITIES = ("continuous", "discrete")
_LEVELS = ("nominal", "ordinal", "boolean")
_MAX_LEVELS, _MOST_RANKS, _MAX_POINTS = 12, 30, 5_000
_MOST_WHOLE_NUMBERS = 60
# A length of time, or a time of day, as numbers.
_HOURS = """def hours(column):
    lengths = pd.to_timedelta(column.astype("string"))
    return (lengths.dt.total_seconds() / 3600).rename(f"{column.name}, in hours")

"""


def column_chart(column: ColumnProfile) -> str:
    """Code that draws a column; nothing where there is nothing to draw."""
    if not column.distinct or column.missing == column.rows:
        return ""
    if column.variable_type in _LEVELS:
        return (
            f"levels = {_counted_levels(column)}\n"
            "sns.barplot(x=levels.to_numpy(), y=levels.index.astype(str))\n"
            f'plt.gca().set(xlabel="rows", ylabel={column.name!r})\nplt.show()'
        )
    if column.variable_type in (*QUANTITIES, "datetime"):
        log = ", log_scale=True" if _is_log(column) else ", discrete=True" if _is_counted(column) else ""
        numbers = plain_numbers("x") if _is_log(column) else ""
        return f'sns.histplot(frame, x={column.name!r}{log}).set(ylabel="rows")\n{numbers}plt.show()'
    if column.variable_type == "duration":
        return f'{_HOURS}\nsns.histplot(x=hours(frame[{column.name!r}])).set(ylabel="rows")\nplt.show()'
    return ""


def _is_counted(column: ColumnProfile) -> bool:
    """Whether each number has a bar of its own: bins of unequal numbers of them would look like a comb."""
    known = column.variable_type == "discrete" and {"min", "max"} <= set(column.statistics) and not _is_log(column)
    return known and column.statistics["max"] - column.statistics["min"] <= _MOST_WHOLE_NUMBERS


def plain_numbers(axis: str, axes: str = "plt.gca()") -> str:
    """Code that writes the numbers of a log axis out: as powers of ten they would be formulas."""
    return f'{axes}.{axis}axis.set(major_formatter="{{x:,g}}", minor_formatter="")\n'


def _is_log(column: ColumnProfile) -> bool:
    """Whether the report draws it on a log axis."""
    return (
        isinstance(column.chart_counts, Histogram)
        and column.chart_counts.scale == "log"
        and column.statistics["min"] > 0
    )


def _counted_levels(column: ColumnProfile) -> str:
    """Code that counts levels: the most frequent first, but those of an ordinal in their own order."""
    if column.variable_type != "ordinal" or not isinstance(column.chart_counts, Bars):
        return f"frame[{column.name!r}].astype(object).value_counts().head({_MAX_LEVELS})"
    if all(_is_number(level) for level in column.chart_counts.categories):
        return f"frame[{column.name!r}].convert_dtypes().value_counts().sort_index().head({_MOST_RANKS})"
    order = list(column.chart_counts.categories[:_MOST_RANKS])
    return f"frame[{column.name!r}].astype(object).value_counts().reindex({order!r}, fill_value=0)"


def _is_number(text: str) -> bool:
    try:
        float(text.replace("−", "-"))
    except ValueError:
        return False
    return True


def small_multiples(columns: Sequence[ColumnProfile]) -> str:
    """Code that draws columns beside one another."""
    counted = [item.name for item in columns if _is_counted(item)]
    quantities = [
        item.name for item in columns if item.variable_type in QUANTITIES and not (_is_log(item) or _is_counted(item))
    ]
    logged = [item.name for item in columns if item.variable_type in QUANTITIES and _is_log(item)]
    times = [item.name for item in columns if item.variable_type == "datetime"]
    durations = [item.name for item in columns if item.variable_type == "duration"]
    levels = [item.name for item in columns if item.variable_type in ("nominal", "boolean")]
    ordered = [item for item in columns if item.variable_type == "ordinal"]
    loops = []
    if quantities:
        loops.append(
            f"for name in {quantities!r}:\n    sns.histplot(x=frame[name], bins=30, ax=next(places)).set(ylabel=None)"
        )
    if counted:
        loops.append(
            f"for name in {counted!r}:\n"
            "    sns.histplot(x=frame[name], discrete=True, ax=next(places)).set(ylabel=None)"
        )
    if logged:
        loops.append(
            f"for name in {logged!r}:\n"
            "    axes = sns.histplot(x=frame[name], bins=30, log_scale=True, ax=next(places))\n"
            f"    axes.set(ylabel=None)\n    {plain_numbers('x', 'axes').rstrip()}"
        )
    if times:
        loops.append(
            f"for name in {times!r}:\n"
            "    axes = sns.histplot(x=frame[name], bins=30, ax=next(places))\n"
            '    axes.set(ylabel=None)\n    axes.tick_params(axis="x", rotation=30, labelsize=8)'
        )
    if durations:
        loops.append(
            f"for name in {durations!r}:\n"
            "    sns.histplot(x=hours(frame[name]), bins=30, ax=next(places)).set(ylabel=None)"
        )
    if levels:
        loops.append(
            f"for name in {levels!r}:\n"
            f"    rows = frame[name].astype(object).value_counts().head({_MAX_LEVELS})\n"
            "    axes = sns.barplot(x=rows.to_numpy(), y=rows.index.astype(str).str[:20], ax=next(places))\n"
            "    axes.set(xlabel=name, ylabel=None)"
        )
    loops += [
        f"rows = {_counted_levels(item)}\n"
        "axes = sns.barplot(x=rows.to_numpy(), y=rows.index.astype(str).str[:20], ax=next(places))\n"
        f"axes.set(xlabel={item.name!r}, ylabel=None)"
        for item in ordered
    ]
    lines = -(-len(columns) // 3)
    loop = "\n".join(loops)
    return (
        (f"{_HOURS}\n" if durations else "")
        + f"figure, grid = plt.subplots({lines}, 3, squeeze=False, figsize=(11, {2.4 * lines:.1f}), "
        'layout="constrained")\n'
        f"places = iter(grid.flat)\n{loop}\n"
        "for axes in places:\n    axes.remove()\nplt.show()"
    )


def pair_chart(column: ColumnProfile, target: ColumnProfile, rows: int) -> str:
    """A chart of a column and the target, by their kinds."""
    x, y = column.name, target.name
    qualitative = [item.variable_type in _LEVELS for item in (column, target)]
    if any(item.variable_type not in (*_LEVELS, *QUANTITIES, "datetime") for item in (column, target)):
        return ""
    if all(qualitative):
        return (
            f"levels = {_levels_of(column)}\nacross = {_levels_of(target)}\n"
            f'shares = pd.crosstab({_values(column)}, {_values(target)}, normalize="index")\n'
            "shares = shares.reindex(index=levels, columns=across, fill_value=0)\n"
            'sns.heatmap(shares, vmin=0, vmax=1, cmap="crest", annot=True, fmt=".0%")\nplt.show()'
        )
    if any(qualitative):
        levels, numbers = (column, target) if qualitative[0] else (target, column)
        log = ", log_scale=(True, False)" if _is_log(numbers) else ""
        return (
            f"levels = {_levels_of(levels)}\n"
            f'sns.boxplot(x=frame[{numbers.name!r}], y={_values(levels)}, order=levels, orient="h"{log})\n'
            f"{plain_numbers('x') if log else ''}plt.show()"
        )
    some = f"frame.sample({_MAX_POINTS}, random_state=0)" if rows > _MAX_POINTS else "frame"
    scales = "".join(
        f'plt.{axis}scale("log")\n{plain_numbers(axis)}'
        for axis, item in (("x", column), ("y", target))
        if _is_log(item)
    )
    return f"sns.scatterplot({some}, x={x!r}, y={y!r}, s=12, alpha=0.6)\n{scales}plt.show()"


def _levels_of(column: ColumnProfile) -> str:
    return f"{_counted_levels(column)}.index"


def _values(column: ColumnProfile) -> str:
    """Code of a column's levels, of the same type as those counted."""
    of_numbers = ".convert_dtypes()" in _counted_levels(column)
    return f"frame[{column.name!r}]" + (".convert_dtypes()" if of_numbers else ".astype(object)")
