"""What every public object shows of itself: short text, and HTML that is escaped and survives a sanitizer."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet import byhand
from tidynet.core.display import MAX_CHARACTERS, MAX_LINES
from tidynet.table.tidiness import check_tidiness

HOSTILE = "<script>alert(1)</script><b>x"
REMOVED = ("script", "style", "svg", "math")


class Sanitizer(HTMLParser):
    """The text that is left where a notebook removes scripts, styles, SVG and MathML."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
        self.depth += tag in REMOVED

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag in REMOVED

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.texts.append(data)


def sanitized(html: str) -> str:
    sanitizer = Sanitizer()
    sanitizer.feed(html)
    sanitizer.close()
    assert sanitizer.depth == 0
    return " ".join(" ".join(sanitizer.texts).split())


def wide_table(hostile: bool = False) -> pl.DataFrame:
    """Many columns with long names and a target; names and levels with markup on request."""
    random = np.random.default_rng(0)
    mark = HOSTILE if hostile else ""
    frame = pl.DataFrame({f"a rather long name of column {mark} {n:02}": random.normal(size=80) for n in range(30)})
    first = frame.get_columns()[0]
    return frame.with_columns(
        pl.Series("kind", [f"high {mark}" if value > 0 else f"low {mark}" for value in first]),
        pl.Series("gap", [None if n % 3 else f"level {mark} {n % 4}" for n in range(80)]),
    )


def make_objects(frame: pl.DataFrame) -> dict[str, Any]:
    """One of each public object, and of what public calls return, by a name for it."""
    table = tn.read(frame)
    seen = tn.explore(table, target="kind", progress=False)
    model = tn.MLPClassifier(max_iter=2, random_state=0, n_networks=1).fit(table.drop("kind"), table["kind"])
    evaluation = tn.evaluate(model, table)
    compared = tn.compare(table.take(range(50)), table.take(range(30, 80)))
    traced = tn.trace(model, table.drop("kind").take([0, 1]), table["kind"][:2])
    points, labels = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), [0, 0, 0, 1]
    perceptron = tn.Perceptron().fit(points, labels)
    wide = pl.DataFrame({"who": ["A", "B"], "1999": [7, 9], "2000": [3, 8], "2001": [1, 2]})
    return {
        "table": table, "type": table.inferred_types["kind"], "dialect": table.dialect, "exploration": seen,
        "profile": seen.profile, "columns": seen.profile.columns, "column": seen.profile["gap"],
        "number": seen.profile.columns[0], "pairs": seen.profile.pairs, "pair": seen.profile.pairs[0],
        "findings": seen.findings, "finding": seen.findings[0], "associations": seen.profile.target_associations,
        "comparison": compared, "differences": compared.comparison, "model": model, "new model": tn.MLPRegressor(),
        "history": model.history_, "stop": model.history_.stop, "epoch": model.history_.epochs[0],
        "recipe": model.recipe_, "evaluation": evaluation, "sections": evaluation.sections,
        "explanation": tn.explain_prediction(model, table, row=1), "trace": traced, "step": traced.step,
        "layer": traced.step.layers[0], "update": traced.step.layers[0].weights, "gate": byhand.logic_gate("XOR"),
        "perceptron": perceptron, "boundaries": perceptron.path_,
        "animation": byhand.animate_perceptron(perceptron, points, labels),
        "issue": check_tidiness(wide, tn.read(wide).inferred_types)[0],
        **{f"section {item.name}": item for item in evaluation.sections},
    }  # fmt: skip


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    return make_objects(wide_table())


def test_every_repr_is_short(objects: dict[str, Any]) -> None:
    sizes = {name: (len(repr(item)), repr(item).count("\n") + 1) for name, item in objects.items()}
    assert {name: size for name, size in sizes.items() if size[0] > MAX_CHARACTERS or size[1] > MAX_LINES} == {}
    assert {name for name, item in objects.items() if not repr(item).strip() or " object at 0x" in repr(item)} == set()


def test_every_object_has_html_of_which_text_remains_without_pictures(objects: dict[str, Any]) -> None:
    assert {name for name, item in objects.items() if len(sanitized(item._repr_html_())) < 10} == set()


def test_what_names_contain_is_escaped() -> None:
    pages = {name: item._repr_html_() for name, item in make_objects(wide_table(hostile=True)).items()}
    assert {name for name, page in pages.items() if "<script" in page or "<b>x" in page} == set()


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("table", ["80 rows × 32 columns", "kind"]),
        ("exploration", ["80 rows × 32 columns", "gap", "missing"]),
        ("model", ["31 columns", "logistic", "training rows"]),
        ("perceptron", ["2 columns → step", "x0"]),
        ("evaluation", ["80 test rows", "accuracy"]),
        ("explanation", ["column", "contribution", "average"]),
        ("trace", ["One training step", "weight decay", "E ="]),
        ("history", ["2 epochs", "training loss"]),
        ("gate", ["XOR", "NAND"]),
        ("comparison", ["50 rows", "32 columns compared"]),
        ("finding", ["HIGH", "→"]),
        ("issue", ["values as column names", "tn.tidy.melt(frame"]),
    ],
)
def test_facts_remain_where_a_notebook_is_not_trusted(objects: dict[str, Any], name: str, facts: list[str]) -> None:
    text = sanitized(objects[name]._repr_html_())
    assert [fact for fact in facts if fact not in text] == []


def test_a_figure_is_a_picture_and_a_text() -> None:
    figure = tn.plot(pl.DataFrame({"v": [1.0, 2.0, 4.0]}), "v")
    assert repr(figure).startswith("<Figure")
    assert figure._repr_html_() is None
    assert figure._repr_png_()[0].startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["model", "perceptron"])
def test_a_mime_bundle_has_plain_text(objects: dict[str, Any], name: str) -> None:
    bundle = objects[name]._repr_mimebundle_()
    assert bundle["text/plain"] == repr(objects[name])
    assert bundle["text/html"] == objects[name]._repr_html_()


def test_printing_shows_what_the_short_form_hides(objects: dict[str, Any]) -> None:
    shown, whole = repr(objects["evaluation"]), str(objects["evaluation"])
    assert whole.startswith(shown.split("\n… and")[0])
    assert len(whole) >= len(shown) - 40
