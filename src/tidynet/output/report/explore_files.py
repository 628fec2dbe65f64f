"""The output files of an exploration: their paths, checked before any work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tidynet.core.errors import FileReadError, InputError, check_folder, check_overwrite


class Saveable(Protocol):
    """An exploration or a comparison."""

    def save(self, path: Path) -> Path:
        """Write a report or JSON, by the suffix."""

    def save_pictures(self, folder: Path, *, figure_format: str) -> list[Path]:
        """Write every figure."""


@dataclass(frozen=True)
class OutputPaths:
    """The paths of the output files, checked before any work."""

    report: Path
    json: Path | None = None
    figures_folder: Path | None = None
    figure_format: str = "svg"

    @classmethod
    def check_paths(
        cls,
        *sources: str,
        report: Path | None = None,
        json: Path | None = None,
        figures_folder: Path | None = None,
        figure_format: str = "svg",
        force: bool = False,
    ) -> OutputPaths:
        """The paths for these tables; raises where one cannot be written."""
        from tidynet.table.formats import stem

        names = ["stdin" if source == "-" else stem(Path(source)) for source in sources]
        path = report or Path(f"{'-'.join(names)}-explore.html".replace("/", "_"))
        for file, option, suffixes in ((path, "--out", (".html", ".htm")), (json, "--json", (".json",))):
            if file is not None:
                check_file(file, option, suffixes, force)
        if figures_folder is not None and figures_folder.exists() and not figures_folder.is_dir():
            raise FileReadError(f"'{figures_folder}' is a file, expected a folder", "choose another with --figures")
        return cls(path, json, figures_folder, figure_format)

    def write(self, exploration: Saveable) -> Iterator[tuple[Path, int]]:
        """Write the files; yields each with its size in bytes."""
        for path in (self.report, self.json):
            if path is not None:
                yield exploration.save(path), path.stat().st_size
        if self.figures_folder is not None:
            files = exploration.save_pictures(self.figures_folder, figure_format=self.figure_format)
            yield self.figures_folder, sum(file.stat().st_size for file in files)


def check_file(path: Path, option: str, suffixes: tuple[str, ...], force: bool) -> None:
    """Raise for another suffix, an existing file, or a file that cannot be written."""
    if path.suffix.lower() not in suffixes:
        raise InputError(f"{option} is '{path}', expected a name with the suffix {suffixes[0]}")
    if path.is_dir():
        raise FileReadError(f"'{path}' is a folder, expected a file", f"choose another name with {option}")
    check_overwrite(path, force, option)
    check_folder(path, option)
