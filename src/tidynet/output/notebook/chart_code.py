"""The code of a notebook's charts, in pandas and seaborn: one column, small multiples, two columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tidynet.profiling.counts import Bars, Histogram

if TYPE_CHECKING:
    from tidynet.profiling.profile import ColumnProfile

NUMERIC = ("continuous", "discrete")
_CATEGORICAL = ("nominal", "ordinal", "boolean")
_MAX_CATEGORIES, _MAX_ORDINAL_CATEGORIES, _MAX_POINTS = 12, 30, 5_000
_MAX_DISCRETE_BARS = 60
# A duration or a time of day as a number.
_HOURS = """def hours(column):
    durations = pd.to_timedelta(column.astype("string"))
    return (durations.dt.total_seconds() / 3600).rename(f"{column.name} (hours)")

"""


def column_chart(column: ColumnProfile) -> str:
    """Code that draws a column; nothing where there is nothing to draw."""
    if not column.distinct or column.missing == column.rows:
        return ""
    if column.variable_type in _CATEGORICAL:
        return (
            f"categories = {_category_counts(column)}\n"
            "sns.barplot(x=categories.to_numpy(), y=categories.index.astype(str))\n"
            f'plt.gca().set(xlabel="rows", ylabel={column.name!r})\nplt.show()'
        )
    if column.variable_type in (*NUMERIC, "datetime"):
        log = ", log_scale=True" if _has_log_axis(column) else ", discrete=True" if _has_bar_per_value(column) else ""
        ticks = plain_numbers("x") if _has_log_axis(column) else ""
        rows, title = _shown_rows(column)
        return f'sns.histplot({rows}, x={column.name!r}{log}).set(ylabel="rows"{title})\n{ticks}plt.show()'
    if column.variable_type == "duration":
        return f'{_HOURS}\nsns.histplot(x=hours(frame[{column.name!r}])).set(ylabel="rows")\nplt.show()'
    return ""


def _shown_rows(column: ColumnProfile) -> tuple[str, str]:
    """Code of the rows that the axis shows, and a title that names the others."""
    counts = column.chart_counts
    if not isinstance(counts, Histogram) or counts.scale == "time" or not counts.remarks():
        return "frame", ""
    low, high = counts.axis_range
    values = f"frame[{column.name!r}]"
    apart = "" if counts.spike is None else f" & {values}.ne({counts.spike!r})"
    return f"frame[{values}.between({low!r}, {high!r}){apart}]", f", title={'; '.join(counts.remarks())!r}"


def plain_numbers(axis: str, axes: str = "plt.gca()") -> str:
    """Code that labels a log axis with plain numbers: powers of ten would be formulas."""
    return f'{axes}.{axis}axis.set(major_formatter="{{x:,g}}", minor_formatter="")\n'


def _has_bar_per_value(column: ColumnProfile) -> bool:
    """Whether each number has its own bar: bins of unequal numbers of them would look like a comb."""
    values = column.statistics
    is_discrete = column.variable_type == "discrete" and {"min", "max"} <= set(values) and not _is_log(column)
    return is_discrete and values["max"] - values["min"] <= _MAX_DISCRETE_BARS


def _is_log(column: ColumnProfile) -> bool:
    """Whether all its values have a place on the log axis of the report."""
    return _has_log_axis(column) and column.statistics["min"] > 0


def _has_log_axis(column: ColumnProfile) -> bool:
    counts = column.chart_counts
    return isinstance(counts, Histogram) and counts.scale == "log"


def _category_counts(column: ColumnProfile) -> str:
    """Code that counts categories: the most frequent first, those of an ordinal column in their order."""
    name, counts = repr(column.name), column.chart_counts
    if column.variable_type != "ordinal" or not isinstance(counts, Bars):
        return f"frame[{name}].astype(object).value_counts().head({_MAX_CATEGORIES})"
    if all(_is_number(category) for category in counts.categories):
        return f"frame[{name}].convert_dtypes().value_counts().sort_index().head({_MAX_ORDINAL_CATEGORIES})"
    order = list(counts.categories[:_MAX_ORDINAL_CATEGORIES])
    return f"frame[{name}].astype(object).value_counts().reindex({order!r}, fill_value=0)"


def _is_number(text: str) -> bool:
    try:
        float(text.replace("−", "-"))
    except ValueError:
        return False
    return True


def small_multiples(columns: Sequence[ColumnProfile]) -> str:
    """Code that draws columns as a grid of small charts."""
    names: dict[str, list[str]] = {}
    for column in columns:
        names.setdefault(_chart_of(column), []).append(column.name)
    loops = [f"for name in {names[chart]!r}:\n{body}" for chart, body in _SMALL_CHARTS.items() if chart in names]
    loops += [
        f"rows = {_category_counts(column)}\n"
        "axes = sns.barplot(x=rows.to_numpy(), y=rows.index.astype(str).str[:20], ax=next(cells))\n"
        f"axes.set(xlabel={column.name!r}, ylabel=None)"
        for column in columns
        if column.variable_type == "ordinal"
    ]
    lines, loop = -(-len(columns) // 3), "\n".join(loops)
    return (
        (f"{_HOURS}\n" if "duration" in names else "")
        + f"figure, grid = plt.subplots({lines}, 3, squeeze=False, figsize=(11, {2.4 * lines:.1f}), "
        'layout="constrained")\n'
        f"cells = iter(grid.flat)\n{loop}\n"
        "for axes in cells:\n    axes.remove()\nplt.show()"
    )


def _chart_of(column: ColumnProfile) -> str:
    """The key of `_SMALL_CHARTS` for a column."""
    if column.variable_type in NUMERIC:
        return "log" if _is_log(column) else "discrete" if _has_bar_per_value(column) else "numeric"
    return {"nominal": "categorical", "boolean": "categorical"}.get(column.variable_type, column.variable_type)


_SMALL_CHARTS = {
    "numeric": "    sns.histplot(x=frame[name], bins=30, ax=next(cells)).set(ylabel=None)",
    "discrete": "    sns.histplot(x=frame[name], discrete=True, ax=next(cells)).set(ylabel=None)",
    "log": "    axes = sns.histplot(x=frame[name], bins=30, log_scale=True, ax=next(cells))\n"
    f"    axes.set(ylabel=None)\n    {plain_numbers('x', 'axes').rstrip()}",
    "datetime": "    axes = sns.histplot(x=frame[name], bins=30, ax=next(cells))\n"
    '    axes.set(ylabel=None)\n    axes.tick_params(axis="x", rotation=30, labelsize=8)',
    "duration": "    sns.histplot(x=hours(frame[name]), bins=30, ax=next(cells)).set(ylabel=None)",
    "categorical": f"    rows = frame[name].astype(object).value_counts().head({_MAX_CATEGORIES})\n"
    "    axes = sns.barplot(x=rows.to_numpy(), y=rows.index.astype(str).str[:20], ax=next(cells))\n"
    "    axes.set(xlabel=name, ylabel=None)",
}


def pair_chart(column: ColumnProfile, target: ColumnProfile, rows: int) -> str:
    """Code that draws a column and the target, by their variable types."""
    both = (column, target)
    is_categorical = [item.variable_type in _CATEGORICAL for item in both]
    if any(item.variable_type not in (*_CATEGORICAL, *NUMERIC, "datetime") for item in both):
        return ""
    if all(is_categorical):
        return (
            f"categories = {_category_counts(column)}.index\nclasses = {_category_counts(target)}.index\n"
            f'fractions = pd.crosstab({_values(column)}, {_values(target)}, normalize="index")\n'
            "fractions = fractions.reindex(index=categories, columns=classes, fill_value=0)\n"
            'sns.heatmap(fractions, vmin=0, cmap="crest", annot=True, fmt=".0%")\nplt.show()'
        )
    if any(is_categorical):
        categories, numbers = both if is_categorical[0] else (target, column)
        log = ", log_scale=(True, False)" if _is_log(numbers) else ""
        return (
            f"categories = {_category_counts(categories)}.index\n"
            f'sns.boxplot(x=frame[{numbers.name!r}], y={_values(categories)}, order=categories, orient="h"{log})\n'
            f"{plain_numbers('x') if log else ''}plt.show()"
        )
    sample = f"frame.sample({_MAX_POINTS}, random_state=0)" if rows > _MAX_POINTS else "frame"
    scales = "".join(
        f'plt.{axis}scale("log")\n{plain_numbers(axis)}' for axis, item in zip("xy", both, strict=True) if _is_log(item)
    )
    return f"sns.scatterplot({sample}, x={column.name!r}, y={target.name!r}, s=12, alpha=0.6)\n{scales}plt.show()"


def _values(column: ColumnProfile) -> str:
    """Code of a column's categories, of the same type as those counted."""
    is_converted = ".convert_dtypes()" in _category_counts(column)
    return f"frame[{column.name!r}]" + (".convert_dtypes()" if is_converted else ".astype(object)")
