"""Arithmetic of times modulo a day: a delay is the difference of two times of day, past midnight too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations

import numpy as np
import numpy.typing as npt

from tidynet.core.text import shorten
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.arithmetic import Relation
from tidynet.profiling.findings.name_words import name_words

Floats = npt.NDArray[np.float64]

_DAY = 1440.0  # minutes
_MAX_COLUMNS = 14
_SAMPLE = 50
_MINUTES = ("time", "min", "mins", "minute", "minutes", "delay", "duration", "elapsed", "wait", "late", "dauer")
_TIME_WORDS = frozenset((*_MINUTES, "verspatung", "duree", "retraso", "duracion", "durata"))


def find_clock_relations(clocks: Mapping[str, Floats], numbers: Mapping[str, Floats]) -> list[Relation]:
    """``a = b − c`` modulo 24 hours of minutes: b and c are clocks, a is a clock or a number of minutes."""
    minutes = {name: values for name, values in numbers.items() if set(name_words(name)) & _TIME_WORDS}
    everything = {**clocks, **minutes}
    if len(clocks) < 2 or len(everything) < 3 or len(everything) > _MAX_COLUMNS:
        return []
    found: dict[frozenset[str], Relation] = {}
    for a, b, c in _triples(clocks, everything):
        if frozenset((a, b, c)) not in found and (relation := _difference(everything, a, b, c)) is not None:
            found[frozenset((a, b, c))] = relation
    return list(found.values())


def _triples(clocks: Mapping[str, Floats], everything: Mapping[str, Floats]) -> Iterator[tuple[str, str, str]]:
    for b, c in permutations(clocks, 2):
        yield from ((a, b, c) for a in everything if a not in (b, c))


def _difference(columns: Mapping[str, Floats], a: str, b: str, c: str) -> Relation | None:
    known = np.isfinite(columns[a]) & np.isfinite(columns[b]) & np.isfinite(columns[c])
    if int(known.sum()) < t.ROWS_TO_TEST:
        return None
    first = np.flatnonzero(known)[:_SAMPLE]
    if (_distance(columns, a, b, c, first) > 0.5).mean() > 0.1:
        return None
    rows = np.flatnonzero(known)
    close = _distance(columns, a, b, c, rows) <= 0.5
    values = columns[a][rows]
    # Of minutes that hardly change, any difference is one modulo a day.
    varied = len(np.unique(values)) >= t.ARITHMETIC_VALUES
    if close.mean() < t.ARITHMETIC_HOLDS or not varied:
        return None
    holds = np.zeros(len(known), np.bool_)
    holds[rows[close]] = True
    wraps = np.abs(columns[a][rows] - (columns[b][rows] - columns[c][rows])) > 0.5
    modulo = " modulo 24 hours" if (wraps & close).any() else ""
    text = f"{shorten(a)} = {shorten(b)} − {shorten(c)} in minutes{modulo}"
    return Relation(a, (b, c), text, holds, known)


def _distance(columns: Mapping[str, Floats], a: str, b: str, c: str, rows: npt.NDArray[np.int64]) -> Floats:
    """How far a is from b − c on a clock of 24 hours."""
    off = (columns[a][rows] - columns[b][rows] + columns[c][rows]) % _DAY
    result: Floats = np.minimum(off, _DAY - off)
    return result


def clock_minutes(values: Floats) -> Floats | None:
    """Whole numbers such as 1345 as minutes after midnight; None if they are no times of day."""
    known = values[np.isfinite(values)]
    if len(known) < t.ROWS_TO_TEST or known.min() < 0 or known.max() > 2400 or known.max() < 1200:
        return None
    if (known != np.round(known)).any() or (known % 100 >= 60).any() or len(np.unique(known)) < t.ROWS_TO_TEST:
        return None
    # A random number up to 2400 has digits such as 71 at its end.
    return np.floor(values / 100) * 60 + values % 100
