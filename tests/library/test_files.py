"""Users' files: read whole, or refused with their line; ours: put in place whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import BaseModel, StrictInt

from counterfoil.errors import BadInput
from counterfoil.files import Row, put, read_csv, read_jsonl, read_text, read_toml


class Model(BaseModel):
    number: StrictInt


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_readText_leavesOutTheByteOrderMark(file: Path) -> None:
    file.write_bytes("\ufeffä\n".encode())

    assert read_text(file) == "ä\n"


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"\xff", 1),
        (b"a\n\xff", 2),
        (b"\xef\xbb\xbf\n\n\xff", 3),
        (b"a\nb\xc3\nc", 2),
        (b"\xff\xfea\0", 1),  # UTF-16
    ],
)
def test_readText_namesTheLineThatIsNotUtf8(file: Path, raw: bytes, line: int) -> None:
    file.write_bytes(raw)

    with pytest.raises(BadInput, match="not UTF-8") as caught:
        read_text(file)

    assert (caught.value.file, caught.value.row) == (str(file), line)


def test_readText_refusesAFileThatIsMissingOrAFolder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_text(tmp_path / "gone")
    with pytest.raises(BadInput, match="is a directory"):
        read_text(tmp_path)


def test_readToml_isTheCheckedModel(file: Path) -> None:
    file.write_text("number = 7", "utf-8")

    assert read_toml(file, Model).number == 7


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        ("number = x", "not TOML: .*line 1"),
        ("number = ", "not TOML"),
        ("number = 1\nnumber = 2", "not TOML"),
        ("number = " + "9" * 5000, "not TOML"),
        ("number = " + "[" * 5000, "not TOML"),
        ("", "number: is missing"),
        ('number = "7"', "number: is not a whole number"),
        ("number = true", "number: is not a whole number"),
    ],
)
def test_readToml_saysWhatIsWrong(file: Path, text: str, saying: str) -> None:
    file.write_text(text, "utf-8")

    with pytest.raises(BadInput, match=saying) as caught:
        read_toml(file, Model)

    assert caught.value.file == str(file)


def test_readCsv_readsColumnsInAnyOrder(file: Path) -> None:
    file.write_text("b, a ,c,d\n 2 ,1,x,\n\n , \n3,4,y,5\n", "utf-8")

    table = read_csv(file, ("a", "b"), ("d",))

    assert table.rows == (
        Row(2, {"a": "1", "b": "2", "d": ""}, True),
        Row(5, {"a": "4", "b": "3", "d": "5"}, True),
    )
    assert table.ignored == ("c",)


def test_readCsv_tellsRowsThatHaveNotEveryColumn(file: Path) -> None:
    file.write_text("a,b\n1\n1,2\n1,2,3\n", "utf-8")

    table = read_csv(file, ("a", "b"))

    assert [(row.line, row.whole) for row in table.rows] == [(2, False), (3, True), (4, False)]


def test_readCsv_takesQuotesNewLinesAndCarriageReturns(file: Path) -> None:
    file.write_bytes(b'a,b\r\n"x, ""y""","two\nlines"\r\n1,2\r\n')

    table = read_csv(file, ("a", "b"))

    assert [row.values for row in table.rows] == [
        {"a": 'x, "y"', "b": "two\nlines"},
        {"a": "1", "b": "2"},
    ]
    assert [row.line for row in table.rows] == [3, 4]


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("", "a", "is missing"),
        ("a\n", "b", "is missing"),
        ("a,b,a\n", "a", "stands twice"),
        ("a,b,c,c\n", "c", "stands twice"),
    ],
)
def test_readCsv_namesTheColumnThatIsMissingOrDoubled(
    file: Path, text: str, field: str, problem: str
) -> None:
    file.write_text(text, "utf-8")

    with pytest.raises(BadInput, match=problem) as caught:
        read_csv(file, ("a", "b"), ("c",))

    assert (caught.value.row, caught.value.field) == (1, field)


@pytest.mark.parametrize("text", ['1,"2\n', '1,"2"x\n', "1," + "x" * 200_000 + "\n"])
def test_readCsv_namesTheLineThatIsNotCsv(file: Path, text: str) -> None:
    file.write_text("a,b\n" + text, "utf-8")

    with pytest.raises(BadInput, match="not CSV") as caught:
        read_csv(file, ("a", "b"))

    assert caught.value.row == 2


def test_readJsonl_countsLinesAsEditorsDo(file: Path) -> None:
    file.write_text('\ufeff1\r\n\n"a\u2028b"\n {"x": [null]} \n', "utf-8")

    assert read_jsonl(file) == [(1, 1), (3, "a\u2028b"), (4, {"x": [None]})]


@pytest.mark.parametrize("text", ["{", "x", "1 2", "'a'", "[" * 100_000, "9" * 5000])
def test_readJsonl_namesTheLineThatIsNotJson(file: Path, text: str) -> None:
    file.write_text("1\n\n" + text, "utf-8")

    with pytest.raises(BadInput, match="not JSON") as caught:
        read_jsonl(file)

    assert (caught.value.file, caught.value.row) == (str(file), 3)


def test_readJsonl_isEmptyForAnEmptyFile(file: Path) -> None:
    file.write_bytes(b"")

    assert read_jsonl(file) == []


def test_put_isWholeIfManyWriteAtOnce(file: Path) -> None:
    contents = [bytes([65 + n]) * 100_000 for n in range(8)]

    with ThreadPoolExecutor(len(contents)) as pool:
        for _ in range(20):
            list(pool.map(lambda content: put(file, content), contents))

            assert file.read_bytes() in contents
            assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_put_makesTheFolderAndGivesTheRights(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "new" / "file"

    put(file, b"text", mode)

    assert file.read_bytes() == b"text"
    assert file.stat().st_mode & 0o777 == mode


def test_put_leavesNothingIfItFails(file: Path) -> None:
    file.mkdir()

    with pytest.raises(OSError):
        put(file, b"text")

    assert list(file.parent.iterdir()) == [file]
