"""Epochs per second of the engine beside its peers, in one process on one core.

    python benchmarks/engine.py                 # all peers that are installed, all shapes
    python benchmarks/engine.py --shapes S1,S3 --peers tidynet,scikit-learn --repeats 7

Every peer learns the same data with the same network, batch size and Adam; runs are interleaved and
medians compared, so that a machine whose speed drifts misleads nobody. Quote the ratios.
"""

import argparse
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from itertools import pairwise

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # JAX heeds no thread variable

import numpy as np

SHAPES = {
    "S0": {"rows": 400, "columns": 6, "hidden": (2,), "batch": 400, "epochs": 60},
    "S1": {"rows": 12_800, "columns": 20, "hidden": (64, 32), "batch": 32, "epochs": 2},
    "S3": {"rows": 25_600, "columns": 20, "hidden": (100,), "batch": 200, "epochs": 2},
    "S2": {"rows": 25_600, "columns": 50, "hidden": (256, 256, 256), "batch": 256, "epochs": 1},
}
RATE = 1e-3
Run = Callable[[int], None]


def table(rows: int, columns: int, **_: object) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, columns)).astype(np.float32)
    return X, ((X[:, 0] * X[:, 1] + X[:, 2]) > 0).astype(np.int64)


def tidynet(X: np.ndarray, y: np.ndarray, hidden: tuple[int, ...], batch: int) -> Run:
    from tidynet.net import Inputs, Network, Plan, prepare_data, train

    network = Network(
        X.shape[1],
        hidden,
        2,
        activations=("relu",) * len(hidden),
        output_activation="softmax",
        loss="cross_entropy",
    )
    data, theta = prepare_data(network, Inputs.of(X), y), network.initial()

    def run(epochs: int) -> None:
        train(network, theta, data, Plan(learning_rate=RATE, batch_size=batch, epochs=epochs, patience=10**9))

    return run


def scikit_learn(X: np.ndarray, y: np.ndarray, hidden: tuple[int, ...], batch: int) -> Run:
    from sklearn.neural_network import MLPClassifier

    def run(epochs: int) -> None:
        model = MLPClassifier(
            hidden,
            batch_size=batch,
            learning_rate_init=RATE,
            max_iter=epochs,
            n_iter_no_change=10**6,
            tol=0,
            alpha=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, y)

    return run


def torch(X: np.ndarray, y: np.ndarray, hidden: tuple[int, ...], batch: int) -> Run:
    import torch

    torch.set_num_threads(1)
    sizes = [X.shape[1], *hidden]
    layers: list[torch.nn.Module] = []
    for inputs, units in pairwise(sizes):
        layers += [torch.nn.Linear(inputs, units), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], 2))
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, fused=True)
    loss_of, features, target = torch.nn.CrossEntropyLoss(), torch.from_numpy(X), torch.from_numpy(y)

    def run(epochs: int) -> None:
        for _ in range(epochs):
            order, total = torch.randperm(len(features)), 0.0
            for begin in range(0, len(features), batch):
                rows = order[begin : begin + batch]
                optimizer.zero_grad(set_to_none=True)
                loss = loss_of(network(features[rows]), target[rows])
                loss.backward()
                optimizer.step()
                total = total + loss.detach() * len(rows)
            float(total)

    return run


def jax(X: np.ndarray, y: np.ndarray, hidden: tuple[int, ...], batch: int) -> Run:
    import jax
    import jax.numpy as jnp

    rng, sizes = np.random.default_rng(0), [X.shape[1], *hidden, 2]
    weights = [
        (jnp.array(rng.normal(0, (2 / a) ** 0.5, (a, b)), jnp.float32), jnp.zeros(b)) for a, b in pairwise(sizes)
    ]
    features, target, rows = jnp.array(X), jnp.array(y), len(X)

    def loss_of(layers: list, chosen: object, labels: object) -> object:
        values = chosen
        for W, b in layers[:-1]:
            values = jax.nn.relu(values @ W + b)
        logits = values @ layers[-1][0] + layers[-1][1]
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1))

    def step(carried: tuple, chosen: object) -> tuple:
        layers, first, second, t = carried
        loss, slope = jax.value_and_grad(loss_of)(layers, features[chosen], target[chosen])
        t = t + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
        second = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, second, slope)
        rate = RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        layers = jax.tree.map(lambda w, m, s: w - rate * m / (jnp.sqrt(s) + 1e-8), layers, first, second)
        return (layers, first, second, t), loss

    @jax.jit
    def epoch(carried: tuple, key: object) -> tuple:
        order = jax.random.permutation(key, rows)[: rows // batch * batch].reshape(-1, batch)
        carried, losses = jax.lax.scan(step, carried, order)
        return carried, losses.mean()

    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = {"carried": (weights, zeros, zeros, 0.0), "key": jax.random.key(0)}

    def run(epochs: int) -> None:
        for _ in range(epochs):
            state["key"], key = jax.random.split(state["key"])
            state["carried"], loss = epoch(state["carried"], key)
        float(loss)

    return run


PEERS = {"tidynet": tidynet, "scikit-learn": scikit_learn, "torch": torch, "jax": jax}


def available(names: list[str]) -> list[str]:
    import importlib.util

    modules = {"scikit-learn": "sklearn"}
    return [name for name in names if importlib.util.find_spec(modules.get(name, name))]


def sgemm_speed() -> float:
    """Floating-point operations per second of NumPy's own float32 matrix product."""
    A = np.ones((1024, 1024), np.float32)
    best = min(_seconds(lambda _: A @ A, 1) for _ in range(5))
    return 2 * 1024**3 / best


def operations(columns: int, hidden: tuple[int, ...], batch: int) -> float:
    """Multiplications and additions of one step: forward, weight gradient, δ below (not for the inputs)."""
    sizes = [columns, *hidden, 2]
    return 6 * batch * sum(a * b for a, b in pairwise(sizes)) - 2 * batch * sizes[0] * sizes[1]


def _seconds(run: Run, epochs: int) -> float:
    begun = time.perf_counter()
    run(epochs)
    return time.perf_counter() - begun


def measure(shape: dict, names: list[str], repeats: int) -> dict[str, float]:
    """Median seconds of an epoch of each peer, their runs interleaved."""
    X, y = table(**shape)
    runs = {name: PEERS[name](X, y, shape["hidden"], shape["batch"]) for name in names}
    for run in runs.values():
        run(1)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(repeats):
        for name, run in runs.items():
            seconds[name].append(_seconds(run, shape["epochs"]) / shape["epochs"])
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    names = available(asked.peers.split(","))
    limit = sgemm_speed()
    print(f"SGEMM on this core: {limit / 1e9:.0f} GFLOP/s")
    for name in asked.shapes.split(","):
        shape = SHAPES[name]
        found = measure(shape, names, asked.repeats)
        steps = -(-shape["rows"] // shape["batch"])
        own = found.get("tidynet")
        print(f"{name}: {shape['rows']} x {shape['columns']}, hidden {shape['hidden']}, batch {shape['batch']}")
        for peer, seconds in found.items():
            ratio = f"  tidynet is {seconds / own:5.2f} times as fast" if own and peer != "tidynet" else ""
            share = operations(shape["columns"], shape["hidden"], shape["batch"]) * steps / seconds / limit
            print(f"  {peer:13s} {seconds / steps * 1e6:8.1f} us a step, {share:4.0%} of SGEMM{ratio}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
