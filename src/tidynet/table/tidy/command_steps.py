r"""Verbs as options of a command line: ``melt`` and ``wk\d+ names_to=week``."""

from __future__ import annotations

import csv
import inspect
import io
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.table.tidy.columns import split_column, unite
from tidynet.table.tidy.missing import drop_missing, fill, impute
from tidynet.table.tidy.reshape import melt, pivot
from tidynet.table.tidy.rows import clip_outliers, drop_duplicates, drop_rows, extract_table
from tidynet.table.tidy.units import separate_units

F = TypeVar("F")
VERBS = {
    verb.__name__: verb
    for verb in (
        *(melt, pivot, split_column, unite, separate_units, fill, drop_missing, impute, drop_duplicates, clip_outliers),
        drop_rows,
    )
}
"""The verbs that take and return a frame."""
_ARGUMENTS = {**VERBS, "extract_table": extract_table}

_ALWAYS_LISTS = ("into", "values")
_LISTS = ("columns", "names_to", "keep", "order_by")
_SWITCHES = {"yes": True, "true": True, "no": False, "false": False}
# Not a comma within {1,3} or [,;], which are parts of a pattern.
_COMMA = re.compile(r",(?![^{\[]*[}\]])")


@dataclass(frozen=True, slots=True)
class TidyStep:
    r"""A verb with its arguments."""

    verb: str
    arguments: Mapping[str, Any]

    def __call__(self, frame: F) -> F:
        """The frame after the verb."""
        result: F = VERBS[self.verb](frame, **self.arguments)
        return result

    @classmethod
    def step_from_arguments(cls, verb: str, text: str) -> TidyStep:
        """Parse the arguments of a verb: columns first, then NAME=VALUE.

        Commas separate columns; "all" takes all of them; quotes enclose names with spaces.
        """
        signature = inspect.signature(_ARGUMENTS[verb]).parameters
        parameters = {name: item for name, item in signature.items() if name != "frame"}
        if verb == "extract_table":
            parameters["to"] = inspect.Parameter("to", inspect.Parameter.KEYWORD_ONLY, default=None)
        required = [name for name, item in parameters.items() if item.default is inspect.Parameter.empty]
        arguments: dict[str, Any] = {}
        for word in _words(verb, text):
            name, equals, value = word.partition("=")
            if equals and name in parameters:
                arguments[name] = _value(verb, name, value, parameters[name])
                continue
            free = [parameter for parameter in parameters if parameter not in arguments]
            is_positional = bool(free) and (free[0] in required or free[0] == "columns" or not equals)
            is_positional = is_positional and not (verb == "extract_table" and free[0] == "to")
            if not is_positional or (equals and did_you_mean(name, list(parameters))):
                raise _unknown_argument(verb, name if equals else word, list(parameters))
            if not (word == "all" and free[0] == "columns"):
                arguments[free[0]] = _value(verb, free[0], word, parameters[free[0]])
        missing_names = [name for name in required if name not in arguments]
        if missing_names == ["columns"] and "all" in text.split():
            arguments["columns"] = ".*"
        elif missing_names:
            needed = " ".join(name.upper() for name in required)
            raise InputError(
                f"{_option(verb)} is '{text}' without {join_names(missing_names)}",
                f"expected {_option(verb)} '{needed or 'COLUMNS'} …'",
            )
        return cls(verb, arguments)


def step_to_arguments(verb: str, arguments: Mapping[str, Any]) -> str:
    """The option of the command line for a verb and its arguments."""
    parts = []
    for position, (name, value) in enumerate(arguments.items()):
        text = _joined(value)
        parts.append(_quoted(text) if position == 0 else f"{name}={_quoted(text)}")
    return f"{_option(verb)} {shlex.quote(' '.join(parts))}"


def _joined(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (list, tuple)):
        return str(value)
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(value)
    return line.getvalue()


def _quoted(text: str) -> str:
    if not re.search(r"[\s'\"]", text):
        return text
    return f"'{text}'" if "'" not in text else '"' + text + '"'


def _words(verb: str, text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    try:
        return list(lexer)
    except ValueError as error:
        raise InputError(f"{_option(verb)} '{text}' opens a quote that is never closed", "close it") from error


def _value(verb: str, name: str, text: str, parameter: inspect.Parameter) -> Any:
    if name in _ALWAYS_LISTS and not (verb == "pivot" and name == "values") and verb != "unite":
        return _listed(text)
    if name in _LISTS:
        names = _listed(text)
        return names[0] if len(names) == 1 else names
    if isinstance(parameter.default, bool):
        if text.lower() not in _SWITCHES:
            raise InputError(f"{name} of {_option(verb)} is '{text}', expected yes or no", "write yes or no")
        return _SWITCHES[text.lower()]
    if name == "width":
        try:
            return float(text)
        except ValueError:
            raise InputError(f"width of {_option(verb)} is '{text}', expected a number", "try 1.5") from None
    return text


def _listed(text: str) -> list[str]:
    if '"' in text:
        return next(csv.reader([text], skipinitialspace=True))
    return [name.strip() for name in _COMMA.split(text)]


def _unknown_argument(verb: str, word: str, names: list[str]) -> InputError:
    hint = did_you_mean(word, names) or f"expected {join_names(names, 12)} as NAME=VALUE"
    return InputError(f"{_option(verb)} has no argument '{word}'", hint)


def _option(verb: str) -> str:
    return f"--{verb.replace('_', '-')}"
