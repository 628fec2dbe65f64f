"""Small pictures of one column in two tables, written straight as SVG: shares, so that tables of any size compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tidynet.plot.svg_column import share_of_axis, value_axis
from tidynet.plot.theme import BASE, GRID, INK, MUTED, escaped, shorten
from tidynet.profiling.counts import Bars, Histogram

__all__ = ["shift_svg"]

_WIDTH = 240
_LABELS, _ROW = 94, 22  # room for the names of levels; height of a level's two bars
_TOP, _FOOT, _HEIGHT = 17, 80, 98
_LEVELS = 8


def shift_svg(first: Histogram | Bars, second: Histogram | Bars, name: str) -> str:
    """The first table in grey and the second in colour, as one ``<svg …>`` element.

    Examples
    --------
    >>> shift_svg(Bars(("a", "b"), (3, 1)), Bars(("a", "b"), (1, 3)), "shop")[:53]
    '<svg class="small" viewBox="0 0 240 46" role="img" ar'
    """
    if isinstance(first, Histogram) and isinstance(second, Histogram):
        body, height = list(_histograms(first, second)), _HEIGHT
    else:
        assert isinstance(first, Bars)
        assert isinstance(second, Bars)
        rows = _shares(first, second)
        body, height = list(_bars(rows)), len(rows) * _ROW + 2
    alt = f"First {first.description(name)} Second {second.description(name)}"
    return (
        f'<svg class="small" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escaped(alt)}"'
        f' font-size="11">{"".join(body)}</svg>'
    )


def _histograms(first: Histogram, second: Histogram) -> Iterator[str]:
    """Filled bars for the first, the outline of steps for the second, over one axis."""
    fractions = [[count / max(1, sum(item.counts)) for count in item.counts] for item in (first, second)]
    top = max(max(part, default=0) for part in fractions) or 1.0
    indices = [2 + (_WIDTH - 4) * share_of_axis(first, edge) for edge in first.edges]
    yield (
        f'<path d="M0 {_TOP}H{_WIDTH}" style="stroke:var(--grid,{GRID})"/>'
        f'<text x="0" y="{_TOP - 5}" style="fill:var(--muted,{MUTED})">{100 * top:.3g}% of the rows</text>'
    )
    for remaining, right, before, after, index in zip(
        indices, indices[1:], *fractions, range(len(indices)), strict=False
    ):
        height = (_FOOT - _TOP) * before / top
        yield (
            f"<g><title>{escaped(first.interval(index))}: {before:.1%}, then {after:.1%}</title>"
            f'<rect x="{remaining:.4g}" y="{_FOOT - height:.4g}" width="{max(right - remaining - 0.6, 0.6):.4g}"'
            f' height="{height:.4g}" style="fill:var(--muted,{MUTED});opacity:.45"/></g>'
        )
    steps = [f"M{indices[0]:.4g} {_FOOT}"]
    for right, after in zip(indices[1:], fractions[1], strict=False):
        steps.append(f"V{_FOOT - (_FOOT - _TOP) * after / top:.4g}H{right:.4g}")
    yield (
        f'<path d="{"".join(steps)}V{_FOOT}" style="fill:none;stroke:var(--base,{BASE});stroke-width:2"/>'
        f'<path d="M0 {_FOOT}H{_WIDTH}" style="stroke:var(--muted,{MUTED})"/>'
    )
    # The labels reach as far as both tables do.
    yield from value_axis(replace(first, low=min(first.low, second.low), high=max(first.high, second.high)))


def _shares(first: Bars, second: Bars) -> list[tuple[str, float, float]]:
    """The levels whose shares differ most, in the order of the bars, with their shares in both tables."""
    counts = [dict(zip(item.categories, item.counts, strict=True)) for item in (first, second)]
    rows = [max(1, first.rows), max(1, second.rows)]
    levels = list(dict.fromkeys((*first.categories, *second.categories)))
    text = [(level, counts[0].get(level, 0) / rows[0], counts[1].get(level, 0) / rows[1]) for level in levels]
    kept = sorted(text, key=lambda item: -abs(item[1] - item[2]))[:_LEVELS]
    return [item for item in text if item in kept]


def _bars(rows: list[tuple[str, float, float]]) -> Iterator[str]:
    top = max((max(before, after) for _, before, after in rows), default=0) or 1.0
    room = _WIDTH - _LABELS - 42
    for index, (level, before, after) in enumerate(rows):
        y = index * _ROW + 2
        lengths = [max(0.75, room * fraction / top) for fraction in (before, after)]
        yield (
            f"<g><title>{escaped(shorten(level, 120))}: {before:.1%}, then {after:.1%}</title>"
            f'<text x="{_LABELS - 5}" y="{y + 13}" text-anchor="end" style="fill:var(--ink,{INK})">'
            f"{escaped(shorten(level, 13) or '(empty)')}</text>"
            f'<rect x="{_LABELS}" y="{y + 1}" width="{lengths[0]:.4g}" height="8"'
            f' style="fill:var(--muted,{MUTED});opacity:.45"/>'
            f'<rect x="{_LABELS}" y="{y + 10}" width="{lengths[1]:.4g}" height="8" style="fill:var(--base,{BASE})"/>'
            f'<text x="{_LABELS + lengths[1] + 4:.4g}" y="{y + 18}" style="fill:var(--muted,{MUTED})">'
            f"{after:.1%}</text></g>"
        )
