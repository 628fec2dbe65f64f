"""The limit of BLAS threads: shared by all who hold it, lifted by the last."""

import threading
import warnings

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

import tidynet as tn
from tidynet.estimators.blas_threads import SingleBlasThread


def threads():
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_the_last_to_leave_lifts_the_limit():
    limit = SingleBlasThread()
    with threadpool_limits(2, user_api="blas"):
        first, second = limit.single_thread(look_again=True), limit.single_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)  # the first leaves while the second still works
        assert threads() == {1}
        second.__exit__(None, None, None)
        assert threads() == {2}


def test_an_error_inside_lifts_it_too():
    limit = SingleBlasThread()
    with threadpool_limits(2, user_api="blas"):
        try:
            with limit.single_thread():
                raise RuntimeError
        except RuntimeError:
            pass
        assert threads() == {2}


def test_predictions_side_by_side_leave_the_process_as_it_was():
    X = np.random.default_rng(0).normal(size=(600, 8))
    model = tn.MLPRegressor((256, 256), random_state=0, max_iter=1, tol=1.0, solver="lbfgs", max_fun=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, X[:, 0])
    with threadpool_limits(2, user_api="blas"):
        others = [threading.Thread(target=lambda: [model.predict(X) for _ in range(20)]) for _ in range(4)]
        for one in others:
            one.start()
        for one in others:
            one.join()
        assert threads() == {2}
