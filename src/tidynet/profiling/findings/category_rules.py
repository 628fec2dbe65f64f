"""Rules for text and categories."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tidynet.core.text import format_number, format_percent, pluralize, quote
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType

_NUMBER = re.compile(r"\s*[+\-−]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+\-]?\d+)?\s*%?\s*")
_MAX_CATEGORIES = 5_000  # misspellings are searched for among the most frequent ones
_MAX_LENGTH = 40
_EXAMPLES = 3
_NOT_NUMBERS = frozenset(
    {VariableType.DATETIME, VariableType.BOOLEAN, VariableType.CONSTANT, VariableType.ORDINAL, VariableType.DURATION}
)


def _text_categories(context: FindingContext) -> Iterator[tuple[str, dict[str, int]]]:
    for name in context.categorical_columns:
        yield name, context.category_counts(name) if context.is_text(name) else {}


def _examples(texts: Sequence[str], separator: str = ", ") -> str:
    return separator.join(texts[:_EXAMPLES]) + (" …" if len(texts) > _EXAMPLES else "")


def inconsistent_spelling(context: FindingContext) -> Iterator[Finding]:
    """Categories that differ only in case, spaces, accents or dashes."""
    for name, categories in _text_categories(context):
        groups = context.columns[name].similar_spellings
        if groups:
            spelled = pluralize(len(groups), "category has", "categories have")
            examples = _examples([" = ".join(quote(item) for item in group[:3]) for group in groups], "; ")
            rows = sum(categories.get(category, 0) for group in groups for category in group[1:])
            evidence = {
                "categories": len(categories),
                "categories with several spellings": len(groups),
                "rows with rarer spellings": rows,
            }
            fact = f"{spelled} several spellings: {examples}"
            yield make_finding("inconsistent-spelling", 0.6, [name], fact, evidence)


def find_misspellings(categories: Mapping[str, int]) -> list[tuple[str, str]]:
    """Rare categories, each with the frequent category at an edit distance of 1."""
    candidates = [
        category
        for category in categories
        if t.MISSPELLED_MIN_LETTERS <= len(category) <= _MAX_LENGTH and not re.search(r"\d", category)
    ]
    neighbors: dict[str, list[str]] = defaultdict(list)
    for category in candidates[:_MAX_CATEGORIES]:
        folded = _normalize_spelling(category)
        for form in {folded, *(folded[:i] + folded[i + 1 :] for i in range(1, len(folded)))}:
            neighbors[form].append(category)
    pairs: dict[str, str] = {}
    for group in neighbors.values():
        frequent = max(group, key=categories.__getitem__) if len(group) > 1 else ""
        for category in group if frequent else ():
            if categories[category] * t.MISSPELLED_RATIO <= categories[frequent] and _is_misspelling(
                _normalize_spelling(category), _normalize_spelling(frequent)
            ):
                pairs.setdefault(category, frequent)
    return list(pairs.items())


def _normalize_spelling(category: str) -> str:
    if category.isascii():
        return " ".join(re.sub(r"[\s_\-]+", " ", category.casefold()).split())
    letters = unicodedata.normalize("NFKD", category.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\s_\-\u2010-\u2015]+", " ", plain).split())


def _is_misspelling(rare: str, frequent: str) -> bool:
    """Whether one letter is missing, added, changed or swapped; the first letter and a plural s do not count."""
    if rare == frequent or rare.rstrip("s") == frequent.rstrip("s"):
        return False
    if len(rare) == len(frequent):
        differing = [i for i, (a, b) in enumerate(zip(rare, frequent, strict=True)) if a != b]
        swapped = (
            len(differing) == 2 and differing[1] == differing[0] + 1 and rare[differing[0]] == frequent[differing[1]]
        )
        # A changed last letter is often grammar or another name: Mario, Maria.
        return swapped or (len(differing) == 1 and 0 < differing[0] < len(rare) - 1)
    long, short = sorted((rare, frequent), key=len, reverse=True)
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(1, len(long) - 1))


def misspelled_categories(context: FindingContext) -> Iterator[Finding]:
    """Rare categories at an edit distance of 1 from a frequent one."""
    for name, categories in _text_categories(context):
        pairs = find_misspellings(categories) if len(categories) > 2 else []
        if pairs:
            examples = _examples([f"{quote(rare)} for {quote(frequent)}" for rare, frequent in pairs], "; ")
            rows = sum(categories[rare] for rare, _ in pairs)
            evidence = {"categories": len(categories), "possible misspellings": len(pairs), "rows": rows}
            fact = f"{pluralize(len(pairs), 'possible misspelling')}: {examples}"
            yield make_finding("misspelled-category", 0.42, [name], fact, evidence)


def rare_categories(context: FindingContext) -> Iterator[Finding]:
    """Categories with too few rows to learn from."""
    for name in context.categorical_columns:
        if name == context.profile.target or context.profile.rows < t.RARE_FROM_ROWS:
            continue
        categories = context.category_counts(name)
        rare = [category for category, rows in categories.items() if rows < t.RARE_ROWS]
        if not rare or len(categories) <= 2 or len(categories) > t.MANY_CATEGORIES or context.is_sample:
            continue
        evidence = {
            "rare categories": len(rare),
            "categories": len(categories),
            "rows in rare categories": sum(categories[category] for category in rare),
            "rows": context.profile.rows,
        }
        of_all = f"{len(rare)} of {pluralize(len(categories), 'category', 'categories')}"
        fact = f"{of_all} with fewer than {t.RARE_ROWS} rows: {_examples([quote(category) for category in rare])}"
        yield make_finding("rare-categories", 0.2, [name], fact, evidence)


def high_cardinality(context: FindingContext) -> Iterator[Finding]:
    """Categorical columns with more categories than a chart or a model can use."""
    for name in context.categorical_columns:
        column = context.columns[name]
        categories = column.distinct or len(context.category_counts(name))
        if categories <= t.MANY_CATEGORIES:
            continue
        known = column.rows - column.missing
        average = known / categories
        few = average < t.ROWS_PER_CATEGORY
        fact = f"{categories:,} categories, {format_number(round(average, 1 if few else 0))} rows each on average"
        evidence = {"categories": categories, "rows": known, "rows per category": average}
        yield make_finding("high-cardinality", 0.32 if few else 0.22, [name], fact, evidence)


def mixed_types(context: FindingContext) -> Iterator[Finding]:
    """Numbers and text in one column."""
    for name, numbers, texts, rows in _columns_with_numbers(context):
        if not texts or numbers < t.NUMBERS_AMONG_TEXT * rows:
            continue
        count = sum(texts.values())
        fact = f"numbers in {format_percent(numbers / rows)} of rows, text in {pluralize(count, 'row')}: "
        fact += _examples([quote(text) for text in texts])
        evidence = {"numbers": numbers, "texts": count, "distinct texts": len(texts), "rows": rows}
        yield make_finding("mixed-types", 0.68, [name], fact, evidence)


def numbers_as_text(context: FindingContext) -> Iterator[Finding]:
    """Numbers that are stored as text."""
    for name, _, texts, rows in _columns_with_numbers(context):
        categories = context.category_counts(name)
        # A leading zero marks a code, not a number.
        coded = any(re.match(r"\s*0\d", category) for category in categories)
        if not texts and not coded and len(categories) > 2:
            fact = f"numbers stored as text in {pluralize(rows, 'row')}, such as {quote(next(iter(categories)))}"
            yield make_finding("numbers-as-text", 0.5, [name], fact, {"rows": rows, "distinct": len(categories)})


def _columns_with_numbers(context: FindingContext) -> Iterator[tuple[str, int, dict[str, int], int]]:
    """Text columns with at least five distinct numbers: rows with numbers, the other texts, and all rows."""
    for name, variable_type in context.variable_types.items():
        if variable_type in _NOT_NUMBERS or not context.is_text(name):
            continue
        categories = context.category_counts(name)
        if variable_type is VariableType.IDENTIFIER and not _NUMBER.fullmatch(next(iter(categories))):
            continue
        texts = {category: rows for category, rows in categories.items() if not _NUMBER.fullmatch(category)}
        if len(categories) - len(texts) >= 5:
            rows = sum(categories.values())
            yield name, rows - sum(texts.values()), texts, rows


def dates_as_text(context: FindingContext) -> Iterator[Finding]:
    """Dates that are stored as text."""
    for name, variable_type in context.variable_types.items():
        if variable_type is VariableType.DATETIME and context.is_text(name):
            column = context.columns[name]
            example = quote(context.series[name].drop_nulls()[0])
            fact = f"dates stored as text in {pluralize(column.rows - column.missing, 'row')}, such as {example}"
            evidence: dict[str, float | str] = {"rows": column.rows, "format": column.type_reason}
            yield make_finding("dates-as-text", 0.3, [name], fact, evidence)
