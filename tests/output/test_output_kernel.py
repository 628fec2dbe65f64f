"""Objects in a kernel, as a person's notebook shows them."""

from __future__ import annotations

from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")


def outputs(*sources: str) -> list[list[Any]]:
    """The outputs of each cell, run one after the other in a fresh kernel."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbclient.NotebookClient(made, timeout=120, kernel_name="python3").execute()
    return [cell.outputs for cell in made.cells]


def forms(shown: list[Any]) -> list[set[str]]:
    return [set(one.data) for one in shown]


def test_a_figure_appears_once_whatever_was_set_up() -> None:
    drawn = "tn.plot({'a': list('xxyz')}, x='a')"
    bare, _, pyplot, _, inline, _, vector = outputs(
        f"import tidynet as tn\n{drawn}",
        "import matplotlib.pyplot as plt",
        drawn,
        "%matplotlib inline",
        drawn,
        "%config InlineBackend.figure_formats = ['svg']",
        drawn,
    )
    assert forms(bare) == forms(pyplot) == forms(inline) == [{"text/plain", "image/png"}]
    assert forms(vector) == [{"text/plain", "image/svg+xml"}]


LONG = """
import time
import numpy as np
import tidynet as tn
from tidynet.core.progress import make_progress_bar
x = np.linspace(-1, 1, 80)[:, None]
"""
TRAINED = """
tn.MLPRegressor((3,), verbose=True, n_networks=3, max_iter=20, random_state=0, preset="tidynet").fit(x, x[:, 0])
None
"""
WORKED = """
with make_progress_bar() as bar:
    bar.update("<reading>", 0.5)
    time.sleep(1)
    print("read")
"""


def test_progress_is_one_output_and_leaves_no_wall() -> None:
    _, trained, worked = outputs(LONG, TRAINED, WORKED)
    assert [one.output_type for one in trained] == ["display_data"]
    assert trained[0].data["text/plain"].startswith("trained 3 networks for")
    shown = {one.output_type: one for one in worked}
    assert shown["display_data"].data == {"text/plain": "", "text/html": ""}
    assert shown["stream"].text == "read\n"
