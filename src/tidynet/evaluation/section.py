"""One section of an evaluation as plain data, and what the file of a section declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from tidynet.core.display import Displayed
from tidynet.core.notebook_cell import NotebookCell, hidden_code
from tidynet.core.serialization import to_plain
from tidynet.core.text import sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.evaluation.context import EvaluationContext

Facts = Mapping[str, Any]


class SectionName:
    """The names of all sections, as `--section` and `Evaluation.section` take them."""

    LEAKAGE = "leakage"
    UNCERTAINTY = "uncertainty"
    IMPORTANCE = "importance"
    EFFECTS = "effects"
    SUBGROUPS = "subgroups"
    LARGEST_ERRORS = "largest-errors"
    CROSS_VALIDATION = "cross-validation"
    LEARNING_CURVE = "learning curve"


class CardPlace(Enum):
    """The part of the model card that shows a section."""

    EVALUATION = "evaluation"
    UNCERTAINTY = "uncertainty"
    CAVEATS = "caveats"


@dataclass(frozen=True, repr=False)
class EvaluationSection(Displayed):
    """One section of an evaluation; plain data that JSON can hold."""

    name: str
    title: str
    sentences: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def display_lines(self) -> list[str]:
        """The title, the sentences and the table."""
        rows = [line for line in (self.header, *self.lines) if any(line)]
        return [self.title, *self.sentences, *("  ".join(cell for cell in line if cell) for line in rows)]

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON can hold them; a number that is not finite as None."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> EvaluationSection:
        """The section of which `to_dict` gave the fields."""
        header, lines = tuple(fields["header"]), tuple(tuple(line) for line in fields["lines"])
        return cls(fields["name"], fields["title"], tuple(fields["sentences"]), header, lines, dict(fields["facts"]))

    def _repr_html_(self) -> str:
        text = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.header)
        body = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(line[0])}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in line[1:])
            + "</tr>"
            for line in self.lines
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if self.lines else ""
        return f"<div><strong>{escape(self.title)}</strong>{text}{table}</div>"


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """A fact that changes how the scores are read, with the action that it calls for."""

    section: str
    fact: str
    action: str = ""
    priority: float = 0.5

    @property
    def severity(self) -> Literal["high", "medium", "low"]:
        """The word for the priority."""
        return "high" if self.priority >= 0.7 else "medium" if self.priority >= 0.4 else "low"

    def __str__(self) -> str:
        return f"{self.section}  {self.fact}" + (f" → {self.action}" if self.action else "")


@dataclass(frozen=True, slots=True)
class SectionFigure:
    """A figure with its text for readers who cannot see it, and its caption."""

    figure: Figure
    alt: str
    caption: str


def table_cells(section: EvaluationSection) -> Iterator[NotebookCell]:
    """Notebook code that shows the table of a section."""
    if section.lines:
        name = variable_name(section)
        yield hidden_code(f"pd.DataFrame({name}.lines, columns={name}.header)")


def variable_name(section: EvaluationSection) -> str:
    """The name of a section's variable in a notebook."""
    return section.name.replace("-", "_").replace(" ", "_")


@dataclass(frozen=True)
class SectionSpec:
    """Everything about one section: the screen, the report, the model card and the notebook iterate over these."""

    name: str
    title: str
    read: Callable[[EvaluationContext], EvaluationSection] | None = None
    attention: Callable[[EvaluationSection], Iterable[AttentionItem]] = lambda _: ()
    figures: Callable[[Facts], Iterable[SectionFigure]] = lambda _: ()
    cells: Callable[[EvaluationSection], Iterator[NotebookCell]] = table_cells
    card_place: CardPlace | None = None
    has_slide_text: bool = True  # whether a slide of the notebook opens with the sentences

    def section(
        self,
        sentences: Iterable[str],
        header: tuple[str, ...] = (),
        lines: Iterable[tuple[str, ...]] = (),
        facts: dict[str, Any] | None = None,
    ) -> EvaluationSection:
        """The section with these contents; each sentence starts with a capital and ends with a full stop."""
        text = tuple(sentence(item) for item in sentences)
        return EvaluationSection(self.name, self.title, text, header, tuple(lines), facts or {})
