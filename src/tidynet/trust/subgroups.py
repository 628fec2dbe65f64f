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
one weak spot is told once.

Source: Y. Chung and others, Slice Finder: automated data slicing for model validation, ICDE (2019).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from tidynet.look.attention.words import number, percent, rows_word
from tidynet.trust.cells import Cells, cells_of
from tidynet.trust.held_out import HeldOut, predicted, recombined

__all__ = ["Subgroup", "Subgroups", "weak_subgroups"]

Values = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# One table in a hundred without a weak spot may have one named.
ALPHA = 0.01
_MARGIN = 1.1  # times the loss of the others: a difference that nobody would feel is none
_LEAST_ROWS = 20
_MOST_ROWS = 20_000
_MOST_CELLS = 200
_MOST_NAMED = 5
_ALIKE, _ROWS_ALIKE = 10, 30  # groups of rows with like predictions, and the fewest rows in one
_MOVED_ROWS, _MOVES = 150, 8  # rows of a subgroup, and how often each is moved out of it
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
        Chance of as much in a subgroup that is no worse, times the subgroups looked at.
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
        if not self.found:
            return (
                f"No subgroup is predicted worse than the others beyond chance ({self.looked_at:,} looked at, "
                f"{rows_word(self.rows)}).",
            )
        return tuple(self._said(one) for one in self.found)

    def _said(self, one: Subgroup) -> str:
        start = f"Where {one.where} ({rows_word(one.rows)}), "
        if self.measure == "Brier score":
            said = f"{percent(one.score)} are predicted right, elsewhere {percent(one.score_elsewhere)}; "
            said += f"the Brier score is {one.loss:.3f}, elsewhere {one.elsewhere:.3f}"
        else:
            said = f"the mean absolute error is {number(one.loss)}; rows with like predictions elsewhere "
            said += f"have {number(one.elsewhere)}"
        return f"{start}{said} (p {_chance(one.p)}, corrected for {self.looked_at:,} subgroups)."

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
    columns = _strongest(columns, _fair_losses(held))
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
    return sum(int((rows >= least).sum()) for _, _, rows, _, _ in _crossed(columns, ones, everything))


def _crossed(
    columns: Sequence[Cells], losses: Values, active: Mask
) -> Iterator[tuple[int, int, Values, Values, Values]]:
    """For each column, and each pair of columns: rows, sums of losses and of their squares in each cell of both.

    The tables have a line for each cell of the first column and one column for each cell of the second,
    which is the first column itself, as one cell, where the subgroups are those of one column alone.
    """
    codes = [one.codes[active] + 1 for one in columns]
    sizes = [len(one.labels) + 1 for one in columns]
    ours = losses[active]
    squares = ours**2
    for first, second in combinations_with_replacement(range(len(columns)), 2):
        alone = first == second
        joint = codes[first] if alone else codes[first] * sizes[second] + codes[second]
        shape = (sizes[first], 1) if alone else (sizes[first], sizes[second])
        start = 0 if alone else 1  # rows in no cell are counted at place 0
        tables = [np.bincount(joint, weights, shape[0] * shape[1]) for weights in (None, ours, squares)]
        rows, sums, seconds = (table.reshape(shape)[1:, start:].astype(np.float64) for table in tables)
        yield first, second, rows, sums, seconds


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
    losses = _fair_losses(held)
    for chosen, chance in _higher_losses(columns, losses, active, least, ALPHA / tests)[:_TRIED]:
        inside = active & np.all([columns[place].codes == code for place, code in chosen], axis=0)
        cells = _joint([columns[place].codes for place, _ in chosen])
        ours, theirs, doubt = _explained(held, cells, inside, active)
        if doubt * tests > ALPHA:
            continue
        if held.classes:
            doubt = max(doubt, _expected_elsewhere(held, [columns[place].name for place, _ in chosen], inside, active))
            if doubt * tests > ALPHA:
                continue
        outside = active & ~inside
        score = _plain_score(held)
        labels = tuple(columns[place].labels[code] for place, code in chosen)
        return Subgroup(
            conditions=labels,
            columns=tuple(columns[place].name for place, _ in chosen),
            rows=int(inside.sum()),
            loss=float(held.bounded_losses[inside].mean()),
            elsewhere=_elsewhere(held, inside, outside),
            score=float(score[inside].mean()),
            score_elsewhere=float(score[outside].mean()),
            explained=ours,
            explained_elsewhere=theirs,
            p=float(min(1.0, max(chance, doubt) * tests)),
        ), inside
    return None


