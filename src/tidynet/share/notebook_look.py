"""The cells that look at the table: what was read, what deserves attention, each column, columns together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tidynet.share.explore_words import key_numbers, summary_lines
from tidynet.share.notebook_cell import Cell, Plan, aside, code, hidden, listing, plain, slide
from tidynet.share.page import count, percentage

if TYPE_CHECKING:
    from tidynet.look.profile import ColumnProfile, Profile

__all__ = ["looking_cells"]

_QUANTITIES = ("continuous", "discrete")
_LEVELS = ("nominal", "ordinal", "boolean")
_MOST_COLUMNS, _MOST_RELATIONS, _MOST_FINDINGS, _MOST_CORRELATED, _MOST_LEVELS = 8, 4, 8, 12, 12
# A length of time, or a time of day, as numbers.
_HOURS = """def hours(column):
    lengths = pd.to_timedelta(column.astype("string"))
    return (lengths.dt.total_seconds() / 3600).rename(f"{column.name}, in hours")

"""
_MOST_OTHERS, _OTHERS_IN_A_CELL, _MOST_ALONE, _MOST_POINTS = 180, 36, 20, 5_000


def looking_cells(plan: Plan, profile: Profile) -> Iterator[Cell]:
    """What was read and what is seen of it.

    Parameters
    ----------
    plan : Plan
    profile : Profile

    Yields
    ------
    Cell
    """
    yield from _reading(plan, profile)
    yield from _findings(profile)
    yield from _alone(profile)
    yield from _columns(profile)
    yield from _together(profile)


def _reading(plan: Plan, profile: Profile) -> Iterator[Cell]:
    choices = "".join(f", {name}={value!r}" for name, value in plan.reading.items())
    yield slide(f"## The table\n\n{listing(summary_lines(profile))}")
    yield code(
        f"target = {plan.target!r}\ntable = tn.read({plan.source!r}{choices})\nframe = table.to_pandas()\nframe.head()"
    )
    yield aside("The kind of each column, why it is judged so, and its missing cells.")
    yield hidden(
        "pd.DataFrame(\n"
        "    [(name, one.kind.value, one.reason, table.missing[name]) for name, one in table.judgements.items()],\n"
        '    columns=["column", "kind", "because", "missing"],\n'
        ').set_index("column")'
    )
    yield aside("The table in plain pandas.")
    yield hidden('frame.describe(include="all").T')


def _findings(profile: Profile) -> Iterator[Cell]:
    told = profile.findings[:_MOST_FINDINGS]
    left = len(profile.findings) - len(told)
    words = [f"{number}. {plain(one.sentence)}. *{plain(one.advice)}*" for number, one in enumerate(told, 1)]
    words += [f"\n{left:,} more stand in `seen.findings`."] if left else []
    yield slide("## What deserves attention\n\n" + ("\n".join(words) or "Nothing about the table stands out."))
    yield hidden("seen = tn.explore(table, target=target)\nseen")
    if told:
        yield aside("The evidence behind each finding.")
        yield hidden('for finding in seen.findings:\n    print(finding.sentence, dict(finding.evidence), sep="\\n  ")')
    yield aside("All numbers of each column.")
    yield hidden("pd.DataFrame({one.name: one.numbers for one in seen.profile.columns})")


def _alone(profile: Profile) -> Iterator[Cell]:
    """What each column alone tells about the target."""
    if not profile.relations:
        return
    measure = "variance" if profile[profile.target or ""].kind in _QUANTITIES else "entropy"
    most = profile.relations[0]
    least = len([one for one in profile.relations if one.low <= 0])
    said = f"{plain(most.column)} alone tells most: it removes {percentage(max(most.share, 0))} of the {measure}."
    if most.low <= 0:
        said = "No column alone tells more about it than chance explains."
    elif least:
        others = "1 column alone tells" if least == 1 else f"{least:,} columns alone tell"
        said += f" {others} no more than chance explains."
    yield slide(f"## What each column alone tells about the target\n\n{said}")
    yield code(
        "alone = pd.DataFrame(\n"
        "    [(one.column, one.share, one.low, one.high) for one in seen.profile.relations],\n"
        '    columns=["column", "share", "low", "high"],\n'
        ")\n"
        f"shown = alone.head({_MOST_ALONE})[::-1]\n"
        'plt.hlines(shown["column"], shown["low"], shown["high"])\n'
        'plt.plot(shown["share"], shown["column"], "o")\n'
        f'plt.xlabel("share of the target\'s {measure} removed on rows left out, with 95% interval")\nplt.show()'
    )
    yield hidden("alone")


def _columns(profile: Profile) -> Iterator[Cell]:
    """The target first, then the columns that tell most about it; the others small and together."""
    order = [profile.target or "", *(one.column for one in profile.relations), *(one.name for one in profile.columns)]
    known = {one.name: one for one in profile.columns}
    shown = [known[name] for name in dict.fromkeys(order) if name in known and _drawing(known[name])]
    for column in shown[:_MOST_COLUMNS]:
        numbers = ", ".join(f"{name} {value}" for name, value in key_numbers(column))
        missing = f" {count(column.missing, 'cell')} missing ({percentage(column.missing / column.rows)})."
        yield slide(
            f"### {plain(column.name)}{' (the target)' if column.name == profile.target else ''}\n\n"
            f"{column.kind.capitalize()}: {plain(numbers)}." + (missing if column.missing else "")
        )
        yield code(_drawing(column))
    others = shown[_MOST_COLUMNS : _MOST_COLUMNS + _MOST_OTHERS]
    if others:
        left = len(shown) - _MOST_COLUMNS - len(others)
        yield aside(
            f"### {count(len(others), 'more column')}\n\nIn small" + (f"; {left:,} are left out." if left else ".")
        )
    for first in range(0, len(others), _OTHERS_IN_A_CELL):
        yield hidden(_small(others[first : first + _OTHERS_IN_A_CELL]))


def _drawing(column: ColumnProfile) -> str:
    if not column.distinct or column.missing == column.rows:
        return ""
    if column.kind in _LEVELS:
        return (
            f"levels = frame[{column.name!r}].astype(object).value_counts().head({_MOST_LEVELS})\n"
            "sns.barplot(x=levels.to_numpy(), y=levels.index.astype(str))\n"
            f'plt.gca().set(xlabel="rows", ylabel={column.name!r})\nplt.show()'
        )
    if column.kind in (*_QUANTITIES, "datetime"):
        return f"sns.histplot(frame, x={column.name!r})\nplt.show()"
    if column.kind == "duration":
        return f"{_HOURS}\nsns.histplot(x=hours(frame[{column.name!r}]))\nplt.show()"
    return ""


def _small(columns: Sequence[ColumnProfile]) -> str:
    quantities = [one.name for one in columns if one.kind in _QUANTITIES]
    times = [one.name for one in columns if one.kind == "datetime"]
    durations = [one.name for one in columns if one.kind == "duration"]
    levels = [one.name for one in columns if one.kind in _LEVELS]
    loops = []
    if quantities:
        loops.append(
            f"for name in {quantities!r}:\n    sns.histplot(x=frame[name], bins=30, ax=next(places)).set(ylabel=None)"
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
            f"    rows = frame[name].astype(object).value_counts().head({_MOST_LEVELS})\n"
            "    axes = sns.barplot(x=rows.to_numpy(), y=rows.index.astype(str).str[:20], ax=next(places))\n"
            "    axes.set(xlabel=name, ylabel=None)"
        )
    lines = -(-len(columns) // 3)
    loop = "\n".join(loops)
    return (
        (f"{_HOURS}\n" if durations else "")
        + f"figure, grid = plt.subplots({lines}, 3, squeeze=False, figsize=(11, {2.4 * lines:.1f}), "
        'layout="constrained")\n'
        f"places = iter(grid.flat)\n{loop}\n"
        "for axes in places:\n    axes.remove()\nplt.show()"
    )


def _together(profile: Profile) -> Iterator[Cell]:
    known = {one.name: one for one in profile.columns}
    quantities = [one.name for one in profile.columns if one.kind in ("continuous", "discrete")]
    if len(quantities) > 1:
        names = quantities[:_MOST_CORRELATED]
        decimals = 2 if len(names) < 9 else 1
        yield slide(f"## Correlations\n\nPearson's correlation of {count(len(names), 'quantity', 'quantities')}.")
        yield code(
            f"quantities = {names!r}\n"
            "correlations = frame[quantities].astype(float).corr()\n"
            f'sns.heatmap(correlations, vmin=-1, vmax=1, cmap="vlag", annot=True, fmt=".{decimals}f")\n'
            "plt.show()"
        )
    for relation in profile.relations[:_MOST_RELATIONS]:
        drawn = _beside(known[relation.column], known[profile.target or ""], profile.rows)
        if relation.low > 0 and drawn:
            yield slide(
                f"### {plain(relation.column)} and {plain(profile.target)}\n\n"
                f"Alone it removes {percentage(relation.share)} of the target's uncertainty "
                f"(95% interval {percentage(relation.low)} to {percentage(relation.high)})."
            )
            yield code(drawn)


def _beside(column: ColumnProfile, target: ColumnProfile, rows: int) -> str:
    """A chart of a column and the target, by their kinds."""
    x, y = column.name, target.name
    qualitative = [one.kind in _LEVELS for one in (column, target)]
    if any(one.kind not in (*_LEVELS, *_QUANTITIES) for one in (column, target)):
        return ""
    if all(qualitative):
        return (
            f'shares = pd.crosstab(frame[{x!r}].astype(object), frame[{y!r}].astype(object), normalize="index")\n'
            f'sns.heatmap(shares.head({_MOST_LEVELS}), vmin=0, vmax=1, cmap="crest", annot=True, fmt=".0%")\nplt.show()'
        )
    if any(qualitative):
        levels, numbers = (x, y) if qualitative[0] else (y, x)
        return (
            f"levels = frame[{levels!r}].astype(object).value_counts().head({_MOST_LEVELS}).index\n"
            f'sns.boxplot(x=frame[{numbers!r}], y=frame[{levels!r}].astype(object), order=levels, orient="h")\n'
            "plt.show()"
        )
    some = f"frame.sample({_MOST_POINTS}, random_state=0)" if rows > _MOST_POINTS else "frame"
    return f"sns.scatterplot({some}, x={x!r}, y={y!r}, s=12, alpha=0.6)\nplt.show()"
