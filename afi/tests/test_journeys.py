"""What a stranger does first, as the stranger does it: commands, exit codes, and what they print."""
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import parity_table
from afi import evidence, plan, record, selection
from afi.errors import AfiError
from afi.process import free_port
from afi.tests.staging import until
from afi.transport import Http, Request

ROOT = plan.ROOT
TEMPLATE = ROOT / "adapters" / "template"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "afi/"]
MARKERS = parity_table.BEGIN + parity_table.END


def ran(*argv, **more):
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False, **more)


def afi(*argv):
    return ran(sys.executable, "-m", "afi", *argv)


def words(board):
    return {check["id"]: check["outcome"] for row in board["cells"] for check in row["checks"]}


@pytest.fixture
def elsewhere(tmp_path):
    """The template adapter, copied to a folder that is no part of the kit."""
    return Path(shutil.copytree(TEMPLATE, tmp_path / "mine"))


@pytest.fixture(scope="module")
def house():
    """The board of the house, judged once here with seed 7."""
    found, unjudged, _ = record.judged(selection.of_house(seed=7), print)
    assert unjudged == []
    return found


def test_every_cell_of_a_column_that_is_built_is_green(house):
    live = [cell for cell in house.selection.whole if plan.live(cell) and not cell.not_applicable]
    assert {house.verdicts[cell.id].mark.value for cell in live} == {"✅"}


def test_one_seed_writes_one_board(house):
    first = evidence.OUT.joinpath("board.json").read_bytes()
    record.judged(selection.of_house(seed=7), print)
    assert evidence.OUT.joinpath("board.json").read_bytes() == first


def test_the_readme_is_what_the_live_board_renders(house):
    _, shown, _ = parity_table.between((ROOT / "README.md").read_text(), "README.md")
    assert shown == parity_table.rendered(house)


def test_the_template_outside_the_kit_turns_its_row_green(elsewhere):
    readme = (ROOT / "README.md").read_bytes()
    done = ran(*PYTEST, "--adapter", str(elsewhere / "adapter.yaml"), "--capability", "invalidate-body")
    assert done.returncode == 0, done.stdout
    board = json.loads((evidence.OUT / "board-template.json").read_text())
    assert {row["adapter"] for row in board["cells"]} == {"template"}
    assert set(words(board).values()) == {"passed"}
    assert (ROOT / "README.md").read_bytes() == readme


def test_a_third_partys_readme_is_held_to_its_own_column(elsewhere):
    readme = elsewhere / "README.md"
    readme.write_text("# Mine\n\n" + MARKERS + "\nTail.\n")
    options = ("--adapter", str(elsewhere / "adapter.yaml"), "--readme", str(readme))
    assert ran(sys.executable, "parity_table.py", *options).returncode == 0
    written = readme.read_text()
    assert "Django" not in written
    assert written.endswith("\nTail.\n")
    assert "extra-bytes" not in (evidence.OUT / "board-template.json").read_text()
    assert ran(sys.executable, "parity_table.py", "--check", *options).returncode == 0
    readme.write_text(written.replace("✅", "❌", 2))
    changed = ran(sys.executable, "parity_table.py", "--check", *options)
    assert (changed.returncode, "+++ the live board" in changed.stdout) == (1, True)


@pytest.mark.parametrize("edit", [
    lambda text: text.replace("✅", "❌", 1), lambda text: text.replace("a desktop shell has no edge", "it does not fit"),
    lambda text: text.replace("### ", "\n### ", 1), lambda text: text + "\n"], ids=["a mark", "a note", "a blank line", "a line at the end"])
def test_a_hand_edit_inside_the_markers_is_red(house, tmp_path, edit):
    readme = tmp_path / "README.md"
    head, shown, tail = parity_table.between((ROOT / "README.md").read_text(), "README.md")
    assert edit(shown) != shown
    readme.write_text(head + parity_table.BEGIN + edit(shown) + parity_table.END + tail)
    assert parity_table.difference(readme, parity_table.rendered(house))


