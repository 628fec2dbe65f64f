"""Kernels are compiled beside the work before a training."""

from tidynet.engine import kernels
from tidynet.estimators import kernel_preparation


def test_nothing_is_started_where_all_is_compiled(monkeypatch):
    monkeypatch.setattr(kernel_preparation, "is_compiled", lambda: True)
    assert kernel_preparation.start_compilation() is None


def test_a_thread_compiles_the_kernels_of_a_training_and_a_prediction(monkeypatch):
    monkeypatch.setattr(kernel_preparation, "is_compiled", lambda: False)
    thread = kernel_preparation.start_compilation()
    thread.join(300)
    assert not thread.is_alive()
    for kernel in (kernels.train_steps, kernels.predict_rows):
        assert any("float32" in str(signature) for signature in kernel.signatures)


def test_a_failure_is_left_to_the_training(monkeypatch, capsys):
    def fail(*_):
        raise OSError("no room")

    monkeypatch.setattr(kernel_preparation, "is_compiled", lambda: False)
    monkeypatch.setattr(kernel_preparation, "prepare_data", fail)
    kernel_preparation.start_compilation().join(60)
    assert capsys.readouterr().err == ""
