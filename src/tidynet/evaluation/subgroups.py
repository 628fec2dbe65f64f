"""Where a network fails: subgroups of the test rows that are predicted worse than the others.

Every cell of a column (a level, a quarter of a number, a gap) and every pair of cells is compared with the
rows outside it. A subgroup is named only if these hold, each beyond chance after correction for all
subgroups looked at (Bonferroni):

- its loss is higher, by Welch's test on l − 1.1·l̄ of the rows outside;
- the network explains less of what there is to explain in it than in its neighbours, the other cells of the
  same columns: Σ (l − (1 − S)·r) > 0, with r the loss of predicting the cell's own mean or class shares, and
  S = 1 − Σl/Σr over the neighbours;
- of classes, its rows lose more than they would be expected to if the columns had values from outside it.

Without the last two, rows between two classes would be named although nothing is wrong with how they are
predicted.

Losses are Brier scores or absolute errors, since the tests want losses that no single row rules; an absolute
error is divided by the usual one of rows with like predictions, since errors often grow with what is predicted. The
strongest subgroup is named first, its rows are set aside, and the others are tested without them, so that
one weak spot is told once. What is told of a subgroup (rows, scores, losses) counts all its rows against all
others; only p, and which subgroup is next, rest on the rows not named before.

Source: Y. Chung and others, Slice Finder: automated data slicing for model validation, ICDE (2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_number, format_percent, pluralize
from tidynet.evaluation.evaluation_data import EvaluationData
from tidynet.evaluation.slices import Slices, make_slices
from tidynet.evaluation.subgroup_tests import (
    cross_conditions,
    expected_elsewhere,
    expected_losses,
    higher_losses,
    lower_r2,
    typical_errors,
)

__all__ = ["Subgroup", "Subgroups", "weak_subgroups"]

Values = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]

# One table in a hundred without a weak spot may have one named.
ALPHA = 0.01
_LEAST_ROWS = 20
_MAX_ROWS = 20_000
_MOST_CELLS = 200
_MOST_NAMED = 5
_TRIED = 50  # subgroups with a higher loss whose share explained is looked at


@dataclass(frozen=True)
class Subgroup:
    """Rows that are predicted worse than the others."""

    conditions: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int
    loss: float
    loss_elsewhere: float
    score: float
    score_elsewhere: float
    explained: float
    explained_elsewhere: float
    p: float
    unnamed: int | None = None

    @property
    def condition_text(self) -> str:
        """The conditions in words."""
        return " and ".join(self.conditions)


@dataclass(frozen=True)
class Subgroups:
    """Where a network fails; plain data."""

    measure: str
    rows: int
    n_tested: int
    found: tuple[Subgroup, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, one sentence for each subgroup."""
        if not self.n_tested:
            hold = "holds" if self.rows == 1 else "hold"
            return (f"{pluralize(self.rows, 'row')} {hold} no subgroup of {_LEAST_ROWS} rows to look at.",)
        if not self.found:
            return (
                f"No subgroup is predicted worse than the others beyond chance ({self.n_tested:,} looked at, "
                f"{pluralize(self.rows, 'row')}).",
            )
        return tuple(self._said(item) for item in self.found)

    def _said(self, item: Subgroup) -> str:
        overlaps = item.unnamed is not None and item.unnamed < item.rows
        own_values = f", {item.unnamed:,} of them not named above" if overlaps else ""
        start = f"Where {item.condition_text} ({pluralize(item.rows, 'row')}{own_values}), "
        if self.measure == "Brier score":
            text = (
                f"{format_percent(item.score)} are predicted right, elsewhere {format_percent(item.score_elsewhere)}; "
            )
            text += f"the Brier score is {item.loss:.3f}, elsewhere {item.loss_elsewhere:.3f}"
        else:
            text = f"the mean absolute error is {format_number(item.loss)}; rows with like predictions elsewhere "
            text += f"have {format_number(item.loss_elsewhere)}"
        among = " among the rows not named above" if self.found.index(item) else ""
        return f"{start}{text} (p {_permutation_p_value(item.p)}{among}, corrected for {self.n_tested:,} subgroups)."

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Subgroups:
        """The subgroups that `to_dict` took apart."""
        result = tuple(
            Subgroup(**{**item, "conditions": tuple(item["conditions"]), "columns": tuple(item["columns"])})
            for item in facts["found"]
        )
        return cls(**{**facts, "found": result})


