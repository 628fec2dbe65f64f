"""Values that stand as names of columns: years, months, weeks, groups, ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from tidynet.table.kind import Judgement, Kind
from tidynet.table.tidy.columns import escaped
from tidynet.table.untidy.finding import Untidy, names_as_pattern

__all__ = ["values_as_names"]

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
        found = compiled.fullmatch(name.strip())
        return None if found is None else (found.group(1) if compiled.groups else "") or ""

    return fits


def _year(name: str) -> str | None:
    found = re.fullmatch(r"([^\d]*?)[ _.-]?(\d{4})", name.strip())
    return name[: -len(found[2])] if found and 1500 <= int(found[2]) <= 2200 else None


def _word(words: tuple[str, ...]) -> Callable[[str], str | None]:
    known = {*words, *(word[:3] for word in words), *(word[:4] for word in words if word[0] in "st")}
    return lambda name: "" if name.strip().rstrip(".").casefold() in known else None


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


def values_as_names(frame: pl.DataFrame, judgements: Mapping[str, Judgement]) -> Iterator[Untidy]:
    r"""Find runs of columns of one type whose names are values of a variable.

    Columns of only 0 and 1 are left out: they are indicators of levels, which is what models ask for.

    Examples
    --------
    >>> from tidynet.table.kinds import judge_all
    >>> ranks = pl.DataFrame({"song": ["a", "b"], "wk1": [3, 9], "wk2": [2, 8], "wk3": [1, 7], "wk4": [1, 2]})
    >>> print(next(iter(values_as_names(ranks, judge_all(ranks)))).call)
    tn.tidy.melt(frame, columns=r'wk\d{1,3}', names_to='week', values_to='value', names_pattern=r'wk(\d{1,3})')
    """
    for form in _FORMS:
        groups: dict[str, list[str]] = {}
        for name in frame.columns:
            group = form.fits(name)
            if group is not None:
                groups.setdefault(group, []).append(name)
        sure = {group: found for group, found in groups.items() if _is_sure(frame, judgements, form, found)}
        if len(sure) > 1 and form.called in ("years", "groups of sex and age") and _one_sort(frame, sure):
            yield _joined(frame, form, sure)
        else:
            for group, found in sure.items():
                yield _finding(frame, form, group, found)


def _is_sure(frame: pl.DataFrame, judgements: Mapping[str, Judgement], form: _Form, found: list[str]) -> bool:
    if len(found) < form.fewest:
        return False
    types = {_sort(frame, name) for name in found} - {"empty"}
    if len(types) != 1 or all(judgements[name].kind in (Kind.BOOLEAN, Kind.CONSTANT) for name in found):
        return False
    if form.called == "groups of sex and age":
        last = [re.sub(r"^.*_(?=[mf])", "", name) for name in found]
        return {name[0].casefold() for name in last} == {"m", "f"}
    if form.called == "years" and _runs_on(frame.columns, found):
        return False
    if form.called == "years" and len(found) == 2:
        first, second = (int(name[-4:]) for name in found)
        return types == {"number"} and abs(first - second) <= 10
    return True


def _runs_on(names: list[str], found: list[str]) -> bool:
    """Whether the numbers go on beyond what a year can be, as in x1 … x2000."""
    start = found[0][:-4]
    numbered = re.compile(rf"{re.escape(start)}\d+")
    return sum(numbered.fullmatch(name) is not None for name in names) > len(found)


def _one_sort(frame: pl.DataFrame, groups: Mapping[str, list[str]]) -> bool:
    return len({_sort(frame, name) for found in groups.values() for name in found} - {"empty"}) == 1


def _sort(frame: pl.DataFrame, name: str) -> str:
    # By series: the schema of a frame is made anew each time, which takes long with thousands of columns.
    column = frame.get_column(name)
    dtype = column.dtype
    # A text file says nothing about the type of a column without a value.
    if dtype == pl.Null or column.null_count() == frame.height:
        return "empty"
    return "number" if dtype.is_numeric() else "text" if dtype in (pl.String, pl.Categorical) else str(dtype)


def _finding(frame: pl.DataFrame, form: _Form, group: str, found: list[str]) -> Untidy:
    names_to = form.names_to(group)
    new = [names_to] if isinstance(names_to, str) else list(names_to)
    # What stands before a year is most often what was measured: income_1990, income_2000.
    called = group.strip(" _.-")
    value = called if form.called == "years" and called.casefold() not in _NO_MEASURES else "value"
    return _melted(frame, form, found, form.pattern(group), new, value, form.parts(group))


def _joined(frame: pl.DataFrame, form: _Form, groups: Mapping[str, list[str]]) -> Untidy:
    """Several runs that differ in what stands before: that is one more variable."""
    found = [name for name in frame.columns if any(name in names for names in groups.values())]
    starts = "|".join(escaped(start) for start in groups)
    last = "[ _.-]?" if form.called == "years" else "_?"
    inner = r"(\d{4})" if form.called == "years" else rf"([mf])_?({_SPANS[3:-1]})"
    names_to = form.names_to("")
    new = ["name", *([names_to] if isinstance(names_to, str) else names_to)]
    return _melted(frame, form, found, f"(?:{starts}).*", new, "value", f"(.*?){last}{inner}")


def _melted(
    frame: pl.DataFrame, form: _Form, found: list[str], pattern: str, new: list[str], value: str, parts: str | None
) -> Untidy:
    taken = set(frame.columns) - set(found)
    free = [name if name not in taken else f"{name}_of_column" for name in new]
    arguments: dict[str, object] = {
        "columns": names_as_pattern(found, frame.columns, pattern),
        "names_to": free[0] if len(free) == 1 else free,
        "values_to": next(
            name for name in (value, "value", "cell", "value of the cell") if name not in {*taken, *free}
        ),
    }
    if parts is not None:
        arguments["names_pattern"] = parts
    shown = f"'{found[0]}', '{found[1]}'" + (f" … '{found[-1]}'" if len(found) > 2 else "")
    return Untidy(
        "values as column names",
        tuple(found),
        f"{len(found)} columns are named by {form.called} ({shown}), which are values: "
        "their variable has no column of its own",
        {"columns": len(found), "first": found[0], "last": found[-1], "named by": form.called},
        "melt",
        arguments,
    )
