"""The four locks: every row has its page, probe and pins or is owed; nothing else is there; reasons hold; README is what the live board renders."""
import ast
import sys
from pathlib import Path

import pytest

import manifest
import parity_table
from afi import descriptor, plan
from afi.errors import OurFault
from afi.model import Adapter

ROOT = plan.ROOT
ROWS = [capability.id for capability in manifest.CAPABILITIES]
PAGES = {*manifest.JUDGED_WITH, *manifest.OTHER_PAGES}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_whole_or_owed(row):
    parts = [(ROOT / "spec" / f"{row}.md").exists(), (ROOT / "probes" / f"{row.replace('-', '_')}.py").exists(), (ROOT / "pins" / f"{row}.yaml").exists()]
    assert parts in ([True] * 3, [False] * 3), "a row has its page, its probe and its pins, or none of them"


def test_there_is_no_page_that_the_manifest_does_not_name():
    assert {path.stem for path in (ROOT / "spec").glob("*.md")} - {*ROWS} == PAGES


def test_there_is_no_probe_that_the_manifest_does_not_name():
    assert {path.stem.replace("_", "-") for path in (ROOT / "probes").glob("*.py")} - {"--init--"} <= {*ROWS}


def test_there_is_no_pin_file_that_the_manifest_does_not_name():
    assert {path.stem for path in (ROOT / "pins").iterdir()} <= {*ROWS, *manifest.JUDGED_WITH}


def test_twenty_rows_and_five_columns():
    assert (len(manifest.CAPABILITIES), len(manifest.ADAPTERS), len(manifest.CELLS)) == (20, 5, 100)


def test_what_is_not_applicable_gives_its_reason():
    assert {(cell.capability.id, cell.adapter.id) for cell in manifest.CELLS if cell.not_applicable} == {(row, "tauri") for row in manifest.ONLY_HTTP}
    assert all(manifest.ONLY_HTTP.values())


@pytest.mark.parametrize("row", [c for c in manifest.CAPABILITIES if c.id in manifest.ONLY_HTTP], ids=lambda c: c.id)
def test_an_adapter_that_serves_http_owes_what_http_has(row):
    assert manifest.cell(row, Adapter("new", "New", None, ("http", "ipc"))).not_applicable is None


@pytest.mark.parametrize("adapter", [a for a in manifest.ADAPTERS if a.descriptor], ids=lambda a: a.id)
def test_a_column_speaks_what_its_descriptor_says(adapter):
    found = descriptor.load(ROOT / adapter.descriptor)
    assert (found.id, found.title, found.speaks) == (adapter.id, adapter.title, adapter.speaks)
    assert found.oracle, "our own columns answer the oracle"


@pytest.mark.parametrize("adapter", [a for a in manifest.ADAPTERS if a.descriptor], ids=lambda a: a.id)
def test_a_column_whose_ir_is_judged_green_prints_it_by_a_command_too(adapter):
    lines = [[part.strip() for part in line.strip("|").split("|")] for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("|")]
    titles = next(line for line in lines if line[0] == "Capability")
    row = next(line for line in lines if line[0] in [one.title for one in manifest.CAPABILITIES if one.id == "ir"])
    assert descriptor.load(ROOT / adapter.descriptor).emit_ir or "✅" not in row[titles.index(adapter.title)]


def test_no_folder_of_adapters_is_left_out_of_the_manifest():
    folders = {path.parent.name for path in (ROOT / "adapters").glob("*/adapter.yaml")} - {"template"}
    assert folders == {a.id for a in manifest.ADAPTERS if a.descriptor}


def test_readme_has_its_markers_once():
    parity_table.between((ROOT / "README.md").read_text(), "README.md")


@pytest.mark.parametrize("text", ["", parity_table.BEGIN, parity_table.END + parity_table.BEGIN, (parity_table.BEGIN + parity_table.END) * 2])
def test_a_readme_without_its_markers_is_said(text):
    with pytest.raises(OurFault, match="marker"):
        parity_table.between(text, "README.md")


JUDGING = [*(ROOT / "afi").glob("*.py"), *(ROOT / "probes").glob("*.py"), *(ROOT / name for name in ("conftest.py", "manifest.py", "parity_table.py"))]


@pytest.mark.parametrize("path", JUDGING, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_judge_never_imports_the_reference(path: Path):
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in names if name.split(".")[0] in ("mizan", "sample")]
    assert "reference/" not in path.read_text()


@pytest.mark.parametrize("path", [p for p in (ROOT / "probes").glob("*.py") if p.stem != "__init__"], ids=lambda path: path.stem)
def test_a_probe_reads_nothing_but_the_wire(path: Path):
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    refused = {"os", "sys", "time", "random", "pathlib", "subprocess", "socket", "manifest", "tempfile"}
    assert not {name.split(".")[0] for name in names} & refused
    assert not [name for name in names if name.startswith("probes.")]


def test_the_judge_runs_without_the_reference_installed():
    assert "mizan" not in sys.modules
