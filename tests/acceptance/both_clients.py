"""The same calls on frames, for H2O's client and ours: whichever is installed as `h2o` runs them.

    python both_clients.py URL FOLDER

Each call has a line on standard output: its name and what it gave, as JSON that is the same for both.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h2o
from h2o import H2OFrame
from h2o.estimators import H2ODeepLearningEstimator

FOLDER = Path(sys.argv[2])
COLUMNS = {
    "town": ["Ulm", "Bonn", "Ulm", "Jena", "Bonn", "Ulm", "Jena", "Bonn"],
    "kind": ["a", "b", "a", "b", "c", "c", "a", "b"],
    "year": [2, 1, 1, 2, 1, 1, 2, 1],
    "pay": [1.5, 2.25, None, 4.0, -5.5, 6.0, 7.75, 8.0],
    "cost": [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0],
    "name": ["Ada Lovelace", "Bob", " Carl ", "dan", "Eve-Ann", "", "gus gus", "Hal"],
    "when": [
        "2020-01-31 10:20:30",
        "2021-02-28",
        "2019-12-31",
        "2020-02-29",
        None,
        "2001-09-09",
        "1970-01-01",
        "1969-12-31",
    ],
}
TYPES = {"town": "enum", "kind": "enum", "name": "string", "when": "time"}
PRICES = {"town": ["Bonn", "Ulm", "Kiel"], "people": [330, 126, 247]}

Call = Callable[[H2OFrame], Any]
EXACT = {"hidden": [2], "epochs": 3, "seed": 1, "reproducible": True, "export_weights_and_biases": True}


def trained(frame: H2OFrame, **options: Any) -> H2ODeepLearningEstimator:
    model = H2ODeepLearningEstimator(**{**EXACT, **options})
    model.train(x=["kind", "year"], y="cost", training_frame=frame)
    return model


def started(frame: H2OFrame, layer: int) -> float:
    """How far the weights of a layer are from those that the model started from: the first are not given."""
    before = trained(frame)
    after = trained(frame, epochs=0, initial_weights=[None, before.weights(1)], seed=2)
    return float(abs(after.weights(layer) - before.weights(layer)).max())


def scales(model: H2ODeepLearningEstimator) -> list[Any]:
    return [model.normmul(), model.normsub(), model.respmul(), model.respsub(), model.catoffsets()]


def epochs(model: H2ODeepLearningEstimator) -> list[float]:
    return list(model.scoring_history()["epochs"])


def numbers(frame: H2OFrame) -> H2OFrame:
    return frame[["pay", "cost"]]


def changed(frame: H2OFrame, change: Callable[[H2OFrame], Any]) -> H2OFrame:
    """The frame after a change in place."""
    change(frame)
    return frame


def put(place: Any, value: Any) -> Call:
    return lambda f: changed(f, lambda g: g.__setitem__(place, value(g) if callable(value) else value))


def shown(action: Callable[[], object]) -> bool:
    """Whether an action prints something."""
    with contextlib.redirect_stdout(io.StringIO()) as text:
        action()
    return bool(text.getvalue().strip())


def other(**types: str) -> H2OFrame:
    return H2OFrame(dict(PRICES), column_types={"town": "enum", **types})


def imported(**options: Any) -> H2OFrame:
    path = FOLDER / "small.csv"
    path.write_text("x;y;z\n1;a;?\n2;b;5\n3;a;6\n")
    return h2o.import_file(str(path), **options)


def exported(frame: H2OFrame) -> str:
    h2o.export_file(frame[["town", "cost"]], str(FOLDER / "out.csv"), force=True)
    return (FOLDER / "out.csv").read_text()


def downloaded(frame: H2OFrame) -> str:
    h2o.download_csv(frame[["town", "cost"]], str(FOLDER / "down.csv"))
    return (FOLDER / "down.csv").read_text()


def saved(frame: H2OFrame) -> H2OFrame:
    part = h2o.assign(frame[["town", "pay"]], "kept")
    part.save(str(FOLDER / "saved"))
    h2o.remove("kept")
    return h2o.load_frame("kept", str(FOLDER / "saved"))


def parsed() -> H2OFrame:
    imported()
    raw = h2o.lazy_import(str(FOLDER / "small.csv"))
    return h2o.parse_raw(h2o.parse_setup(raw, separator=";", column_types={"y": "string"}), id="parsed")


def renamed_key(frame: H2OFrame) -> list[bool]:
    part = frame[["pay"]]
    part.frame_id = "first_name"
    part.frame_id = "second_name"
    return [h2o.get_frame(key) is None for key in ("first_name", "second_name")]


def made(**options: Any) -> list[Any]:
    frame = h2o.create_frame(rows=50, cols=10, seed=3, seed_for_column_types=4, **options)
    return [frame.shape, sorted(frame.types.values())]


def split(frame: H2OFrame, *args: Any, **options: Any) -> list[Any]:
    parts = frame.split_frame(*args, **options)
    return [sum(part.nrow for part in parts), len(parts), *parts]


def in_zone(frame: H2OFrame, zone: str) -> list[Any]:
    before = h2o.cluster().timezone
    h2o.cluster().timezone = zone
    try:
        return [h2o.cluster().timezone, plain(frame["when"].hour())]
    finally:
        h2o.cluster().timezone = before


UNARY = [
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "ceil",
    "cos",
    "cosh",
    "cospi",
    "exp",
    "expm1",
    "floor",
    "log",
    "log10",
    "log1p",
    "log2",
    "sign",
    "sin",
    "sinh",
    "sinpi",
    "sqrt",
    "tan",
    "tanh",
    "tanpi",
    "trunc",
    "logical_negation",
    "isna",
]
PARTS = ["year", "month", "week", "day", "dayOfWeek", "hour", "minute", "second"]
TEXTS = ["toupper", "tolower", "trim", "lstrip", "rstrip", "nchar", "entropy"]
FACTS = (
    ["names", "columns", "col_names", "types", "shape", "dim", "nrow", "nrows", "ncol", "ncols"],
    [
        "levels",
        "nlevels",
        "isfactor",
        "isnumeric",
        "isstring",
        "ischaracter",
        "anyfactor",
        "any_na_rm",
        "nacnt",
    ],
)
MOMENTS = ["skewness", "kurtosis", "sd", "median"]
AGGREGATES = ["min", "max", "mean", "sum", "sd", "var", "ss", "median"]

CALLS: dict[str, Call] = {
    **{name: lambda f, name=name: getattr(f, name) for name in FACTS[0]},
    **{name: lambda f, name=name: getattr(f, name)() for name in FACTS[1]},
    **{name: lambda f, name=name: getattr(numbers(f), name)() for name in UNARY},
    **{f"part {name}": lambda f, name=name: getattr(f["when"], name)() for name in PARTS},
    **{f"text {name}": lambda f, name=name: getattr(f["name"], name)() for name in TEXTS},
    **{f"of {name}": lambda f, name=name: getattr(f["cost"], name)() for name in MOMENTS},
    **{f"known {name}": lambda f, name=name: getattr(f["pay"], name)(na_rm=True) for name in MOMENTS},
    **{
        f"by {name}": lambda f, name=name: getattr(f.group_by("town"), name)("cost").get_frame()
        for name in AGGREGATES
    },
    # columns and rows
    "a column": lambda f: f["cost"],
    "a column by number": lambda f: f[3],
    "the last column": lambda f: f[-1],
    "columns": lambda f: f[["kind", "cost"]],
    "columns by slice": lambda f: f[1:3],
    "rows by slice": lambda f: f[2:5, :],
    "rows by list": lambda f: f[[1, 4], :],
    "rows by mask": lambda f: f[f["cost"] > 3, :],
    "rows by mask alone": lambda f: f[f["town"] == "Ulm"],
    "rows of columns": lambda f: f[f["cost"] > 3, ["kind", "cost"]],
    "a cell": lambda f: [f[3, "cost"], f[0, "town"], f[1, "name"], f[2, 3]],
    "a cell of times": lambda f: f[1, "when"],
    "head and tail": lambda f: [f.head(2, 2), f.tail(3)],
    "drop a column": lambda f: f.drop("pay"),
    "drop by number": lambda f: f.drop([0, 2]),
    "drop rows": lambda f: f.drop([0, 2], axis=0),
    "pop": lambda f: [f.pop("pay"), f.pop(0), f],
    "iterate": lambda f: [column.names for column in f],
    "length": len,
    "contains": lambda f: ["Ulm" in f["town"], "Kiel" in f["town"], 9 in f["cost"], [1, 5] in f["cost"]],
    "type": lambda f: [f.type("pay"), f.type(0), f.type("when")],
    "columns by type": lambda f: [f.columns_by_type(), f.columns_by_type("categorical")],
    # changes
    "new column": put("twice", lambda g: g["cost"] * 2),
    "replaced column": put("year", lambda g: g["year"].asfactor()),
    "constant column": put("one", 1),
    "text column": put("word", "x"),
    "missing under a mask": put("cost", None),
    "masked": lambda f: put((f["cost"] > 3, "cost"), -1)(f),
    "masked by level": lambda f: put((f["town"] == "Ulm", "town"), "Bonn")(f),
    "rows of a column": put((slice(0, 2), "cost"), 99),
    "column by number": put(2, lambda g: g["year"] + 1),
    "names": lambda f: changed(f, lambda g: setattr(g, "names", list("abcdefg"))),
    "set_names": lambda f: f.set_names(list("abcdefg")),
    "set_name": lambda f: changed(f, lambda g: g.set_name("pay", "wage")),
    "set_name of one": lambda f: changed(f["pay"], lambda g: g.set_name(name="wage")),
    "rename": lambda f: f.rename({"pay": "wage", 0: "city", "nowhere": "x"}),
    "frame_id": renamed_key,
    "insert_missing_values": lambda f: numbers(f).insert_missing_values(1.0, seed=1),
    # arithmetic
    "plus": lambda f: f["pay"] + f["cost"],
    "reflected": lambda f: [1 - f["cost"], 2 / f["cost"], 2 ** f["cost"], 7 % f["cost"], 7 // f["cost"]],
    "powers": lambda f: [f["cost"] ** 2, f["cost"] % 3, f["cost"] // 2, abs(f["pay"])],
    "logic": lambda f: [(f["cost"] > 2) & (f["year"] == 1), (f["cost"] > 5) | ~(f["year"] == 1)],
    "compared": lambda f: [f["cost"] != f["pay"], f["town"] == "Ulm", f["cost"] <= 4],
    "compared with None": lambda f: [f["pay"] == None, f["pay"] != None],  # noqa: E711
    "compared with a date": lambda f: [
        f["when"] > datetime.date(2020, 1, 1),
        f["when"] == datetime.datetime(1970, 1, 1),
    ],
    "compared with a moment": lambda f: f["when"] >= H2OFrame.moment(2020, 2, 29),
    "frame and column": lambda f: numbers(f) + 1,
    "numbers": lambda f: [float(f[0:1, "cost"]), int(f[0:1, "cost"])],
    "round": lambda f: [(f["pay"] * 1.2345).round(2), (f["pay"] * 1.2345).signif(2), f["pay"].round()],
    "ifelse": lambda f: [(f["cost"] > 3).ifelse(1, f["pay"]), (f["cost"] > 3).ifelse("yes", "no")],
    # reductions
    "sum": lambda f: [f["cost"].sum(), f["pay"].sum(), f["pay"].sum(skipna=False), numbers(f).sum()],
    "sum frame": lambda f: [numbers(f).sum(return_frame=True), numbers(f).sum(axis=1, return_frame=True)],
    "mean": lambda f: [f["cost"].mean(), f["pay"].mean(), f["pay"].mean(skipna=False), numbers(f).mean()],
    "mean frame": lambda f: [numbers(f).mean(return_frame=True), numbers(f).mean(axis=1, return_frame=True)],
    "mean na_rm": lambda f: [f["pay"].mean(na_rm=True), f["pay"].sum(na_rm=True)],
    "min and max": lambda f: [f["cost"].min(), f["cost"].max(), f["pay"].max(), numbers(f).min()],
    "prod": lambda f: [f["cost"].prod(), f["pay"].prod(na_rm=True), f["pay"].prod()],
    "any and all": lambda f: [(f["cost"] > 8).any(), (f["cost"] > 0).all(), (f["cost"] > 8).all()],
    "var": lambda f: [f["cost"].var(), numbers(f).var(na_rm=True), f["cost"].var(f["year"])],
    "cor": lambda f: [
        f["cost"].cor(f["year"]),
        numbers(f).cor(na_rm=True),
        f["cost"].cor(f["year"], method="Spearman"),
    ],
    "quantile": lambda f: [numbers(f).quantile(), f["cost"].quantile([0.1, 0.5], "high")],
    "weighted quantile": lambda f: [
        f[["cost", "pay", "year"]].quantile([0.5], weights_column="year"),
        f["cost"].quantile([0.5], weights_column=f["year"]),
    ],
    "isax": lambda f: f[["year", "cost", "year", "cost"]].isax(num_words=2, max_cardinality=4),
    "table": lambda f: [
        f["town"].table(),
        f[["town", "kind"]].table(),
        f["town"].table(f["kind"], dense=False),
    ],
    "unique": lambda f: [f["cost"].unique(), f["town"].unique()],
    "which": lambda f: (f["cost"] > 3).which(),
    "idxmax": lambda f: [numbers(f).idxmax(), numbers(f).idxmin(), f[["year", "cost"]].idxmax(axis=1)],
    "cumulated": lambda f: [f["cost"].cumsum(), f["cost"].cumprod(), f["cost"].cummin(), f["cost"].cummax()],
    "difflag1": lambda f: f["cost"].difflag1(),
    "scale": lambda f: [numbers(f).scale(), numbers(f).scale(center=[1, 2], scale=False)],
    "transpose": lambda f: [
        numbers(f).transpose(),
        f[["year", "cost"]].transpose().mult(f[["year", "cost"]]),
    ],
    "distance": lambda f: [f["cost"].distance(f[0:2, "cost"]), f["cost"].distance(f[0:2, "cost"], "l1")],
    "apply": lambda f: [
        numbers(f).apply(lambda c: c.mean()),
        f[["year", "cost"]].apply(lambda r: r.sum(), axis=1),
    ],
    "flatten and getrow": lambda f: [f[0:1, "cost"].flatten(), f[0, 2:5].getrow()],
    "rep_len": lambda f: f["cost"].rep_len(10),
    # missing values
    "na_omit": lambda f: f.na_omit(),
    "fillna": lambda f: [
        numbers(f).fillna(),
        numbers(f).fillna("backward", maxlen=2),
        numbers(f).fillna(axis=1),
    ],
    "filter_na_cols": lambda f: [f.filter_na_cols(), f.filter_na_cols(0.1)],
    "impute": lambda f: [f.impute("pay"), f],
    "impute by": lambda f: [f.impute("pay", "median", by=["town"]), f["pay"]],
    "impute values": lambda f: [numbers(f).impute(values=[1, 2])],
    # rows in another form
    "sort": lambda f: [f.sort("cost"), f.sort(["year", "cost"], ascending=[False, True])],
    "merge": lambda f: [f.merge(other()), f.merge(other(), all_x=True)],
    "merge by": lambda f: f.merge(other().rename({"town": "city"}), by_x=["town"], by_y=["city"]),
    "group_by count": lambda f: f.group_by(["town", "year"]).count().get_frame(),
    "group_by several": lambda f: f.group_by("town").count().mean("pay", na="rm").max(["cost", "year"]).frame,
    "drop_duplicates": lambda f: [f.drop_duplicates(["town"]), f.drop_duplicates(["year"], keep="last")],
    "rank": lambda f: f.rank_within_group_by(["town"], ["cost"], [False], "place"),
    "pivot": lambda f: f.pivot("town", "year", "cost"),
    "melt": lambda f: f.melt(["town"], ["pay", "cost"], skipna=True),
    "topN": lambda f: [f.topN("cost", 25), f.bottomN("cost", 25), f.topNBottomN(4, 50, 1)],
    "cbind": lambda f: [
        f["cost"].cbind(f["year"]),
        f["cost"].cbind([f["pay"], 1]),
        f["cost"].concat([f["year"]]),
    ],
    "rbind": lambda f: [
        f[["town", "cost"]].rbind(f[["town", "cost"]]),
        f["cost"].concat([f["cost"]], axis=0),
    ],
    "cbind of one name": lambda f: f["cost"].cbind(f["cost"]),
    # categories
    "asfactor": lambda f: [
        f["year"].asfactor(),
        f["year"].asfactor().levels(),
        f["town"].asfactor().nlevels(),
    ],
    "conversions": lambda f: [
        f["town"].asnumeric(),
        f["town"].ascharacter(),
        f["year"].asfactor().asnumeric(),
    ],
    "categories": lambda f: f["town"].categories(),
    "relevel": lambda f: [f["town"].relevel("Ulm").levels(), f["town"].relevel_by_frequency().levels()],
    "set_levels": lambda f: [
        f["kind"].set_levels(["x", "y", "z"]),
        f["kind"].set_level("b"),
        f["kind"].append_levels(["w"]).levels(),
    ],
    "isin": lambda f: [f["town"].isin(["Ulm", "Jena"]), f["cost"].isin([1, 9]), f["town"].isin("Ulm")],
    "match": lambda f: [f["town"].match(["Ulm", "Bonn"]), f["town"].match(["Jena"], nomatch=0)],
    "cut": lambda f: [
        f["cost"].cut([0, 3, 9]),
        f["cost"].cut([0, 3, 9], labels=["low", "high"], right=False),
    ],
    "interaction": lambda f: [
        f.interaction(["town", "kind"], False, 10, 1),
        h2o.interaction(f, [0, 1], False, 2, 2),
    ],
    # text and times
    "substring": lambda f: [f["name"].substring(1, 3), f["name"].substring(2), f["town"].substring(0, 1)],
    "sub": lambda f: [f["name"].sub("a", "X"), f["name"].gsub("[aeiou]", "")],
    "strsplit": lambda f: [f["name"].strsplit(" "), f["name"].tokenize("-")],
    "strip sets": lambda f: [f["name"].lstrip("A "), f["name"].rstrip("el ")],
    "countmatches": lambda f: [f["name"].countmatches("a"), f["name"].countmatches(["gus", "n"])],
    "grep": lambda f: [
        f["name"].grep("a"),
        f["name"].grep("A", ignore_case=True, invert=True, output_logical=True),
    ],
    "strdistance": lambda f: [
        f["name"].strdistance(f["town"].ascharacter(), measure) for measure in ("lv", "jw", "jaccard")
    ],
    "as_date": lambda f: H2OFrame(["2020-01-02", "1999-12-31"], column_types=["string"]).as_date("%Y-%m-%d"),
    "mktime": lambda f: H2OFrame.mktime(f["year"] + 2019, 1, 2, 3, 4, 5, 6),
    "moment": lambda f: [
        H2OFrame.moment(2020, 2, 29, 12),
        H2OFrame.moment(f["year"] + 2000, 1, 1),
        H2OFrame.moment(date=datetime.datetime(2020, 1, 2, 3, 4, 5)),
    ],
    "timezone": lambda f: in_zone(f, "Europe/Berlin"),
    "list_timezones": lambda f: [
        h2o.cluster().list_timezones().names,
        h2o.list_timezones().ncol,
        h2o.get_timezone(),
    ],
    # random
    "runif": lambda f: [f.runif(7).nrow, f.runif(7).ncol, f.runif(7).max() < 1],
    "split_frame": lambda f: [
        split(f, [0.5], seed=1)[:2],
        split(f, [0.3, 0.3], ["p", "q", "r"], 1)[:2],
        split(f)[:2],
    ],
    "folds": lambda f: [
        f.kfold_column(3, 1).nrow,
        f.modulo_kfold_column(3),
        f["town"].stratified_kfold_column(2, 1).nrow,
    ],
    "stratified_split": lambda f: f["town"].stratified_split(0.5, 1).levels(),
    "create_frame": lambda f: [made(), made(real_fraction=1.0), made(has_response=True, response_factors=3)],
    # in and out, and keys
    "as_data_frame": lambda f: [
        f.as_data_frame(use_pandas=False),
        f["cost"].as_data_frame(False, header=False),
    ],
    "as_list": lambda f: h2o.as_list(f[["town", "cost"]], use_pandas=False),
    "get_frame_data": lambda f: f[["town", "cost"]].get_frame_data(),
    "from rows": lambda f: H2OFrame([[1, "a"], [2, "b"]], column_names=["n", "s"]),
    "from rows with a header": lambda f: H2OFrame([["n", "s"], [1, "a"], [2, "b"]], header=1),
    "from a list": lambda f: [
        H2OFrame([1, 2.5, None]),
        H2OFrame(["x", "y", "x"]),
        H2OFrame.from_python([1, 2]),
    ],
    "from a frame": lambda f: H2OFrame(f, column_names=list("abcdefg")),
    "import_file": lambda f: [
        imported(),
        imported(col_types={"y": "string"}),
        imported(header=-1),
        imported(na_strings=["2"]),
    ],
    "import_file skipping": lambda f: imported(skipped_columns=[1]),
    "upload_file": lambda f: [
        imported().nrow,
        h2o.upload_file(str(FOLDER / "small.csv"), col_names=list("abc")),
    ],
    "parse_raw": lambda f: parsed(),
    "export_file": exported,
    "download_csv": downloaded,
    "save and load": saved,
    "assign": lambda f: [h2o.assign(f[["pay"]], "assigned").frame_id, h2o.get_frame("assigned")],
    "deep_copy": lambda f: [h2o.deep_copy(f[["pay"]], "copied").frame_id, h2o.get_frame("copied")],
    "get_frame": lambda f: [
        h2o.get_frame("no_such_frame") is None,
        H2OFrame.get_frame("no_such_frame") is None,
    ],
    "remove": lambda f: [
        h2o.assign(f[["pay"]], "gone").key,
        h2o.remove("gone"),
        h2o.get_frame("gone") is None,
    ],
    "remove a frame": lambda f: [h2o.remove(h2o.assign(f[["pay"]], "gone")), h2o.get_frame("gone") is None],
    "frames": lambda f: [
        h2o.assign(f[["pay"]], "listed").key,
        "listed" in [one["frame_id"]["name"] for one in h2o.frames()["frames"]],
    ],
    "frame": lambda f: h2o.frame(f.frame_id)["frames"][0]["rows"],
    "ls": lambda f: [f.key is not None, len(h2o.ls()) > 0],
    "rapids": lambda f: [h2o.rapids("(+ 1 2)")["scalar"], h2o.rapids(f"(nrow {f.frame_id})")["scalar"]],
    "get_summary": lambda f: sorted(f.get_summary()),
    "displays": lambda f: [
        shown(f.show),
        shown(f.describe),
        shown(f.show_summary),
        shown(f.structure),
        "Ulm" in str(f),
    ],
    # models
    "weights": lambda f: [plain(trained(f).weights(layer)) for layer in (0, 1)],
    "biases": lambda f: [plain(trained(f).biases(layer)) for layer in (0, 1)],
    "scales": lambda f: scales(trained(f)),
    "initial weights and biases": lambda f: [started(f, 0), started(f, 1)],
    "checkpoint, the model": lambda f: epochs(trained(f, checkpoint=trained(f), epochs=5)),
    "checkpoint, its key": lambda f: epochs(trained(f, checkpoint=trained(f).model_id, epochs=5)),
    "checkpoint, no more epochs": lambda f: trained(f, checkpoint=trained(f)).model_id,
    "no such layer": lambda f: trained(f).weights(2).nrow,
    # what is refused
    "no such level": lambda f: f["town"].relevel("Kiel").levels(),
    "sum of text": lambda f: f["name"].sum(),
    "unequal rows": lambda f: f["cost"].cbind(f[0:3, "pay"]).ncol,
    "unknown pattern": lambda f: f["name"].sub("[", "x").nrow,
    "ratios": lambda f: f.split_frame([0.9, 0.3]),
    "unknown primitive": lambda f: h2o.rapids("(no.such.thing 1)"),
}


def plain(value: Any) -> Any:
    """What a call gave, as JSON: frames as names, types and values, numbers to ten digits."""
    if isinstance(value, H2OFrame):
        types = h2o.get_frame(value.frame_id).types
        names, *rows = value.as_data_frame(use_pandas=False)
        return {
            "names": names,
            "types": [types[name] for name in names],
            "rows": [[plain(cell(one)) for one in row] for row in rows],
        }
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float | int) and not isinstance(value, bool):
        return "NaN" if math.isnan(value) else float(f"{value:.10g}")
    return value


def cell(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def answer(call: Call) -> Any:
    try:
        return plain(call(h2o.get_frame("towns")[list(COLUMNS)]))
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return "refused"


def main() -> None:
    h2o.connect(url=sys.argv[1], verbose=False)
    h2o.no_progress()
    H2OFrame(COLUMNS, destination_frame="towns", column_types=TYPES)
    for name, call in CALLS.items():
        print(json.dumps([name, answer(call)]), flush=True)
    h2o.remove_all()


if __name__ == "__main__":
    main()
