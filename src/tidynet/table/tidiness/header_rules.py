"""Values that stand as names of columns: years, months, weeks, groups, ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from tidynet.table.tidiness.issue import TidinessIssue, names_as_pattern
from tidynet.table.tidy.columns import escaped
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["values_in_headers"]

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
class _Form:
    """One way in which values stand as names: what they are, and how many make it sure."""

    called: str
    fits: Callable[[str], str | None]  # of a name: the group of columns it belongs to, or None
    fewest: int
    pattern: Callable[[str], str]  # of a group: a pattern for the whole name
    names_to: Callable[[str], str | tuple[str, ...]]
    parts: Callable[[str], str | None]  # of a group: what of the name to keep


def _by_expression(expression: str) -> Callable[[str], str | None]:
    compiled = re.compile(expression, re.IGNORECASE)

    def fits(name: str) -> str | None:
        result = compiled.fullmatch(name.strip())
        return None if result is None else (result.group(1) if compiled.groups else "") or ""

    return fits


def _year(name: str) -> str | None:
    result = re.fullmatch(r"([^\d]*?)[ _.-]?(\d{4})", name.strip())
    return name[: -len(result[2])] if result and 1500 <= int(result[2]) <= 2200 else None


def _word(text: tuple[str, ...]) -> Callable[[str], str | None]:
    non_missing = {*text, *(word[:3] for word in text), *(word[:4] for word in text if word[0] in "st")}
    return lambda name: "" if name.strip().rstrip(".").casefold() in non_missing else None


_FORMS = (
    _Form(
        "years",
        _year,
        2,
        lambda start: rf"{escaped(start)}\d{{4}}",
        lambda _: "year",
        lambda start: rf"{escaped(start)}(\d{{4}})" if start else None,
    ),
    _Form(
        "running numbers of a time",
        _by_expression(rf"((?:{'|'.join(_TIMES)})s?[ _.]?)\d{{1,3}}"),
        3,
        lambda start: rf"{escaped(start)}\d{{1,3}}",
        lambda start: {"wk": "week", "mon": "month", "yr": "year", "hr": "hour"}.get(
            start.rstrip(" _.").casefold(), start.rstrip(" _.").casefold()
        ),
        lambda start: rf"{escaped(start)}(\d{{1,3}})",
    ),
    _Form("days", _by_expression(r"(d)\d{1,2}"), 20, lambda _: r"d\d{1,2}", lambda _: "day", lambda _: r"d(\d{1,2})"),
    _Form("months", _word(_MONTHS), 4, lambda _: r"[A-Z][a-z]+", lambda _: "month", lambda _: None),
    _Form("weekdays", _word(_WEEKDAYS), 4, lambda _: r"[A-Z][a-z]+", lambda _: "weekday", lambda _: None),
    _Form(
        "groups of sex and age",
        _by_expression(rf"((?:.*_)?)(?:[mf])_?{_SPANS}"),
        4,
        lambda start: rf"{escaped(start)}[mf]_?{_SPANS}",
        lambda _: ("sex", "age"),
        lambda start: rf"{escaped(start)}([mf])_?({_SPANS[3:-1]})",
    ),
    _Form("dates", _by_expression(_DATE), 3, lambda _: _DATE, lambda _: "date", lambda _: None),
    _Form("ranges", _by_expression(_RANGE), 3, lambda _: _RANGE, lambda _: "range", lambda _: None),
)


def values_in_headers(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Iterator[TidinessIssue]:
    r"""Find runs of columns of one type whose names are values of a variable.

    Columns of only 0 and 1 are left out: they are indicators of levels, which is what models ask for.

    >>> from tidynet.table.infer_types import infer_types
    >>> ranks = pl.DataFrame({"song": ["a", "b"], "wk1": [3, 9], "wk2": [2, 8], "wk3": [1, 7], "wk4": [1, 2]})
    >>> print(next(iter(values_in_headers(ranks, infer_types(ranks)))).call)
    tn.tidy.melt(frame, columns=r'wk\d{1,3}', names_to='week', values_to='value', names_pattern=r'wk(\d{1,3})')
    """
    for form in _FORMS:
        groups: dict[str, list[str]] = {}
        for name in frame.columns:
            group = form.fits(name)
            if group is not None:
                groups.setdefault(group, []).append(name)
        sure = {group: result for group, result in groups.items() if _is_sure(frame, inferred_types, form, result)}
        if len(sure) > 1 and form.called in ("years", "groups of sex and age") and _same_category(frame, sure):
            yield _joined(frame, form, sure)
        else:
            for group, result in sure.items():
                yield _finding(frame, form, group, result)


def _is_sure(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], form: _Form, result: list[str]) -> bool:
    if len(result) < form.fewest:
        return False
    types = {_value_category(frame, name) for name in result} - {"empty"}
    if len(types) != 1 or all(
        inferred_types[name].variable_type in (VariableType.BOOLEAN, VariableType.CONSTANT) for name in result
    ):
        return False
    if form.called == "groups of sex and age":
        last = [re.sub(r"^.*_(?=[mf])", "", name) for name in result]
        return {name[0].casefold() for name in last} == {"m", "f"}
    if form.called == "years" and _runs_on(frame.columns, result):
        return False
    if form.called == "years" and len(result) == 2:
        first, second = (int(name[-4:]) for name in result)
        return types == {"number"} and abs(first - second) <= 10
    return True


def _runs_on(names: list[str], result: list[str]) -> bool:
    """Whether the numbers go on beyond what a year can be, as in x1 … x2000."""
    start = result[0][:-4]
    numbered = re.compile(rf"{re.escape(start)}\d+")
    return sum(numbered.fullmatch(name) is not None for name in names) > len(result)


def _same_category(frame: pl.DataFrame, groups: Mapping[str, list[str]]) -> bool:
    return len({_value_category(frame, name) for result in groups.values() for name in result} - {"empty"}) == 1


def _value_category(frame: pl.DataFrame, name: str) -> str:
    # By series: the schema of a frame is made anew each time, which takes long with thousands of columns.
    column = frame.get_column(name)
    dtype = column.dtype
    # A text file says nothing about the type of a column without a value.
    if dtype == pl.Null or column.null_count() == frame.height:
        return "empty"
    return "number" if dtype.is_numeric() else "text" if dtype in (pl.String, pl.Categorical) else str(dtype)


def _finding(frame: pl.DataFrame, form: _Form, group: str, result: list[str]) -> TidinessIssue:
    names_to = form.names_to(group)
    new = [names_to] if isinstance(names_to, str) else list(names_to)
    # What stands before a year is most often what was measured: income_1990, income_2000.
    called = group.strip(" _.-")
    value = called if form.called == "years" and called.casefold() not in _NO_MEASURES else "value"
    return _melted(frame, form, result, form.pattern(group), new, value, form.parts(group))


def _joined(frame: pl.DataFrame, form: _Form, groups: Mapping[str, list[str]]) -> TidinessIssue:
    """Several runs that differ in what stands before: that is one more variable."""
    result = [name for name in frame.columns if any(name in names for names in groups.values())]
    starts = "|".join(escaped(start) for start in groups)
    last = "[ _.-]?" if form.called == "years" else "_?"
    inner = r"(\d{4})" if form.called == "years" else rf"([mf])_?({_SPANS[3:-1]})"
    names_to = form.names_to("")
    new = ["name", *([names_to] if isinstance(names_to, str) else names_to)]
    return _melted(frame, form, result, f"(?:{starts}).*", new, "value", f"(.*?){last}{inner}")


def _melted(
    frame: pl.DataFrame, form: _Form, result: list[str], pattern: str, new: list[str], value: str, parts: str | None
) -> TidinessIssue:
    taken = set(frame.columns) - set(result)
    free = [name if name not in taken else f"{name}_of_column" for name in new]
    arguments: dict[str, object] = {
        "columns": names_as_pattern(result, frame.columns, pattern),
        "names_to": free[0] if len(free) == 1 else free,
        "values_to": next(
            name for name in (value, "value", "cell", "value of the cell") if name not in {*taken, *free}
        ),
    }
    if parts is not None:
        arguments["names_pattern"] = parts
    display_text = f"'{result[0]}', '{result[1]}'" + (f" … '{result[-1]}'" if len(result) > 2 else "")
    return TidinessIssue(
        "values as column names",
        tuple(result),
        f"{len(result)} columns are named by {form.called} ({display_text}), which are values: "
        "their variable has no column of its own",
        {"columns": len(result), "first": result[0], "last": result[-1], "named by": form.called},
        "melt",
        arguments,
    )