def _higher_losses(
    columns: Sequence[Cells], losses: Values, active: Mask, least: int, enough: float
) -> list[tuple[tuple[tuple[int, int], ...], float]]:
    """Subgroups whose loss is higher beyond chance, as (column, cell) once or twice, and the chance; surest first."""
    total, total_squares, n = losses[active].sum(), (losses[active] ** 2).sum(), int(active.sum())
    found: list[tuple[float, float, tuple[tuple[int, int], ...]]] = []
    for first, second, rows, sums, squares in _crossed(columns, losses, active):
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, other = sums / rows, (total - sums) / (n - rows)
            spread = (squares / rows - mean**2) * rows / (rows - 1)
            other_spread = ((total_squares - squares) / (n - rows) - other**2) * (n - rows) / (n - rows - 1)
            error = np.sqrt(np.maximum(spread, 0) / rows + _MARGIN**2 * np.maximum(other_spread, 0) / (n - rows))
            distance = (mean - _MARGIN * other) / error
            fit = (rows >= least) & (n - rows >= least) & np.isfinite(distance) & (distance > 0)
        chance = stats.t.sf(distance[fit], rows[fit] - 1)
        for one, two, far, by_chance in zip(*np.nonzero(fit), distance[fit], chance, strict=True):
            if by_chance <= enough:
                cells = ((first, int(one)),) if first == second else ((first, int(one)), (second, int(two)))
                found.append((float(by_chance), -float(far), cells))
    return [(cells, by_chance) for by_chance, _, cells in sorted(found)]


def _joint(codes: Sequence[Codes]) -> Codes:
    """Cells of one or two columns crossed, from 0; rows in no cell are a cell of their own."""
    crossed = np.zeros(len(codes[0]), np.int64)
    for one in codes:
        crossed = crossed * (one.max() + 2) + one + 1
    return np.unique(crossed, return_inverse=True)[1]


def _explained(held: HeldOut, cells: Codes, inside: Mask, active: Mask) -> tuple[float, float, float]:
    """Shares explained in the subgroup and in its neighbours, and the chance that the former is no lower."""
    losses, own = _fair_losses(held), _own_loss(held, cells, active)
    counted = active & np.isfinite(own)
    neighbours = counted & ~inside
    inside = counted & inside
    if min(int(inside.sum()), int(neighbours.sum())) < 2 or not own[neighbours].sum() > 0:
        return float("nan"), float("nan"), 1.0
    left = float(losses[neighbours].sum() / own[neighbours].sum())
    excess = losses - left * own
    ours, theirs = excess[inside], excess[neighbours]
    share = own[inside].mean() / own[neighbours].mean()
    error = np.sqrt(ours.var(ddof=1) / len(ours) + share**2 * theirs.var(ddof=1) / len(theirs))
    doubt = float(stats.t.sf(ours.mean() / error, len(ours) - 1)) if error > 0 else float(ours.mean() <= 0)
    explained = 1 - float(losses[inside].sum() / own[inside].sum()) if own[inside].sum() > 0 else float("nan")
    return explained, 1 - left, doubt


