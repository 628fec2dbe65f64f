"""The output of a run: the facts in the model file, and the files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tidynet.core.errors import FileReadError
from tidynet.workflow.events import TableRead
from tidynet.workflow.options import MODEL_FILE, REPORT_FILE, TrainOptions

if TYPE_CHECKING:
    from tidynet.estimators.estimator import NetworkEstimator
    from tidynet.evaluation.result import Evaluation
    from tidynet.preprocessing import Split
    from tidynet.table import Table

MAX_PROFILED_COLUMNS, MAX_PROFILED_ROWS = 200, 10_000  # more would take longer than a fast training


def package_versions(*further: str) -> dict[str, str]:
    """Versions of Python, tidynet and the packages that a model's numbers depend on, and of further ones."""
    import platform
    from importlib.metadata import version

    names = ("tidynet", "numpy", "scipy", "numba", "polars", "scikit-learn", "safetensors", *further)
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def store_run_record(
    model: NetworkEstimator, whole: Table, read: TableRead, split: Split, evaluation: Evaluation, options: TrainOptions
) -> None:
    """Store the facts of the run in the model, and so in its file."""
    from tidynet.core.environment import current_environment

    model.record_ |= {
        "target": options.target,
        "task": read.task,
        "table": {"name": whole.name, "source": whole.source, "rows": whole.height},
        "evaluation": evaluation.to_dict(),
        "provenance": {
            "version": package_versions()["tidynet"],
            "command": options.command,
            "seed": options.seed,
            "test_size": options.test_size,
            **({"split": split.split_spec.to_dict()} if split.split_spec.column else {}),
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": max(history.epochs[-1].seconds for history in model.histories_ if history.epochs),
            "rows": {
                "training": len(split.training),
                "validation": len(split.validation),
                "test": len(split.test),
                **({"without a target": read.dropped_rows} if read.dropped_rows else {}),
            },
            "notes": [*read.notes, *split.notes, *model.history_.notes],
            "packages": package_versions(),
            "environment": current_environment(),
            "settings": _describe_settings(model),
        },
    }


def _describe_settings(model: NetworkEstimator) -> dict[str, str]:
    settings = model.settings_
    layers = "-".join(str(units) for units in settings.hidden_layer_sizes) or "none"
    return {
        "hidden layers": f"{layers} ({settings.activation})",
        "networks averaged": str(settings.n_networks),
        "optimizer": f"{settings.solver}, learning rate {settings.learning_rate_init:g} ({settings.learning_rate})",
        "batch size": str(settings.batch_size),
        "dropout": ", ".join(f"{fraction:g}" for fraction in settings.dropout),
        "bins per numeric column": str(settings.n_bins),
    }


def write_files(
    folder: Path, table: Table, model: NetworkEstimator, evaluation: Evaluation
) -> tuple[tuple[Path, int], ...]:
    """Write model and report into the folder, both or none; their paths and bytes."""
    from tidynet.core.atomic_write import atomic_write
    from tidynet.output.report.report import write_report
    from tidynet.profiling.profile_table import profile_table

    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileReadError(
            f"the folder '{folder}' cannot be created ({(error.strerror or str(error)).lower()})",
            "choose another with --out",
        ) from error
    report, path = folder / REPORT_FILE, folder / MODEL_FILE
    is_profiled, sample = len(table.columns) <= MAX_PROFILED_COLUMNS, min(MAX_PROFILED_ROWS, table.height)
    try:
        with atomic_write(report) as temporary:
            size = write_report(
                temporary,
                table=table,
                model=model,
                evaluation=evaluation,
                provenance=model.record_["provenance"],
                profile=profile_table(table, target=evaluation.target, sample=sample) if is_profiled else None,
            )
            # Inside, so that no report is replaced when the disk is too full for the model.
            written = model.save(path)
    except Exception:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
        raise
    return (path, written), (report, size)
