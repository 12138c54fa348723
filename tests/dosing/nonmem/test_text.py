"""The text of a table: its separators, its comments, NONMEM's own output, and damaged lines."""

from collections.abc import Iterator

import pytest

from dosing import UserError
from dosing.nonmem import read_table
from dosing.nonmem.table_text import TableLines
from tests.dosing.nonmem.table_models import only

NAMES = ("ID", "TIME", "EVID", "AMT", "DV", "WT")
ROWS = (("1", "0", "1", "2.4", ".", "16"), ("1", "9", "0", ".", "3.5", "16"))
NONMEM = """\
TABLE NO.  1
 ID          TIME        EVID        AMT         DV          WT
  1.0000E+00  0.0000E+00  1.0000E+00  2.4000E+00  0.0000E+00  1.6000E+01
TABLE NO.  1
 ID          TIME        EVID        AMT         DV          WT
  1.0000E+00  9.0000E+00  0.0000E+00  0.0000E+00  3.5000E+00  1.6000E+01
"""


@pytest.mark.parametrize("separator", [",", "\t", " ", "   ", ", ", " \t"])
def test_cells_are_separated_by_commas_tabs_or_blanks(separator: str) -> None:
    lines = [separator.join(cells) for cells in (NAMES, *ROWS)]
    for before, end in (("", "\n"), (" ", "\r\n"), ("", "\r")):
        cells = read_table(end.join(before + line for line in lines) + end).cells
        assert tuple(cells.columns) == NAMES
        assert [tuple(row) for row in cells.itertuples(index=False)] == list(ROWS)


def test_an_empty_cell_between_tabs_is_missing() -> None:
    cells = read_table("ID\tTIME\tDV\n1\t0\t\n1\t\t5\n").cells
    assert cells.to_numpy().tolist() == [["1", "0", ""], ["1", "", "5"]]


def test_a_table_of_nonmem_is_read_with_its_titles() -> None:
    read = read_table(NONMEM)
    assert read.comments == 2  # below the first header: a title and a header
    assert list(read.cells.index) == [3, 6]
    row = only(NONMEM)
    plain = only("\n".join(",".join(cells) for cells in (NAMES, *ROWS)))
    assert row["problem"] == plain["problem"] == ""
    assert row["eta_CL"] == plain["eta_CL"]
    assert row["ofv"] == plain["ofv"]


@pytest.mark.parametrize("amount", ["2.4D2", "2.4d+02", "240", "2.4E2", "24.e1", ".24D3"])
def test_numbers_of_fortran(amount: str) -> None:
    row = only(f"ID,TIME,AMT,DV,WT\n1,0,{amount},.,16\n1,9,.,3.5,16\n")
    expected = only("ID,TIME,AMT,DV,WT\n1,0,240.0,.,16\n1,9,.,3.5,16\n")
    assert row["eta_CL"] == expected["eta_CL"]


@pytest.mark.parametrize("missing", [".", "", "NA", " . "])
def test_a_missing_value(missing: str) -> None:
    row = only(
        f"ID,TIME,EVID,AMT,DV,MDV,WT\n1,0,1,2,{missing},1,16\n1,9,0,{missing},3,0,{missing}\n"
    )
    assert (row["levels"], row["problem"]) == (1, "")


@pytest.mark.parametrize("other", ["na", "NaN", "nan", "NULL", "-", "N/A", "?"])
def test_another_word_is_not_a_missing_value(other: str) -> None:
    problem = only(f"ID,TIME,AMT,DV,WT\n1,0,2,.,{other}\n")["problem"]
    assert f'WT "{other}": it is not one plain number' in problem


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("TABLE NO. 1\nID TIME DV\n1 2 3\nTABLE NO. 2\nID TIME CL\n1 2 3\n",
         "Line 5 begins a table with other columns"),
        ("ID TIME DV\n1 2\n", "Line 2 has 2 cells, the header 3"),
        ("ID TIME DV\n1,2,3\n", "Line 2 has 1 cells, the header 3"),
        ("ID\tTIME\tDV\n1 2 3\n", "Line 2 has 1 cells, the header 3"),
        ("POPDATA DEC_11\n#ID,TIME\n1,2\n", "is not a header"),
        ("TABLE NO. 1\n", "The table is empty"),
        ("# ID of the study\n", "The table is empty"),
        ("ID TIME DV\nTABLE NO. 1\n", "has a header and no rows"),
    ],
)  # fmt: skip
def test_a_text_that_is_not_one_table(text: str, why: str) -> None:
    with pytest.raises(UserError, match=r"^[^\n]*$") as error:
        read_table(text)
    assert why in str(error.value)


def test_messages_name_the_file_where_there_are_several() -> None:
    with pytest.raises(UserError, match=r"The table of b\.csv is empty"):
        TableLines([], "b.csv")
    with pytest.raises(UserError, match=r"Line 2 of b\.csv has 1 cells"):
        list(TableLines(["ID,TIME", "1"], "b.csv"))


def test_lines_are_read_as_they_are_asked_for() -> None:
    asked: list[int] = []

    def lines() -> Iterator[str]:
        for number, line in enumerate(["ID,TIME", "1,2", "1,3", "1,4"]):
            asked.append(number)
            yield line

    table = TableLines(lines())
    assert asked == [0]
    rows = iter(table)
    assert next(rows) == (2, ["1", "2"])
    assert asked == [0, 1]
