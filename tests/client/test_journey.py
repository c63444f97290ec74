"""The whole way, from data to predictions, through a real server: over a socket and in this process."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import h2o
import numpy
import pandas
import pytest
from h2o.estimators import H2OAutoEncoderEstimator, H2ODeepLearningEstimator
from h2o.exceptions import H2OJobCancelled, H2OResponseError
from sklearn.datasets import load_digits, load_iris

pytestmark = pytest.mark.filterwarnings("ignore::h2o.exceptions.H2OWarning")


@pytest.fixture
def iris_csv(tmp_path: Path) -> Path:
    data = load_iris(as_frame=True).frame
    data.columns = ["sepal_len", "sepal_wid", "petal_len", "petal_wid", "class"]
    data["class"] = data["class"].map({0: "setosa", 1: "versicolor", 2: "virginica"})
    file = tmp_path / "iris.csv"
    data.to_csv(file, index=False)
    return file


@pytest.fixture
def iris(server: h2o.Connection, iris_csv: Path) -> h2o.H2OFrame:
    return h2o.import_file(iris_csv, destination_frame="iris")


def test_bad_heartbeats_are_found(server: h2o.Connection, test_data: Path) -> None:
    """The last three of the test data, at the booklet's settings."""
    train, test = (h2o.import_file(test_data / f"ecg_discord_{part}.csv") for part in ("train", "test"))
    for seed in range(1, 6):
        model = H2OAutoEncoderEstimator(
            activation="Tanh", hidden=[50, 50, 50], sparse=True, l1=1e-4, epochs=100, seed=seed
        )
        model.train(x=train.names, training_frame=train)
        error = model.anomaly(test).as_data_frame()["Reconstruction.MSE"]
        assert set(error.nlargest(3).index) == {20, 21, 22}
    assert (model.category, model.rmse()) == ("AutoEncoder", pytest.approx(model.mse() ** 0.5))
    assert model.anomaly(test, per_feature=True).shape == (23, 210)
    assert model.predict(test).names[0] == "reconstr_C1"
    assert model.deepfeatures(test, 1).names[-1] == "DF.L2.C50"
    assert "AutoEncoder" in repr(model)


def keys() -> set[str]:
    return set(h2o.ls()["key"])


def test_digits_from_a_file_to_predictions(server: h2o.Connection, tmp_path: Path) -> None:
    pixels, labels = load_digits(return_X_y=True)
    file = tmp_path / "digits.csv.gz"
    pandas.DataFrame(numpy.column_stack([pixels, labels]).astype(int)).to_csv(file, index=False, header=False)

    digits = h2o.import_file(file)
    assert digits.shape == (1797, 65)
    assert digits.names[0] == "C1"
    y = "C65"
    digits[y] = digits[y].asfactor()
    assert digits.types[y] == "enum"
    assert digits[y].levels() == [[str(digit) for digit in range(10)]]

    train, test = digits.split_frame([0.8], seed=1234)
    assert train.nrow + test.nrow == 1797
    model = H2ODeepLearningEstimator(
        distribution="multinomial",
        activation="RectifierWithDropout",
        hidden=[64, 64],
        input_dropout_ratio=0.1,
        sparse=True,
        l1=1e-5,
        epochs=30,
        auc_type="WEIGHTED_OVR",
    )
    model.train(x=digits.names[:-1], y=y, training_frame=train, validation_frame=test)

    assert model.category == "Multinomial"
    measured = model.model_performance(test)
    assert measured.mean_per_class_error() < 0.2
    assert model.mean_per_class_error(valid=True) == pytest.approx(measured.mean_per_class_error(), abs=1e-6)
    assert measured.rmse() == pytest.approx(measured.mse() ** 0.5)
    matrix = measured.confusion_matrix()
    assert matrix[""] == [*map(str, range(10)), "Total"]

    predictions = model.predict(test)
    assert predictions.names == ["predict", *(f"p{digit}" for digit in range(10))]
    here = predictions.as_data_frame()
    truth = test[y].as_data_frame()[y]
    assert numpy.allclose(here.filter(regex=r"^p\d").sum(axis=1), 1, atol=1e-4)
    error = (here["predict"].to_numpy() != truth.to_numpy()).mean()
    assert error == pytest.approx(matrix["Error"][-1])
    assert measured.hit_ratio_table()["hit_ratio"][0] == pytest.approx(1 - error, abs=1e-6)

    areas = model.multinomial_auc_table(valid=True)
    assert dict(zip(areas["type"], areas["auc"], strict=True))["Weighted OVR"] == measured.auc() > 0.9
    assert len(model.multinomial_aucpr_table()) == len(areas) == 10 + 45 + 4

    assert len(model.scoring_history()) == len(model.score_history()) >= 1
    assert model.end_time - model.start_time == pytest.approx(model.run_time, abs=1)
    assert 0 < time.time() * 1000 - model.end_time < 600_000
    assert [str(kind) for kind in model.summary()["type"]][-1] == "Softmax"
    assert model.model_id in h2o.models()
    assert h2o.get_model(model.model_id).mse() == model.mse()
    assert "Multinomial" in repr(model)


