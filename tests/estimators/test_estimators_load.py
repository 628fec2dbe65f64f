"""The model file: whole, safe, and the same predictions bit for bit."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

import tidynet as tn
from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import FileReadError

QUICK = {"random_state": 0, "max_iter": 8, "n_networks": 2, "hidden_layer_sizes": (8,), "preset": "tidynet"}


@pytest.fixture(scope="module")
def table():
    return tn.read("penguins")


@pytest.fixture
def saved(table, tmp_path):
    model = tn.MLPClassifier(**QUICK).fit(table.drop("species"), table["species"])
    model.record_ = {"target": "species", "odd": "<script>"}
    model.arrays_ = {"beside": np.arange(3.0)}
    assert model.save(tmp_path / "m.tidynet") == (tmp_path / "m.tidynet").stat().st_size
    return model, tmp_path / "m.tidynet"


def test_loaded_predictions_are_equal_bit_for_bit(table, saved):
    model, path = saved
    loaded = tn.load(path)
    np.testing.assert_array_equal(loaded.predict_proba(table.frame), model.predict_proba(table.frame))
    assert loaded.predict(table.frame).tolist() == model.predict(table.frame).tolist()
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.get_params() == model.get_params()
    assert loaded.histories_ == model.histories_
    assert loaded.record_ == model.record_
    assert loaded.arrays_["beside"].tolist() == [0, 1, 2]
    assert loaded.feature_names_in_.tolist() == model.feature_names_in_.tolist()
    assert (loaded.settings_, loaded.n_iter_) == (model.settings_, model.n_iter_)


@pytest.mark.parametrize("labels", [[0, 1], [True, False], ["ä", "b"], [2.5, 3.5]])
def test_labels_keep_their_type(tmp_path, labels):
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.array(labels * 20)
    if y.dtype.kind == "f":
        y = y.astype(str)
    model = tn.MLPClassifier(**QUICK).fit(X, y)
    model.save(tmp_path / "m.tidynet")
    loaded = tn.load(tmp_path / "m.tidynet")
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.predict(X).tolist() == model.predict(X).tolist()


def test_regressors_too(tmp_path):
    X = np.random.default_rng(0).normal(size=(60, 2))
    model = tn.MLPRegressor(**QUICK).fit(X, X[:, 0])
    model.save(tmp_path / "m.tidynet")
    np.testing.assert_array_equal(tn.load(tmp_path / "m.tidynet").predict(X), model.predict(X))


def message_of(path):
    with pytest.raises(FileReadError) as caught:
        tn.load(path)
    return str(caught.value)


def test_missing_foreign_and_folder(tmp_path, saved):
    _, path = saved
    assert (
        message_of(tmp_path / "no.tidynet") == f"there is no model file '{tmp_path / 'no.tidynet'}'; there is '{path}'"
    )
    assert message_of(tmp_path) == f"'{tmp_path}' is a folder, expected a model file; there is '{path}'"
    (tmp_path / "text.tidynet").write_text("not a model at all, but a text")
    assert message_of(tmp_path / "text.tidynet").startswith(
        f"'{tmp_path / 'text.tidynet'}' is not a complete model file ("
    )
    from safetensors.numpy import save_file

    save_file({"a": np.zeros(2)}, tmp_path / "foreign.safetensors")
    assert message_of(tmp_path / "foreign.safetensors") == (
        f"'{tmp_path / 'foreign.safetensors'}' contains arrays, but no tidynet model; expected a file that tidynet train wrote"
    )


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_cut_short(saved, share):
    _, path = saved
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert f"'{path}' is not a complete model file" in message_of(path)


@pytest.mark.parametrize("place", ["weights", "facts"])
def test_altered(saved, place):
    _, path = saved
    whole = bytearray(path.read_bytes())
    at = len(whole) - 5 if place == "weights" else whole.index(b"bill_length_mm")
    whole[at] ^= 1
    path.write_bytes(bytes(whole))
    assert message_of(path) == (
        f"the model file '{path}' was changed after it was written; copy it again, or train again"
    )


def test_newer_format(saved):
    _, path = saved
    whole = path.read_bytes()
    size = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8 : 8 + size])
    header["__metadata__"]["format"] = "99"
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + whole[8 + size :])
    assert message_of(path) == f"the model file '{path}' has format 99, expected 3; update tidynet"


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_of_an_old_format_is_one_sentence(saved, version):
    _, path = saved
    whole = path.read_bytes()
    size = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8 : 8 + size])
    header["__metadata__"] = {"tidynet": "{}", "format": str(version)}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + whole[8 + size :])
    assert message_of(path) == f"the model file '{path}' has format {version}, expected 3; train the model again"


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("old")

    def fail():
        with atomic_write(path) as temporary:
            temporary.write_text("half of the n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["kept.txt"]


def test_full_disk_and_closed_folder_are_named(tmp_path):
    import errno

    with pytest.raises(FileReadError) as caught, atomic_write(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(caught.value) == f"the disk is full; '{tmp_path / 'a'}' was not written; free some space and run again"
    with pytest.raises(FileReadError) as caught, atomic_write(tmp_path / "no" / "a"):
        pass
    assert str(caught.value) == (f"there is no folder '{tmp_path / 'no'}' for 'a'; create it or choose another path")


def test_facts_that_are_missing_are_one_sentence(saved):
    from tidynet.estimators.file_format import read_model_file, write_model_file

    _, path = saved
    facts, arrays = read_model_file(path)
    for name in ("encoder", "ensemble", "target", "uncertainty", "parameters", "settings", "estimator", "record"):
        write_model_file(path, {key: value for key, value in facts.items() if key != name}, arrays)
        assert f"the model file '{path}' is incomplete (" in message_of(path)


def test_a_disk_that_fills_while_weights_are_written(saved, monkeypatch):
    import errno

    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    model, path = saved
    before = path.read_bytes()
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileReadError) as caught:
        model.save(path)
    assert str(caught.value) == f"the disk is full; '{path}' was not written; free some space and run again"
    assert path.read_bytes() == before
