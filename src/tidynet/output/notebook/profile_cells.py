"""The cells on the table: reading, findings, each column, pairs of columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tidynet.core.notebook_cell import (
    NotebookCell,
    code,
    escape_markdown,
    hidden_code,
    hidden_markdown,
    markdown_list,
    slide,
)
from tidynet.core.text import format_percent, pluralize
from tidynet.output.notebook.chart_code import NUMERIC, column_chart, pair_chart, small_multiples
from tidynet.output.notebook.notebook_spec import NotebookSpec
from tidynet.output.report.explore_text import (
    describe_column,
    describe_correlations,
    describe_pair,
    describe_target_association,
    summary_lines,
    uncertainty_measure_name,
)
from tidynet.output.report.profile_sections import N_OPEN_PAIRS

if TYPE_CHECKING:
    from tidynet.profiling.profile import Profile, TargetAssociation

_MAX_COLUMNS, _MAX_ASSOCIATIONS, _MAX_FINDINGS, _MAX_CORRELATED = 8, 4, 8, 12
_MAX_NAMED = 12
_MAX_SMALL_CHARTS, _SMALL_CHARTS_PER_CELL, _MAX_BARS = 180, 36, 20


def profile_cells(spec: NotebookSpec, profile: Profile) -> Iterator[NotebookCell]:
    """The table and its profile."""
    yield from _reading(spec, profile)
    yield from _findings(profile)
    yield from _associations(profile)
    yield from _columns(profile)
    yield from _correlations(profile)
    yield from _pairs(profile)


def _reading(spec: NotebookSpec, profile: Profile) -> Iterator[NotebookCell]:
    options = "".join(f", {name}={value!r}" for name, value in spec.read_options.items())
    yield slide(f"## Data\n\n{markdown_list(summary_lines(profile))}")
    read = f"target = {spec.target!r}\n{spec.full_table_name} = tn.read({spec.source!r}{options})\n"
    yield code(read + (_exclusion_code(spec) or "frame = table.to_pandas()\n") + "frame.head()")
    yield hidden_markdown("The variable type of each column, its reason, and the missing values.")
    yield hidden_code(
        "pd.DataFrame(\n"
        "    [\n"
        "        (name, inferred.variable_type.value, inferred.reason, table.missing[name])\n"
        "        for name, inferred in table.inferred_types.items()\n"
        "    ],\n"
        '    columns=["column", "type", "reason", "missing"],\n'
        ').set_index("column")'
    )
    yield hidden_markdown("Statistics by pandas.")
    yield hidden_code('frame.describe(include="all").T')


def _exclusion_code(spec: NotebookSpec) -> str:
    """Code that drops what the network was not given; rows keep their numbers in the full table."""
    steps, table, frame = [], "full_table", "full_table.to_pandas()"
    if spec.excluded_columns:
        steps.append(f"excluded = {list(spec.excluded_columns)!r}  # not used in training\n")
        table, frame = "full_table.drop(*excluded)", f"{frame}.drop(columns=excluded)"
    if spec.n_rows_without_target:
        rows = pluralize(spec.n_rows_without_target, "row")
        steps.append(f"labeled = np.flatnonzero(full_table[target].is_not_null())  # {rows} without a target dropped\n")
        table, frame = f"{table}.take(labeled)", f"{frame}.iloc[labeled]"
    return "".join([*steps, f"table = {table}\nframe = {frame}\n"]) if steps else ""


def _findings(profile: Profile) -> Iterator[NotebookCell]:
    shown = profile.findings[:_MAX_FINDINGS]
    n_more = len(profile.findings) - len(shown)
    lines = [f"{number}. {escape_markdown(item.text)}" for number, item in enumerate(shown, 1)]
    lines += [f"\n{pluralize(n_more, 'more finding')} in `profile.findings`."] if n_more else []
    yield slide("## Attention\n\n" + ("\n".join(lines) or "No findings."))
    yield hidden_code("exploration = tn.explore(table, target=target)\nprofile = exploration.profile\nexploration")
    if shown:
        yield hidden_markdown("The evidence of each finding.")
        yield hidden_code(
            "pd.Series(\n"
            "    {\n"
            '        (finding.code, ", ".join(finding.columns), name): value\n'
            "        for finding in profile.findings\n        for name, value in finding.evidence.items()\n"
            '    },\n    name="evidence",\n    dtype=object,\n).to_frame()'
        )
    yield hidden_markdown("All statistics of each column.")
    yield hidden_code(
        "from tidynet.output.report.explore_text import format_statistic\n\n"
        "statistics = {\n"
        "    column.name: {name: format_statistic(column, name) for name in column.statistics}\n"
        "    for column in profile.columns\n"
        '}\npd.DataFrame(statistics).fillna("")'
    )


def _associations(profile: Profile) -> Iterator[NotebookCell]:
    """The target's association with each column alone."""
    if not profile.target_associations:
        return
    measure = uncertainty_measure_name(profile[profile.target or ""])
    best = profile.target_associations[0]
    n_insignificant = sum(item.ci_low <= 0 for item in profile.target_associations)
    if best.ci_low <= 0:
        text = "No column alone is significantly associated with the target."
    else:
        text = f"Best single column: {_explained_text(best, measure)}."
        if n_insignificant:
            text += f" Not significant: {pluralize(n_insignificant, 'column')}."
    yield slide(f"## Association with the target\n\n{text}")
    yield code(
        "associations = pd.DataFrame(\n"
        "    [\n"
        "        (item.column, item.explained_share, item.ci_low, item.ci_high)\n"
        "        for item in profile.target_associations\n"
        "    ],\n"
        '    columns=["column", "explained_share", "ci_low", "ci_high"],\n'
        ")\n"
        f"strongest = associations.head({_MAX_BARS})[::-1]\n"
        'plt.hlines(strongest["column"], strongest["ci_low"], strongest["ci_high"])\n'
        'plt.plot(strongest["explained_share"], strongest["column"], "o")\n'
        f'plt.xlabel("explained share of the target\'s {measure} on out-of-fold rows (95% CI)")\nplt.show()'
    )
    yield hidden_code("associations")


