"""The order of categories that the user chose; categories without a place in it are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.plot.variables import CategoricalVariable
from tidynet.profiling.axis_scales import natural_labels

LEFT_OUT = -2  # the code of rows whose category has no place in the order
MAX_ORDERED = 10_000  # categories of a column that the user orders

Orders = Mapping[str, Sequence[Any]]


def order_variable(variable: CategoricalVariable, orders: Orders) -> CategoricalVariable:
    """A categorical variable in the order given for its column."""
    order = order_of(variable.name, orders)
    if order is None:
        return variable
    labels = [_label(category, variable) for category in order]
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise InputError(f"the order of '{variable.name}' names '{twice}' twice, expected once", "remove one of them")
    new_code = np.full(len(variable.labels) + 2, LEFT_OUT)
    new_code[[variable.labels.index(label) for label in labels]] = range(len(labels))
    new_code[-1] = -1  # missing stays missing
    others = variable.labels[-1] if variable.others else None
    codes = np.where(variable.codes == LEFT_OUT, LEFT_OUT, new_code[variable.codes])
    has_others = others is not None and labels[-1] == others
    return replace(variable, codes=codes, labels=tuple(labels), others=variable.others if has_others else 0)


def order_of(name: str, orders: Orders) -> Sequence[Any] | None:
    """The order given for a column; a grouped number has its unit behind its name."""
    return next((order for column, order in orders.items() if name == column or name.startswith(f"{column} (")), None)


def _label(category: Any, variable: CategoricalVariable) -> str:
    texts = [str(category), str(category).lower(), "(empty)" if category == "" else ""]
    if isinstance(category, int | float) and not isinstance(category, bool):
        texts += natural_labels([category])
    found = next((text for text in texts if text in variable.labels), None)
    if found is None:
        raise InputError(
            f"the order of '{variable.name}' names '{category}', expected one of {join_names(variable.labels, 12)}",
            did_you_mean(str(category), variable.labels) or "remove it",
        )
    return found
