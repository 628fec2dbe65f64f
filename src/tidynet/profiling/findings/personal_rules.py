"""Rules for personal data: columns that name, locate or lead to a person."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tidynet.core.text import format_percent
from tidynet.profiling.findings import personal_patterns as patterns
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.name_words import name_words
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType

_SCREENED = 200  # values that decide whether a column is looked at
_MIN_VALUES = 5
_MIN_FIRST_NAMES = 0.25
_CARD_DIGITS = range(13, 17)
_PHONE_DIGITS = range(7, 16)


def personal_data(context: FindingContext) -> Iterator[Finding]:
    """Columns that identify a person; addresses and postcodes only beside one of them."""
    direct = [item for name in context.columns if (item := _direct(context, name)) is not None]
    yield from direct
    taken = {item.columns[0] for item in direct}
    for name in context.columns if direct else ():
        place = None if name in taken else _place(context, name)
        if place is not None:
            yield place


def _direct(context: FindingContext, name: str) -> Finding | None:
    series = context.series[name]
    words = set(name_words(name))
    if series.dtype in (pl.Date, pl.Datetime):
        is_birth = bool(words & patterns.BIRTH_DATE_WORDS)
        return _finding(context, name, "dates of birth", series.is_not_null()) if is_birth else None
    texts = _texts(context, name)
    if texts is None:
        return None
    first, known = texts.drop_nulls().head(_SCREENED), texts.len() - texts.null_count()
    for kind in patterns.KINDS:
        if words & kind.excluded or (kind.words and not words & kind.words):
            continue
        if not _screen(first.str.contains(kind.pattern), kind.enough):
            continue
        fits = texts.str.contains(kind.pattern)
        if kind.proves is not None:
            fits = texts.is_in([text for text in texts.filter(fits).unique().to_list() if kind.proves(text)])
        if int(fits.sum() or 0) >= max(_MIN_VALUES, kind.enough * known):
            return _finding(context, name, kind.plural, fits)
    return _person(context, name, words, texts)


def _texts(context: FindingContext, name: str) -> pl.Series | None:
    """The values as text: texts, and whole numbers that may be credit cards or telephones."""
    series = context.series[name]
    if context.is_text(name):
        texts = series.cast(pl.String).str.strip_chars()
    elif series.dtype.is_integer() and context.variable_types[name] is not VariableType.CONSTANT:
        known = series.drop_nulls()
        digits = len(str(known[0])) if len(known) else 0
        is_phone = digits in _PHONE_DIGITS and set(name_words(name)) & patterns.PHONE_WORDS
        if digits not in _CARD_DIGITS and not is_phone:
            return None
        texts = series.cast(pl.String)
    else:
        return None
    return texts if texts.len() - texts.null_count() >= _MIN_VALUES else None


def _screen(fits: pl.Series, enough: float) -> bool:
    """Whether about enough of the first values fit a pattern."""
    first = fits.drop_nulls().head(_SCREENED)
    return bool(len(first)) and float(first.mean() or 0.0) >= 0.8 * enough  # type: ignore[arg-type]


def _person(context: FindingContext, name: str, words: set[str], texts: pl.Series) -> Finding | None:
    """Names of people: the column says so, or it is a name and the values have titles or frequent first names."""
    says_so = bool(words & patterns.NAME_WORDS) or any(pair <= words for pair in patterns.NAME_PAIRS)
    may_be = bool(words & patterns.PLAIN_NAME_WORDS) or (bool(words) and words <= patterns.OWNER_WORDS)
    if not says_so and not may_be:
        return None
    known = texts.drop_nulls()
    if says_so:
        fits = texts.str.contains(patterns.ONE_NAME)
        return _finding(context, name, "names of people", fits) if _screen(fits, 1.0) and known.n_unique() > 4 else None
    titled = texts.str.contains(patterns.TITLE)
    if _screen(titled, 0.6):
        return _finding(context, name, "names of people", texts.is_not_null())
    fits = texts.str.contains(patterns.FULL_NAME)
    if _screen(fits, 1.0) and _first_names(known.unique(maintain_order=True).head(_SCREENED)) >= _MIN_FIRST_NAMES:
        return _finding(context, name, "names of people", fits)
    return None


def _first_names(texts: pl.Series) -> float:
    """The fraction of texts in which one word is a frequent first name."""
    if not len(texts):
        return 0.0
    found = sum(bool(set(name_words(text)) & patterns.FIRST_NAMES) for text in texts.to_list())
    return found / len(texts)


def _place(context: FindingContext, name: str) -> Finding | None:
    words = set(name_words(name))
    for kind, meant, pattern in (
        ("street addresses", patterns.STREET_WORDS, patterns.STREET),
        ("postcodes", patterns.POSTCODE_WORDS, patterns.POSTCODE),
    ):
        if words & meant and context.is_scalar_column(name):
            fits = context.series[name].cast(pl.String).str.contains(pattern)
            if _screen(fits, 0.8):
                return _finding(context, name, kind, fits)
    return None


def _finding(context: FindingContext, name: str, kind: str, fits: pl.Series) -> Finding:
    count, known = int(fits.sum() or 0), len(fits) - context.series[name].null_count()
    whole = context.whole(name)
    fraction = "all" if count == known else format_percent(count / known) + " of"
    fact = f"{kind} in {fraction} {whole}"
    evidence: dict[str, float | str] = {"kind": kind, "rows with it": count, "rows": len(fits)}
    return make_finding("personal-data", 0.6, [name], fact, evidence, rows=context.first_rows(fits))