def _explained_text(item: TargetAssociation, measure: str) -> str:
    interval = f"{format_percent(max(item.ci_low, 0))} to {format_percent(max(item.ci_high, 0))}"
    explained = format_percent(max(item.explained_share, 0))
    return f"{escape_markdown(item.column)} explains {explained} (95% CI {interval}) of the {measure}"


def _columns(profile: Profile) -> Iterator[NotebookCell]:
    """The target first, then the columns most associated with it; the others as small charts."""
    order = [
        profile.target or "",
        *(item.column for item in profile.target_associations),
        *(item.name for item in profile.columns),
    ]
    known = {item.name: item for item in profile.columns}
    columns = [known[name] for name in dict.fromkeys(order) if name in known and column_chart(known[name])]
    for column in columns[:_MAX_COLUMNS]:
        chart = column_chart(column)
        yield slide(
            f"### {escape_markdown(column.name)}{' (target)' if column.name == profile.target else ''}\n\n"
            f"{column.variable_type.capitalize()}: {escape_markdown(describe_column(column))}"
            + (" Logarithmic axis." if "log_scale" in chart else "")
        )
        yield code(chart)
    others = columns[_MAX_COLUMNS : _MAX_COLUMNS + _MAX_SMALL_CHARTS]
    if others:
        names = ", ".join(item.name for item in others[:_MAX_NAMED]) + (", …" if len(others) > _MAX_NAMED else "")
        n_omitted = len(columns) - _MAX_COLUMNS - len(others)
        omitted = f" {n_omitted:,} omitted." if n_omitted else ""
        yield hidden_markdown(f"### {pluralize(len(others), 'more column')}\n\n{escape_markdown(names)}.{omitted}")
    for first in range(0, len(others), _SMALL_CHARTS_PER_CELL):
        yield hidden_code(small_multiples(others[first : first + _SMALL_CHARTS_PER_CELL]))


def _correlations(profile: Profile) -> Iterator[NotebookCell]:
    numeric = [item.name for item in profile.columns if item.variable_type in NUMERIC]
    if len(numeric) < 2:
        return
    names = numeric[:_MAX_CORRELATED]
    decimals = 2 if len(names) < 9 else 1
    yield slide(f"## Correlations\n\n{escape_markdown(describe_correlations(names, profile.pairs))}")
    yield code(
        f"numeric = {names!r}\n"
        "correlations = frame[numeric].astype(float).corr()\n"
        "largest = correlations.where(~np.eye(len(numeric), dtype=bool)).abs().max().max()\n"
        f'sns.heatmap(correlations, vmin=-largest, vmax=largest, cmap="vlag", annot=True, fmt=".{decimals}f")\n'
        "plt.show()"
    )


def _pairs(profile: Profile) -> Iterator[NotebookCell]:
    """Charts of the columns most associated with the target, then of the strongest other pairs."""
    known, target = {item.name: item for item in profile.columns}, profile.target or ""
    drawn: set[frozenset[str]] = set()
    for item in profile.target_associations[:_MAX_ASSOCIATIONS]:
        chart = pair_chart(known[item.column], known[target], profile.rows)
        if item.ci_low > 0 and chart:
            text = escape_markdown(describe_target_association(item))
            explained = f"{_explained_text(item, uncertainty_measure_name(known[target]))} of the target."
            heading = f"### {escape_markdown(item.column)} and {escape_markdown(target)}"
            yield slide(f"{heading}\n\n{text} {explained}" if text else f"{heading}\n\n{explained}")
            yield code(chart)
            drawn.add(frozenset({item.column, target}))
    significant = [item for item in profile.pairs if item.association > item.noise_level]
    for pair in significant[:N_OPEN_PAIRS]:
        chart = pair_chart(known[pair.x], known[pair.y], profile.rows)
        if chart and frozenset({pair.x, pair.y}) not in drawn:
            heading = f"### {escape_markdown(pair.x)} and {escape_markdown(pair.y)}"
            yield slide(f"{heading}\n\n{escape_markdown(describe_pair(pair))}")
            yield code(chart)
