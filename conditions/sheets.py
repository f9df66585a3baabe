"""A spreadsheet as text: cells copied out of one, or a CSV file. Pure.

Cells are text and nothing else. What a spreadsheet would take for a formula leaves with an apostrophe
before it and comes back without, so that a sheet that goes out and comes in again says the same.
"""

import csv
import io
from collections.abc import Sequence

from tablib import Dataset

from conditions.marked import UNSTORABLE
from portal.csv_cells import STARTS

LONGEST = 500_000  # characters
MOST = 1_000  # rows; the largest condition so far has a sixth of it
NUMBER = "row"  # the column that carries a row's number in the sheet, as a spreadsheet counts
QUOTED = (*STARTS, "'")


class Unreadable(Exception):
    """The sheet cannot be taken; each mistake is a sentence, with its row where it has one."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__(" ".join(mistakes))
        self.mistakes = list(mistakes)


def read(text: str, columns: Sequence[str]) -> Dataset:
    """The rows under the headings that were given, `key` among them, each with its number in NUMBER.

    Errors: Unreadable.
    """
    rows = _cells(text)
    headings = [cell.strip().lower() for cell in rows[0]] if rows else []
    if mistakes := _heading_mistakes(headings, columns):
        raise Unreadable(*mistakes)
    numbered = [(number, cells) for number, cells in enumerate(rows[1:], 2) if any(map(str.strip, cells))]
    if len(numbered) > MOST:
        raise Unreadable(f"This sheet has {len(numbered):,} rows and {MOST:,} are the most. Split it.")
    if mistakes := _row_mistakes(numbered, headings):
        raise Unreadable(*mistakes)
    data = Dataset(headers=[*headings, NUMBER])
    for number, cells in numbered:
        data.append([*(_taken(cell) for cell in cells), str(number)])
    return data


def write(data: Dataset) -> str:
    """The sheet as CSV that spreadsheets open as UTF-8 and run nothing of."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(data.headers)
    rows.writerows([_given(str(cell)) for cell in row] for row in data)
    return "\ufeff" + out.getvalue()


def _cells(text: str) -> list[list[str]]:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST:
        raise Unreadable(f"This is {len(text):,} characters long and {LONGEST:,} are the most. Split it.")
    if text.startswith("PK\x03\x04"):
        raise Unreadable(
            "This is a workbook. Save the sheet as CSV in UTF-8, or copy its cells and paste them."
        )
    if found := UNSTORABLE.search(text):
        line = text[: found.start()].count("\n") + 1
        raise Unreadable(f"Line {line} holds a character that cannot be stored; remove it.")
    if "\ufffd" in text:  # what stands for letters that could not be read
        line = text.partition("\ufffd")[0].count("\n") + 1
        raise Unreadable(f"Line {line} has letters that cannot be read. Save the sheet as CSV in UTF-8.")
    heading = text.partition("\n")[0]
    delimiter = max("\t;,", key=heading.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise Unreadable(
            "The quotation marks of a cell do not close, so its end cannot be found."
            " Save the sheet as CSV once more, or copy the cells again."
        ) from None


def _heading_mistakes(headings: list[str], columns: Sequence[str]) -> list[str]:
    known = ", ".join(columns)
    mistakes = [
        f"Two columns are called “{each}”; remove one."
        for each in dict.fromkeys(headings)
        if each and headings.count(each) > 1
    ]
    for each in headings:
        if each not in columns:
            mistakes.append(f"The column “{each[:40]}” is unknown; is it misspelt? Columns are: {known}.")
    if "key" not in headings:
        mistakes.append(f"The first row must name the columns, “key” among them. Columns are: {known}.")
    return mistakes


def _row_mistakes(numbered: list[tuple[int, list[str]]], headings: list[str]) -> list[str]:
    mistakes: list[str] = []
    first: dict[str, int] = {}
    at = headings.index("key")
    for number, cells in numbered:
        if len(cells) != len(headings):
            mistakes.append(f"Row {number} has {len(cells)} cells and the first row has {len(headings)}.")
            continue
        key = _taken(cells[at])
        if not key:
            mistakes.append(f"Row {number} has no key.")
        elif first.setdefault(key, number) != number:
            mistakes.append(f"Row {number}: the key “{key[:80]}” stands in row {first[key]} already.")
    return mistakes


def _taken(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(QUOTED) else cell


def _given(text: str) -> str:
    return f"'{text}" if text.startswith(QUOTED) else text
