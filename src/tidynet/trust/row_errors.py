"""The largest single errors on the test rows, with the rows themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tidynet.look.attention.words import number, percent, quoted
from tidynet.trust.held_out import HeldOut
from tidynet.trust.wording import MOST_IN_FULL, plain

__all__ = ["RowError", "largest_errors", "shown"]

Plain = str | int | float | bool | None

_FIRST_YEAR, _LAST_YEAR = 1000, 2200


@dataclass(frozen=True)
class RowError:
    """A test row and how far its prediction was off; plain data.

    Parameters
    ----------
    row : int
        Its number in the table, from 1.
    truth, prediction : str or number
    probability : float or None
        Of the true class; None for a number.
    loss : float
        −ln of that probability, or (y − ŷ)².
    values : dict of str to value
        The row's columns.
    """

    row: int
    truth: Plain
    prediction: Plain
    probability: float | None
    loss: float
    values: dict[str, Plain]

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        if self.probability is None:
            return f"Row {self.row:,} is {_said(self.truth)}, predicted {_said(self.prediction)}."
        said = f"Row {self.row:,} is {quoted(self.truth)}, to which the network gave {percent(self.probability)}"
        return said + ("." if self.truth == self.prediction else f"; it said {quoted(self.prediction)}.")

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> RowError:
        """The error that `to_dict` took apart."""
        return cls(**facts)


def largest_errors(held: HeldOut, count: int = 10) -> tuple[RowError, ...]:
    """The test rows with the highest loss, highest first.

    Parameters
    ----------
    held : HeldOut
    count : int

    Returns
    -------
    tuple of RowError

    Examples
    --------
    >>> import polars as pl
    >>> from tidynet.trust.held_out import held_out
    >>> class Zero:
    ...     def predict(self, frame):
    ...         return np.zeros(frame.height)
    >>> held = held_out(Zero(), pl.DataFrame({"x": [1, 2]}), [0.5, 3.0], "y")
    >>> largest_errors(held, 1)[0].sentence
    'Row 2 is 3, predicted 0.'
    """
    losses = held.losses
    worst = np.lexsort((np.arange(held.height), -losses))[:count]
    rows = held.features[worst].to_dicts()
    found = []
    for place, values in zip(worst.tolist(), rows, strict=True):
        outputs = held.outputs[place]
        kept = {name: _plain(value) for name, value in values.items()}
        if held.classes:
            true = int(held.truth[place])
            truth, said = _plain(held.classes[true]), _plain(held.classes[int(outputs.argmax())])
            probability: float | None = float(outputs[true])
        else:
            truth, said, probability = float(held.truth[place]), float(outputs[0]), None
        row = int(held.rows[place]) + 1
        found.append(RowError(row, truth, said, probability, float(losses[place]), kept))
    return tuple(found)


def shown(values: Sequence[Plain]) -> list[str]:
    """Values of a column for a table: numbers in few digits, whole ones in thousands unless all may be years.

    Examples
    --------
    >>> shown([2007, 1998]), shown([6984, 0.123456, None, "Oslo"])
    (['2007', '1998'], ['6,984', '0.1235', 'missing', 'Oslo'])
    """
    known = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    # A year is written without a comma.
    if all(_FIRST_YEAR <= value <= _LAST_YEAR for value in known):
        return [str(value) if isinstance(value, int) else _shown(value) for value in values]
    return [_shown(value) for value in values]


def _shown(value: Plain) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "missing"
    if isinstance(value, int | float) and abs(value) >= MOST_IN_FULL:
        return plain(value, 0)
    if isinstance(value, float):
        whole = value == round(value) or abs(value) >= 1000
        return (f"{value:,.0f}" if whole else f"{value:.4g}").replace("-", "−", 1)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace("-", "−")
    return str(value)


def _said(value: Plain) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return plain(value, 0) if abs(value) >= MOST_IN_FULL else number(float(value))


def _plain(value: object) -> Plain:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