def weak_subgroups(test_data: EvaluationData, seed: int = 0) -> Subgroups:
    """Find the subgroups of the test rows that are predicted worse than the others."""
    test_data = test_data.sample(_MAX_ROWS, seed)
    min_rows = max(_LEAST_ROWS, test_data.height // 200)
    made = (
        make_slices(item, test_data.variable_types[item.name], min_rows) for item in test_data.features.get_columns()
    )
    columns = [cells for cells in made if cells is not None]
    tests = _subgroups_of(columns, min_rows)
    columns = _strongest(columns, expected_losses(test_data))
    measure = "Brier score" if test_data.classes else "absolute error"
    active = np.ones(test_data.height, np.bool_)
    result: list[Subgroup] = []
    while columns and len(result) < _MOST_NAMED:
        named = _worst_subgroups(test_data, columns, active, min_rows, tests)
        if named is None:
            break
        subgroup, inside = named
        result.append(subgroup)
        active &= ~inside
    return Subgroups(measure, test_data.height, tests, tuple(result))


def _subgroups_of(columns: Sequence[Slices], min_rows: int) -> int:
    """How many cells and pairs of cells of different columns hold enough rows to be compared."""
    everything = np.ones(len(columns[0].codes), np.bool_) if columns else np.ones(0, np.bool_)
    ones = everything.astype(np.float64)
    return sum(int((rows >= min_rows).sum()) for _, _, rows, _, _ in cross_conditions(columns, ones, everything))


def _strongest(columns: list[Slices], losses: Values) -> list[Slices]:
    """Of very many columns those whose cells differ most in their loss."""
    if sum(len(item.labels) for item in columns) <= _MOST_CELLS:
        return columns

    def spread(cells: Slices) -> float:
        known = cells.codes >= 0
        counts = np.bincount(cells.codes[known], minlength=len(cells.labels))
        sums = np.bincount(cells.codes[known], losses[known], minlength=len(cells.labels))
        return float((((sums / counts) - losses.mean()) * np.sqrt(counts)).max())

    kept, room = [], _MOST_CELLS
    for cells in sorted(columns, key=spread, reverse=True):
        room -= len(cells.labels)
        if room < 0:
            break
        kept.append(cells)
    return kept


def _worst_subgroups(
    test_data: EvaluationData, columns: Sequence[Slices], active: Mask, min_rows: int, tests: int
) -> tuple[Subgroup, Mask] | None:
    """The subgroup that is surest to be predicted worse than the other active rows."""
    losses = expected_losses(test_data)
    for chosen, chance in higher_losses(columns, losses, active, min_rows, ALPHA / tests)[:_TRIED]:
        all_inside = np.all([columns[index].codes == code for index, code in chosen], axis=0)
        inside = active & all_inside
        crossing = [columns[index].codes for index, _ in chosen]
        names = tuple(columns[index].name for index, _ in chosen)
        doubt = lower_r2(test_data, crossing, inside, active)[2]
        if doubt * tests > ALPHA:
            continue
        if test_data.classes:
            doubt = max(doubt, expected_elsewhere(test_data, names, inside, active))
            if doubt * tests > ALPHA:
                continue
        conditions = tuple(columns[index].labels[code] for index, code in chosen)
        p = float(min(1.0, max(chance, doubt) * tests))
        result = _subgroup_text(test_data, conditions, names, crossing, all_inside)
        return replace(result, p=p, unnamed=int(inside.sum())), inside
    return None


def _subgroup_text(
    test_data: EvaluationData,
    conditions: tuple[str, ...],
    names: tuple[str, ...],
    crossing: Sequence[Codes],
    inside: Mask,
) -> Subgroup:
    """What is told of a subgroup: all its rows beside all others."""
    score, outside = _plain_score(test_data), ~inside
    own_values, reference_values, _ = lower_r2(test_data, crossing, inside, np.ones(test_data.height, np.bool_))
    return Subgroup(
        conditions=conditions,
        columns=names,
        rows=int(inside.sum()),
        loss=float(test_data.bounded_losses[inside].mean()),
        loss_elsewhere=_comparison_loss(test_data, inside, outside),
        score=float(score[inside].mean()),
        score_elsewhere=float(score[outside].mean()),
        explained=own_values,
        explained_elsewhere=reference_values,
        p=1.0,
    )


def _comparison_loss(test_data: EvaluationData, inside: Mask, outside: Mask) -> float:
    """The mean loss outside; of absolute errors that of rows with like predictions."""
    if test_data.classes:
        return float(test_data.bounded_losses[outside].mean())
    return float(typical_errors(test_data, outside)[inside].mean())


def _plain_score(test_data: EvaluationData) -> Values:
    """Whether each row is predicted right, or by how much it is off."""
    if test_data.classes:
        return (test_data.y_pred.argmax(axis=1) == test_data.y_true).astype(np.float64)
    return np.abs(test_data.y_true - test_data.y_pred[:, 0])


def _permutation_p_value(p: float) -> str:
    return "under 0.001" if p < 0.001 else f"{p:.3f}"
