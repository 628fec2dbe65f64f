"""The files that an exploration leaves: their places, checked before any work is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tidynet.core.errors import FileReadError, InputError, check_folder

__all__ = ["OutputPaths", "check_file"]


class SaveMixin(Protocol):
    """What can be written: an exploration or a comparison."""

    def save(self, path: Path) -> Path:
        """Write a report or JSON, by the ending."""

    def save_pictures(self, folder: Path, *, figure_format: str) -> list[Path]:
        """Write every picture."""


@dataclass(frozen=True)
class OutputPaths:
    """Where the files of an exploration go, checked before any work is done."""

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
        """The places for what comes of these tables; refuses those that cannot be written."""
        from tidynet.table.formats import stem

        names = ["stdin" if source == "-" else stem(Path(source)) for source in sources]
        path = report or Path(f"{'-'.join(names)}-explore.html".replace("/", "_"))
        for file, option, endings in ((path, "--out", (".html", ".htm")), (json, "--json", (".json",))):
            if file is not None:
                check_file(file, option, endings, force)
        if figures_folder is not None and figures_folder.exists() and not figures_folder.is_dir():
            raise FileReadError(f"'{figures_folder}' is a file, expected a folder", "choose another with --figures")
        return cls(path, json, figures_folder, figure_format)

    def write(self, provenance: SaveMixin) -> Iterator[tuple[Path, int]]:
        """Write the files, and give each with its size in bytes."""
        for path in (self.report, self.json):
            if path is not None:
                yield provenance.save(path), path.stat().st_size
        if self.figures_folder is not None:
            files = provenance.save_pictures(self.figures_folder, figure_format=self.figure_format)
            yield self.figures_folder, sum(file.stat().st_size for file in files)


def check_file(path: Path, option: str, endings: tuple[str, ...], force: bool) -> None:
    """Refuse a file whose name has another ending, that is there already, or that cannot be written."""
    if path.suffix.lower() not in endings:
        raise InputError(f"{option} is '{path}', expected a name that ends in {endings[0]}")
    if path.is_dir():
        raise FileReadError(f"'{path}' is a folder, expected a file", f"choose another name with {option}")
    if path.exists() and not force:
        raise FileReadError(
            f"'{path}' is there already", f"replace it with --force, or choose another name with {option}"
        )
    check_folder(path, option)
