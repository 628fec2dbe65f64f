"""The figures of a profile or a comparison as files, drawn from counts alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tidynet.core.errors import FileReadError, InputError
from tidynet.profiling.counts import Bars
from tidynet.profiling.profile import Profile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.profiling.compare import TableComparison

_FORMATS = ("svg", "png")
_DOTS_PER_INCH = 200


def write_figures(profile: Profile, folder: str | Path, *, form: str = "svg") -> list[Path]:
    """Write a figure of each column and of each pair whose counts the profile has."""
    if form not in _FORMATS:
        raise InputError(f"the figure format is '{form}', expected 'svg' or 'png'")
    return _write_all(folder, (_figure_file(f"{name}.{form}", figure, alt) for name, figure, alt in _figures(profile)))


def write_shift_figures(comparison: TableComparison, folder: str | Path, *, form: str = "svg") -> list[Path]:
    """Write a figure of each column of two tables, as SVG with its own style."""
    if form != "svg":
        raise InputError(f"the figure format is '{form}', expected 'svg' for two tables", "remove the option")
    return _write_all(folder, _shift_files(comparison))


def _write_all(folder: str | Path, files: Iterator[tuple[str, Callable[[Path], object]]]) -> list[Path]:
    written = []
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, write in files:
            written.append(Path(folder) / name)
            write(written[-1])
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(f"the folder '{folder}' cannot be written ({reason})", "choose another folder") from error
    return written


def _shift_files(comparison: TableComparison) -> Iterator[tuple[str, Callable[[Path], object]]]:
    from tidynet.plot.svg_column import shift_svg
    from tidynet.plot.theme import css

    width = len(str(len(comparison.shifts)))
    head = '<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui,sans-serif" '
    style = f"<style>{css()}svg{{background:var(--paper)}}</style>"
    for number, shift in enumerate(comparison.shifts, 1):
        if shift.chart_counts is not None:
            first, second = shift.chart_counts
            text = shift_svg(first, second, shift.column).replace("<svg ", head, 1).replace(">", f">{style}", 1)
            name = f"shift-{number:0{width}}-{_file_name(shift.column)}.svg"
            yield name, partial(_write_bytes, data=text.encode())


def _write_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _figures(profile: Profile) -> Iterator[tuple[str, Figure, str]]:
    from tidynet.plot.draw_plot import plot_pair
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
            name = f"pair-{number:0{width}}-{_file_name(pair.x)}-{_file_name(pair.y)}"
            yield name, plot_pair(pair.chart_counts, pair.x, pair.y), f"{pair.y} by {pair.x}"


def _figure_file(name: str, figure: Figure, alt: str) -> tuple[str, Callable[[Path], object]]:
    from tidynet.plot.theme import write_svg

    if name.endswith(".svg"):
        return name, lambda path: write_svg(figure, path, alt=alt)
    return name, lambda path: figure.savefig(path, dpi=_DOTS_PER_INCH, metadata={"Description": alt})


def _file_name(name: str) -> str:
    r"""A column's name as part of a file's: letters and digits of any script, at most 40."""
    return re.sub(r"\W+", "-", name).strip("-")[:40] or "unnamed"
