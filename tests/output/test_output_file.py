"""A notebook is written, run, run again with the same numbers, and converted to pages without network requests."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import FileReadError, InputError, MissingDependencyError, TidynetError
from tidynet.core.notebook_cell import NotebookCell
from tidynet.output.notebook import file as notebook_file
from tidynet.output.notebook.build import _setup_code
from tidynet.output.notebook.file import execute, make_notebook
from tidynet.workflow import TrainOptions, evaluate_on_test_rows, fit_and_evaluate, recover_test_rows, run
from tidynet.workflow import notebook as sharing


def a_table(path: Path, *, rows: int = 120, regression: bool = False) -> Path:
    rng = np.random.default_rng(0)
    mass = rng.normal(4000, 500, rows).round(1)
    isle = rng.choice(["Biscoe", "<b>Dream</b> $x$ [a](b)", "Torgersen"], rows)
    frame = pl.DataFrame(
        {
            "mass": [None, *mass[1:]],
            "isle": isle,
            "tag": [f"T-{row:04d}" for row in range(rows)],
            'ring\'s "no"': rng.integers(0, 40, rows),
            "cost_$_us_$": rng.normal(10, 1, rows).round(2),  # no formula
            "kind": mass * 2 + rng.normal(0, 9, rows) if regression else np.where(mass > 4000, 1, 0),
        }
    )
    frame.write_csv(path)
    return path


def shown(path: Path) -> list[str]:
    """What the cells of a notebook printed, showed and drew, without what differs by design."""
    made: Any = nbformat.read(path, as_version=4)
    outputs = [output for cell in made.cells for output in cell.get("outputs", ())]
    found = [text for one in outputs for text in (one.get("text", ""), *one.get("data", {}).values())]
    # The names of embedded parts, addresses in memory, and how long it took.
    return [re.sub(r"[\d.]+ s\b|0x[0-9a-f]+|tidynet-[0-9a-f]+", "", str(text)) for text in found]


def codes(path: Path) -> str:
    made: Any = nbformat.read(path, as_version=4)
    return "\n".join(cell.source for cell in made.cells if cell.cell_type == "code")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook")
    source = a_table(folder / "birds.csv")
    messages: list[str] = []
    sharing.notebook(
        source,
        "kind",
        out=folder / "analysis.ipynb",
        formats=("html", "slides", "markdown"),
        jupytext=True,
        effort="fast",
        on_message=messages.append,
    )
    assert any(re.fullmatch(r"running cell \d+ of \d+", one) for one in messages)
    return folder


@pytest.mark.slow
def test_the_notebook_is_valid_and_all_its_cells_were_run(written: Path) -> None:
    made: Any = nbformat.read(written / "analysis.ipynb", as_version=4)
    nbformat.validate(made)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [
        one
        for cell in code
        for one in cell.outputs
        if one.output_type == "error"
        or (one.output_type == "stream" and re.search(r"Traceback|[A-Z]\w+Error\b", one.text))
    ]
    assert sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs) >= 5


@pytest.mark.slow
def test_running_again_from_the_top_gives_the_same(written: Path) -> None:
    made: Any = nbformat.read(written / "analysis.ipynb", as_version=4)
    before = shown(written / "analysis.ipynb")
    execute(made, written, lambda _: None)
    again = written / "again.ipynb"
    nbformat.write(made, again)
    assert len(before) > 60
    assert shown(again) == before


@pytest.mark.slow
def test_each_part_of_the_report_has_its_cells(written: Path) -> None:
    made = fit_and_evaluate(written / "birds.csv", TrainOptions(target="kind", effort="fast"))
    outputs, code = "\n".join(shown(written / "analysis.ipynb")), codes(written / "analysis.ipynb")
    for section in made.evaluation.sections:
        assert f'evaluation.section("{section.name}")' in code
        assert "\n".join(section.sentences) in outputs
    for one in ("target_associations", "reliability_diagram", "plot_importance(", "plot_effect("):
        assert one in code
    assert str(made.model.history_.stop_text) in outputs
    assert made.model.explain_training() in outputs


@pytest.mark.slow
@pytest.mark.parametrize("regression", [False, True])
def test_examining_a_model_finds_what_its_report_says(tmp_path: Path, *, regression: bool) -> None:
    source = a_table(tmp_path / "birds.csv", regression=regression)
    options = TrainOptions(
        target="kind", effort="fast", drop=("isle",), variable_types={'ring\'s "no"': "ordinal"}, folds=3
    )
    made = run(source, replace(options, out=tmp_path / "birds"))
    loaded = tn.load(tmp_path / "birds/model.tidynet")
    assert evaluate_on_test_rows(loaded, source, folds=3).to_dict() == made.evaluation.to_dict()


@pytest.mark.slow
def test_its_words_hold_the_scores_of_the_same_training(written: Path) -> None:
    made = fit_and_evaluate(written / "birds.csv", TrainOptions(target="kind", effort="fast"))
    words = re.sub(r"\\(.)", r"\1", (written / "analysis.ipynb").read_text("utf-8").replace("\\\\", "\\"))
    assert made.evaluation.verdict in words


@pytest.mark.slow
@pytest.mark.parametrize("name", ["analysis.html", "analysis.slides.html"])
def test_pages_ask_no_address(written: Path, name: str) -> None:
    page = (written / name).read_text("utf-8")
    assert "default-src 'none'" in page
    assert not re.findall(r"(?:src|href)=[\"']?(?!data:|#)[a-z/]", page)
    assert "No description has been provided" not in page
    assert "<b>Dream</b>" not in page


@pytest.mark.slow
def test_slides_hold_one_heading_each(written: Path) -> None:
    page = (written / "analysis.slides.html").read_text("utf-8")
    for slide in page.split('<section class="slide"')[1:]:
        assert len(re.findall(r"<h[1-3]", slide)) == 1


@pytest.mark.slow
def test_markdown_and_the_paired_text_are_beside_it(written: Path) -> None:
    markdown = (written / "analysis.md").read_text("utf-8")
    for picture in re.findall(r"!\[.*?\]\((analysis_files/.*?)\)", markdown):
        assert (written / picture).is_file()
    assert "# %%" in (written / "analysis.py").read_text("utf-8")
    assert "jupytext" in nbformat.read(written / "analysis.ipynb", as_version=4).metadata


@pytest.mark.slow
def test_a_notebook_of_a_model_reads_it_and_its_script_runs(tmp_path: Path) -> None:
    source = a_table(tmp_path / "birds.csv", regression=True)
    made = run(source, TrainOptions(target="kind", effort="fast", out=tmp_path / "birds-kind", seed=3))
    sharing.notebook(
        source,
        "kind",
        model=tmp_path / "birds-kind/model.tidynet",
        out=tmp_path / "a.ipynb",
        run=False,
        formats=["script"],
    )
    script = (tmp_path / "a.py").read_text("utf-8")
    assert "tn.load('birds-kind/model.tidynet')" in script
    done = subprocess.run(
        [sys.executable, "a.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**_environment(), "MPLBACKEND": "Agg"},
    )
    assert done.returncode == 0, done.stderr
    assert made.evaluation.verdict in done.stdout
    assert not (tmp_path / "a_files").exists()


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ)


def test_the_rows_held_out_are_those_of_the_training(tmp_path: Path) -> None:
    source = a_table(tmp_path / "birds.csv")
    made = fit_and_evaluate(source, TrainOptions(target="kind", effort="fast", test_size=0.31, seed=5))
    assert recover_test_rows(made.model, source).frame.equals(made.table.take(made.split.test).frame)
    assert tn.evaluate(made.model, recover_test_rows(made.model, source)).network == made.evaluation.network
    with pytest.raises(
        InputError,
        match="the table has 100 rows with a target, expected 120; give the table that the model was trained on",
    ):
        recover_test_rows(made.model, made.table.take(range(100)))


def test_a_broken_cell_is_named_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [NotebookCell("markdown", "# A"), NotebookCell("code", "1 + 1"), NotebookCell("code", "wingspan / 0")]
    monkeypatch.setattr(sharing, "_make_cells", lambda *_: cells)
    with pytest.raises(TidynetError) as caught:
        sharing.notebook("penguins", "species", out=tmp_path / "a.ipynb", formats=["html"])
    assert "cell 3 of the notebook failed: NameError: name 'wingspan' is not defined" in str(caught.value)
    assert "wingspan / 0" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_same_cells_give_the_same_file() -> None:
    cells = [NotebookCell("markdown", "# A", slide_type=True), NotebookCell("code", "1 + 1", skipped=True)]
    assert nbformat.writes(make_notebook(cells)) == nbformat.writes(make_notebook(cells))


def test_mistakes_are_named_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").touch()
    with pytest.raises(FileReadError, match="exists already; replace it with --force"):
        sharing.notebook("penguins", "species", out=tmp_path / "a.ipynb")
    with pytest.raises(InputError, match=r"the format is 'htm', expected one of .*; did you mean 'html'\?"):
        sharing.notebook("penguins", "species", out=tmp_path / "b.ipynb", formats=["htm"])
    with pytest.raises(InputError, match="the table is no file, but the notebook reads it again"):
        sharing.notebook("-", "species", out=tmp_path / "b.ipynb")


def test_a_missing_extra_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(notebook_file, "find_spec", lambda name: None if name == "nbclient" else True)
    with pytest.raises(
        MissingDependencyError,
        match="a notebook needs packages that are not installed: nbclient; run: pip install 'tidynet",
    ):
        sharing.notebook("penguins", "species", out=tmp_path / "a.ipynb")


@pytest.mark.parametrize(("name", "is_wider"), [("mass", False), ("价格", True)])
def test_letters_of_other_scripts_are_looked_for_in_other_fonts(name: str, is_wider: bool) -> None:
    settings = _setup_code(tn.explore({name: [1.5, 2.5, 3.5] * 9}).profile)
    assert ("families()" in settings) == ('"Glyph .* missing from"' in settings) == is_wider
