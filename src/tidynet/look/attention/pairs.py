"""Rules about two columns: copies, and associations that turn round within groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.look.attention import thresholds as t
from tidynet.look.attention.rule import found
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import columns_word, drop, number, quoted
from tidynet.look.chances import pearson, spearman, t_chance
from tidynet.look.profile import Finding
from tidynet.table.kind import Kind

__all__ = ["correlation", "near_copies", "shown", "turned_round"]

Matrix = npt.NDArray[np.float32]


def near_copies(seen: Seen) -> Iterator[Finding]:
    """Columns that say the same: equal up to a one-to-one change of names, or nearly on one line or curve."""
    if seen.tested.height < t.ROWS_TO_JUDGE:
        return
    target = seen.profile.target
    for names in _same_levels(seen):
        if target in names:
            names = [name for name in names if name != target]
            if len(names) < 2:
                continue  # a copy of the target is a leak
        sentence = f"{columns_word(names)} say the same: each level of one goes with one level of the other"
        call = drop(names[1:])
        yield found("near-copy", 0.5, names, sentence, {"levels": len(seen.levels(names[0]))}, call=call)
    for names, value in _same_numbers(seen):
        how = "nearly determine each other" if value < 0.99999 else "say the same"
        sentence = f"{columns_word(names)} {how} (correlation {shown(value)})"
        evidence = {"correlation": value, "rows": seen.tested.height}
        yield found("near-copy", 0.45, names, sentence, evidence, call=drop(names[1:]))


def _same_levels(seen: Seen) -> Iterator[list[str]]:
    """Qualitative columns, and numbers that code them, whose levels go one to one."""
    groups: dict[bytes, list[str]] = {}
    for name, codes in {**seen.coded, **seen.coded_finely}.items():
        if codes.max() < 1 or int(np.bincount(codes + 1)[1:].max()) > len(codes) - t.RARE_ROWS:
            continue
        # Levels numbered as they first come: equal for columns that differ by names alone; at most 20,000 of them.
        present, first, place = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(np.argsort(first))
        signature = order[place].astype(np.int16)
        signature[codes < 0] = -1
        groups.setdefault(signature.tobytes() + bytes([len(present) % 256]), []).append(name)
    yield from (names for names in groups.values() if len(names) > 1)


def _same_numbers(seen: Seen) -> Iterator[tuple[list[str], float]]:
    names = [name for name in seen.numeric if name != seen.profile.target]
    places = {name: place for place, name in enumerate(seen.ordered)}
    if len(names) < 2:
        return
    ranks = seen.ranks[:, [places[name] for name in names]]
    by_rank = np.abs(ranks.T @ ranks)
    np.fill_diagonal(by_rank, 0)
    # Gaps filled with the middle lower a correlation, so that candidates are kept a little below the threshold.
    candidates = np.argwhere(np.triu(by_rank > t.NEAR_COPY - 0.05))
    taken: set[str] = set()
    close: dict[str, list[tuple[str, float]]] = {}
    for i, j in candidates:
        first, second = names[i], names[j]
        if second in taken:
            continue
        value = correlation(seen, first, second)
        if value >= t.NEAR_COPY:
            close.setdefault(first, []).append((second, value))
            taken.add(second)
    for first, others in close.items():
        if first not in taken:
            yield [first, *(name for name, _ in others)], min(value for _, value in others)


def correlation(seen: Seen, first: str, second: str) -> float:
    """Pearson's or Spearman's correlation, whichever is closer to a line or curve, on rows with both values."""
    values = [
        seen.tested.get_column(name).alias("values").cast(float).fill_null(np.nan).to_numpy()
        for name in (first, second)
    ]
    known = np.isfinite(values[0]) & np.isfinite(values[1])
    x, y = (_scaled(one[known]) for one in values)
    # A few repeated values correlate easily; and one far value makes Pearson's correlation 1.
    if len(x) < t.ROWS_TO_JUDGE or min(len(np.unique(x)), len(np.unique(y))) < 10:
        return 0.0
    if _in_one_direction(x) and _in_one_direction(y):
        x, y = np.diff(x), np.diff(y)  # all that grows with the rows correlates; copies also move together
    by_rank, by_value = abs(spearman(x, y)), abs(pearson(x, y))
    return by_rank if by_value < t.NEAR_COPY else max(by_rank, by_value if by_rank > 0.95 else 0.0)


def _scaled(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    largest = np.abs(values).max(initial=0.0)
    return values / largest if largest > 0 else values


def _in_one_direction(values: npt.NDArray[np.float64]) -> bool:
    return abs(spearman(values, np.arange(len(values)))) > 0.9


def turned_round(seen: Seen) -> Iterator[Finding]:
    """Simpson's paradox: an association whose sign is the other one within the levels of a third column."""
    groups = _groups(seen)
    names = _paired(seen)
    if seen.tested.height < t.ROWS_TO_JUDGE or not groups or len(names) < 2:
        return
    places = [seen.ordered.index(name) for name in names]
    ranks = seen.ranks[:, places]
    overall = ranks.T @ ranks
    tests = len(groups) * len(names) * (len(names) - 1) / 2
    told: set[tuple[int, int]] = set()
    for group in groups:
        codes = seen.coded[group]
        within = _within(ranks, codes)
        turned = (np.sign(within) != np.sign(overall)) & (np.minimum(np.abs(within), np.abs(overall)) >= t.TURNED)
        strength = np.minimum(np.abs(within), np.abs(overall)) * np.triu(turned, 1)
        for i, j in np.argwhere(strength > 0)[np.argsort(-strength[strength > 0])]:
            if (i, j) in told or group in (names[i], names[j]):
                continue
            facts = _confirmed(seen, (names[i], names[j]), codes, tests)
            if facts:
                told.add((int(i), int(j)))
                yield _turned(names[i], names[j], group, facts)