def _expected_elsewhere(held: HeldOut, names: Sequence[str], inside: Mask, active: Mask) -> float:
    """The chance that rows of a subgroup lose no more than they would be expected to outside it.

    Some of its rows are given the columns' values of rows outside, several times each. If what else is known
    of them leaves the class open without these columns, their mean probabilities p̄ are undecided, and so is
    the loss 1 − Σ p̄² that is expected: such rows lie between the classes, and it is not the subgroup that fails.
    """
    random = np.random.default_rng(0)
    rows, others = np.flatnonzero(inside), np.flatnonzero(active & ~inside)
    if len(rows) > _MOVED_ROWS:
        rows = random.choice(rows, _MOVED_ROWS, replace=False)
    drawn = random.choice(others, _MOVES * len(rows))
    moved = recombined(held.features, np.tile(rows, _MOVES), dict.fromkeys(names, drawn))
    mean = predicted(held.model, moved).reshape(_MOVES, len(rows), -1).mean(axis=0)
    expected = 1 - (mean**2).sum(axis=1)
    ours = held.bounded_losses[inside]
    error = np.sqrt(ours.var(ddof=1) / len(ours) + _MARGIN**2 * expected.var(ddof=1) / len(expected))
    distance = (ours.mean() - _MARGIN * expected.mean()) / error if error > 0 else 0.0
    return float(stats.t.sf(distance, min(len(ours), len(expected)) - 1))


def _own_loss(held: HeldOut, cells: Codes, active: Mask) -> Values:
    """Each row's loss if its cell's class shares, or median, were predicted; NaN in cells of under five rows."""
    own = np.full(held.height, np.nan)
    rows = np.flatnonzero(active)
    order = rows[np.argsort(cells[rows], kind="stable")]
    borders = np.flatnonzero(np.diff(cells[order])) + 1
    for cell in np.split(order, borders):
        if len(cell) < 5:
            continue
        if held.classes:
            shares = np.bincount(held.truth[cell], minlength=len(held.classes)) / len(cell)
            own[cell] = (shares**2).sum() + 1 - 2 * shares[held.truth[cell]]
        else:
            own[cell] = np.abs(held.truth[cell] - np.median(held.truth[cell]))
        own[cell] *= len(cell) / (len(cell) - 1)  # fitted on the rows themselves
    return own if held.classes else own / _usual(held, np.ones(held.height, np.bool_))


def _fair_losses(held: HeldOut) -> Values:
    """Brier scores, or absolute errors in terms of what is usual for such a prediction."""
    everything = np.ones(held.height, np.bool_)
    return held.bounded_losses if held.classes else held.bounded_losses / _usual(held, everything)


def _usual(held: HeldOut, among: Mask) -> Values:
    """For each row the mean absolute error of the rows among these with like predictions."""
    outputs, losses = held.outputs[:, 0], held.bounded_losses
    groups = max(1, min(_ALIKE, int(among.sum()) // _ROWS_ALIKE))
    edges = np.unique(np.quantile(outputs[among], np.linspace(0, 1, groups + 1)[1:-1]))
    alike = np.searchsorted(edges, outputs, side="left")
    rows = np.bincount(alike[among], minlength=len(edges) + 1)
    sums = np.bincount(alike[among], losses[among], minlength=len(edges) + 1)
    mean = losses[among].mean()
    # A floor, so that rows which happen to be predicted to the last digit do not count without end.
    usual = np.maximum(np.where(rows > 0, sums / np.maximum(rows, 1), mean), 0.01 * mean)
    return np.asarray(usual[alike]) if mean > 0 else np.ones(held.height)


def _elsewhere(held: HeldOut, inside: Mask, outside: Mask) -> float:
    """The mean loss outside; of absolute errors that of rows with like predictions."""
    if held.classes:
        return float(held.bounded_losses[outside].mean())
    return float(_usual(held, outside)[inside].mean())


def _plain_score(held: HeldOut) -> Values:
    """Whether each row is predicted right, or by how much it is off."""
    if held.classes:
        return (held.outputs.argmax(axis=1) == held.truth).astype(np.float64)
    return np.abs(held.truth - held.outputs[:, 0])


def _chance(p: float) -> str:
    return "under 0.001" if p < 0.001 else f"{p:.3f}"
