"""Set-ups are guessed as H2O guesses them.

Unless a comment says otherwise, what is expected was answered by H2O 3.46.0.12 for the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.ingest import Access, Header, Source, Wishes, column_type, find_sources, guess
from aquifer_cluster.ingest.inference import Kind, _kinds_by_pattern, kinds
from hypothesis import given
from hypothesis import strategies as st

N, E, S, T = ColumnType.NUMERIC, ColumnType.ENUM, ColumnType.STRING, ColumnType.TIME
Make = Callable[..., Source]


def column(fields: list[str]) -> str:
    return "h,v\n" + "".join(f"{field},{i}\n" for i, field in enumerate(fields))


CASES: list[tuple[str, str, list[str] | None, list[ColumnType]]] = [
    ("a,b\n1,x\n2,y\n", ",", ["a", "b"], [N, S]),
    ("a\tb\n1\tx\n2\ty\n", "\t", ["a", "b"], [N, S]),
    ("a;b\n1;x\n2;y\n", ";", ["a", "b"], [N, S]),
    ("a|b\n1|x\n2|y\n", "|", ["a", "b"], [N, S]),
    ("a\x01b\n1\x01x\n2\x01y\n", "\x01", ["a", "b"], [N, S]),
    ("a b\n1 x\n2 y\n", " ", ["a", "b"], [N, S]),
    ("a  b\n1  2\n3 4\n", " ", ["a", "b"], [N, N]),
    ("1 2 \n3 4 \n5 6 \n", " ", None, [N, N]),
    ("a;b;c,d\n1;2;3,4\n5;6;7,8\n", ",", ["a;b;c", "d"], [S, N]),
    ("a b\tc\n1 2\t3\n4 5\t6\n", "\t", ["a b", "c"], [S, N]),
    ("a;b\n1,5;2\n2,5;3\n", ";", ["a", "b"], [S, N]),
    ("1\n2\n3\n", " ", None, [N]),
    ("a\n1\n2\n3\n", " ", ["a"], [N]),
    ("apple\npear\nplum\napple\n", " ", None, [E]),
    ("a:b\n1:2\n3:4\n", " ", None, [S]),
    ("a,b\r\n1,x\r\n2,y\r\n", ",", ["a", "b"], [N, S]),
    ("a,b\r1,2\r3,4\r", ",", ["a", "b"], [N, N]),
    ("x,1\ny,2\nz,3\nx,4\n", ",", None, [E, N]),
    ("name,kind\nx,p\ny,q\nx,p\n", ",", None, [E, E]),
    ('"name","kind"\n"x","p"\n"y","q"\n', ",", None, [S, S]),
    ("1,2,3\n1.5,x,3\n2.5,y,4\n", ",", None, [N, S, N]),
    ("a,b\nx,y\n1,2\n3,4\n5,6\n7,8\n", ",", None, [N, N]),
    ("a,b\n2020-01-01,x\n2020-01-02,y\n", ",", ["a", "b"], [T, S]),
    ("a,b,c\n", ",", ["a", "b", "c"], [N, N, N]),
    ("a,b,c", ",", ["a", "b", "c"], [N, N, N]),
    ("1,2,3\n", ",", None, [N, N, N]),
    ("a,2,3\n", ",", None, [E, N, N]),
    ("a,,b\n1,2,3\n4,5,6\n", ",", ["a", "", "b"], [N, N, N]),
    ("a,b,\n3,4,\n6,7,\n", ",", ["a", "b", ""], [N, N, N]),
    ("a, b\n 1 , x \n2,  y\n", ",", ["a", "b"], [N, S]),
    ("# hi\na,b\n1,2\n#3,4\n5,6\n", ",", ["a", "b"], [N, N]),
    ("a,b,c\n1,2\n1,2,3,4\n5,6,7\n", ",", ["a", "b", "c"], [N, N, N]),
    ("1,2\n3,4,5\n6,7,8\n", ",", None, [N, N, N]),
    ("a,b\n3,4,5\n6,7,8\n", ",", ["a", "b"], [N, N, N]),
    ('a,b\n"1","x"\n"2","y"\n', ",", ["a", "b"], [N, S]),
    ('a,b\n1,"x\ny"\n2,"p""q"\n3,"r,s"\n', ",", ["a", "b"], [N, S]),
    ("a,b\ntrue,T\nfalse,F\ntrue,T\n", ",", None, [E, E]),
    (column([f"w{min(i, 18)}" for i in range(20)]), ",", ["h", "v"], [S, N]),  # 19 of 20 are distinct
    (column([f"w{min(i, 17)}" for i in range(20)]), ",", ["h", "v"], [E, N]),
    (column(["w"] * 10), ",", ["h", "v"], [E, N]),
    (column(["NA"] * 10), ",", ["h", "v"], [N, N]),
    (column([""] * 10), ",", ["h", "v"], [N, N]),
    (column(["", "w"] * 10), ",", ["h", "v"], [E, N]),
    (column([""] * 10 + ["w", "x"]), ",", ["h", "v"], [S, N]),
    (column(["1"] * 5 + ["w"] * 5), ",", ["h", "v"], [N, N]),
    (column(["1"] * 5 + ["w"] * 6), ",", ["h", "v"], [E, N]),
    (column(["1"] * 5 + list("abcdef")), ",", ["h", "v"], [S, N]),
    (column(["1"] * 5 + ["NA"] * 15), ",", ["h", "v"], [N, N]),
    (column(["a", "NA"] * 10), ",", ["h", "v"], [E, N]),
    (column(["1"] * 5 + ["NaN"] * 15), ",", ["h", "v"], [N, N]),  # H2O calls NaN a category here
    ("a\n10%\n20%\n", " ", ["a"], [N]),  # H2O takes the name for a row here
    ("\ufeffa,b\n1,x\n2,y\n", ",", ["a", "b"], [N, S]),  # H2O keeps the byte order mark
    ("text\nthe quick fox\njumps over\n", ",", None, [S]),  # H2O cuts at the spaces and loses the rest
]


@pytest.mark.parametrize(("text", "separator", "names", "types"), CASES)
def test_separator_header_and_types(
    source_of: Make, text: str, separator: str, names: list[str] | None, types: list[ColumnType]
) -> None:
    setup = guess([source_of(text)])
    assert setup.separator == separator
    assert setup.column_names == (None if names is None else tuple(names))
    assert setup.header is (Header.NONE if names is None else Header.PRESENT)
    assert list(setup.column_types) == types


DATA = [
    ("iris_wheader.csv", "iris_wheader.hex", 1, [N] * 4 + [E]),
    ("prostate.csv", "prostate.hex", 1, [N] * 9),
    ("cars.csv", "cars.hex", 1, [E] + [N] * 7),
    ("covtype.20k.data", "covtype_20k_data.hex", -1, [N] * 55),
    ("ecg_discord_train.csv", "ecg_discord_train.hex", -1, [N] * 210),
    ("ecg_discord_test.csv", "ecg_discord_test.hex", -1, [N] * 210),
    ("mnist_test.csv.gz", "mnist_test.hex", -1, [N] * 785),
]


@pytest.mark.parametrize(("name", "destination", "header", "types"), DATA, ids=[case[0] for case in DATA])
def test_known_files(
    test_data: Path, name: str, destination: str, header: int, types: list[ColumnType]
) -> None:
    setup = guess(find_sources([str(test_data / name)], Access()))
    assert (setup.destination, setup.separator, setup.header) == (destination, ",", header)
    assert list(setup.column_types) == types


@pytest.mark.parametrize(
    ("name", "destination"),
    [
        ("1abc.csv", "X1abc.hex"),
        ("a-b c.csv", "a_b_c.hex"),
        ("a.b.csv", "a_b.hex"),
        ("data.csv.txt", "data.hex"),
        ("noext", "noext.hex"),
        ("x.tar", "x_tar.hex"),
        ("x.CSV", "x_CSV.hex"),
        ("x.data.gz", "x_data.hex"),
        ("z.csv.gz", "z.hex"),
        ("_x.csv", "_x.hex"),
    ],
)
def test_the_destination_is_named_after_the_first_file(source_of: Make, name: str, destination: str) -> None:
    assert guess([source_of("1,2\n3,4\n", name), source_of("5,6\n")]).destination == destination


def test_the_destination_of_an_upload_says_so(tmp_path: Path) -> None:
    path = tmp_path / "spooled"
    path.write_text("1,2\n")
    upload = Source.of_upload("upload_bc9f", path)
    assert guess([upload]).destination == "Key_Frame__upload_bc9f.hex"


def test_a_late_word_counts_as_long_as_it_is_in_the_first_megabytes(source_of: Make) -> None:
    text = "a,b\n" + "NA,1\n" * 300_000 + "x,2\ny,3\nx,4\n"
    assert guess([source_of(text)]).column_types == (E, N)


def test_zeros_among_words_seem_to_mean_missing(source_of: Make) -> None:
    setup = guess([source_of(column(["0"] * 3 + ["w", "x"] * 3))])
    assert setup.column_types == (E, N)
    assert setup.na_strings == (("0",), ())


def test_wishes_come_before_guesses(source_of: Make) -> None:
    wishes = Wishes(
        separator=";",
        header=Header.NONE,
        column_names=("p", "q"),
        column_types=(S, None),
        na_strings=(("x",), ()),
        skipped_columns=(0,),
        destination="mine",
    )
    setup = guess([source_of("a,b;1\nc,d;2\n")], wishes)
    assert (setup.separator, setup.header, setup.destination) == (";", Header.NONE, "mine")
    assert (setup.column_names, setup.column_types) == (("p", "q"), (S, N))
    assert (setup.na_strings, setup.kept, setup.frame_names) == ((("x",), ()), (1,), ("q",))


def test_the_preview_shows_the_first_rows_as_text(source_of: Make) -> None:
    setup = guess([source_of("a,b\n" + "".join(f"{i},x y\n" for i in range(20)))])
    assert setup.preview == tuple((str(i), "x y") for i in range(10))


@pytest.mark.parametrize("text", ["", "\n\n", "  \n", "# only a comment\n"])
def test_a_file_without_data_is_refused_by_name(source_of: Make, text: str) -> None:
    with pytest.raises(ParseFailure, match=r"file\.csv .*the file is empty"):
        guess([source_of(text)])


@pytest.mark.parametrize(
    ("wishes", "culprit"),
    [
        (Wishes(column_types=(N,)), "column_types"),
        (Wishes(column_names=("a", "b", "c")), "column_names"),
        (Wishes(skipped_columns=(2,)), "skipped_columns"),
        (Wishes(skipped_columns=(0, 1)), "skipped_columns"),
        (Wishes(na_strings=((), (), ())), "na_strings"),
    ],
)
def test_wishes_that_do_not_fit_the_file_are_refused_by_name(
    source_of: Make, wishes: Wishes, culprit: str
) -> None:
    with pytest.raises(InvalidArgument, match=f"^{culprit}: "):
        guess([source_of("a,b\n1,2\n")], wishes)


def test_nothing_to_guess_from_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="source_frames: names no source"):
        guess([])


def test_type_names_are_known_in_any_case() -> None:
    assert [column_type(name) for name in ("Numeric", "ENUM", "factor", "string", "int")] == [N, E, E, S, N]
    with pytest.raises(InvalidArgument, match="column_types: 'colour' is not one of numeric"):
        column_type("colour")


@given(st.lists(st.text("0017.+-eE $%NA:/\té", max_size=8), max_size=30))
def test_what_is_told_at_a_look_is_what_the_patterns_say(texts: list[str]) -> None:
    array = pa.array(["", *texts, None], pa.string())[1:]
    assert kinds(array).tolist() == [*_kinds_by_pattern(array[:-1]).tolist(), Kind.NOTHING]
