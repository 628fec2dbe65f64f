"""What deserves a person's attention, how much, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from tidynet.look.attention.rule import Rule
from tidynet.look.attention.rules import OVERRULED, RULES
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import columns_word, drop, quoted
from tidynet.look.profile import Finding, Profile
from tidynet.table.kind import Judgement
from tidynet.table.untidy import Untidy

__all__ = ["RULES", "find"]

_SHOWN = 5
_TOGETHER_FROM = 4  # from so many columns on, one sentence for all says more than one for each


def find(
    profile: Profile,
    sample: pl.DataFrame,
    judgements: Mapping[str, Judgement],
    untidy: Sequence[Untidy] = (),
) -> tuple[Finding, ...]:
    """Judge what about a table deserves attention.

    Parameters
    ----------
    profile : Profile
        The numbers of the whole table; its findings are not read.
    sample : pl.DataFrame
        The whole table, or rows of it in their order, with the same columns.
    judgements : mapping of str to Judgement
        The kind of each column.
    untidy : sequence of Untidy
        What is not tidy about the table.

    Returns
    -------
    tuple of Finding
        Most important first; the same fact is told once, and the same fact of many columns in one sentence.

    Examples
    --------
    >>> from tidynet.look.profile import ColumnProfile
    >>> frame = pl.DataFrame({"source": ["crm"] * 3})
    >>> column = ColumnProfile("source", "constant", "every known value is 'crm'", rows=3, missing=0)
    >>> [one.sentence for one in find(Profile("t", "", 3, (column,)), frame, {}) if one.code == "constant"]
    ["'source' holds the same value in every row"]
    """
    if profile.rows == 0 or sample.height == 0:
        return ()
    seen = Seen(profile, sample, judgements, untidy)
    all_found = {rule.code: [_completed(rule, one, seen) for one in rule.look(seen)] for rule in RULES}
    kept = _without_overruled(all_found)
    ranked = [one for rule in RULES for one in _together(rule, kept[rule.code])]
    place = {name: index for index, name in enumerate(sample.columns)}
    return tuple(sorted(ranked, key=lambda one: (-one.weight, place.get(one.columns[0], 0) if one.columns else -1)))


def _completed(rule: Rule, finding: Finding, seen: Seen) -> Finding:
    if seen.is_sample:
        finding = replace(finding, evidence={**finding.evidence, "rows looked at": seen.sample.height})
    return finding if finding.advice else replace(finding, advice=rule.advice)


def _without_overruled(all_found: Mapping[str, Sequence[Finding]]) -> dict[str, list[Finding]]:
    """Without findings of which another says more about the same columns."""
    told: dict[str, set[str]] = {code: set() for code in all_found}
    everything = [one for found in all_found.values() for one in found]
    for code, weaker in OVERRULED.items():
        names = {name for one in everything if code in (one.code, _family(one.code)) for name in one.columns}
        for one in weaker:
            told[one] |= names
    return {
        code: [one for one in findings if not one.columns or not set(one.columns) <= told[code]]
        for code, findings in all_found.items()
    }


def _family(code: str) -> str:
    """The rule's code of what is not tidy, each kind of which has a code of its own."""
    return "not-tidy" if code.startswith("not-tidy") else code


def _together(rule: Rule, findings: Sequence[Finding]) -> Iterable[Finding]:
    if len(findings) < _TOGETHER_FROM or not rule.together:
        return findings
    ranked = sorted(findings, key=lambda one: -one.weight)
    columns = tuple(dict.fromkeys(name for one in ranked for name in one.columns))
    shown = columns_word(columns) if rule.detail is None else _with_details(ranked, *rule.detail)
    sentence = rule.together.format(count=len(findings), columns=shown)
    most = ranked[0]
    evidence: dict[str, float | str] = {"columns": len(columns), "most": most.sentence, **most.evidence}
    call = drop(columns) if rule.code == "constant" else ""
    return [replace(most, columns=columns, sentence=sentence, evidence=evidence, advice=rule.advice, call=call)]


def _with_details(findings: Sequence[Finding], key: str, written: Callable[[float], str]) -> str:
    """The first columns, each with the number that matters about it."""
    shown = [f"{quoted(one.columns[0])} ({written(float(one.evidence[key]))})" for one in findings[:_SHOWN]]
    more = f" and {len(findings) - _SHOWN:,} more" if len(findings) > _SHOWN else ""
    return ", ".join(shown) + more
