"""A rule: what it detects, what to do about it, and the function that checks a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.profile import Finding


@dataclass(frozen=True, slots=True)
class FindingRule:
    """One check. From four columns on, `merged_fact` lists all of them, each with the number named in `detail`.

    `basis` says which rows the check reads where a table is large; examples of a private finding are not shown.
    """

    code: str
    title: str
    condition: str
    action: str
    check: Callable[[FindingContext], Iterable[Finding]]
    merged_fact: str = ""
    detail: tuple[str, Callable[[float], str]] | None = None
    basis: Literal["all", "sample", "tested"] = "sample"
    is_private: bool = False


def severity(priority: float) -> Literal["high", "medium", "low"]:
    """The severity of a priority between 0 and 1."""
    if priority >= 0.7:
        return "high"
    return "medium" if priority >= 0.4 else "low"


def make_finding(
    code: str,
    priority: float,
    columns: Iterable[str],
    sentence: str,
    evidence: Mapping[str, float | str],
    *,
    action: str = "",
    call: str = "",
    rows: Iterable[int] = (),
) -> Finding:
    """A finding whose severity follows from its priority; an empty action stands for the rule's."""
    priority = round(min(max(priority, 0.0), 1.0), 3)
    return Finding(
        code, severity(priority), priority, tuple(columns), sentence, dict(evidence), action, call, tuple(rows)
    )
