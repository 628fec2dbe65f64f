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

from tidynet.look.attention.words import number, percent, rows_word
from tidynet.trust.cells import Cells, cells_of
from tidynet.trust.held_out import HeldOut
from tidynet.trust.subgroup_tests import (
    crossed,
    expected_elsewhere,
    explained_less,
    fair_losses,
    higher_losses,
    usual_errors,
)

__all__ = ["Subgroup", "Subgroups", "weak_subgroups"]

Values = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]

# One table in a hundred without a weak spot may have one named.
ALPHA = 0.01
_LEAST_ROWS = 20
_MOST_ROWS = 20_000
_MOST_CELLS = 200
_MOST_NAMED = 5
_TRIED = 50  # subgroups with a higher loss whose share explained is looked at


@dataclass(frozen=True)
class Subgroup:
    """Rows that are predicted worse than the others.

    Parameters
    ----------
    conditions : tuple of str
        One or two, which hold for its rows.
    columns : tuple of str
        The columns that they are about.
    rows : int
    loss, elsewhere : float
        Mean Brier score inside and outside, or mean absolute error inside, and outside for like predictions.
    score, score_elsewhere : float
        Accuracy, or the mean absolute error.
    explained, explained_elsewhere : float
        Share of the loss of predicting its own mean or class shares that the network removes, in the subgroup
        and in its neighbours.
    p : float
        Chance of as much in a subgroup that is no worse, times the subgroups looked at; among the rows that are in
        no subgroup named before.
    unnamed : int, optional
        Its rows that are in no subgroup named before; all of them by default.
    """

    conditions: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int
    loss: float
    elsewhere: float
    score: float
    score_elsewhere: float
    explained: float
    explained_elsewhere: float
    p: float
    unnamed: int | None = None

    @property
    def where(self) -> str:
        """The conditions in words."""
        return " and ".join(self.conditions)


