"""Values as column names: years, months, weeks, groups, ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from tidynet.table.tidiness.issue import LayoutProblem, TidinessIssue, names_as_pattern
from tidynet.table.tidy.columns import escape_pattern
from tidynet.table.variable_type import TypeInference, VariableType

_TIMES = (
    *("wk", "week", "day", "month", "mon", "year", "yr", "hour", "hr", "minute", "quarter", "visit", "wave"),
    *("trial", "session", "occasion", "time", "period", "round", "semester", "decade", "season", "attempt", "rep"),
    *("replicate", "dag", "tag", "woche", "monat", "jahr", "semaine", "mois"),
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NO_MEASURES = ("", "x", "y", "fy", "year", "yr", "value")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPANS = r"(?:\d{2,4}|\d{1,3}[-_]\d{1,3}|\d{2}p|u)"
_DATE = r"\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
_RANGE = (
    r"[$€£]?\d+(?:\.\d+)?k?\s*(?:-|–|to)\s*[$€£]?\d+(?:\.\d+)?[k%]?|[<>≤≥]=?\s*[$€£]?\d+(?:\.\d+)?k?"
    r"|[$€£]?\d+(?:\.\d+)?k?\s*(?:\+|and over|or more)"
)


@dataclass(frozen=True, slots=True)
class _HeaderForm:
    """One form of values in column names."""

    label: str
    group_of: Callable[[str], str | None]  # the group of columns to which a name belongs, or None
    min_columns: int
    pattern: Callable[[str], str]  # of a group: a pattern for the whole name
    names_to: Callable[[str], str | tuple[str, ...]]
    parts: Callable[[str], str | None]  # of a group: a pattern for the parts of the name to keep


def _match_group(expression: str) -> Callable[[str], str | None]:
    compiled = re.compile(expression, re.IGNORECASE)

    def group_of(name: str) -> str | None:
        match = compiled.fullmatch(name.strip())
        return None if match is None else (match.group(1) if compiled.groups else "") or ""

    return group_of


def _year_group(name: str) -> str | None:
    match = re.fullmatch(r"([^\d]*?)[ _.-]?(\d{4})", name.strip())
    return name[: -len(match[2])] if match and 1500 <= int(match[2]) <= 2200 else None


def _word_group(words: tuple[str, ...]) -> Callable[[str], str | None]:
    spellings = {*words, *(word[:3] for word in words), *(word[:4] for word in words if word[0] in "st")}
    return lambda name: "" if name.strip().rstrip(".").casefold() in spellings else None


def _period_name(start: str) -> str:
    period = start.rstrip(" _.").casefold()
    return {"wk": "week", "mon": "month", "yr": "year", "hr": "hour"}.get(period, period)


_YEARS = _HeaderForm(
    "years",
    _year_group,
    2,
    lambda start: rf"{escape_pattern(start)}\d{{4}}",
    lambda _: "year",
    lambda start: rf"{escape_pattern(start)}(\d{{4}})" if start else None,
)
_SEX_AND_AGE = _HeaderForm(
    "groups of sex and age",
    _match_group(rf"((?:.*_)?)(?:[mf])_?{_SPANS}"),
    4,
    lambda start: rf"{escape_pattern(start)}[mf]_?{_SPANS}",
    lambda _: ("sex", "age"),
    lambda start: rf"{escape_pattern(start)}([mf])_?({_SPANS[3:-1]})",
)


def _simple_form(
    label: str, group_of: Callable[[str], str | None], pattern: str, name: str, min_columns: int
) -> _HeaderForm:
    return _HeaderForm(label, group_of, min_columns, lambda _: pattern, lambda _: name, lambda _: None)


_FORMS = (
    _YEARS,
    _HeaderForm(
        "numbered periods",
        _match_group(rf"((?:{'|'.join(_TIMES)})s?[ _.]?)\d{{1,3}}"),
        3,
        lambda start: rf"{escape_pattern(start)}\d{{1,3}}",
        _period_name,
        lambda start: rf"{escape_pattern(start)}(\d{{1,3}})",
    ),
    _HeaderForm(
        "days", _match_group(r"(d)\d{1,2}"), 20, lambda _: r"d\d{1,2}", lambda _: "day", lambda _: r"d(\d{1,2})"
    ),
    _simple_form("months", _word_group(_MONTHS), r"[A-Z][a-z]+", "month", 4),
    _simple_form("weekdays", _word_group(_WEEKDAYS), r"[A-Z][a-z]+", "weekday", 4),
    _SEX_AND_AGE,
    _simple_form("dates", _match_group(_DATE), _DATE, "date", 3),
    _simple_form("ranges", _match_group(_RANGE), _RANGE, "range", 3),
)


def values_in_headers(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Iterator[TidinessIssue]:
    r"""Find columns of one type whose names are values of a variable; not indicators with only 0 and 1."""
    for form in _FORMS:
        groups: dict[str, list[str]] = {}
        for name in frame.columns:
            group = form.group_of(name)
            if group is not None:
                groups.setdefault(group, []).append(name)
        groups = {group: names for group, names in groups.items() if _are_values(frame, inferred_types, form, names)}
        if len(groups) > 1 and form in (_YEARS, _SEX_AND_AGE) and _have_one_dtype(frame, groups):
            yield _melt_groups(frame, form, groups)
        else:
            for group, names in groups.items():
                yield _melt_group(frame, form, group, names)


def _are_values(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], form: _HeaderForm, names: list[str]
) -> bool:
    if len(names) < form.min_columns:
        return False
    dtypes = {_dtype_group(frame, name) for name in names} - {"empty"}
    if len(dtypes) != 1 or all(
        inferred_types[name].variable_type in (VariableType.BOOLEAN, VariableType.CONSTANT) for name in names
    ):
        return False
    if form is _SEX_AND_AGE:
        ends = [re.sub(r"^.*_(?=[mf])", "", name) for name in names]
        return {name[0].casefold() for name in ends} == {"m", "f"}
    if form is _YEARS and _continues_numbering(frame.columns, names):
        return False
    if form is _YEARS and len(names) == 2:
        first, second = (int(name[-4:]) for name in names)
        return dtypes == {"number"} and abs(first - second) <= 10
    return True


def _continues_numbering(all_names: list[str], names: list[str]) -> bool:
    """Whether the numbers continue beyond years, as in x1 … x2000."""
    numbered = re.compile(rf"{re.escape(names[0][:-4])}\d+")
    return sum(numbered.fullmatch(name) is not None for name in all_names) > len(names)


def _have_one_dtype(frame: pl.DataFrame, groups: Mapping[str, list[str]]) -> bool:
    return len({_dtype_group(frame, name) for names in groups.values() for name in names} - {"empty"}) == 1


def _dtype_group(frame: pl.DataFrame, name: str) -> str:
    # By series: Polars builds the schema of a frame at each access, which is slow for thousands of columns.
    column = frame.get_column(name)
    dtype = column.dtype
    # In a text file, a column without values has no type.
    if dtype == pl.Null or column.null_count() == frame.height:
        return "empty"
    return "number" if dtype.is_numeric() else "text" if dtype in (pl.String, pl.Categorical) else str(dtype)


def _melt_group(frame: pl.DataFrame, form: _HeaderForm, group: str, names: list[str]) -> TidinessIssue:
    names_to = form.names_to(group)
    new = [names_to] if isinstance(names_to, str) else list(names_to)
    # The text before a year is often the measured variable: income_1990, income_2000.
    measure = group.strip(" _.-")
    value = measure if form is _YEARS and measure.casefold() not in _NO_MEASURES else "value"
    return _melt_issue(frame, form, names, form.pattern(group), new, value, form.parts(group))


def _melt_groups(frame: pl.DataFrame, form: _HeaderForm, groups: Mapping[str, list[str]]) -> TidinessIssue:
    """Several groups with different texts before the value, which are one more variable."""
    names = [name for name in frame.columns if any(name in group for group in groups.values())]
    starts = "|".join(escape_pattern(start) for start in groups)
    parts = r"(.*?)[ _.-]?(\d{4})" if form is _YEARS else rf"(.*?)_?([mf])_?({_SPANS[3:-1]})"
    names_to = form.names_to("")
    new = ["name", *([names_to] if isinstance(names_to, str) else names_to)]
    return _melt_issue(frame, form, names, f"(?:{starts}).*", new, "value", parts)


def _melt_issue(
    frame: pl.DataFrame,
    form: _HeaderForm,
    names: list[str],
    pattern: str,
    new: list[str],
    value: str,
    parts: str | None,
) -> TidinessIssue:
    taken = set(frame.columns) - set(names)
    free = [name if name not in taken else f"{name}_of_column" for name in new]
    values_to = next(name for name in (value, "value", "cell", "value of the cell") if name not in {*taken, *free})
    arguments: dict[str, object] = {
        "columns": names_as_pattern(names, frame.columns, pattern),
        "names_to": free[0] if len(free) == 1 else free,
        "values_to": values_to,
    }
    if parts is not None:
        arguments["names_pattern"] = parts
    examples = f"'{names[0]}', '{names[1]}'" + (f" … '{names[-1]}'" if len(names) > 2 else "")
    return TidinessIssue(
        LayoutProblem.VALUES_IN_HEADERS,
        tuple(names),
        f"{len(names)} column names are {form.label} ({examples}), which are values of a variable",
        {"columns": len(names), "first": names[0], "last": names[-1], "named by": form.label},
        "melt",
        arguments,
    )
