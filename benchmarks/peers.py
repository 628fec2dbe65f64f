"""The same network in each library: same data, batch size, loss and Adam; a peer is a `run(epochs)`.

Categories enter as one-hot columns (scikit-learn), a bag of embeddings as wide as the first layer (PyTorch),
gathers (JAX) or codes (tidynet): the same sum in each. Every library is spared what it need not do:
scikit-learn gets sparse rows, PyTorch fused Adam and no gradients it does not use, JAX a scan without the
last, smaller batch. PyTorch's sparse bag with SparseAdam and tidynet move only the levels in the batch; the
other two move all levels at each step, as Adam is written down.
"""

import importlib.util
import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

__all__ = ["PEERS", "Records", "Run", "is_installed", "records"]

RATE = 1e-3
Run = Callable[[int], None]
Shape = dict[str, Any]


class Records(NamedTuple):
    """What to learn from; `codes` count each category's levels from 0."""

    numbers: np.ndarray
    codes: np.ndarray
    levels: tuple[int, ...]
    y: np.ndarray

    @property
    def shifted(self) -> np.ndarray:
        """Codes as rows of one table of all levels."""
        return self.codes + np.concatenate([[0], np.cumsum(self.levels[:-1])]).astype(np.int64)


def records(shape: Shape) -> Records:
    """Random records of a shape whose classes can be learned."""
    rng, rows, levels = np.random.default_rng(0), shape["rows"], shape.get("levels", ())
    X = rng.standard_normal((rows, shape["columns"])).astype(np.float32)
    score = X[:, 0] * X[:, 1] + X[:, 2]
    codes = np.empty((rows, len(levels)), np.int64)
    for column, count in enumerate(levels):
        codes[:, column] = rng.integers(0, count, rows)
        score += rng.standard_normal(count).astype(np.float32)[codes[:, column]] / 3
    return Records(X, codes, tuple(levels), (score > 0).astype(np.int64))


def tidynet(data: Records, hidden: tuple[int, ...], batch: int) -> Run:
    from tidynet.engine import Inputs, Network, TrainingConfig, prepare_data, train

    network = Network(
        data.numbers.shape[1],
        hidden,
        2,
        categories=data.levels,
        activations=("relu",) * len(hidden),
        output_activation="softmax",
        loss="cross_entropy",
    )
    inputs = Inputs.of(data.numbers, data.codes) if data.levels else Inputs.of(data.numbers)
    prepared, theta = prepare_data(network, inputs, data.y), network.initial_parameters()

    def run(epochs: int) -> None:
        train(
            network,
            theta,
            prepared,
            TrainingConfig(learning_rate=RATE, batch_size=batch, epochs=epochs, patience=10**9),
        )

    return run


def scikit_learn(data: Records, hidden: tuple[int, ...], batch: int) -> Run:
    from sklearn.neural_network import MLPClassifier

    X: Any = data.numbers
    if data.levels:
        from scipy import sparse

        rows = np.repeat(np.arange(len(X)), len(data.levels))
        ones = np.ones(data.codes.size, np.float32)
        shape = (len(X), sum(data.levels))
        one_hot = sparse.csr_array((ones, (rows, data.shifted.ravel())), shape=shape)
        X = sparse.hstack([sparse.csr_array(X), one_hot], format="csr")

    def run(epochs: int) -> None:
        model = MLPClassifier(
            hidden, batch_size=batch, learning_rate_init=RATE, max_iter=epochs, n_iter_no_change=10**6, tol=0, alpha=0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, data.y)

    return run


