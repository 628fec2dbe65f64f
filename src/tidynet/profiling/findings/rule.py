"""A rule: what it looks for, what to do about it, and the function that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.profile import Finding

__all__ = ["FindingRule", "make_finding", "severity"]


@dataclass(frozen=True, slots=True)
class FindingRule:
    """One kind of finding."""

    code: str
    title: str
    description: str
    action: str
    check: Callable[[FindingContext], Iterable[Finding]]
    plural_message: str = ""
    details: tuple[str, Callable[[float], str]] | None = None


def severity(weight: float) -> Literal["high", "medium", "low"]:
    """The word for a weight.

    Examples
    --------
    >>> severity(0.9), severity(0.5), severity(0.2)
    ('high', 'medium', 'low')
    """
    if weight >= 0.7:
        return "high"
    return "medium" if weight >= 0.4 else "low"


def make_finding(
    code: str,
    weight: float,
    columns: Iterable[str],
    sentence: str,
    evidence: Mapping[str, float | str],
    *,
    action: str = "",
    call: str = "",
) -> Finding:
    """A finding whose severity follows from its weight; its advice is the rule's where none is given."""
    weight = round(min(max(weight, 0.0), 1.0), 3)
    return Finding(code, severity(weight), weight, tuple(columns), sentence, dict(evidence), action, call)
