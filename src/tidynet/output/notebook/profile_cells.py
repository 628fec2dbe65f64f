"""The cells that look at the table: what was read, what deserves attention, each column, columns together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tidynet.output.notebook.cell import (
    NotebookCell,
    NotebookSpec,
    code,
    escape_markdown,
    hidden_code,
    hidden_markdown,
    markdown_list,
    slide,
)
from tidynet.output.notebook.chart_code import QUANTITIES, column_chart, pair_chart, small_multiples
from tidynet.output.report.column_text import (
    describe_column,
    describe_correlations,
    describe_pair,
    describe_target_association,
)
from tidynet.output.report.explore_text import summary_lines, uncertainty_measure_name
from tidynet.output.report.html_page import format_count, format_percent
from tidynet.output.report.profile_sections import PAIRS_OPEN

if TYPE_CHECKING:
    from tidynet.profiling.profile import Profile

__all__ = ["profile_cells"]

_MOST_COLUMNS, _MOST_RELATIONS, _MOST_FINDINGS, _MOST_CORRELATED = 8, 4, 8, 12
_MOST_NAMED = 12
_MOST_OTHERS, _OTHERS_IN_A_CELL, _MOST_ALONE = 180, 36, 20


def profile_cells(plan: NotebookSpec, profile: Profile) -> Iterator[NotebookCell]:
    """What was read and what is seen of it."""
    yield from _read_arguments(plan, profile)
    yield from _findings(profile)
    yield from _single_column_cells(profile)
    yield from _columns(profile)
    yield from _pair_cells(profile)


def _read_arguments(plan: NotebookSpec, profile: Profile) -> Iterator[NotebookCell]:
    choices = "".join(f", {name}={value!r}" for name, value in plan.reading.items())
    yield slide(f"## The table\n\n{markdown_list(summary_lines(profile))}")
    read = f"target = {plan.target!r}\n{plan.full_table_name} = tn.read({plan.source!r}{choices})\n"
    yield code(read + (_excluded_text(plan) or "frame = table.to_pandas()\n") + "frame.head()")
    yield hidden_markdown("The kind of each column, why it is judged so, and its missing cells.")
    yield hidden_code(
        "pd.DataFrame(\n"
        "    [(name, one.variable_type.value, one.reason, table.missing[name]) for name, one in table.inferred_types.items()],\n"
        '    columns=["column", "kind", "because", "missing"],\n'
        ').set_index("column")'
    )
    yield hidden_markdown("The table in plain pandas.")
    yield hidden_code('frame.describe(include="all").T')


def _excluded_text(plan: NotebookSpec) -> str:
    """Code that leaves out what the network was not given; rows keep their numbers in the whole table."""
    steps, frame = [], "whole.to_pandas()"
    if plan.columns_left_out:
        names = list(plan.columns_left_out)
        steps.append(f"not_given = {names!r}  # columns that training left out\n")
        frame += ".drop(columns=not_given)"
    table = "whole.drop(*not_given)" if plan.columns_left_out else "whole"
    if plan.rows_left_out:
        rows = format_count(plan.rows_left_out, "row")
        verb = "has" if plan.rows_left_out == 1 else "have"
        steps.append(f"known = np.flatnonzero(whole[target].is_not_null())  # {rows} {verb} no target\n")
        table, frame = f"{table}.take(known)", f"{frame}.iloc[known]"
    return "".join([*steps, f"table = {table}\nframe = {frame}\n"]) if steps else ""


def _findings(profile: Profile) -> Iterator[NotebookCell]:
    text = profile.findings[:_MOST_FINDINGS]
    remaining = len(profile.findings) - len(text)
    words = [f"{number}. {escape_markdown(item.text)}" for number, item in enumerate(text, 1)]
    words += [f"\n{remaining:,} more stand in `seen.findings`."] if remaining else []
    yield slide("## What deserves attention\n\n" + ("\n".join(words) or "Nothing about the table stands out."))
    yield hidden_code("seen = tn.explore(table, target=target)\nseen")
    if text:
        yield hidden_markdown("The evidence behind each finding.")
        yield hidden_code(
            "pd.Series(\n"
            "    {\n"
            '        (one.code, ", ".join(one.columns), name): value\n'
            "        for one in seen.findings\n        for name, value in one.evidence.items()\n"
            '    },\n    name="evidence",\n    dtype=object,\n).to_frame()'
        )
    yield hidden_markdown("All numbers of each column.")
    yield hidden_code(
        "from tidynet.output.report.explore_text import column_number\n\n"
        "numbers = {\n"
        "    one.name: {name: column_number(one, name) for name in one.numbers} for one in seen.profile.columns\n"
        '}\npd.DataFrame(numbers).fillna("")'
    )


def _single_column_cells(profile: Profile) -> Iterator[NotebookCell]:
    """What each column alone tells about the target."""
    if not profile.target_associations:
        return
    measure = uncertainty_measure_name(profile[profile.target or ""])
    max_count = profile.target_associations[0]
    min_count = len([item for item in profile.target_associations if item.ci_low <= 0])
    text = f"{escape_markdown(max_count.column)} alone tells most: it removes {format_percent(max(max_count.explained_share, 0))} of the target's {measure}."
    if max_count.ci_low <= 0:
        text = "No column alone tells more about it than chance explains."
    elif min_count:
        others = "1 column alone tells" if min_count == 1 else f"{min_count:,} columns alone tell"
        text += f" {others} no more than chance explains."
    yield slide(f"## What each column alone tells about the target\n\n{text}")
    yield code(
        "alone = pd.DataFrame(\n"
        "    [(item.column, item.explained_share, item.ci_low, item.ci_high) for item in seen.profile.target_associations],\n"
        '    columns=["column", "explained_share", "ci_low", "ci_high"],\n'
        ")\n"
        f"shown = alone.head({_MOST_ALONE})[::-1]\n"
        'plt.hlines(shown["column"], shown["ci_low"], shown["ci_high"])\n'
        'plt.plot(shown["explained_share"], shown["column"], "o")\n'
        f'plt.xlabel("explained share of the target\'s {measure} on out-of-fold rows (95% CI)")\nplt.show()'
    )
    yield hidden_code("alone")


def _columns(profile: Profile) -> Iterator[NotebookCell]:
    """The target first, then the columns that tell most about it; the others small and together."""
    order = [
        profile.target or "",
        *(item.column for item in profile.target_associations),
        *(item.name for item in profile.columns),
    ]
    known = {item.name: item for item in profile.columns}
    display_text = [known[name] for name in dict.fromkeys(order) if name in known and column_chart(known[name])]
    for column in display_text[:_MOST_COLUMNS]:
        drawn = column_chart(column)
        yield slide(
            f"### {escape_markdown(column.name)}{' (the target)' if column.name == profile.target else ''}\n\n"
            f"{column.variable_type.capitalize()}: {escape_markdown(describe_column(column))}"
            + (" The axis is logarithmic." if "log_scale" in drawn else "")
        )
        yield code(drawn)
    others = display_text[_MOST_COLUMNS : _MOST_COLUMNS + _MOST_OTHERS]
    if others:
        remaining = len(display_text) - _MOST_COLUMNS - len(others)
        yield hidden_markdown(
            f"### {format_count(len(others), 'more column')}\n\n"
            + escape_markdown(
                ", ".join(item.name for item in others[:_MOST_NAMED]) + (", …" if len(others) > _MOST_NAMED else "")
            )
            + (f"; {remaining:,} are left out." if remaining else ", in small.")
        )
    for first in range(0, len(others), _OTHERS_IN_A_CELL):
        yield hidden_code(small_multiples(others[first : first + _OTHERS_IN_A_CELL]))


def _pair_cells(profile: Profile) -> Iterator[NotebookCell]:
    known = {item.name: item for item in profile.columns}
    quantities = [item.name for item in profile.columns if item.variable_type in QUANTITIES]
    if len(quantities) > 1:
        names = quantities[:_MOST_CORRELATED]
        decimals = 2 if len(names) < 9 else 1
        yield slide(f"## Correlations\n\n{escape_markdown(describe_correlations(names, profile.pairs))}")
        yield code(
            f"quantities = {names!r}\n"
            "correlations = frame[quantities].astype(float).corr()\n"
            f'sns.heatmap(correlations, vmin=-1, vmax=1, cmap="vlag", annot=True, fmt=".{decimals}f")\n'
            "plt.show()"
        )
    display_text: set[frozenset[str]] = set()
    for relation in profile.target_associations[:_MOST_RELATIONS]:
        drawn = pair_chart(known[relation.column], known[profile.target or ""], profile.rows)
        text = describe_target_association(relation)
        text = f"{escape_markdown(text)} " if text else ""
        if relation.ci_low > 0 and drawn:
            yield slide(
                f"### {escape_markdown(relation.column)} and {escape_markdown(profile.target)}\n\n{text}"
                f"Alone {escape_markdown(relation.column)} removes {format_percent(relation.explained_share)} of the target's "
                f"{uncertainty_measure_name(known[profile.target or ''])} "
                f"(95% interval {format_percent(relation.ci_low)} to {format_percent(relation.ci_high)})."
            )
            yield code(drawn)
            display_text.add(frozenset({relation.column, profile.target or ""}))
    for pair in [item for item in profile.pairs if item.association > item.noise_level][:PAIRS_OPEN]:
        drawn = pair_chart(known[pair.x], known[pair.y], profile.rows)
        if drawn and frozenset({pair.x, pair.y}) not in display_text:
            yield slide(
                f"### {escape_markdown(pair.x)} and {escape_markdown(pair.y)}\n\n{escape_markdown(describe_pair(pair))}"
            )
            yield code(drawn)
