"""Rules about text and levels."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tidynet.core.text import format_number, format_percent, pluralize, quote
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType

__all__ = [
    "dates_as_text",
    "high_cardinality",
    "inconsistent_spelling",
    "misspelled",
    "misspelled_categories",
    "mixed_types",
    "numbers_as_text",
    "rare_categories",
]

_NUMBER = re.compile(r"\s*[+\-−]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+\-]?\d+)?\s*%?\s*")
_MAX_LEVELS = 5_000  # misspellings are looked for among at most so many
_MAX_LENGTH = 40


def _normalize_spelling(level: str) -> str:
    if level.isascii():
        return " ".join(re.sub(r"[\s_\-]+", " ", level.casefold()).split())
    letters = unicodedata.normalize("NFKD", level.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\s_\-\u2010-\u2015]+", " ", plain).split())


def inconsistent_spelling(context: FindingContext) -> Iterator[Finding]:
    """Levels that differ only in case, spaces, accents or dashes."""
    for name in context.categorical_columns:
        levels = context.category_counts(name) if context.is_text(name) else {}
        groups = context.columns[name].similar_spellings
        if groups:
            display_text = "; ".join(" and ".join(quote(level) for level in group[:3]) for group in groups[:3])
            sentence = f"{quote(name)} spells the same level in different ways: {display_text}"
            sentence += f" and {len(groups) - 3} more" if len(groups) > 3 else ""
            rows = sum(levels.get(level, 0) for group in groups for level in group[1:])
            evidence = {
                "levels": len(levels),
                "written in several ways": len(groups),
                "rows in the rarer spellings": rows,
            }
            yield make_finding("inconsistent-spelling", 0.6, [name], sentence, evidence)


def misspelled(levels: Mapping[str, int]) -> list[tuple[str, str]]:
    """Rare levels with the frequent level that one letter more, less or other makes of them.

    Examples
    --------
    >>> misspelled({"Germany": 400, "Gemany": 1, "plan 1": 500, "plan 2": 1})
    [('Gemany', 'Germany')]
    """
    letters = [
        item for item in levels if t.MISSPELLED_MIN_LETTERS <= len(item) <= _MAX_LENGTH and not re.search(r"\d", item)
    ]
    near: dict[str, list[str]] = defaultdict(list)
    for level in letters[:_MAX_LEVELS]:
        folded = _normalize_spelling(level)
        for form in {folded, *(folded[:i] + folded[i + 1 :] for i in range(1, len(folded)))}:
            near[form].append(level)
    pairs: dict[str, str] = {}
    for group in near.values():
        max_count = max(group, key=levels.__getitem__) if len(group) > 1 else ""
        for level in group if max_count else ():
            if levels[level] * t.MISSPELLED_RATIO <= levels[max_count] and _edit_distance_one(
                _normalize_spelling(level), _normalize_spelling(max_count)
            ):
                pairs.setdefault(level, max_count)
    return list(pairs.items())


def _edit_distance_one(rare: str, frequent: str) -> bool:
    """Whether one letter was left out, doubled, changed or swapped, the first and the plural's s excepted."""
    if rare == frequent or rare.rstrip("s") == frequent.rstrip("s"):
        return False
    if len(rare) == len(frequent):
        indices = [i for i, (a, b) in enumerate(zip(rare, frequent, strict=True)) if a != b]
        swapped = len(indices) == 2 and indices[1] == indices[0] + 1 and rare[indices[0]] == frequent[indices[1]]
        # A changed last letter is grammar or another name: Mario, Maria.
        return swapped or (len(indices) == 1 and 0 < indices[0] < len(rare) - 1)
    long, short = sorted((rare, frequent), key=len, reverse=True)
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(1, len(long) - 1))


def misspelled_categories(context: FindingContext) -> Iterator[Finding]:
    """Rare levels one letter from a frequent one."""
    for name in context.categorical_columns:
        levels = context.category_counts(name) if context.is_text(name) else {}
        pairs = misspelled(levels) if len(levels) > 2 else []
        if pairs:
            display_text = "; ".join(f"{quote(rare)} for {quote(max_count)}" for rare, max_count in pairs[:3])
            sentence = f"{quote(name)} may hold misspellings: {display_text}" + (" and more" if len(pairs) > 3 else "")
            evidence = {"levels": len(levels), "suspects": len(pairs), "rows": sum(levels[rare] for rare, _ in pairs)}
            yield make_finding("misspelled-category", 0.42, [name], sentence, evidence)


