"""Cold and warm starts of `MLPClassifier().fit` on one core, each in a fresh process; CPU time."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

FIT = """
import json, os, sys, time
import numpy as np
begun = time.process_time()
from tidynet import MLPClassifier
imported = time.process_time() - begun
rng = np.random.default_rng(0)
X = rng.standard_normal((200, 5)).astype(sys.argv[1])
y = X[:, 0] > 0
def seconds(call):
    begun = sum(os.times()[:4])  # with the processes that it starts and waits for: one compiles
    call()
    return sum(os.times()[:4]) - begun
model = MLPClassifier(max_iter=2, tol=1e9, n_iter_no_change=1)
fit = seconds(lambda: model.fit(X, y))
again = seconds(lambda: [model.fit(X, y) for _ in range(20)]) / 20
predict = seconds(lambda: model.predict(X))
print(json.dumps({"import": imported, "fit": fit, "again": again, "predict": predict}))
"""


def start(folder: str, dtype: str) -> dict[str, float]:
    """Seconds of import, first fit, second fit and first prediction with the compiled kernels in `folder`."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    environment = {**os.environ, "NUMBA_CACHE_DIR": folder, **dict.fromkeys(threads, "1")}
    command = [sys.executable, "-W", "ignore", "-c", FIT, dtype]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print("Starts of MLPClassifier().fit on 200 x 5, one core")
    for dtype in ("float32",) if quick else ("float32", "float64"):
        with tempfile.TemporaryDirectory() as folder:
            cold = start(folder, dtype)
            warm = [start(folder, dtype) for _ in range(3 if quick else 5)]
        for what, found in (("cold", [cold]), ("warm", warm)):
            middle = {name: statistics.median(one[name] for one in found) for name in cold}
            bar = {"cold": "15 s", "warm": "0.5 s"}[what]
            print(f"  {dtype} {what}: fit {middle['fit']:6.2f} s (bar {bar}), ", end="")
            print(f"import {middle['import']:.2f} s, first predict {middle['predict']:.2f} s, ", end="")
            print(f"fit again {middle['again'] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
