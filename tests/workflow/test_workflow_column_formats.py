"""A model reads new files as its training file was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import ColumnWarning
from tidynet.estimators.load import load
from tidynet.evaluation.evaluate import evaluate
from tidynet.evaluation.explain_prediction import explain_prediction
from tidynet.output.predictions import PredictionOptions, write_predictions
from tidynet.table.column_format import CellType
from tidynet.table.read import read

N = 120


def rows() -> pl.DataFrame:
    """Days after the 12th, costs in thousands with points, doses with decimal commas, a code with zeros."""
    rng = np.random.default_rng(2)
    day = pl.date_range(pl.date(2023, 1, 1), pl.date(2023, 12, 31), eager=True).sample(N, seed=1, with_replacement=True)
    cost = rng.integers(100, 9000, N)
    return pl.DataFrame(
        {
            "row": [f"r{number}" for number in range(N)],
            "day": day.dt.strftime("%d/%m/%Y"),
            "cost": [f"{value:,}".replace(",", ".") for value in cost],
            "dose": [f"{value:.3f}".replace(".", ",") for value in rng.uniform(1, 9, N)],
            "site": [f"00{value}" for value in rng.integers(1, 4, N)],
            "sign": rng.choice(["-", "+", "++"], N),
            "y": [f"{a + b / 100:.2f}".replace(".", ",") for a, b in zip(day.dt.ordinal_day(), cost, strict=True)],
        }
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("formats")
    rows().write_csv(folder / "t.csv", separator=";")
    table = read(folder / "t.csv")
    fitted = tn.MLPRegressor(random_state=0, effort="fast", max_iter=3, n_networks=1)
    fitted.fit(table.drop(target="y"), table["y"])
    fitted.record_["target"] = "y"
    fitted.save(folder / "m.tidynet")
    return load(folder / "m.tidynet")


def predicted(model: Any, path: Path, **options: Any) -> tuple[list[float], list[str]]:
    options_used = PredictionOptions()
    write_predictions(model, path, path.with_name("p.csv"), options=options_used, **options)
    return pl.read_csv(path.with_name("p.csv"))["prediction"].to_list(), [
        note for note in options_used.notes if "separator" not in note
    ]


def test_the_model_file_remembers_how_columns_are_written(model: Any) -> None:
    formats = model.recipe_.column_formats
    assert formats["cost"].thousands == "."
    assert (formats["dose"].decimal, formats["y"].decimal) == (",", ",")
    assert formats["day"].date_format == "day/month/year"
    assert formats["site"].type is CellType.TEXT
    assert formats["sign"].categories == ("-",)


@pytest.mark.parametrize(
    "chosen",
    [
        pl.col("day").str.head(2).cast(pl.Int64) <= 12,
        pl.col("cost").str.contains(r"\."),
        ~pl.col("cost").str.contains(r"\."),
        pl.col("row") == "r7",
        pl.col("sign") == "-",
        pl.col("dose").str.starts_with("1"),
    ],
    ids=["days up to 12", "a thousand and more", "below a thousand", "one row", "one level", "small doses"],
)
def test_rows_that_are_ambiguous_alone_are_read_as_in_training(model: Any, tmp_path: Path, chosen: pl.Expr) -> None:
    table = rows()
    table.write_csv(tmp_path / "all.csv", separator=";")
    table.filter(chosen).write_csv(tmp_path / "part.csv", separator=";")
    whole, _ = predicted(model, tmp_path / "all.csv")
    expected = [value for value, keep in zip(whole, table.select(chosen).to_series(), strict=True) if keep]
    part, notes = predicted(model, tmp_path / "part.csv")
    np.testing.assert_allclose(part, expected, rtol=1e-4)
    assert notes == []
    assert explain_prediction(model, tmp_path / "part.csv", 1, background=tmp_path / "all.csv") is not None


def test_evaluate_reads_the_target_as_in_training(model: Any, tmp_path: Path) -> None:
    # Written with three decimals, the target alone looks like thousands in a file of commas.
    table = rows().with_columns(pl.col("y") + "0").head(40)
    table.write_csv(tmp_path / "some.csv", quote_style="always")
    score = evaluate(model, tmp_path / "some.csv", sections="scores", progress=False)
    truth = table["y"].str.replace(",", ".").cast(pl.Float64)
    frame = read(tmp_path / "some.csv", column_formats=model.recipe_.column_formats)
    assert frame["y"].to_list() == truth.to_list()
    again = evaluate(model, frame, sections="scores", progress=False)
    assert score.verdict == again.verdict


def test_a_file_that_contradicts_the_training_is_noted_with_the_counts(model: Any, tmp_path: Path) -> None:
    points = rows().with_columns(
        pl.col("dose", "y").str.replace(",", "."), pl.col("cost").str.replace(".", "", literal=True)
    )
    points.write_csv(tmp_path / "points.csv")
    rows().write_csv(tmp_path / "all.csv", separator=";")
    expected, _ = predicted(model, tmp_path / "all.csv")
    found, notes = predicted(model, tmp_path / "points.csv")
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert notes[:1] == [f"the column 'dose' has decimal points, expected decimal commas; {N} cells do not fit"]


def test_days_in_the_place_of_months_are_noted(model: Any, tmp_path: Path) -> None:
    swapped = rows().with_columns(pl.col("day").str.replace(r"(\d+)/(\d+)/", "${2}/${1}/"))
    swapped.write_csv(tmp_path / "swapped.csv", separator=";")
    _, notes = predicted(model, tmp_path / "swapped.csv")
    n_late = rows().filter(pl.col("day").str.head(2).cast(pl.Int64) > 12).height
    assert notes == [
        f"the column 'day' has dates as month, day, year, expected day, month, year; {n_late} cells do not fit"
    ]


def test_an_option_decides_against_the_training(model: Any, tmp_path: Path) -> None:
    formats = model.recipe_.column_formats
    (tmp_path / "a.csv").write_text("day;cost;dose\n03/04/2023;1.234;1,234\n")
    assert str(read(tmp_path / "a.csv", column_formats=formats)["day"][0]) == "2023-04-03"
    assert str(read(tmp_path / "a.csv", column_formats=formats, date_order="mdy")["day"][0]) == "2023-03-04"
    assert read(tmp_path / "a.csv", column_formats=formats).frame.row(0)[1:] == (1234.0, 1.234)
    assert read(tmp_path / "a.csv", column_formats=formats, thousands=",")["dose"][0] == 1234.0


def test_compare_reads_the_second_file_as_the_first(tmp_path: Path) -> None:
    days = pl.date_range(pl.date(2023, 1, 1), pl.date(2023, 12, 31), "3d", eager=True)
    first = pl.DataFrame({"day": days.dt.strftime("%d/%m/%Y"), "n": range(len(days))})
    second = first.filter(days.dt.day() <= 12)
    first.write_csv(tmp_path / "first.csv")
    second.write_csv(tmp_path / "second.csv")
    assert tn.compare(tmp_path / "first.csv", tmp_path / "second.csv").comparison.shared_rows == second.height
    swapped = pl.DataFrame({"day": days.dt.strftime("%m/%d/%Y"), "n": range(len(days))})
    swapped.write_csv(tmp_path / "swapped.csv")
    (note,) = tn.compare(tmp_path / "first.csv", tmp_path / "swapped.csv").comparison.notes
    assert note.startswith("the column 'day' has dates as month, day, year, expected day, month, year;")


def test_no_warning_where_the_formats_agree(model: Any, tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    rows().head(5).write_csv(tmp_path / "few.csv", separator=";")
    model.predict(read(tmp_path / "few.csv", column_formats=model.recipe_.column_formats))
    assert [item for item in recwarn if issubclass(item.category, ColumnWarning)] == []
