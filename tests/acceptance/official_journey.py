"""A day's work with H2O's own client, run by that client's interpreter on a server that is up already.

    python official_journey.py PORT PID NODES DATA_FOLDER

The client starts a server of its own if it does not like the one it finds: so the answers are checked to come
from ours, which is process PID and has NODES further processes (0: none).
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import h2o
from h2o.estimators import H2OAutoEncoderEstimator, H2ODeepLearningEstimator
from h2o.exceptions import H2OJobCancelled, H2OResponseError

DIGIT_COLUMNS = 785


def main() -> None:
    port, pid, nodes, data = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    h2o.connect(url=f"http://127.0.0.1:{port}", strict_version_check=False)
    check_that_it_is_ours(port, pid, nodes)
    h2o.connection().close()
    h2o.init(port=port, strict_version_check=True)
    check_that_it_is_ours(port, pid, nodes)
    iris = import_and_describe(data)
    upload_objects()
    digits(data)
    binomial(data)
    multinomial(iris)
    regression(iris)
    anomalies(data)
    files(iris)
    mistakes(iris)
    cancel_by_interrupt(iris)
    housekeeping()
    check_that_it_is_ours(port, pid, nodes)
    h2o.cluster().shutdown()
    print("JOURNEY DONE")


def check_that_it_is_ours(port: int, pid: int, nodes: int) -> None:
    assert h2o.connection().base_url.endswith(f":{port}"), h2o.connection().base_url
    cloud = h2o.api("GET /3/Cloud")
    assert cloud.product.startswith("Aquifer")
    pids = {node["pid"] for node in cloud.nodes}
    assert len(pids - {pid}) == nodes, pids
    assert nodes > 0 or pids == {pid}, pids


def import_and_describe(data: Path) -> h2o.H2OFrame:
    frame = h2o.import_file(str(data / "iris_wheader.csv"))
    assert frame.shape == (150, 5)
    assert (frame.types["class"], frame.types["sepal_len"]) == ("enum", "real")
    frame.describe(chunk_summary=True)
    print(frame.head())
    print(frame.summary())
    assert frame["sepal_len"].max() == 7.9
    assert abs(frame["sepal_len"].mean()[0] - 5.843333) < 1e-6
    assert frame["class"].levels() == [["Iris-setosa", "Iris-versicolor", "Iris-virginica"]]
    return frame


def upload_objects() -> None:
    frame = h2o.H2OFrame({"A": [1, 2, 3], "B": ["a", "b", "c"], "C": [0.1, None, 0.3]})
    assert frame.shape == (3, 3)
    header, _, second, _ = frame.as_data_frame(use_pandas=False)
    assert header == ["A", "B", "C"]
    assert second[2] == ""


def digits(data: Path) -> None:
    frame = h2o.import_file(str(data / "mnist_test.csv.gz"))
    assert frame.ncol == DIGIT_COLUMNS
    response = frame.columns[-1]
    frame[response] = frame[response].asfactor()
    assert frame.nlevels()[-1] == 10
    train, valid = frame.split_frame(ratios=[0.8], seed=1)
    model = H2ODeepLearningEstimator(
        hidden=[32, 32, 32], epochs=5, activation="Rectifier", input_dropout_ratio=0.1, sparse=True, seed=1
    )
    model.train(x=frame.columns[:-1], y=response, training_frame=train, validation_frame=valid)
    assert model.mean_per_class_error(valid=True) < 0.3
    print(model.confusion_matrix(valid))
    assert model.model_performance(valid).hit_ratio_table().cell_values[0][1] > 0.7
    assert model.predict(valid).shape == (valid.nrow, 11)


def binomial(data: Path) -> None:
    frame = h2o.import_file(str(data / "prostate.csv"))
    frame["CAPSULE"] = frame["CAPSULE"].asfactor()
    frame["RACE"] = frame["RACE"].asfactor()
    train, valid = frame.split_frame(ratios=[0.8], seed=1)
    assert train.nrow + valid.nrow == frame.nrow
    model = H2ODeepLearningEstimator(hidden=[16, 16], epochs=20, seed=1)
    predictors = ["AGE", "RACE", "PSA", "GLEASON"]
    model.train(x=predictors, y="CAPSULE", training_frame=train, validation_frame=valid)
    assert 0.6 < model.auc(valid=True) <= 1
    model.show()
    print(model.summary())
    print(model.scoring_history())
    assert {row[0] for row in model.varimp(use_pandas=False)} >= {"AGE", "PSA"}
    performance = model.model_performance(valid)
    assert abs(performance.auc() - model.auc(valid=True)) < 1e-9
    performance.show()
    print(performance.confusion_matrix())
    print(performance.gains_lift())
    assert performance.F1()[0][0] == performance.find_threshold_by_max_metric("f1")
    assert performance.logloss() > 0
    assert -1 <= performance.gini() <= 1
    predictions = model.predict(valid)
    assert predictions.names == ["predict", "p0", "p1"]
    _, *rows = predictions.as_data_frame(use_pandas=False)
    assert len(rows) == valid.nrow
    assert all(abs(float(p0) + float(p1) - 1) < 1e-5 for _, p0, p1 in rows)
    assert h2o.get_model(model.model_id).auc(train=True) == model.auc(train=True)
    assert h2o.get_frame(valid.frame_id).shape == valid.shape
    h2o.remove(model.model_id)
    expect_refusal(lambda: h2o.get_model(model.model_id), model.model_id)


def multinomial(frame: h2o.H2OFrame) -> None:
    model = H2ODeepLearningEstimator(
        hidden=[20], epochs=50, seed=3, activation="RectifierWithDropout", input_dropout_ratio=0.1
    )
    model.train(y="class", training_frame=frame)
    assert model.mean_per_class_error() < 0.3
    print(model.confusion_matrix(frame))
    print(model.hit_ratio_table())
    model.show()


def anomalies(data: Path) -> None:
    """The last three heartbeats of the test data are bad: five seeds of five find them."""
    train, test = (h2o.import_file(str(data / f"ecg_discord_{part}.csv")) for part in ("train", "test"))
    for seed in range(1, 6):
        model = H2OAutoEncoderEstimator(
            activation="Tanh", hidden=[50, 50, 50], sparse=True, l1=1e-4, epochs=100, seed=seed
        )
        model.train(x=train.names, training_frame=train)
        _, *rows = model.anomaly(test).as_data_frame(use_pandas=False)
        error = [float(row[0]) for row in rows]
        assert set(sorted(range(len(error)), key=error.__getitem__)[-3:]) == {20, 21, 22}
    assert model.anomaly(test, per_feature=True).shape == (23, 210)
    assert model.predict(test).names[0] == "reconstr_C1"
    assert model.deepfeatures(test, 1).names[-1] == "DF.L2.C50"
    model.show()


def regression(frame: h2o.H2OFrame) -> None:
    model = H2ODeepLearningEstimator(hidden=[10], epochs=20, seed=3, activation="Tanh")
    model.train(x=["sepal_len", "sepal_wid", "class"], y="petal_len", training_frame=frame)
    assert model.rmse() < 1.5
    assert model.mae() > 0
    assert model.predict(frame).names == ["predict"]
    model.show()


def files(frame: h2o.H2OFrame) -> None:
    """Out and in again by each way that the client has, in our working directory, which the server sees."""
    folder = Path.cwd()
    h2o.download_csv(frame, str(folder / "here.csv"))
    h2o.export_file(frame, str(folder / "there.csv"))
    assert (folder / "there.csv").read_text() == (folder / "here.csv").read_text()
    expect_refusal(lambda: h2o.export_file(frame, str(folder / "there.csv")), "there.csv")
    h2o.export_file(frame, str(folder / "there.csv"), force=True, compression="gzip", sep=";")
    h2o.export_file(frame, str(folder / "parts"), parts=-1)
    h2o.export_file(frame, str(folder / "parquet"), format="parquet")
    assert all(list((folder / name).glob("part-m-*")) for name in ("parts", "parquet"))
    before, key = frame.as_data_frame(), frame.frame_id
    frame.save(str(folder / "saved"))
    again = h2o.load_frame(key, str(folder / "saved"))
    assert again.as_data_frame().equals(before)


def mistakes(frame: h2o.H2OFrame) -> None:
    for wrong in ({"hidden": [-1]}, {"epochs": -3}, {"rho": 2.0}):
        estimator = H2ODeepLearningEstimator(**wrong)
        expect_refusal(lambda: estimator.train(y="class", training_frame=frame), next(iter(wrong)))  # noqa: B023
    expect_refusal(lambda: h2o.import_file("/no/such/file.csv"), "/no/such/file.csv")
    expect_refusal(lambda: h2o.rapids("(+ 1"), "expression")
    expect_refusal(lambda: h2o.rapids("(nosuchfn 3)"), "nosuchfn")
    expect_refusal(lambda: h2o.get_model("nope"), "nope")
    assert h2o.get_frame("no_such_frame") is None


def expect_refusal(action: Callable[[], object], culprit: str) -> None:
    """The action is refused in the error form that the client understands, and the culprit is named."""
    try:
        action()
    except H2OResponseError as error:
        refusal = error.args[0]
    else:
        raise AssertionError(f"{culprit} was accepted")
    assert refusal.http_status in (400, 404, 412)
    assert culprit in refusal.msg, refusal.msg


def cancel_by_interrupt(frame: h2o.H2OFrame) -> None:
    threading.Timer(2.0, lambda: signal.raise_signal(signal.SIGINT)).start()
    endless = H2ODeepLearningEstimator(
        hidden=[200, 200], epochs=1e6, stopping_rounds=0, classification_stop=-1
    )
    try:
        endless.train(y="class", training_frame=frame)
    except H2OJobCancelled:
        pass
    else:
        raise AssertionError("the interrupt did not end the wait")
    time.sleep(1)
    job = h2o.api("GET /3/Jobs")["jobs"][-1]
    assert job["status"] == "CANCELLED", job


def housekeeping() -> None:
    assert h2o.ls().shape[0] > 0
    h2o.cluster().show_status(detailed=True)
    h2o.log_and_echo("the journey ends")
    h2o.remove_all()
    assert len(h2o.frames()["frames"]) == 0


if __name__ == "__main__":
    main()