def test_two_classes(server: h2o.Connection, iris: h2o.H2OFrame) -> None:
    iris["long"] = (iris["petal_len"] > 4.3).ifelse("yes", "no").asfactor()
    model = H2ODeepLearningEstimator(hidden=[10, 10], epochs=60)
    model.train(x=["sepal_len", "sepal_wid", "petal_wid"], y="long", training_frame=iris)
    assert model.category == "Binomial"
    assert model.auc() > 0.9
    assert model.gini() == pytest.approx(2 * model.auc() - 1)
    threshold, best = model.F1()[0]
    assert model.default_threshold() == pytest.approx(threshold)
    likely = model.predict(iris).as_data_frame()
    assert ((likely["yes"] >= model.default_threshold()) == (likely["predict"] == "yes")).all()
    counts = model.confusion_matrix(threshold=threshold)
    (_, wrong_yes), (wrong_no, right_yes) = ((row[1], row[2]) for row in counts.cell_values[:2])
    assert best == pytest.approx(2 * right_yes / (2 * right_yes + wrong_no + wrong_yes), abs=1e-6)
    assert len(model.gains_lift()) > 1
    assert model.predict(iris).names == ["predict", "no", "yes"]


def test_regression(server: h2o.Connection, iris: h2o.H2OFrame) -> None:
    model = H2ODeepLearningEstimator(hidden=[10, 10], epochs=100)
    model.train(x=[0, 1, 3], y="petal_len", training_frame=iris)
    assert model.category == "Regression"
    assert model.r2() > 0.8
    predicted = model.predict(iris)
    assert predicted.names == ["predict"]
    residual = (predicted["predict"] - iris["petal_len"]) ** 2
    assert model.model_performance(iris).mse() == pytest.approx(residual.mean()[0], rel=1e-4)


def test_lists_dicts_and_data_frames_arrive_as_they_are(server: h2o.Connection) -> None:
    data = {"n": [1, None, 3], "x": [0.5, 1.25, None], "k": ["a", "b", "a"]}
    rows = list(zip(*data.values(), strict=True))
    for made in (
        h2o.H2OFrame(data, column_types={"k": "enum"}),
        h2o.H2OFrame(pandas.DataFrame(data).astype({"k": "category"})),
        h2o.H2OFrame(rows, column_names=["n", "x", "k"], column_types={"k": "enum"}),
    ):
        assert made.shape == (3, 3)
        assert made.types == {"n": "int", "x": "real", "k": "enum"}
        assert made["k"].levels() == [["a", "b"]]
        back = made.as_data_frame()
        assert back["n"].tolist()[::2] == [1, 3]
        assert back.isna().sum().tolist() == [1, 1, 0]
        assert back["k"].tolist() == ["a", "b", "a"]
    matrix = h2o.H2OFrame(numpy.arange(6.0).reshape(3, 2))
    assert matrix.as_data_frame(use_pandas=False) == [["C1", "C2"], ["0", "1"], ["2", "3"], ["4", "5"]]


def test_uploads_and_wishes(server: h2o.Connection, iris_csv: Path) -> None:
    plain = h2o.upload_file(iris_csv)
    assert plain.types["class"] == "enum"
    names = list("abcde")
    wished = h2o.upload_file(iris_csv, "wished", header=1, col_names=names, col_types={"a": "enum"})
    assert wished.frame_id == "wished"
    assert wished.names == names
    assert wished.types["a"] == "enum"
    data = h2o.upload_file(iris_csv, header=-1)
    assert data.names[0] == "C1"
    assert data.nrow == 151
    missing = h2o.upload_file(iris_csv, na_strings={"class": "setosa"})
    assert missing["class"].isna().sum() == 50


def test_selecting_and_changing(server: h2o.Connection, iris: h2o.H2OFrame) -> None:
    local = load_iris(as_frame=True).frame
    assert iris[3, "sepal_len"] == local.iloc[3, 0]
    assert iris[3, "class"] == "setosa"
    assert iris[10:20, ["petal_len", "class"]].shape == (10, 2)
    long = iris[iris["sepal_len"] > 6.5, :]
    assert long.nrow == (local.iloc[:, 0] > 6.5).sum()
    assert iris["sepal_len"].mean() == pytest.approx([local.iloc[:, 0].mean()])
    assert iris["sepal_len"].max() == local.iloc[:, 0].max()
    total = (iris["sepal_len"] * 2 + 1 - iris["sepal_wid"] / 2).sum()
    assert total == pytest.approx((local.iloc[:, 0] * 2 + 1 - local.iloc[:, 1] / 2).sum())

    iris["area"] = iris["petal_len"] * iris["petal_wid"]
    iris[iris["area"] > 10, "area"] = None
    expected = local.iloc[:, 2] * local.iloc[:, 3]
    assert iris["area"].isna().sum() == (expected > 10).sum()
    assert iris.names[-1] == "area"
    assert h2o.get_frame("iris").names[-1] == "class", "the frame that was imported is as it was"  # type: ignore[union-attr]

    joined = iris.cbind(iris["area"].isna())
    assert joined.shape == (150, 7)
    assert iris.rbind(iris).nrow == 300
    assert iris.rename({"area": "petal area"}).names[-1] == "petal area"


