"""Small fitted models that the figures are drawn of, made once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tidynet as tn


@pytest.fixture(scope="session")
def penguins() -> tn.Table:
    table = tn.read("penguins")
    return table.take(np.flatnonzero(table["sex"].is_not_null().to_numpy()))


@pytest.fixture(scope="session")
def species(penguins: tn.Table) -> Any:
    """Classes from a mixed table."""
    model = tn.MLPClassifier((16, 4), n_networks=1, max_iter=15, random_state=0)
    return model.fit(penguins.drop(target="species"), penguins["species"])


@pytest.fixture(scope="session")
def mass(penguins: tn.Table) -> Any:
    """A number from two columns of numbers."""
    model = tn.MLPRegressor((8,), n_networks=1, n_bins=0, max_iter=15, random_state=0)
    return model.fit(penguins.select("bill_length_mm", "flipper_length_mm"), penguins["body_mass_g"])


@pytest.fixture(scope="session")
def sex(penguins: tn.Table) -> Any:
    """Two classes from two columns of numbers."""
    model = tn.MLPClassifier((8,), n_networks=1, n_bins=0, max_iter=15, random_state=0)
    return model.fit(penguins.select("bill_depth_mm", "body_mass_g"), penguins["sex"])