def test_a_hand_edit_is_shown_by_the_command(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text((ROOT / "README.md").read_text().replace("✅", "❌", 2))
    done = ran(sys.executable, "parity_table.py", "--check", "--readme", str(readme))
    assert (done.returncode, "+++ the live board" in done.stdout) == (1, True)


def test_a_server_started_by_hand_gets_the_same_outcomes(house):
    seed, port = 7, free_port()
    told = afi("env", "--seed", str(seed), "--port", str(port))
    variables = dict(re.findall(r"^export ([A-Z_]+)='?([^'\n]*)'?$", told.stdout, re.M))
    serve = [str(ROOT / "reference/python/.venv/bin/python"), "serve.py"]
    server = subprocess.Popen(serve, cwd=ROOT / "adapters" / "fastapi", env={"PATH": "/usr/bin:/bin", **variables}, stdin=subprocess.DEVNULL)
    try:
        assert until(lambda: answers(port), 20)
        done = ran(*PYTEST, "--url", f"http://127.0.0.1:{port}", "--seed", str(seed))
        again = ran(*PYTEST, "--url", f"http://127.0.0.1:{port}", "--seed", str(seed))
    finally:
        server.terminate()
        server.wait(10)
    assert (done.returncode, again.returncode) == (1, 1), "the rows that are not built are owed here too"
    board = json.loads((evidence.OUT / "board-url.json").read_text())
    whole = {f"{o.id}": o.word for v in house.verdicts.values() if v.cell.adapter.id == "fastapi" for o in v.outcomes}
    assert {check for check, word in words(board).items() if word not in (whole[check], "not-run")} == set()
    not_run = {check for check, word in words(board).items() if word == "not-run"}
    assert not_run == {check for check in whole if needs_the_process(check)}


def needs_the_process(check):
    """The checks of the process and of the oracle, by id: those that a server started by hand cannot be asked for."""
    rows = {cell.capability.id for cell in selection.of_house().cells if plan.live(cell)}
    return any(check in plan.oracle_checks(row) or check in plan.start_checks(row) for row in rows)


def answers(port):
    try:
        return Http("127.0.0.1", port).exchange(Request("GET", "/api/mizan/ctx/probe/")).status == 200
    except AfiError:
        return False


def test_a_red_check_can_be_seen_again_with_the_lines_that_it_prints(elsewhere):
    program = elsewhere / "adapter.py"
    whole = program.read_text()
    broken = whole.replace('"unknown_function": (404', '"unknown_function": (410')
    assert broken != whole
    program.write_text(broken)
    port = free_port()
    done = ran(*PYTEST, "--adapter", str(elsewhere / "adapter.yaml"), "--capability", "dispatch", "--seed", "7")
    _, serve, curl = re.search(r"dispatch/calls.unknown \(dispatch-6.*?\n.*?(replay: )(.*?)\nE? *(.*?)\n", done.stdout, re.S).groups()
    serve = serve.replace("--port 8000", f"--port {port}")
    curl = curl.replace(":8000", f":{port}")
    server = subprocess.Popen([sys.executable, *serve.split()[1:]], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: answers(port), 20)
        seen = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, timeout=30, check=False)
    finally:
        server.terminate()
        server.wait(10)
    assert "410" in seen.stdout.splitlines()[0]


@pytest.mark.parametrize(("options", "code", "said"), [
    (["--capability", "dispach"], 4, "did you mean 'dispatch'"),
    (["-k", "nothing-is-called-this"], 5, "deselected"),
    (["--adapter", "gone.yaml"], 2, "cannot be read"),
    (["--url", "ftp://x", "--seed", "7", "--capability", "scoping"], 2, "wanted http://HOST:PORT"),
])
def test_a_mistyped_option_is_no_green_run(options, code, said):
    done = ran(*PYTEST, *options)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr


def test_a_probe_that_cannot_be_imported_stops_the_run(tmp_path):
    copy = Path(shutil.copytree(ROOT, tmp_path / "kit", ignore=shutil.ignore_patterns("out", ".git", ".venv", ".tools", "reference"), symlinks=True))
    (copy / "probes" / "scoping.py").write_text("import nothing_of_this_name\n")
    done = subprocess.run([*PYTEST], cwd=copy, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode not in (0, 1)


def test_the_list_names_every_cell():
    shown = afi("list").stdout
    assert all(f"\n{cell.id}: " in "\n" + shown for cell in selection.of_house().cells)


def test_a_check_is_explained_with_its_clause_and_its_twin():
    shown = afi("explain", "dispatch/calls.unknown").stdout
    assert "dispatch-6 (MUST, spec/dispatch.md)" in shown
    assert "Its twin" in shown


def test_a_check_that_does_not_exist_is_said():
    done = afi("explain", "dispatch/nothing")
    assert (done.returncode, "python -m afi list" in done.stderr) == (2, True)


def test_the_pins_are_published_with_their_sums():
    assert afi("pins").returncode == 0
    folder = evidence.OUT / "pins"
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False).returncode == 0