def torch(data: Records, hidden: tuple[int, ...], batch: int, compiled: bool = False, sparse: bool = False) -> Run:
    import torch

    torch.set_num_threads(1)
    sizes = [data.numbers.shape[1], *hidden]
    layers: list[torch.nn.Module] = []
    for inputs, units in pairwise(sizes):
        layers += [torch.nn.Linear(inputs, units), torch.nn.ReLU()]
    first, rest = layers[0], torch.nn.Sequential(*layers[1:], torch.nn.Linear(sizes[-1], 2))
    bag = torch.nn.EmbeddingBag(sum(data.levels), hidden[0], mode="sum", sparse=sparse) if data.levels else None
    dense = [*first.parameters(), *rest.parameters(), *(bag.parameters() if bag and not sparse else ())]
    optimizers: list[torch.optim.Optimizer] = [torch.optim.Adam(dense, lr=RATE, fused=True)]
    if bag and sparse:
        optimizers.append(torch.optim.SparseAdam(bag.parameters(), lr=RATE))
    loss_of, features, target = torch.nn.CrossEntropyLoss(), torch.from_numpy(data.numbers), torch.from_numpy(data.y)
    codes = torch.from_numpy(data.shifted) if data.levels else None

    def loss_of_rows(numbers: torch.Tensor, picked: torch.Tensor | None, labels: torch.Tensor) -> torch.Tensor:
        h = first(numbers) if bag is None or picked is None else first(numbers) + bag(picked)
        return loss_of(rest(h), labels)

    called = torch.compile(loss_of_rows) if compiled else loss_of_rows

    def run(epochs: int) -> None:
        for _ in range(epochs):
            order, total = torch.randperm(len(features)), 0.0
            for begin in range(0, len(features), batch):
                rows = order[begin : begin + batch]
                for optimizer in optimizers:
                    optimizer.zero_grad(set_to_none=True)
                loss = called(features[rows], None if codes is None else codes[rows], target[rows])
                loss.backward()
                for optimizer in optimizers:
                    optimizer.step()
                total = total + loss.detach() * len(rows)
            float(total)

    return run


def torch_compiled(data: Records, hidden: tuple[int, ...], batch: int) -> Run:
    return torch(data, hidden, batch, compiled=True)


def torch_sparse(data: Records, hidden: tuple[int, ...], batch: int) -> Run:
    if not data.levels:
        raise ValueError("no categories")
    return torch(data, hidden, batch, sparse=True)


def jax(data: Records, hidden: tuple[int, ...], batch: int) -> Run:
    import jax
    import jax.numpy as jnp

    rng, sizes = np.random.default_rng(0), [data.numbers.shape[1], *hidden, 2]
    layers = [(jnp.array(rng.normal(0, (2 / a) ** 0.5, (a, b)), jnp.float32), jnp.zeros(b)) for a, b in pairwise(sizes)]
    table = jnp.array(rng.normal(0, 0.3, (sum(data.levels), hidden[0])), jnp.float32)
    features, target, rows = jnp.array(data.numbers), jnp.array(data.y), len(data.y)
    codes = jnp.array(data.shifted) if data.levels else None

    def loss_of(weights: tuple, chosen: Any) -> Any:
        layers, table = weights
        values = features[chosen]
        for depth, (W, b) in enumerate(layers):
            h = values @ W + b
            if depth == 0 and codes is not None:
                h = h + table[codes[chosen]].sum(1)
            values = jax.nn.relu(h)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(h), target[chosen][:, None], 1))

    def step(carried: tuple, chosen: Any) -> tuple:
        weights, first, second, t = carried
        loss, slope = jax.value_and_grad(loss_of)(weights, chosen)
        t = t + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
        second = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, second, slope)
        rate = RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        weights = jax.tree.map(lambda w, m, s: w - rate * m / (jnp.sqrt(s) + 1e-8), weights, first, second)
        return (weights, first, second, t), loss

    @jax.jit
    def epoch(carried: tuple, key: Any) -> tuple:
        order = jax.random.permutation(key, rows)[: rows // batch * batch].reshape(-1, batch)
        carried, losses = jax.lax.scan(step, carried, order)
        return carried, losses.mean()

    zeros = jax.tree.map(jnp.zeros_like, (layers, table))
    state = {"carried": ((layers, table), zeros, zeros, 0.0), "key": jax.random.key(0)}

    def run(epochs: int) -> None:
        for _ in range(epochs):
            state["key"], key = jax.random.split(state["key"])
            state["carried"], loss = epoch(state["carried"], key)
        float(loss)

    return run


PEERS = {
    "tidynet": tidynet,
    "scikit-learn": scikit_learn,
    "torch": torch,
    "torch-sparse": torch_sparse,
    "torch-compiled": torch_compiled,
    "jax": jax,
}
_MODULES = {"scikit-learn": "sklearn", "torch-sparse": "torch", "torch-compiled": "torch"}


def is_installed(peer: str) -> bool:
    """Whether the peer's library is there."""
    return importlib.util.find_spec(_MODULES.get(peer, peer)) is not None
