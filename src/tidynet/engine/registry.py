"""Look-up of activations, losses, optimizers, schedules and initializers by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names

Row = TypeVar("Row")


def find_row(rows: Mapping[str, Row], name: object, what: str) -> Row:
    """The row of that name; an error suggests the nearest."""
    if isinstance(name, str) and name in rows:
        return rows[name]
    raise InputError(
        f"the {what} {name!r} is unknown", did_you_mean(str(name), rows) or f"known are {join_names(rows, 20)}"
    )
