"""The parameters of both estimators, as scikit-learn keeps them: as they are passed, read at `fit`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator


class NetworkParameters(BaseEstimator):  # type: ignore[misc]
    """The signature of the table in `tidynet.estimators.parameters`; a test compares the two."""

    def __init__(
        self,
        hidden_layer_sizes: Any = "auto",
        activation: Any = "auto",
        *,
        solver: str = "auto",
        alpha: Any = "auto",
        batch_size: Any = "auto",
        learning_rate: str = "auto",
        learning_rate_init: Any = "auto",
        power_t: float = 0.5,
        max_iter: Any = "auto",
        shuffle: bool = True,
        random_state: Any = None,
        tol: Any = "auto",
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: Any = "auto",
        validation_fraction: Any = "auto",
        beta_1: float = 0.9,
        beta_2: Any = "auto",
        epsilon: float = 1e-8,
        n_iter_no_change: Any = "auto",
        max_fun: int = 15000,
        loss: Any = "auto",
        l1: float = 0.0,
        weight_decay: Any = "auto",
        max_norm: float = 0.0,
        dropout: Any = "auto",
        gradient_clip_norm: float = 0.0,
        ema_decay: float = 0.0,
        early_stopping_metric: str = "auto",
        n_networks: Any = "auto",
        validation_folds: Any = "auto",
        ensemble: str = "average",
        n_bins: Any = "auto",
        weight_init: Any = "auto",
        use_bias: bool = True,
        time_limit: float | None = None,
        n_jobs: int | None = None,
        dtype: str = "auto",
        preset: str = "auto",
        effort: str = "auto",
        label_smoothing: float = 0.0,
        class_weight: Any = None,
        quantiles: Any = None,
        huber_delta: float = 1.0,
        checkpoint_path: str | Path | None = None,
        checkpoint_seconds: float = 30.0,
        checkpoint_epochs: int | None = None,
        lr_decay_factor: float = 0.2,
        lr_decay_epochs: float = 10.0,
        warmup_fraction: float = 0.05,
        output_activation: str = "auto",
        calibration: str = "auto",
    ) -> None:
        for name, value in locals().copy().items():
            if name != "self":
                setattr(self, name, value)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        return tags
