"""What a notebook says and runs: from findings and scores to cells of words and of plain code.

Nothing here knows the notebook's file format; a cell is plain data. Words state what was seen when the
notebook was written, and the code below them finds the same again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tidynet.output.notebook.cell import (
    NotebookCell,
    NotebookSpec,
    escape_markdown,
    hidden_code,
    hidden_markdown,
    slide,
)
from tidynet.output.notebook.evaluation_cells import evaluation_cells
from tidynet.output.notebook.profile_cells import profile_cells
from tidynet.output.notebook.scoring_cells import test_cells
from tidynet.output.notebook.training_cells import training_cells
from tidynet.output.report.html_page import format_count

if TYPE_CHECKING:
    from tidynet.evaluation.result import Evaluation
    from tidynet.profiling.profile import Profile

__all__ = ["make_cells"]


def make_cells(plan: NotebookSpec, profile: Profile, evaluation: Evaluation, model: Any) -> list[NotebookCell]:
    """The cells of an analysis, in order."""
    return [
        *_intro_cells(plan, profile, evaluation, model),
        *profile_cells(plan, profile),
        *training_cells(plan, model),
        *test_cells(plan, evaluation),
        *evaluation_cells(evaluation),
        *_closing_cells(plan),
    ]


def _intro_cells(plan: NotebookSpec, profile: Profile, evaluation: Evaluation, model: Any) -> Iterator[NotebookCell]:
    aside = len(model.recipe_.excluded_columns)
    verb = "is" if aside == 1 else "are"
    yield slide(
        f"# {escape_markdown(profile.name)}: predicting {escape_markdown(plan.target)}\n\n"
        f"{format_count(profile.rows, 'row')}, {format_count(len(model.recipe_.used_columns), 'column')} to learn from"
        + (f" ({aside:,} more {verb} set aside)" if aside else "")
        + f". {escape_markdown(evaluation.sentence)}"
    )
    yield hidden_code(_settings(profile))


def _settings(profile: Profile) -> str:
    """What is imported, and how pictures look; letters beyond matplotlib's own font are looked for in others."""
    from tidynet.plot.figure import needs_more_fonts

    names = (text for item in profile.columns for text in (item.name, *(level for level, _ in item.categories)))
    wider = needs_more_fonts(names)
    return (
        "%matplotlib inline\n"
        + ("import warnings\n\n" if wider else "")
        + "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\nimport seaborn as sns\n\n"
        "import tidynet as tn\n"
        + ("from tidynet.plot.figure import families\n" if wider else "")
        # A column's name may hold dollars, which are no formula.
        + '\nsettings = {"figure.figsize": (7, 4), "figure.dpi": 120, "text.parse_math": False}\n'
        + (
            'settings["font.family"] = list(families())\n'
            'warnings.filterwarnings("ignore", "Glyph .* missing from")  # a letter that no font has is a box\n'
            if wider
            else ""
        )
        + 'sns.set_theme(style="whitegrid", palette="colorblind", rc=settings)'
    )


def _closing_cells(plan: NotebookSpec) -> Iterator[NotebookCell]:
    yield hidden_markdown(
        f"## How this was made\n\nWritten by tidynet {plan.version}. Running all cells from the top in a fresh "
        "kernel gives the same numbers under the same versions."
    )
    yield hidden_code(
        "from tidynet.workflow import package_versions\n\n"
        'pd.Series(package_versions("pandas", "matplotlib", "seaborn"))'
    )
