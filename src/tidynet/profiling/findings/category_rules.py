"""Rules for text and categories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tidynet.core.text import format_number, format_percent, pluralize, quote, quote_exactly
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.misspellings import MAX_SEARCHED, find_misspellings
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType

# One number: digits, perhaps in groups of three, and one decimal mark. An address such as 10.0.0.1 has several.
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d+(?:[.,]\d*)?|[.,]\d+"
_NUMBER = re.compile(rf"\s*[+\-−]?(?:{_DIGITS})(?:[eE][+\-]?\d+)?\s*%?\s*")
# A telephone number, a leading zero, more digits than a float holds.
_CODE = re.compile(r"\s*(?:\+\d{7,}|0\d.*|\d{16,})\s*")
_CODE_NAMES = "version|release|build|firmware|ver|rev|revision|section|chapter|phone|tel|ip"
_CODE_NAME = re.compile(rf"(?:^|[\W_])(?:{_CODE_NAMES})s?(?:$|[\W_])", re.IGNORECASE)
_SHOWN_LENGTH = 40
SPELLING_COUNTS = ("categories with several spellings", "rows with rarer spellings")
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
    """Categories that differ only in case, blanks, accents, dashes or letters that nobody sees."""
    for name, categories in _text_categories(context):
        column = context.columns[name]
        if not column.similar_spellings:
            continue
        count, rows = (int(column.statistics[key]) for key in SPELLING_COUNTS)
        spelled = pluralize(count, "category has", "categories have")
        shown = [_examples(spell_apart(group), " = ") for group in column.similar_spellings[: _EXAMPLES + 1]]
        evidence = {
            "categories": column.distinct or len(categories),
            SPELLING_COUNTS[0]: count,
            SPELLING_COUNTS[1]: rows,
        }
        fact = f"{spelled} several spellings: {_examples(shown, '; ')}"
        spellings = [item for group in column.similar_spellings for item in group[1:]]
        yield make_finding(
            "inconsistent-spelling", 0.6, [name], fact, evidence, rows=context.rows_with(name, spellings)
        )


def spell_apart(texts: Sequence[str]) -> list[str]:
    """Texts in quotation marks, cut so that one sees where they differ."""
    start = 0
    if max(map(len, texts)) > _SHOWN_LENGTH:
        first, last = min(texts), max(texts)
        same = next(
            (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
        )
        start = max(0, same - _SHOWN_LENGTH // 2)
    return [_quote_part(text, start, start + _SHOWN_LENGTH) for text in texts]


def _quote_part(text: str, start: int, stop: int) -> str:
    return quote_exactly(("…" if start else "") + text[start:stop] + ("…" if len(text) > stop else ""))


def misspelled_categories(context: FindingContext) -> Iterator[Finding]:
    """Rare categories at an edit distance of 1 from a frequent one."""
    for name, categories in _text_categories(context):
        pairs = find_misspellings(categories) if len(categories) > 2 else []
        if not pairs:
            continue
        suspects = [
            f"{quote_exactly(rare)} ({pluralize(categories[rare], 'row')}) for "
            f"{quote_exactly(frequent)} ({categories[frequent]:,})"
            for rare, frequent in pairs
        ]
        rows = sum(categories[rare] for rare, _ in pairs)
        evidence = {"categories": len(categories), "possible misspellings": len(pairs), "rows": rows}
        among = ""
        if len(categories) > MAX_SEARCHED:
            evidence["categories searched"] = MAX_SEARCHED
            among = f" among the {MAX_SEARCHED:,} most frequent categories"
        fact = f"{pluralize(len(pairs), 'possible misspelling')}{among}: {_examples(suspects, '; ')}"
        proof = context.rows_with(name, [rare for rare, _ in pairs])
        yield make_finding("misspelled-category", 0.42, [name], fact, evidence, rows=proof)


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
        yield make_finding("rare-categories", 0.2, [name], fact, evidence, rows=context.rows_with(name, rare))


def high_cardinality(context: FindingContext) -> Iterator[Finding]:
    """Categorical columns with more categories than a chart or a model can use."""
    for name in context.categorical_columns:
        column = context.columns[name]
        categories = column.distinct or len(context.category_counts(name))
        if categories <= t.MANY_CATEGORIES:
            continue
        known = column.rows - column.missing
        average = known / categories
        fact = f"{categories:,} categories, {format_number(average)} rows each on average"
        evidence = {"categories": categories, "rows": known, "rows per category": average}
        yield make_finding("high-cardinality", 0.32 if average < t.ROWS_PER_CATEGORY else 0.22, [name], fact, evidence)


def mixed_types(context: FindingContext) -> Iterator[Finding]:
    """Numbers and text in one column."""
    for name, numbers, texts, rows in _columns_with_numbers(context):
        if not texts or numbers < t.NUMBERS_AMONG_TEXT * rows:
            continue
        count = sum(texts.values())
        fact = f"numbers in {format_percent(numbers / rows)} of {context.whole(name)}, "
        fact += f"text in {pluralize(count, 'row')}: " + _examples([quote(text) for text in texts])
        evidence = {"numbers": numbers, "texts": count, "distinct texts": len(texts), "rows": rows}
        yield make_finding("mixed-types", 0.68, [name], fact, evidence, rows=context.rows_with(name, texts))


def numbers_as_text(context: FindingContext) -> Iterator[Finding]:
    """Numbers that are stored as text."""
    for name, _, texts, rows in _columns_with_numbers(context):
        categories = context.category_counts(name)
        if not texts and len(categories) > 2 and not _are_codes(name, categories):
            fact = f"numbers stored as text in {pluralize(rows, 'row')}, such as {quote(next(iter(categories)))}"
            yield make_finding("numbers-as-text", 0.5, [name], fact, {"rows": rows, "distinct": len(categories)})


def _are_codes(name: str, categories: Mapping[str, int]) -> bool:
    """Whether digits are no number: a sign such as a leading zero that a number would lose, or two spellings of one."""
    if _CODE_NAME.search(name) or any(_CODE.fullmatch(category) for category in categories):
        return True
    decimals = {len(category.partition(".")[2].strip()) for category in categories if "." in category}
    return len(decimals) > 1 and any(re.search(r"\.\d*0\s*$", category) for category in categories)


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