def rare_categories(context: FindingContext) -> Iterator[Finding]:
    """Levels with so few rows that nothing can be learnt about them."""
    for name in context.categorical_columns:
        if name == context.profile.target or context.profile.rows < t.RARE_FROM_ROWS:
            continue
        levels = context.category_counts(name)
        rare = [level for level, rows in levels.items() if rows < t.RARE_ROWS]
        if not rare or len(levels) <= 2 or len(levels) > t.MANY_LEVELS or context.is_sample:
            continue
        rows = sum(levels[level] for level in rare)
        display_text = ", ".join(quote(level) for level in rare[:3]) + (" and more" if len(rare) > 3 else "")
        has = "has" if len(rare) == 1 else "have"
        sentence = (
            f"{len(rare)} of the {len(levels)} levels of {quote(name)} {has} under {t.RARE_ROWS} rows: {display_text}"
        )
        evidence = {
            "rare categories": len(rare),
            "levels": len(levels),
            "rows in them": rows,
            "rows": context.profile.rows,
        }
        yield make_finding("rare-categories", 0.2, [name], sentence, evidence)


def high_cardinality(context: FindingContext) -> Iterator[Finding]:
    """Qualitative columns with more levels than can be shown or learnt apart."""
    for name in context.categorical_columns:
        levels = context.columns[name].distinct or len(context.category_counts(name))
        if levels <= t.MANY_LEVELS:
            continue
        non_missing = context.columns[name].rows - context.columns[name].missing
        each = non_missing / levels
        if each < t.ROWS_PER_LEVEL:
            fraction = f"with {format_number(round(each, 1))} rows each on average, too few to learn about each"
        else:
            fraction = f"with {format_number(round(each))} rows each on average"
        sentence = f"{quote(name)} has {levels:,} levels, {fraction}"
        evidence = {"levels": levels, "rows": non_missing, "rows per level": each}
        yield make_finding("high-cardinality", 0.32 if each < t.ROWS_PER_LEVEL else 0.22, [name], sentence, evidence)


def mixed_types(context: FindingContext) -> Iterator[Finding]:
    """Numbers and words in one column."""
    for name, numbers, text, rows in _numbers_in_text(context):
        if not text or numbers < t.NUMBERS_AMONG_WORDS * rows:
            continue
        count = sum(text.values())
        display_text = ", ".join(quote(level) for level in list(text)[:3]) + (" and more" if len(text) > 3 else "")
        sentence = f"{quote(name)} holds numbers in {format_percent(numbers / rows)} of its rows "
        sentence += f"and words in {pluralize(count, 'row')}: {display_text}"
        evidence = {"numbers": numbers, "words": count, "different words": len(text), "rows": rows}
        yield make_finding("mixed-types", 0.68, [name], sentence, evidence)


def numbers_as_text(context: FindingContext) -> Iterator[Finding]:
    """Numbers that are stored as text."""
    for name, _, text, rows in _numbers_in_text(context):
        levels = context.category_counts(name)
        # A zero in front is a code's, and a percent sign or comma was kept on purpose or by mistake alike.
        coded = any(re.match(r"\s*0\d", level) for level in levels)
        if not text and not coded and len(levels) > 2:
            sentence = f"{quote(name)} holds numbers that are stored as text, such as {quote(next(iter(levels)))}"
            yield make_finding("numbers-as-text", 0.5, [name], sentence, {"rows": rows, "distinct": len(levels)})


def _numbers_in_text(context: FindingContext) -> Iterator[tuple[str, int, dict[str, int], int]]:
    for name, kind in context.variable_types.items():
        if kind in (
            VariableType.DATETIME,
            VariableType.BOOLEAN,
            VariableType.CONSTANT,
            VariableType.ORDINAL,
            VariableType.DURATION,
        ) or not context.is_text(name):
            continue
        levels = context.category_counts(name)
        if kind is VariableType.IDENTIFIER and not _NUMBER.fullmatch(next(iter(levels))):
            continue
        text = {level: rows for level, rows in levels.items() if not _NUMBER.fullmatch(level)}
        if len(levels) - len(text) >= 5:
            rows = sum(levels.values())
            yield name, rows - sum(text.values()), text, rows


def dates_as_text(context: FindingContext) -> Iterator[Finding]:
    """Dates that are stored as text."""
    for name, kind in context.variable_types.items():
        if kind is VariableType.DATETIME and context.is_text(name):
            example = context.series[name].drop_nulls()[0]
            sentence = f"{quote(name)} holds dates that are stored as text, such as {quote(example)}"
            evidence: dict[str, float | str] = {
                "rows": context.columns[name].rows,
                "form": context.columns[name].type_reason,
            }
            yield make_finding("dates-as-text", 0.3, [name], sentence, evidence)
