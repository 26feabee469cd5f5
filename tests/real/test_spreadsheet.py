"""The CSV in a real spreadsheet: LibreOffice Calc."""

import csv
import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .tool import Json, Tool

pytestmark = pytest.mark.real

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
FIGURES = {"workers", "samples", "loops", "ratio", "n", "tasks", "tasks_run", "tasks_expected"}
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1;1)", '=HYPERLINK("http://127.0.0.1";"x")')


class Cell:
    """One cell as Calc has understood it."""

    def __init__(self, element: ElementTree.Element) -> None:
        self.kind = element.get(f"{{{OFFICE}}}value-type")
        self.value = element.get(f"{{{OFFICE}}}value")
        self.formula = element.get(f"{{{TABLE}}}formula")
        self.text = "".join(element.itertext()).strip()
        self.repeated = int(element.get(f"{{{TABLE}}}number-columns-repeated", "1"))


def in_calc(tool: Tool, name: str) -> list[dict[str, Cell]]:
    """Convert a CSV file with LibreOffice, and return its rows by the names of the columns."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("soffice (LibreOffice) is not installed")
    profile = (tool.folder / "profile").as_uri()
    subprocess.run(
        [
            *(soffice, "--headless", f"-env:UserInstallation={profile}"),
            *("--convert-to", "fods", "--outdir", str(tool.folder), str(tool.folder / name)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    root = ElementTree.parse((tool.folder / name).with_suffix(".fods")).getroot()
    rows = []
    for row in root.iter(f"{{{TABLE}}}table-row"):
        cells: list[Cell] = []
        for element in row.findall(f"{{{TABLE}}}table-cell"):
            cell = Cell(element)
            cells += [cell] * min(cell.repeated, 100)
        rows.append(cells)
    titles = [cell.text for cell in rows[0] if cell.text]
    return [dict(zip(titles, row, strict=False)) for row in rows[1:] if row and row[0].text]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_numbers_are_numbers_and_nothing_is_nothing(tool: Tool, kept: list[Path]) -> None:
    tool.keep(kept[0])
    append(tool, {"event": "failure", "case": 1, "phase": "in round 2", "reason": "it broke"})
    assert tool.run("export", "latest", "--csv", "out.csv").code == 0
    plain, calc = read_csv(tool.folder / "out.csv"), in_calc(tool, "out.csv")
    check_cells(plain, calc)
    numpy, threads = calc[:2]
    for name in ("workers", "threads_per_worker", "efficiency", "reason"):
        assert (numpy[name].kind, numpy[name].text) == (None, ""), name
    assert "it broke" in threads["reason"].text
    assert (threads["workers"].kind, threads["workers"].value) == ("float", "2")


def test_samples_and_formulas(tool: Tool, kept: list[Path]) -> None:
    """Text that looks like a formula stays text."""
    tool.keep(kept[0])
    known = tool.measured(1)[0]
    for number, formula in enumerate(FORMULAS, 100):
        append(tool, known | {"round": number, "valid": False, "reason": formula})
    assert tool.run("export", "latest", "--samples", "--csv", "out.csv").code == 0
    plain, calc = read_csv(tool.folder / "out.csv"), in_calc(tool, "out.csv")
    check_cells(plain, calc)
    reasons = [row["reason"] for row in calc if row["reason"].text]
    assert [cell.kind for cell in reasons] == ["string"] * len(FORMULAS)
    for cell, formula in zip(reasons, FORMULAS, strict=True):
        assert cell.text in (formula, f"'{formula}")


def check_cells(plain: list[dict[str, str]], calc: list[dict[str, Cell]]) -> None:
    """Every figure has become a number, every empty cell is empty, and nothing is a formula."""
    assert len(calc) == len(plain) >= 2
    for as_text, as_cells in zip(plain, calc, strict=True):
        for name, text in as_text.items():
            cell = as_cells[name]
            assert cell.formula is None
            if not text:
                assert (cell.kind, cell.text) == (None, ""), name
            elif name.endswith(("_s", "_bytes")) or name in FIGURES:
                assert cell.kind == "float", name
                assert float(cell.value or "nan") == pytest.approx(float(text), rel=1e-12)


def append(tool: Tool, event: Json) -> None:
    """Write one more line into the journal, before its last: nothing stands behind the end."""
    *lines, end = tool.journal.read_text().splitlines(keepends=True)
    tool.journal.write_text("".join([*lines, f"{json.dumps(event)}\n", end]))