@dataclass(frozen=True)
class Subgroups:
    """Where a network fails; plain data.

    Parameters
    ----------
    measure : "Brier score" | "absolute error"
        What is compared.
    rows : int
        Test rows.
    looked_at : int
        Subgroups that were compared.
    found : tuple of Subgroup
        Weak ones, surest first.
    """

    measure: str
    rows: int
    looked_at: int
    found: tuple[Subgroup, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, one sentence for each subgroup."""
        if not self.looked_at:
            hold = "holds" if self.rows == 1 else "hold"
            return (f"{rows_word(self.rows)} {hold} no subgroup of {_LEAST_ROWS} rows to look at.",)
        if not self.found:
            return (
                f"No subgroup is predicted worse than the others beyond chance ({self.looked_at:,} looked at, "
                f"{rows_word(self.rows)}).",
            )
        return tuple(self._said(one) for one in self.found)

    def _said(self, one: Subgroup) -> str:
        overlaps = one.unnamed is not None and one.unnamed < one.rows
        ours = f", {one.unnamed:,} of them not named above" if overlaps else ""
        start = f"Where {one.where} ({rows_word(one.rows)}{ours}), "
        if self.measure == "Brier score":
            said = f"{percent(one.score)} are predicted right, elsewhere {percent(one.score_elsewhere)}; "
            said += f"the Brier score is {one.loss:.3f}, elsewhere {one.elsewhere:.3f}"
        else:
            said = f"the mean absolute error is {number(one.loss)}; rows with like predictions elsewhere "
            said += f"have {number(one.elsewhere)}"
        among = " among the rows not named above" if self.found.index(one) else ""
        return f"{start}{said} (p {_chance(one.p)}{among}, corrected for {self.looked_at:,} subgroups)."

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Subgroups:
        """The subgroups that `to_dict` took apart."""
        found = tuple(
            Subgroup(**{**one, "conditions": tuple(one["conditions"]), "columns": tuple(one["columns"])})
            for one in facts["found"]
        )
        return cls(**{**facts, "found": found})


def weak_subgroups(held: HeldOut, seed: int = 0) -> Subgroups:
    """Find the subgroups of the test rows that are predicted worse than the others.

    Parameters
    ----------
    held : HeldOut
        All columns are looked at, also those that the model does not use. Of more than 20,000 rows a
        sample.
    seed : int
        Decides the sample.

    Returns
    -------
    Subgroups
    """
    held = held.sample(_MOST_ROWS, seed)
    least = max(_LEAST_ROWS, held.height // 200)
    made = (cells_of(one, held.judgements[one.name], least) for one in held.features.get_columns())
    columns = [cells for cells in made if cells is not None]
    tests = _subgroups_of(columns, least)
    columns = _strongest(columns, fair_losses(held))
    measure = "Brier score" if held.classes else "absolute error"
    active = np.ones(held.height, np.bool_)
    found: list[Subgroup] = []
    while columns and len(found) < _MOST_NAMED:
        named = _worst(held, columns, active, least, tests)
        if named is None:
            break
        subgroup, inside = named
        found.append(subgroup)
        active &= ~inside
    return Subgroups(measure, held.height, tests, tuple(found))


def _subgroups_of(columns: Sequence[Cells], least: int) -> int:
    """How many cells and pairs of cells of different columns hold enough rows to be compared."""
    everything = np.ones(len(columns[0].codes), np.bool_) if columns else np.ones(0, np.bool_)
    ones = everything.astype(np.float64)
    return sum(int((rows >= least).sum()) for _, _, rows, _, _ in crossed(columns, ones, everything))


def _strongest(columns: list[Cells], losses: Values) -> list[Cells]:
    """Of very many columns those whose cells differ most in their loss."""
    if sum(len(one.labels) for one in columns) <= _MOST_CELLS:
        return columns

    def spread(cells: Cells) -> float:
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


def _worst(
    held: HeldOut, columns: Sequence[Cells], active: Mask, least: int, tests: int
) -> tuple[Subgroup, Mask] | None:
    """The subgroup that is surest to be predicted worse than the other active rows."""
    losses = fair_losses(held)
    for chosen, chance in higher_losses(columns, losses, active, least, ALPHA / tests)[:_TRIED]:
        all_inside = np.all([columns[place].codes == code for place, code in chosen], axis=0)
        inside = active & all_inside
        crossing = [columns[place].codes for place, _ in chosen]
        names = tuple(columns[place].name for place, _ in chosen)
        doubt = explained_less(held, crossing, inside, active)[2]
        if doubt * tests > ALPHA:
            continue
        if held.classes:
            doubt = max(doubt, expected_elsewhere(held, names, inside, active))
            if doubt * tests > ALPHA:
                continue
        conditions = tuple(columns[place].labels[code] for place, code in chosen)
        p = float(min(1.0, max(chance, doubt) * tests))
        found = _told(held, conditions, names, crossing, all_inside)
        return replace(found, p=p, unnamed=int(inside.sum())), inside
    return None


def _told(
    held: HeldOut, conditions: tuple[str, ...], names: tuple[str, ...], crossing: Sequence[Codes], inside: Mask
) -> Subgroup:
    """What is told of a subgroup: all its rows beside all others."""
    score, outside = _plain_score(held), ~inside
    ours, theirs, _ = explained_less(held, crossing, inside, np.ones(held.height, np.bool_))
    return Subgroup(
        conditions=conditions,
        columns=names,
        rows=int(inside.sum()),
        loss=float(held.bounded_losses[inside].mean()),
        elsewhere=_elsewhere(held, inside, outside),
        score=float(score[inside].mean()),
        score_elsewhere=float(score[outside].mean()),
        explained=ours,
        explained_elsewhere=theirs,
        p=1.0,
    )


def _elsewhere(held: HeldOut, inside: Mask, outside: Mask) -> float:
    """The mean loss outside; of absolute errors that of rows with like predictions."""
    if held.classes:
        return float(held.bounded_losses[outside].mean())
    return float(usual_errors(held, outside)[inside].mean())


def _plain_score(held: HeldOut) -> Values:
    """Whether each row is predicted right, or by how much it is off."""
    if held.classes:
        return (held.outputs.argmax(axis=1) == held.truth).astype(np.float64)
    return np.abs(held.truth - held.outputs[:, 0])


def _chance(p: float) -> str:
    return "under 0.001" if p < 0.001 else f"{p:.3f}"
