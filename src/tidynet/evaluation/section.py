"""One part of an evaluation beyond the scores: what it says, its numbers in lines, its facts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

__all__ = ["EvaluationSection"]


@dataclass(frozen=True)
class EvaluationSection:
    """What one part of an evaluation found; plain data that JSON can hold.

    Parameters
    ----------
    name : str
        One of `tidynet.evaluation.sections.PARTS`, or "cross-validation" or "learning curve".
    title : str
    sentences : tuple of str
        What there is to say, in order of weight.
    header, lines : tuple of str, tuple of tuple of str
        A table, or nothing.
    facts : dict
        The numbers behind it; what a picture is drawn from.

    Examples
    --------
    >>> section = EvaluationSection("calibration", "Calibration", ("probabilities are as stated",), facts={"error": float("nan")})
    >>> EvaluationSection.from_dict(section.to_dict()).facts
    {'error': None}
    """

    name: str
    title: str
    sentences: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it; a number that is not finite as None."""
        return {
            "name": self.name,
            "title": self.title,
            "sentences": list(self.sentences),
            "header": list(self.header),
            "lines": [list(line) for line in self.lines],
            "facts": _finite(self.facts),
        }

    def _repr_html_(self) -> str:
        text = "".join(f"<p>{escape(words)}</p>" for words in self.sentences)
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.header)
        body = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(line[0])}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in line[1:])
            + "</tr>"
            for line in self.lines
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if self.lines else ""
        return f"<div><strong>{escape(self.title)}</strong>{text}{table}</div>"

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> EvaluationSection:
        """The section that `to_dict` took apart."""
        return cls(
            facts["name"],
            facts["title"],
            tuple(facts["sentences"]),
            tuple(facts["header"]),
            tuple(tuple(line) for line in facts["lines"]),
            dict(facts["facts"]),
        )


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):  # NumPy's numbers
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