def test_columns_of_any_name_and_values_of_any_text(server: h2o.Connection) -> None:
    texts = ["it's", 'say "so"', "back\\slash", "(x)", "Übung 数"]
    frame = h2o.H2OFrame(
        {'a column\'s "name"': texts, "n": [1, 2, 3, 4, 5]}, column_types=["string", "numeric"]
    )
    name = frame.names[0]
    for index, text in enumerate(texts):
        assert frame[frame[name] == text, :].nrow == 1, text
        assert frame[index, name] == text


def test_temporaries_go_and_named_frames_stay(server: h2o.Connection, iris: h2o.H2OFrame) -> None:
    double = iris["sepal_len"] * 2
    temporary = double.frame_id
    assert temporary in keys()
    del double
    assert temporary not in keys()
    assert "iris" in keys()
    parts = iris.split_frame([0.5], ["first", "second"], seed=1)
    del parts
    assert {"iris", "first", "second"} <= keys()


def test_removing(server: h2o.Connection, iris: h2o.H2OFrame) -> None:
    other = h2o.H2OFrame([1, 2, 3], destination_frame="other")
    h2o.remove(other)
    h2o.remove("nothing_of_that_name")
    assert keys() == {"iris"}
    h2o.H2OFrame([1, 2, 3], destination_frame="other")
    h2o.remove_all(retained=[iris])
    assert keys() == {"iris"}
    assert [frame["frame_id"]["name"] for frame in h2o.frames()["frames"]] == ["iris"]
    h2o.remove_all()
    assert h2o.get_frame("iris") is None


REFUSED: dict[str, tuple[Any, str]] = {
    "an unknown model": (lambda: h2o.get_model("nope"), "nope"),
    "a file that is not there": (lambda: h2o.import_file("/no/such.csv"), "/no/such.csv"),
    "a malformed expression": (lambda: h2o.rapids("(+ 1"), ""),
    "an unknown function": (lambda: h2o.rapids("(nosuchfunction 3)"), "nosuchfunction"),
    "an unknown endpoint": (lambda: h2o.api("GET /3/Nonsense"), ""),
    "an unknown key": (lambda: h2o.rapids("(min nosuchkey)"), "nosuchkey"),
}


@pytest.mark.parametrize(("request_", "culprit"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_server_refuses_it_names(server: h2o.Connection, request_: Any, culprit: str) -> None:
    with pytest.raises(H2OResponseError) as caught:
        request_()
    assert culprit in str(caught.value)
    assert caught.value.status in (400, 404, 412)


def test_a_refused_training_leaves_nothing_behind(server: h2o.Connection, iris: h2o.H2OFrame) -> None:
    before = keys()
    with pytest.raises(H2OResponseError, match="hidden"):
        H2ODeepLearningEstimator(hidden=[-1]).train(y="class", training_frame=iris)
    one_kind = iris[iris["class"] == "setosa", :]
    with pytest.raises(H2OResponseError, match=r"(?i)constant|level"):
        H2ODeepLearningEstimator().train(y="class", training_frame=one_kind)
    del one_kind
    assert h2o.models() == []
    assert keys() == before


def test_interrupting_cancels_the_job(server: h2o.Connection, iris: h2o.H2OFrame, monkeypatch: Any) -> None:
    model = H2ODeepLearningEstimator(epochs=1e6, hidden=[50], stopping_rounds=0, classification_stop=-1)
    naps = iter([time.sleep] * 20)

    def nap(seconds: float) -> None:
        next(naps, interrupt)(0.02)

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("h2o.job.time.sleep", nap)
    with pytest.raises(H2OJobCancelled, match="by the user"):
        model.train(y="class", training_frame=iris)
    deadline = time.monotonic() + 5
    while any(job["status"] == "RUNNING" for job in h2o.api("GET /3/Jobs")["jobs"]):
        assert time.monotonic() < deadline, "the job still runs"
        threading.Event().wait(0.05)


def test_the_parameters_are_the_servers(server: h2o.Connection) -> None:
    """The client's table and the server's metadata agree in names, defaults and values."""
    wire = h2o.api("GET /3/ModelBuilders/deeplearning")["model_builders"]["deeplearning"]["parameters"]
    own = H2ODeepLearningEstimator.parameters
    assert [parameter["name"] for parameter in wire] == list(own)
    for parameter in wire:
        known = own[parameter["name"]]
        assert parameter["default_value"] == known.default, known.name
        assert tuple(parameter["values"]) == known.values, known.name


def test_the_cluster_is_described(server: h2o.Connection) -> None:
    cluster = h2o.cluster()
    assert cluster.is_running()
    assert cluster.healthy
    assert cluster.cloud_size == len(cluster.nodes) >= 1
    assert server.url in repr(cluster)
    assert "cluster" in cluster._repr_html_()
