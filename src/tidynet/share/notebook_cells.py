"""What a notebook says and runs: from findings and scores to cells of words and of plain code.

Nothing here knows the notebook's file format; a cell is plain data. Words state what was seen when the
notebook was written, and the code below them finds the same again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tidynet.share.notebook_cell import Cell, Plan, aside, hidden, plain, slide
from tidynet.share.notebook_learning import learning_cells
from tidynet.share.notebook_look import looking_cells
from tidynet.share.notebook_testing import testing_cells
from tidynet.share.notebook_trust import trust_cells
from tidynet.share.page import count

if TYPE_CHECKING:
    from tidynet.look.profile import Profile
    from tidynet.trust.evaluation import Evaluation

__all__ = ["cells_of"]


def cells_of(plan: Plan, profile: Profile, evaluation: Evaluation, model: Any) -> list[Cell]:
    """The cells of an analysis, in order.

    Parameters
    ----------
    plan : Plan
    profile : Profile
        What was seen of the table.
    evaluation : Evaluation
        What the test rows say, as `tidynet.experiment.examine` gives it.
    model : MLPClassifier or MLPRegressor
        As `tidynet.experiment.learn` made it.

    Returns
    -------
    list of Cell
    """
    return [
        *_opening(plan, profile, evaluation, model),
        *looking_cells(plan, profile),
        *learning_cells(plan, model),
        *testing_cells(plan, evaluation),
        *trust_cells(evaluation),
        *_closing(plan),
    ]


def _opening(plan: Plan, profile: Profile, evaluation: Evaluation, model: Any) -> Iterator[Cell]:
    aside = len(model.recipe_.set_aside)
    verb = "is" if aside == 1 else "are"
    yield slide(
        f"# {plain(profile.name)}: predicting {plain(plan.target)}\n\n"
        f"{count(profile.rows, 'row')}, {count(len(model.recipe_.used), 'column')} to learn from"
        + (f" ({aside:,} more {verb} set aside)" if aside else "")
        + f". {plain(evaluation.sentence)}"
    )
    yield hidden(_settings(profile))


def _settings(profile: Profile) -> str:
    """What is imported, and how pictures look; letters beyond matplotlib's own font are looked for in others."""
    from tidynet.plot.figure import needs_more_fonts

    names = (text for one in profile.columns for text in (one.name, *(level for level, _ in one.levels)))
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


def _closing(plan: Plan) -> Iterator[Cell]:
    yield aside(
        f"## How this was made\n\nWritten by tidynet {plan.version}. Running all cells from the top in a fresh "
        "kernel gives the same numbers under the same versions."
    )
    yield hidden(
        "from tidynet.experiment import package_versions\n\n"
        'pd.Series(package_versions("pandas", "matplotlib", "seaborn"))'
    )
