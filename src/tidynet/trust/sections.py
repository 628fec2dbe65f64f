"""The parts of an evaluation beyond the scores: which there are, and how each is read from the test rows.

A part that cannot be told says why in one sentence; the others are told all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.errors import InputError, did_you_mean, listed
from tidynet.look.attention.words import number
from tidynet.trust.row_errors import RowError, shown
from tidynet.trust.section import Section
from tidynet.trust.wording import with_interval

if TYPE_CHECKING:
    import polars as pl

    from tidynet.table.table import Table
    from tidynet.trust.contributions import Contributions
    from tidynet.trust.doubt import Doubt
    from tidynet.trust.held_out import HeldOut
    from tidynet.trust.importance import Importances

__all__ = ["PARTS", "Case", "Heard", "chosen_parts", "read_sections"]

# Called with the title of the part that begins, its number from 0, and how many there are.
Heard = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Case:
    """A model and the labelled rows that it is tested on.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted.
    features : polars DataFrame (n, …)
        Without the target.
    truth : array (n,)
        Labels as the model spells them, or numbers.
    target : str
    outputs : float array (n, k) or (n,)
        Probabilities, or predicted numbers.
    rows : int array (n,)
        The number of each row in the table it came from, from 0.
    seed : int
    table : Table, optional
        All labelled rows in their own order, target included; what the table itself gives away is read from it.
    learnt, tested : int arrays, optional
        Rows of `table` that the model was given, and these rows; without them `table` holds test rows alone.
    at_random : bool
        Whether the test rows were drawn at random.
    """

    model: Any
    features: pl.DataFrame
    truth: npt.NDArray[Any]
    target: str
    outputs: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    seed: int = 0
    table: Table | None = None
    learnt: npt.NDArray[Any] | None = None
    tested: npt.NDArray[Any] | None = None
    at_random: bool = True

    @cached_property
    def held(self) -> HeldOut:
        """The rows of classes that the model knows."""
        from tidynet.trust.held_out import held_out

        return held_out(self.model, self.features, self.truth, self.target, self.rows, self.outputs)

    @cached_property
    def importances(self) -> Importances:
        """What each column is worth to the model on these rows."""
        from tidynet.trust.importance import permutation_importance

        return permutation_importance(self.held, self.seed)

    def doubt(self) -> Doubt:
        """Its doubt, read on these rows."""
        from tidynet.trust.doubt import doubt_of

        return doubt_of(self.model, self.features, self.truth)


def chosen_parts(parts: str | Iterable[str]) -> tuple[str, ...]:
    """The names of parts, in the order that they are read.

    Parameters
    ----------
    parts : "all", "scores" or names of parts
        "scores" for none beyond the scores.

    Raises
    ------
    InputError
        If there is no such part.

    Examples
    --------
    >>> chosen_parts("scores"), chosen_parts("doubt")
    ((), ('doubt',))
    """
    if parts == "all":
        return tuple(PARTS)
    asked = {parts} if isinstance(parts, str) else set(parts)
    for name in sorted(asked - {"scores"} - set(PARTS)):
        near = did_you_mean(name, ["all", "scores", *PARTS])
        raise InputError(f"there is no part '{name}' of an evaluation", near or f"choose of {listed(PARTS)}")
    return tuple(name for name in PARTS if name in asked)


def read_sections(tested: Case, parts: Iterable[str], listen: Heard | None = None) -> tuple[Section, ...]:
    """Read some parts from the test rows.

    Parameters
    ----------
    tested : Case
    parts : names of parts
    listen : callable, optional
        Called as each part begins.

    Returns
    -------
    tuple of Section
    """
    names, found = list(parts), []
    for place, name in enumerate(names):
        title, read = PARTS[name]
        if listen is not None:
            listen(title, place, len(names))
        try:
            found.append(read(tested))
        except InputError as error:
            found.append(Section(name, title, (f"Nothing can be told of it: {error}.",)))
    return tuple(found)


def _doubt(tested: Case) -> Section:
    if not hasattr(tested.model, "unfamiliarity"):
        raise InputError(f"a {type(tested.model).__name__} measures no doubt of its own")
    found = tested.doubt()
    lines = []
    if found.coverage is not None:
        lines.append(("all rows", *_coverage_cells(found.coverage)))
        lines += [(part.words, *_coverage_cells(part.coverage)) for part in (*found.classes, *found.parts[:MOST_PARTS])]
    size = "labels in a set" if found.coverage is not None and found.coverage.sizes else "width"
    header = ("", "rows", "held", "95% interval", size) if lines else ()
    return Section(
        "doubt",
        PARTS["doubt"][0],
        tuple(_sentence(one) for one in found.sentences()),
        header,
        tuple(lines),
        found.to_dict(),
    )


def _coverage_cells(found: Any) -> tuple[str, ...]:
    return (
        f"{found.rows:,}",
        f"{found.coverage:.1%}",
        f"{found.low:.1%} to {found.high:.1%}",
        number(float(f"{found.size:.3g}")),
    )


def _leans(tested: Case) -> Section:
    found = tested.importances
    told = found.groups[:MOST_COLUMNS] if found.telling else ()
    lines = [(" and ".join(one.columns), with_interval(one.value, one.low, one.high)) for one in told]
    header = ("columns permuted", f"the {found.score} rises by (95% interval)") if told else ()
    return Section("importance", PARTS["importance"][0], (found.sentence,), header, tuple(lines), found.to_dict())


def _effects(tested: Case) -> Section:
    from tidynet.trust.effects import effects
    from tidynet.trust.pair_effects import strongest_pair

    columns = [name for one in tested.importances.groups if one.low > 0 for name in one.columns]
    group = {name: one.columns for one in tested.importances.groups for name in one.columns}
    found = [
        replace(one, goes_with=tuple(name for name in group[one.column] if name != one.column))
        for one in effects(tested.held, columns[:MOST_EFFECTS], tested.seed)
    ]
    pair = strongest_pair(tested.held, columns, tested.seed)
    said = [one.sentence for one in found] + ([] if pair is None else [pair.sentence])
    facts = {"columns": [one.to_dict() for one in found], "pair": None if pair is None else pair.to_dict()}
    none = "No column matters enough for its effect to be drawn."
    return Section("effects", PARTS["effects"][0], tuple(said) or (none,), facts=facts)


def _traps(tested: Case) -> Section:
    from tidynet.trust.held_out import used_columns
    from tidynet.trust.learnt_rows import learnt_rows
    from tidynet.trust.traps import find_traps

    if tested.table is None:
        raise InputError("the rows in their own order are not known")
    right, truth = None, tested.truth
    if hasattr(tested.model, "classes_"):
        codes = {label: code for code, label in enumerate(np.asarray(tested.model.classes_).tolist())}
        truth = np.array([codes.get(label, -1) for label in tested.truth.tolist()])
        right = float((tested.outputs.argmax(axis=1) == truth).mean())
    found = find_traps(
        tested.table,
        tested.target,
        training=tested.learnt,
        test=tested.tested,
        used=used_columns(tested.model, tested.features),
        at_random=tested.at_random,
        accuracy=right,
    )
    # Where the training rows are not at hand, the model is asked for those that it keeps.
    learnt = learnt_rows(tested.model, tested.features, tested.rows, truth) if tested.learnt is None else None
    found = found if learnt is None else (learnt, *found)
    said = tuple(f"{_sentence(one.sentence)} {one.advice}".strip() for one in found)
    where = "the table and its split" if tested.learnt is not None else "the table"
    none = f"No leak and no trap was found in {where}."
    return Section("traps", PARTS["traps"][0], said or (none,), facts={"findings": [asdict(one) for one in found]})


def _fails(tested: Case) -> Section:
    from tidynet.trust.subgroups import weak_subgroups

    found = weak_subgroups(tested.held, tested.seed)
    return Section("subgroups", PARTS["subgroups"][0], tuple(found.sentences), facts=found.to_dict())


def _errors(tested: Case) -> Section:
    from tidynet.trust.row_errors import largest_errors

    # A class that was predicted right is no error, however unsure the network was of it.
    found = [one for one in largest_errors(tested.held) if one.probability is None or one.truth != one.prediction]
    said = [one.sentence for one in found] or ["No test row was predicted wrong."]
    why = [_why(tested, one.row) for one in found[:MOST_ERRORS]] if tested.held.height > 1 else []
    told = [f"{words} {one.told}" for words, one in zip(said, why, strict=False)] or said[:MOST_ERRORS]
    facts = {"rows": [one.to_dict() for one in found], "sentences": said, "why": [one.to_dict() for one in why]}
    header, lines = _error_lines(tested, found) if found else ((), ())
    return Section("errors", PARTS["errors"][0], tuple(told), header, lines, facts)


def _error_lines(tested: Case, found: Sequence[RowError]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The rows themselves: what is true, what was said, and the columns that matter most first."""
    ordered = [name for one in tested.importances.groups for name in one.columns][:MOST_VALUES]
    # What is true and what was said are written alike.
    outcomes = shown([one.truth for one in found] + [one.prediction for one in found])
    columns = [
        [f"{one.row:,}" for one in found],
        outcomes[: len(found)],
        outcomes[len(found) :],
        *(shown([one.values[name] for one in found]) for name in ordered),
    ]
    return ("row", tested.target, "predicted", *ordered), tuple(zip(*columns, strict=True))


def _why(tested: Case, row: int) -> Contributions:
    """What moves the prediction of a row that has this number in its table."""
    from tidynet.trust.shapley import what_moves

    [place] = np.flatnonzero(tested.held.rows == row - 1)
    return what_moves(tested.held, int(place), seed=tested.seed).shortened()


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}" + ("" if words.endswith(".") else ".")


MOST_PARTS, MOST_COLUMNS, MOST_ERRORS, MOST_EFFECTS, MOST_VALUES = 6, 12, 3, 3, 5
# Name: (title, how it is read).
PARTS: dict[str, tuple[str, Callable[[Case], Section]]] = {
    "traps": ("Leaks and traps", _traps),
    "doubt": ("Its doubt: probabilities, sets and intervals", _doubt),
    "importance": ("What it leans on", _leans),
    "effects": ("How predictions go with its columns", _effects),
    "subgroups": ("Where it fails", _fails),
    "errors": ("The largest single errors", _errors),
}
