"""The cells of a notebook: Markdown on what the analysis found, and plain code that finds it again.

Nothing here knows the notebook's file format; a cell is plain data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tidynet.core.notebook_cell import NotebookCell, escape_markdown, hidden_code, hidden_markdown, markdown_list, slide
from tidynet.core.text import pluralize
from tidynet.output.notebook.model_cells import test_cells, training_cells
from tidynet.output.notebook.notebook_spec import NotebookSpec
from tidynet.output.notebook.profile_cells import profile_cells

if TYPE_CHECKING:
    from tidynet.estimators.fitted_model import FittedModel
    from tidynet.evaluation.result import Evaluation
    from tidynet.evaluation.section import EvaluationSection
    from tidynet.profiling.profile import Profile


def make_cells(spec: NotebookSpec, profile: Profile, evaluation: Evaluation, model: FittedModel) -> list[NotebookCell]:
    """The cells of an analysis, in order."""
    return [
        *_intro_cells(spec, profile, evaluation, model),
        *profile_cells(spec, profile),
        *training_cells(spec, model),
        *test_cells(spec, evaluation),
        *_evaluation_cells(evaluation),
        *_closing_cells(spec),
    ]


def _intro_cells(
    spec: NotebookSpec, profile: Profile, evaluation: Evaluation, model: FittedModel
) -> Iterator[NotebookCell]:
    recipe = model.recipe_
    excluded = f", {len(recipe.excluded_columns):,} excluded" if recipe.excluded_columns else ""
    yield slide(
        f"# {escape_markdown(profile.name)}: prediction of {escape_markdown(spec.target)}\n\n"
        f"{escape_markdown(evaluation.verdict)} "
        f"{pluralize(profile.rows, 'row')}, {pluralize(len(recipe.used_columns), 'input column')}{excluded}."
    )
    yield hidden_code(_setup_code(profile))


def _setup_code(profile: Profile) -> str:
    """Imports and chart settings; fonts for letters that matplotlib's own lacks, where the table has such."""
    from tidynet.plot.figure import needs_more_fonts

    names = (text for item in profile.columns for text in (item.name, *(name for name, _ in item.categories)))
    more_fonts = needs_more_fonts(names)
    return (
        "%matplotlib inline\n"
        + ("import warnings\n\n" if more_fonts else "")
        + "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\nimport seaborn as sns\n\n"
        "import tidynet as tn\n"
        + ("from tidynet.plot.figure import font_families\n" if more_fonts else "")
        # A dollar sign in a column's name starts no formula.
        + '\nsettings = {"figure.figsize": (7, 4), "figure.dpi": 120, "text.parse_math": False}\n'
        + (
            'settings["font.family"] = list(font_families())\n'
            'warnings.filterwarnings("ignore", "Glyph .* missing from")  # such a letter is drawn as a box\n'
            if more_fonts
            else ""
        )
        + 'sns.set_theme(style="whitegrid", palette="colorblind", rc=settings)'
    )


def _evaluation_cells(evaluation: Evaluation) -> Iterator[NotebookCell]:
    """A heading with the sentences of each section, and the cells that its file declares."""
    from tidynet.evaluation.section import variable_name
    from tidynet.evaluation.sections import SPECS

    for section in evaluation.sections:
        spec, name = SPECS[section.name], variable_name(section)
        yield _heading(section, has_text=spec.has_slide_text or not section.facts.get("columns"))
        yield hidden_code(f'{name} = evaluation.section("{section.name}")\nprint(*{name}.sentences, sep="\\n")')
        if section.facts:
            yield from spec.cells(section)


def _heading(section: EvaluationSection, *, has_text: bool) -> NotebookCell:
    title = f"## {escape_markdown(section.title)}"
    if not has_text:
        return hidden_markdown(title)  # its sentences are above its figures
    sentences = section.sentences
    text = markdown_list(sentences) if len(sentences) > 1 else escape_markdown("".join(sentences))
    return slide(f"{title}\n\n{text}")


def _closing_cells(spec: NotebookSpec) -> Iterator[NotebookCell]:
    yield hidden_markdown(
        f"## Reproduce\n\nWritten by tidynet {spec.version}. With the same versions, all cells run in order in a new "
        "kernel give the same numbers."
    )
    yield hidden_code(
        "from tidynet.workflow import package_versions\n\n"
        'pd.Series(package_versions("pandas", "matplotlib", "seaborn"))'
    )
