"""Cells of a CSV file that a spreadsheet shows and never runs."""

# What makes a spreadsheet take a cell for a formula, or a reader for the start of one. The last four
# are the full-width twins. Source: OWASP, "CSV Injection".
STARTS = tuple("=+-@\t\r\n\0＝＋－＠")  # the full-width twins are meant


def cell(value: object) -> str:
    """The value as text; one that could be a formula has an apostrophe before it. None is empty."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(STARTS) else text
