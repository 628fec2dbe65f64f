"""Predictions from plain numbers: the reference's, whatever a row is predicted with."""

import numpy as np
import pytest

from tidynet.engine import Inputs, Network, kernels
from tidynet.engine.numpy_reference import dense, forward

NETWORKS = {
    "one unit": Network(numbers=3, hidden=(), outputs=1),
    "two layers": Network(
        numbers=5, hidden=(9, 70), outputs=1, activations=("relu", "gelu"), output_activation="sigmoid",
        loss="binary_cross_entropy",
    ),
    "softmax": Network(
        numbers=4, hidden=(6,), outputs=3, activations=("tanh",), output_activation="softmax", loss="cross_entropy"
    ),
    "no biases": Network(numbers=2, hidden=(5, 4, 3), outputs=2, activations=("silu", "relu", "elu"), use_bias=False),
}  # fmt: skip


def added(network, theta, X, sums):
    layout = kernels.make_parameter_layout(network)
    scratch = np.full((5, kernels.BLOCK * max(network.sizes)), np.nan, X.dtype)
    shape = layout.sizes, layout.weights_at, layout.biases_at, layout.activations
    kernels.add_predictions(X, theta, *shape, scratch, sums)
    return sums


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-12)])
def test_predictions_are_the_reference_s_and_are_added(name, dtype, tolerance):
    network, rng = NETWORKS[name], np.random.default_rng(1)
    theta = rng.normal(0, 0.7, network.parameters).astype(dtype)
    X = rng.normal(size=(150, network.numbers)).astype(dtype)
    expected = forward(network, theta.astype(np.float64), dense(network, Inputs.of(X, dtype=np.float64))).predicted
    found = added(network, theta, X, np.ones((150, network.outputs)))
    np.testing.assert_allclose(found - 1, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_row_s_prediction_depends_on_its_place_by_rounding_alone(name):
    network, rng = NETWORKS[name], np.random.default_rng(2)
    theta = rng.normal(size=network.parameters).astype(np.float32)
    X = rng.normal(size=(200, network.numbers)).astype(np.float32)
    together = added(network, theta, X, np.zeros((200, network.outputs)))
    for begin, stop in ((0, 1), (63, 64), (70, 71), (3, 130), (199, 200)):
        alone = added(network, theta, X[begin:stop], np.zeros((stop - begin, network.outputs)))
        # Some BLAS kernels (Haswell's, Zen's) round a row of a product by its place in a tile of six.
        np.testing.assert_allclose(alone, together[begin:stop], rtol=1e-4, atol=1e-6)
