"""Names of columns, also those that are no text: numbers, tuples, or both kinds mixed."""

from __future__ import annotations

from typing import Any

__all__ = ["are_default_names", "column_labels"]


def column_labels(names: list[Any]) -> tuple[str, ...] | None:
    """The names as text; None where they say nothing: repeated, or the numbers from 0 in order."""
    labels = tuple(" ".join(str(part) for part in name) if isinstance(name, tuple) else str(name) for name in names)
    if len(set(labels)) < len(labels) or names == list(range(len(names))):
        return None
    return labels


def are_default_names(columns: tuple[str, ...]) -> bool:
    """Whether the columns of a model are numbered because they had no names in training."""
    return all(name in (f"x{index}", str(index)) for index, name in enumerate(columns))
