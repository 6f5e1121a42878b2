"""Board -> table, as markdown for README.md and as text for the terminal. Pure. Source: spec/harness.md, Table."""
from collections.abc import Iterable
from typing import Any

from tabulate import tabulate

from afi.model import Adapter, Capability, Cell, Mark

LEGEND = "✅ every MUST check passed · ◑ some passed · ❌ none passed, or owed · — not applicable · ? could not be judged"


def markdown(board: dict[str, Any], cells: Iterable[Cell], totals: dict[str, Any] | None) -> str:
    """Args: totals: of the self-proof (afi/faults/kills.json). Returns: legend, a table a section, notes, counts, totals; ends with a line feed."""
    cells = tuple(cells)
    notes = list(dict.fromkeys(cell.not_applicable for cell in cells if cell.not_applicable))
    parts = [LEGEND]
    for section, rows in _sections(cells).items():
        parts += [f"### {section}", _grid(board, rows, _adapters(cells), notes, "pipe")]
    parts += ["\n".join(f"{n}. Not applicable: {note}." for n, note in enumerate(notes, 1))] if notes else []
    parts += [_counts(board), *_conduct(board), *_partly(board)]
    parts += [_totals(totals)] if totals else []
    return "\n\n".join(parts) + "\n"


def terminal(board: dict[str, Any], cells: Iterable[Cell]) -> str:
    """Returns: the matrix for a person at a terminal."""
    cells = tuple(cells)
    return _grid(board, tuple(dict.fromkeys(cell.capability for cell in cells)), _adapters(cells), [], "simple") + "\n" + LEGEND + "\n" + _counts(board)


def _sections(cells: tuple[Cell, ...]) -> dict[str, list[Capability]]:
    found: dict[str, list[Capability]] = {}
    for capability in dict.fromkeys(cell.capability for cell in cells):
        found.setdefault(capability.section, []).append(capability)
    return found


def _adapters(cells: tuple[Cell, ...]) -> tuple[Adapter, ...]:
    return tuple(dict.fromkeys(cell.adapter for cell in cells))


def _grid(board: dict[str, Any], rows: Iterable[Capability], adapters: tuple[Adapter, ...], notes: list[str], style: str) -> str:
    found = {(row["capability"], row["adapter"]): row for row in board["cells"]}
    lines = [[capability.title if style == "pipe" else capability.id,
              *(_mark(found.get((capability.id, adapter.id)), notes) for adapter in adapters)] for capability in rows]
    return tabulate(lines, headers=["Capability", *(adapter.title for adapter in adapters)], tablefmt=style, colalign=("left", *["center"] * len(adapters)))


def _mark(row: dict[str, Any] | None, notes: list[str]) -> str:
    if row is None:
        return ""
    if row["mark"] == Mark.NOT_APPLICABLE.value:
        return f"{row['mark']} [{notes.index(row['reason']) + 1}]" if notes else str(row["mark"])
    run, all_of = sum(check["outcome"] != "not-run" for check in row["checks"]), len(row["checks"])
    return str(row["mark"]) if run == all_of else f"{row['mark']} {run}/{all_of} run"


def _counts(board: dict[str, Any]) -> str:
    footer = board["footer"]
    marks = ", ".join(f"{mark} {count}" for mark, count in footer["marks"].items() if count)
    return f"Cells: {marks}; {footer['cells']} in all. Checks: " + ", ".join(f"{count} {word}" for word, count in footer["checks"].items() if count) + "."


def _conduct(board: dict[str, Any]) -> list[str]:
    red = [f"`conduct-{row['adapter']}` {row['mark']}: " + "; ".join(line for check in row["checks"] for line in check.get("reason", ()))
           for row in board["conduct"] if row["mark"] != Mark.WIRED.value]
    return ["Conduct of the processes: " + ("; ".join(red) if red else "no findings") + "."] if board["conduct"] else []


def _partly(board: dict[str, Any]) -> list[str]:
    found = [f"`{row['capability']}-{row['adapter']}`: " + ", ".join(f"`{c['id']}`" for c in row["checks"] if c["outcome"] == "failed")
             for row in board["cells"] if row["mark"] == Mark.PARTIAL.value]
    return ["Failing checks of ◑ cells: " + "; ".join(found) + "."] if found else []


def _totals(totals: dict[str, Any]) -> str:
    return "Self-proof: " + ", ".join(f"{name} {value}" for name, value in totals.items()) + "."
