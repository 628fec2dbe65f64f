"""Rules about text and levels."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tidynet.look.attention import thresholds as t
from tidynet.look.attention.rule import found
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import number, percent, quoted, rows_word
from tidynet.look.profile import Finding
from tidynet.table.kind import Kind

__all__ = [
    "dates_as_text",
    "many_levels",
    "misspelt",
    "misspelt_levels",
    "mixed_types",
    "numbers_as_text",
    "rare_levels",
    "same_but_for_spelling",
]

_NUMBER = re.compile(r"\s*[+\-−]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+\-]?\d+)?\s*%?\s*")
_MOST_LEVELS = 5_000  # misspellings are looked for among at most so many
_LONGEST = 40


def _folded(level: str) -> str:
    if level.isascii():
        return " ".join(re.sub(r"[\s_\-]+", " ", level.casefold()).split())
    letters = unicodedata.normalize("NFKD", level.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\s_\-\u2010-\u2015]+", " ", plain).split())


def same_but_for_spelling(seen: Seen) -> Iterator[Finding]:
    """Levels that differ only in case, spaces, accents or dashes."""
    for name in seen.qualitative:
        levels = seen.levels(name) if seen.is_text(name) else {}
        groups = seen.columns[name].near_duplicates
        if groups:
            shown = "; ".join(" and ".join(quoted(level) for level in group[:3]) for group in groups[:3])
            sentence = f"{quoted(name)} spells the same level in different ways: {shown}"
            sentence += f" and {len(groups) - 3} more" if len(groups) > 3 else ""
            rows = sum(levels.get(level, 0) for group in groups for level in group[1:])
            evidence = {
                "levels": len(levels),
                "written in several ways": len(groups),
                "rows in the rarer spellings": rows,
            }
            yield found("same-level", 0.6, [name], sentence, evidence)


def misspelt(levels: Mapping[str, int]) -> list[tuple[str, str]]:
    """Rare levels with the frequent level that one letter more, less or other makes of them.

    Examples
    --------
    >>> misspelt({"Germany": 400, "Gemany": 1, "plan 1": 500, "plan 2": 1})
    [('Gemany', 'Germany')]
    """
    letters = [one for one in levels if t.MISSPELT_LETTERS <= len(one) <= _LONGEST and not re.search(r"\d", one)]
    near: dict[str, list[str]] = defaultdict(list)
    for level in letters[:_MOST_LEVELS]:
        folded = _folded(level)
        for form in {folded, *(folded[:i] + folded[i + 1 :] for i in range(1, len(folded)))}:
            near[form].append(level)
    pairs: dict[str, str] = {}
    for group in near.values():
        most = max(group, key=levels.__getitem__) if len(group) > 1 else ""
        for level in group if most else ():
            if levels[level] * t.MISSPELT_RATIO <= levels[most] and _one_slip(_folded(level), _folded(most)):
                pairs.setdefault(level, most)
    return list(pairs.items())


def _one_slip(rare: str, frequent: str) -> bool:
    """Whether one letter was left out, doubled, changed or swapped, the first and the plural's s excepted."""
    if rare == frequent or rare.rstrip("s") == frequent.rstrip("s"):
        return False
    if len(rare) == len(frequent):
        places = [i for i, (a, b) in enumerate(zip(rare, frequent, strict=True)) if a != b]
        swapped = len(places) == 2 and places[1] == places[0] + 1 and rare[places[0]] == frequent[places[1]]
        # A changed last letter is grammar or another name: Mario, Maria.
        return swapped or (len(places) == 1 and 0 < places[0] < len(rare) - 1)
    long, short = sorted((rare, frequent), key=len, reverse=True)
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(1, len(long) - 1))


def misspelt_levels(seen: Seen) -> Iterator[Finding]:
    """Rare levels one letter from a frequent one."""
    for name in seen.qualitative:
        levels = seen.levels(name) if seen.is_text(name) else {}
        pairs = misspelt(levels) if len(levels) > 2 else []
        if pairs:
            shown = "; ".join(f"{quoted(rare)} for {quoted(most)}" for rare, most in pairs[:3])
            sentence = f"{quoted(name)} may hold misspellings: {shown}" + (" and more" if len(pairs) > 3 else "")
            evidence = {"levels": len(levels), "suspects": len(pairs), "rows": sum(levels[rare] for rare, _ in pairs)}
            yield found("misspelt", 0.42, [name], sentence, evidence)


