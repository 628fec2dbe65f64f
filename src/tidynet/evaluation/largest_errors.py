"""The largest single errors on the test rows, with the rows themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tidynet.core.text import SCIENTIFIC_FROM, format_number, format_percent, format_value, quote
from tidynet.evaluation.evaluation_data import EvaluationData

__all__ = ["RowError", "displayed_columns", "largest_errors"]

Plain = str | int | float | bool | None

_FIRST_YEAR, _LAST_YEAR = 1000, 2200


@dataclass(frozen=True)
class RowError:
    """A test row and how far its prediction was off; plain data."""

    row: int
    y_true: Plain
    prediction: Plain
    probability: float | None
    loss: float
    values: dict[str, Plain]

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        if self.probability is None:
            return (
                f"Row {self.row:,} is {_prediction_text(self.y_true)}, predicted {_prediction_text(self.prediction)}."
            )
        text = f"Row {self.row:,} is {quote(self.y_true)}, to which the network gave {format_percent(self.probability)}"
        return text + ("." if self.y_true == self.prediction else f"; it said {quote(self.prediction)}.")

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> RowError:
        """The error that `to_dict` took apart."""
        return cls(**facts)


def largest_errors(test_data: EvaluationData, count: int = 10) -> tuple[RowError, ...]:
    """The test rows with the highest loss, highest first.

    Examples
    --------
    >>> import polars as pl
    >>> from tidynet.evaluation.evaluation_data import held_out
    >>> class Zero:
    ...     def predict(self, frame):
    ...         return np.zeros(frame.height)
    >>> held = held_out(Zero(), pl.DataFrame({"x": [1, 2]}), [0.5, 3.0], "y")
    >>> largest_errors(held, 1)[0].sentence
    'Row 2 is 3, predicted 0.'
    """
    losses = test_data.losses
    worst = np.lexsort((np.arange(test_data.height), -losses))[:count]
    rows = test_data.features[worst].to_dicts()
    result = []
    for index, values in zip(worst.tolist(), rows, strict=True):
        outputs = test_data.y_pred[index]
        kept = {name: _plain(value) for name, value in values.items()}
        if test_data.classes:
            true = int(test_data.y_true[index])
            y_true, text = _plain(test_data.classes[true]), _plain(test_data.classes[int(outputs.argmax())])
            probability: float | None = float(outputs[true])
        else:
            y_true, text, probability = float(test_data.y_true[index]), float(outputs[0]), None
        row = int(test_data.rows[index]) + 1
        result.append(RowError(row, y_true, text, probability, float(losses[index]), kept))
    return tuple(result)


def displayed_columns(values: Sequence[Plain]) -> list[str]:
    """Values of a column for a table: numbers in few digits, whole ones in thousands unless all may be years.

    Examples
    --------
    >>> displayed_columns([2007, 1998]), displayed_columns([6984, 0.123456, None, "Oslo"])
    (['2007', '1998'], ['6,984', '0.1235', 'missing', 'Oslo'])
    """
    known = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    # A year is written without a comma.
    if all(_FIRST_YEAR <= value <= _LAST_YEAR for value in known):
        return [str(value) if isinstance(value, int) else _format_value(value) for value in values]
    return [_format_value(value) for value in values]


def _format_value(value: Plain) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "missing"
    if isinstance(value, int | float) and abs(value) >= SCIENTIFIC_FROM:
        return format_value(value, 0)
    if isinstance(value, float):
        whole = value == round(value) or abs(value) >= 1000
        return (f"{value:,.0f}" if whole else f"{value:.4g}").replace("-", "−", 1)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace("-", "−")
    return str(value)


def _prediction_text(value: Plain) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return format_value(value, 0) if abs(value) >= SCIENTIFIC_FROM else format_number(float(value))


def _plain(value: object) -> Plain:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
