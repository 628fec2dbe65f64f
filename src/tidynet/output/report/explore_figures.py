"""The pictures of a profile as files, drawn from its counts alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tidynet.core.errors import FileReadError, InputError
from tidynet.profiling.counts import Bars
from tidynet.profiling.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

    from tidynet.profiling.compare import TableComparison

__all__ = ["write_figures", "write_shift_figures"]

_FORMS = ("svg", "png")
_DOTS_PER_INCH = 200


def write_figures(profile: Profile, folder: str | Path, *, form: str = "svg") -> list[Path]:
    """Write a picture of each column and of each pair whose counts the profile holds."""
    if form not in _FORMS:
        raise InputError(f"the format of the pictures is '{form}', expected 'svg' or 'png'")
    index = Path(folder)
    written = []
    try:
        index.mkdir(parents=True, exist_ok=True)
        for name, figure, alt in _figures(profile):
            path = index / f"{name}.{form}"
            _write(figure, path, alt)
            written.append(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(
            f"the pictures cannot be written to '{index}' ({reason})", "choose another folder"
        ) from error
    return written


def write_shift_figures(comparison: TableComparison, folder: str | Path, *, form: str = "svg") -> list[Path]:
    """Write a picture of each column of two tables, as SVG that stands alone."""
    from tidynet.plot.svg_shift import shift_svg
    from tidynet.plot.theme import css

    if form != "svg":
        raise InputError(f"the format of the pictures is '{form}', expected 'svg' for two tables", "leave it out")
    index, written = Path(folder), []
    width = len(str(len(comparison.shifts)))
    head = '<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui,sans-serif" '
    try:
        index.mkdir(parents=True, exist_ok=True)
        for number, shift in enumerate(comparison.shifts, 1):
            if shift.chart_counts is not None:
                first, second = shift.chart_counts
                text = shift_svg(first, second, shift.column).replace("<svg ", head, 1)
                style = f"<style>{css()}svg{{background:var(--paper)}}</style>"
                path = index / f"shift-{number:0{width}}-{_file_name(shift.column)}.svg"
                path.write_bytes(text.replace(">", f">{style}", 1).encode())
                written.append(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(
            f"the pictures cannot be written to '{index}' ({reason})", "choose another folder"
        ) from error
    return written


def _figures(profile: Profile) -> Iterator[tuple[str, Figure, str]]:
    from tidynet.plot.draw_plot import pair_picture
    from tidynet.plot.single_column import bars, histogram

    width = len(str(len(profile.columns)))
    for number, column in enumerate(profile.columns, 1):
        counts, name = column.chart_counts, column.name
        if counts is not None:
            figure = bars(counts, name) if isinstance(counts, Bars) else histogram(counts, name)
            yield f"column-{number:0{width}}-{_file_name(name)}", figure, counts.description(name)
    width = len(str(len(profile.pairs)))
    for number, pair in enumerate(profile.pairs, 1):
        if pair.chart_counts is not None:
            name = f"{_file_name(pair.x)}-{_file_name(pair.y)}"
            yield (
                f"pair-{number:0{width}}-{name}",
                pair_picture(pair.chart_counts, pair.x, pair.y),
                f"{pair.y} by {pair.x}",
            )


def _write(figure: Figure, path: Path, alt: str) -> None:
    from tidynet.plot.theme import write_svg

    if path.suffix == ".svg":
        write_svg(figure, path, alt=alt)
    else:
        figure.savefig(path, dpi=_DOTS_PER_INCH, metadata={"Description": alt})


def _file_name(name: str) -> str:
    r"""A column's name as part of a file's: letters and digits of any script, at most 40.

    Examples
    --------
    >>> _file_name("price in $/kg"), _file_name("../..")
    ('price-in-kg', 'unnamed')
    """
    return re.sub(r"\W+", "-", name).strip("-")[:40] or "unnamed"