def rare_levels(seen: Seen) -> Iterator[Finding]:
    """Levels with so few rows that nothing can be learnt about them."""
    for name in seen.qualitative:
        if name == seen.profile.target or seen.profile.rows < t.RARE_FROM_ROWS:
            continue
        levels = seen.levels(name)
        rare = [level for level, rows in levels.items() if rows < t.RARE_ROWS]
        if not rare or len(levels) <= 2 or len(levels) > t.MANY_LEVELS or seen.is_sample:
            continue
        rows = sum(levels[level] for level in rare)
        shown = ", ".join(quoted(level) for level in rare[:3]) + (" and more" if len(rare) > 3 else "")
        has = "has" if len(rare) == 1 else "have"
        sentence = f"{len(rare)} of the {len(levels)} levels of {quoted(name)} {has} under {t.RARE_ROWS} rows: {shown}"
        evidence = {"rare levels": len(rare), "levels": len(levels), "rows in them": rows, "rows": seen.profile.rows}
        yield found("rare-levels", 0.2, [name], sentence, evidence)


def many_levels(seen: Seen) -> Iterator[Finding]:
    """Qualitative columns with more levels than can be shown or learnt apart."""
    for name in seen.qualitative:
        levels = seen.columns[name].distinct or len(seen.levels(name))
        if levels <= t.MANY_LEVELS:
            continue
        known = seen.columns[name].rows - seen.columns[name].missing
        each = known / levels
        if each < t.ROWS_PER_LEVEL:
            share = f"with {number(round(each, 1))} rows each on average, too few to learn about each"
        else:
            share = f"with {number(round(each))} rows each on average"
        sentence = f"{quoted(name)} has {levels:,} levels, {share}"
        evidence = {"levels": levels, "rows": known, "rows per level": each}
        yield found("many-levels", 0.32 if each < t.ROWS_PER_LEVEL else 0.22, [name], sentence, evidence)


def mixed_types(seen: Seen) -> Iterator[Finding]:
    """Numbers and words in one column."""
    for name, numbers, words, rows in _numbers_in_text(seen):
        if not words or numbers < t.NUMBERS_AMONG_WORDS * rows:
            continue
        count = sum(words.values())
        shown = ", ".join(quoted(level) for level in list(words)[:3]) + (" and more" if len(words) > 3 else "")
        sentence = f"{quoted(name)} holds numbers in {percent(numbers / rows)} of its rows "
        sentence += f"and words in {rows_word(count)}: {shown}"
        evidence = {"numbers": numbers, "words": count, "different words": len(words), "rows": rows}
        yield found("mixed-types", 0.68, [name], sentence, evidence)


def numbers_as_text(seen: Seen) -> Iterator[Finding]:
    """Numbers that are stored as text."""
    for name, _, words, rows in _numbers_in_text(seen):
        levels = seen.levels(name)
        # A zero in front is a code's, and a percent sign or comma was kept on purpose or by mistake alike.
        coded = any(re.match(r"\s*0\d", level) for level in levels)
        if not words and not coded and len(levels) > 2:
            sentence = f"{quoted(name)} holds numbers that are stored as text, such as {quoted(next(iter(levels)))}"
            yield found("numbers-as-text", 0.5, [name], sentence, {"rows": rows, "distinct": len(levels)})


def _numbers_in_text(seen: Seen) -> Iterator[tuple[str, int, dict[str, int], int]]:
    for name, kind in seen.kinds.items():
        if kind in (Kind.DATETIME, Kind.BOOLEAN, Kind.CONSTANT, Kind.ORDINAL, Kind.DURATION) or not seen.is_text(name):
            continue
        levels = seen.levels(name)
        if kind is Kind.IDENTIFIER and not _NUMBER.fullmatch(next(iter(levels))):
            continue
        words = {level: rows for level, rows in levels.items() if not _NUMBER.fullmatch(level)}
        if len(levels) - len(words) >= 5:
            rows = sum(levels.values())
            yield name, rows - sum(words.values()), words, rows


def dates_as_text(seen: Seen) -> Iterator[Finding]:
    """Dates that are stored as text."""
    for name, kind in seen.kinds.items():
        if kind is Kind.DATETIME and seen.is_text(name):
            example = seen.series[name].drop_nulls()[0]
            sentence = f"{quoted(name)} holds dates that are stored as text, such as {quoted(example)}"
            evidence: dict[str, float | str] = {"rows": seen.columns[name].rows, "form": seen.columns[name].reason}
            yield found("dates-as-text", 0.3, [name], sentence, evidence)
