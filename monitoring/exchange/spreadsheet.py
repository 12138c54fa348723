"""Cells of CSV that are safe in spreadsheets, which run some texts as formulas."""

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def defused(cell: object) -> object:
    """Return a cell that no spreadsheet runs as a formula; numbers stay as they are.

    >>> defused("=1+1"), defused("-5"), defused("−5 kg")
    ("'=1+1", '-5', '−5 kg')
    """
    if not isinstance(cell, str) or not cell.startswith(_FORMULA_SIGNS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
