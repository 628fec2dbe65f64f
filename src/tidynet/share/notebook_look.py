"""The cells that look at the table: what was read, what deserves attention, each column, columns together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tidynet.share.column_words import column_words, correlation_words, pair_words, relation_words
from tidynet.share.explore_words import summary_lines, uncertainty
from tidynet.share.look_parts import PAIRS_OPEN
from tidynet.share.notebook_cell import Cell, Plan, aside, code, hidden, listing, plain, slide
from tidynet.share.notebook_charts import QUANTITIES, column_chart, pair_chart, small_charts
from tidynet.share.page import count, percentage

if TYPE_CHECKING:
    from tidynet.look.profile import Profile

__all__ = ["looking_cells"]

_MOST_COLUMNS, _MOST_RELATIONS, _MOST_FINDINGS, _MOST_CORRELATED = 8, 4, 8, 12
_MOST_NAMED = 12
_MOST_OTHERS, _OTHERS_IN_A_CELL, _MOST_ALONE = 180, 36, 20


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
    read = f"target = {plan.target!r}\n{plan.whole} = tn.read({plan.source!r}{choices})\n"
    yield code(read + (_left_out(plan) or "frame = table.to_pandas()\n") + "frame.head()")
    yield aside("The kind of each column, why it is judged so, and its missing cells.")
    yield hidden(
        "pd.DataFrame(\n"
        "    [(name, one.kind.value, one.reason, table.missing[name]) for name, one in table.judgements.items()],\n"
        '    columns=["column", "kind", "because", "missing"],\n'
        ').set_index("column")'
    )
    yield aside("The table in plain pandas.")
    yield hidden('frame.describe(include="all").T')


def _left_out(plan: Plan) -> str:
    """Code that leaves out what the network was not given; rows keep their numbers in the whole table."""
    steps, frame = [], "whole.to_pandas()"
    if plan.columns_left_out:
        names = list(plan.columns_left_out)
        steps.append(f"not_given = {names!r}  # columns that training left out\n")
        frame += ".drop(columns=not_given)"
    table = "whole.drop(*not_given)" if plan.columns_left_out else "whole"
    if plan.rows_left_out:
        rows = count(plan.rows_left_out, "row")
        verb = "has" if plan.rows_left_out == 1 else "have"
        steps.append(f"known = np.flatnonzero(whole[target].is_not_null())  # {rows} {verb} no target\n")
        table, frame = f"{table}.take(known)", f"{frame}.iloc[known]"
    return "".join([*steps, f"table = {table}\nframe = {frame}\n"]) if steps else ""


def _findings(profile: Profile) -> Iterator[Cell]:
    told = profile.findings[:_MOST_FINDINGS]
    left = len(profile.findings) - len(told)
    words = [f"{number}. {plain(one.sentence)}. *{plain(one.advice)}*" for number, one in enumerate(told, 1)]
    words += [f"\n{left:,} more stand in `seen.findings`."] if left else []
    yield slide("## What deserves attention\n\n" + ("\n".join(words) or "Nothing about the table stands out."))
    yield hidden("seen = tn.explore(table, target=target)\nseen")
    if told:
        yield aside("The evidence behind each finding.")
        yield hidden(
            "pd.Series(\n"
            "    {\n"
            '        (one.code, ", ".join(one.columns), name): value\n'
            "        for one in seen.findings\n        for name, value in one.evidence.items()\n"
            '    },\n    name="evidence",\n    dtype=object,\n).to_frame()'
        )
    yield aside("All numbers of each column.")
    yield hidden(
        "from tidynet.share.explore_words import column_number\n\n"
        "numbers = {\n"
        "    one.name: {name: column_number(one, name) for name in one.numbers} for one in seen.profile.columns\n"
        '}\npd.DataFrame(numbers).fillna("")'
    )


def _alone(profile: Profile) -> Iterator[Cell]:
    """What each column alone tells about the target."""
    if not profile.relations:
        return
    measure = uncertainty(profile[profile.target or ""])
    most = profile.relations[0]
    least = len([one for one in profile.relations if one.low <= 0])
    said = (
        f"{plain(most.column)} alone tells most: it removes {percentage(max(most.share, 0))} of the target's {measure}."
    )
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
    shown = [known[name] for name in dict.fromkeys(order) if name in known and column_chart(known[name])]
    for column in shown[:_MOST_COLUMNS]:
        drawn = column_chart(column)
        yield slide(
            f"### {plain(column.name)}{' (the target)' if column.name == profile.target else ''}\n\n"
            f"{column.kind.capitalize()}: {plain(column_words(column))}"
            + (" The axis is logarithmic." if "log_scale" in drawn else "")
        )
        yield code(drawn)
    others = shown[_MOST_COLUMNS : _MOST_COLUMNS + _MOST_OTHERS]
    if others:
        left = len(shown) - _MOST_COLUMNS - len(others)
        yield aside(
            f"### {count(len(others), 'more column')}\n\n"
            + plain(", ".join(one.name for one in others[:_MOST_NAMED]) + (", …" if len(others) > _MOST_NAMED else ""))
            + (f"; {left:,} are left out." if left else ", in small.")
        )
    for first in range(0, len(others), _OTHERS_IN_A_CELL):
        yield hidden(small_charts(others[first : first + _OTHERS_IN_A_CELL]))


def _together(profile: Profile) -> Iterator[Cell]:
    known = {one.name: one for one in profile.columns}
    quantities = [one.name for one in profile.columns if one.kind in QUANTITIES]
    if len(quantities) > 1:
        names = quantities[:_MOST_CORRELATED]
        decimals = 2 if len(names) < 9 else 1
        yield slide(f"## Correlations\n\n{plain(correlation_words(names, profile.pairs))}")
        yield code(
            f"quantities = {names!r}\n"
            "correlations = frame[quantities].astype(float).corr()\n"
            f'sns.heatmap(correlations, vmin=-1, vmax=1, cmap="vlag", annot=True, fmt=".{decimals}f")\n'
            "plt.show()"
        )
    shown: set[frozenset[str]] = set()
    for relation in profile.relations[:_MOST_RELATIONS]:
        drawn = pair_chart(known[relation.column], known[profile.target or ""], profile.rows)
        told = relation_words(relation)
        told = f"{plain(told)} " if told else ""
        if relation.low > 0 and drawn:
            yield slide(
                f"### {plain(relation.column)} and {plain(profile.target)}\n\n{told}"
                f"Alone {plain(relation.column)} removes {percentage(relation.share)} of the target's "
                f"{uncertainty(known[profile.target or ''])} "
                f"(95% interval {percentage(relation.low)} to {percentage(relation.high)})."
            )
            yield code(drawn)
            shown.add(frozenset({relation.column, profile.target or ""}))
    for pair in [one for one in profile.pairs if one.association > one.noise_floor][:PAIRS_OPEN]:
        drawn = pair_chart(known[pair.x], known[pair.y], profile.rows)
        if drawn and frozenset({pair.x, pair.y}) not in shown:
            yield slide(f"### {plain(pair.x)} and {plain(pair.y)}\n\n{plain(pair_words(pair))}")
            yield code(drawn)