def _turned(x: str, y: str, group: str, facts: dict[str, Any]) -> Finding:
    rises = "rises" if facts["overall"] > 0 else "falls"
    other = "falls" if facts["overall"] > 0 else "rises"
    sentence = f"Over all rows {quoted(y)} {rises} with {quoted(x)} ({number(facts['overall'])}), "
    sentence += f"but within the levels of {quoted(group)} it {other} ({number(facts['within'])})"
    weight = 0.45 + 0.2 * min(abs(facts["overall"]), abs(facts["within"]))
    call = f"tn.plot(frame, x={x!r}, y={y!r}, color={group!r})"
    return found("turned-round", weight, [x, y, group], sentence, facts, call=call)


def _groups(seen: Seen) -> list[str]:
    """Qualitative columns with few levels, the target first, most even next."""
    sizes = {}
    for name, codes in seen.coded.items():
        counts = np.bincount(codes[codes >= 0])
        if 2 <= len(counts) <= t.MOST_GROUP_LEVELS and (counts >= 10).sum() >= 2:
            sizes[name] = (name != seen.profile.target, float(counts.max() / counts.sum()))
    return sorted(sizes, key=sizes.__getitem__)[: t.TESTED_GROUPS]


def _paired(seen: Seen) -> list[str]:
    target = seen.profile.target
    telling = {one.column: -one.share for one in seen.profile.relations}
    wanted = [name for name in seen.ordered if seen.kinds[name] is not Kind.BOOLEAN]
    wanted = [name for name in wanted if name in seen.numeric]
    return sorted(wanted, key=lambda name: (name != target, telling.get(name, 0.0)))[: t.TESTED_PAIRED]


def _within(ranks: Matrix, codes: npt.NDArray[np.int64]) -> Matrix:
    """Correlations of ranks after each group's mean is taken off: those within the groups, pooled."""
    known = codes >= 0
    kept, codes = ranks[known], codes[known]
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(codes)))
    means = np.add.reduceat(kept[order], starts, axis=0) / sizes[:, None]
    centred = kept[order] - np.repeat(means, sizes, axis=0)
    length = np.linalg.norm(centred, axis=0)
    centred = (centred / np.where(length > 0, length, 1)).astype(np.float32)
    return centred.T @ centred


def _confirmed(seen: Seen, pair: tuple[str, str], codes: npt.NDArray[np.int64], tests: float) -> dict[str, Any] | None:
    """The numbers again on rows with both values: significant overall and within, and in most levels."""
    x, y = (seen.ranks[:, seen.ordered.index(name)] for name in pair)
    known = codes >= 0
    for name in pair:
        if name in seen.gaps:
            known &= ~seen.gaps[name]
    x, y, codes = x[known], y[known], codes[known]
    if len(x) < t.ROWS_TO_JUDGE or x.std() == 0 or y.std() == 0:
        return None
    overall = pearson(x, y)
    within = float(_within(np.column_stack([x, y]), codes)[0, 1])
    large = np.flatnonzero(np.bincount(codes) >= 10).tolist()
    inside = [pearson(x[codes == level], y[codes == level]) for level in large]
    agreeing = sum(np.sign(value) == -np.sign(overall) for value in inside)
    chance = max(_chance(overall, len(x)), _chance(within, len(x) - len(large)))
    small = min(abs(overall), abs(within)) < t.TURNED
    if small or chance * tests > t.ALPHA or len(large) < 2 or agreeing < t.TURNED_LEVELS * len(large):
        return None
    if np.sign(overall) == np.sign(within):
        return None
    facts = {"overall": overall, "within": within, "levels": len(large), "levels that show it": int(agreeing)}
    return facts | {"rows": len(x), "p": min(1.0, chance * tests)}


def _chance(correlation: float, rows: int) -> float:
    """The two-sided p-value of a correlation by Student's t."""
    freedom = max(rows - 2, 1)
    statistic = abs(correlation) * np.sqrt(freedom / max(1 - correlation**2, 1e-12))
    return t_chance(statistic, freedom)


def shown(value: float) -> str:
    """A near-perfect correlation with the digits that matter."""
    return "1" if value > 0.999999 else f"{min(value, 0.9999):.4f}" if value > 0.999 else f"{value:.3f}"
