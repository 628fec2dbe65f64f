"""How a notebook gets its table and its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NotebookSpec:
    """How the notebook gets its table and its model."""

    source: str
    target: str
    read_options: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    train_options: Mapping[str, Any] = field(default_factory=dict)
    excluded_columns: tuple[str, ...] = ()
    n_rows_without_target: int = 0
    evaluation_options: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""

    @property
    def full_table_name(self) -> str:
        """The variable with the table as it was read, which training and test are given."""
        return "full_table" if self.excluded_columns or self.n_rows_without_target else "table"
