"""The datasets that tidynet includes."""

from __future__ import annotations

from pathlib import Path

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names

_FOLDER = Path(__file__).parent / "data"


def dataset_names() -> list[str]:
    """The names of the included datasets."""
    return sorted(file.stem for file in _FOLDER.glob("*.csv"))


def dataset_path(name: str) -> Path:
    """The file of an included dataset."""
    if name not in dataset_names():
        hint = did_you_mean(name, dataset_names()) or f"the datasets are {join_names(dataset_names())}"
        raise InputError(f"there is no included dataset '{name}'", hint)
    return _FOLDER / f"{name}.csv"


def dataset_card(name: str) -> str:
    """The data card of an included dataset in Markdown: source, license, columns, units, citation."""
    return dataset_path(name).with_suffix(".md").read_text(encoding="utf-8")
