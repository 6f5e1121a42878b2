"""What a stranger does first, as the stranger does it: commands, exit codes, and what they print."""
import concurrent.futures
import contextlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import parity_table
from afi import evidence, plan, selection
from afi.errors import AfiError
from afi.process import free_port
from afi.tests.staging import until
from afi.transport import Http, Request

ROOT = plan.ROOT
TEMPLATE = ROOT / "adapters" / "template"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "afi/"]
PARITY = [sys.executable, "parity_table.py"]
MARKERS = parity_table.BEGIN + parity_table.END
SEED, AT_ONCE = 7, 4          # the house's seed; two cores' worth, for each waits half of its time


def ran(*argv, **more):
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False, **more)


def afi(*argv):
    return ran(sys.executable, "-m", "afi", *argv)


def words(board):
    return {check["id"]: check["outcome"] for row in board["cells"] for check in row["checks"]}


def copied(folder, name):
    """Returns: the template adapter, copied to a folder that is no part of the kit, as an adapter of this name."""
    home = Path(shutil.copytree(TEMPLATE, folder / name))
    described = (home / "adapter.yaml").read_text()
    (home / "adapter.yaml").write_text(described.replace("id: template\n", f"id: {name}\n"))
    assert (home / "adapter.yaml").read_text() != described
    return home


def board_of(name):
    return (evidence.OUT / f"board-{name}.json").read_text()


@pytest.fixture(scope="module")
def journeys(house, tmp_path_factory):
    """
    The journeys that judge, side by side, each with servers and a board of its own. Returns: journey -> what was seen on it.

    The server that is started by hand is up before the house is prepared anew: both run from one environment.
    """
    with serving_by_hand() as port, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        going = {by_hand: pool.submit(by_hand, port)}
        going |= {go: pool.submit(go, tmp_path_factory.mktemp("journey")) for go in (third_party, edited, red_check, outside)}
        return {go: one.result() for go, one in going.items()}


def test_every_cell_of_a_column_that_is_built_is_green(house):
    live = [cell for cell in house.selection.whole if plan.live(cell) and not cell.not_applicable]
    assert {house.verdicts[cell.id].mark.value for cell in live} == {"✅"}


def edited(folder):
    """The house judged again with the same seed, by the command, beside a README with two marks changed. Returns: its end, both boards."""
    readme, board = folder / "README.md", evidence.OUT / "board.json"
    readme.write_text((ROOT / "README.md").read_text().replace("✅", "❌", 2))
    first = board.read_bytes()
    board.unlink()
    return ran(*PARITY, "--check", "--seed", str(SEED), "--readme", str(readme)), first, board.read_bytes()


def test_one_seed_writes_one_board(journeys):
    _, first, second = journeys[edited]
    assert first == second


def test_a_hand_edit_is_shown_by_the_command(journeys):
    done, _, _ = journeys[edited]
    assert (done.returncode, "+++ the live board" in done.stdout) == (1, True), done.stderr


def test_the_readme_is_what_the_live_board_renders(house):
    _, shown, _ = parity_table.between((ROOT / "README.md").read_text(), "README.md")
    assert shown == parity_table.rendered(house)


def outside(folder):
    """The template, judged on the row that it has. Returns: its end."""
    return ran(*PYTEST, "--adapter", str(copied(folder, "outside") / "adapter.yaml"), "--capability", "invalidate-body")


def test_the_template_outside_the_kit_turns_its_row_green(journeys):
    assert journeys[outside].returncode == 0, journeys[outside].stdout
    board = json.loads(board_of("outside"))
    assert {row["adapter"] for row in board["cells"]} == {"outside"}
    assert set(words(board).values()) == {"passed"}


def third_party(folder):
    """
    A third party's README, written; then held to the adapter, and with two marks changed to a copy of it.

    Returns: the three ends, what was written, the board.
    """
    options, own = {name: options_of(copied(folder, name)) for name in ("mine", "copy")}, (ROOT / "README.md").read_bytes()
    first = ran(*PARITY, *options["mine"])
    assert (ROOT / "README.md").read_bytes() == own
    written, board = Path(options["mine"][-1]).read_text(), board_of("mine")
    Path(options["copy"][-1]).write_text(written.replace("✅", "❌", 2))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        held, changed = pool.map(lambda name: ran(*PARITY, "--check", *options[name]), ("mine", "copy"))
    return (first, held, changed), written, board


def options_of(home):
    readme = home / "README.md"
    readme.write_text("# Mine\n\n" + MARKERS + "\nTail.\n")
    return "--adapter", str(home / "adapter.yaml"), "--readme", str(readme)


def test_a_third_partys_readme_is_held_to_its_own_column(journeys):
    (first, held, changed), written, board = journeys[third_party]
    assert first.returncode == 0
    assert "Django" not in written
    assert written.endswith("\nTail.\n")
    assert "extra-bytes" not in board
    assert held.returncode == 0
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


@contextlib.contextmanager
def serving_by_hand():
    """A server of the sample, started as a person starts one with what `python -m afi env` prints. Returns: its port."""
    port = free_port()
    told = afi("env", "--seed", str(SEED), "--port", str(port))
    variables = dict(re.findall(r"^export ([A-Z_]+)='?([^'\n]*)'?$", told.stdout, re.M))
    serve = [str(ROOT / "reference/python/.venv/bin/python"), "serve.py"]
    server = subprocess.Popen(serve, cwd=ROOT / "adapters" / "fastapi", env={"PATH": "/usr/bin:/bin", **variables}, stdin=subprocess.DEVNULL)
    try:
        assert until(lambda: answers(port), 20)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def by_hand(port):
    """One living server, judged whole twice. Returns: the ends, and the words of both boards."""
    judge = (*PYTEST, "--url", f"http://127.0.0.1:{port}", "--seed", str(SEED))
    seen = [(ran(*judge), words(json.loads(board_of("url")))) for _ in range(2)]
    return tuple(zip(*seen, strict=True))


def test_a_server_started_by_hand_gets_the_same_outcomes(house, journeys):
    ends, boards = journeys[by_hand]
    assert [done.returncode for done in ends] == [1, 1], "the rows that are not built are owed here too"
    outcomes = {o.id: o.word for v in house.verdicts.values() if v.cell.adapter.id == "fastapi" for o in v.outcomes}
    for board in boards:
        assert board.keys() == outcomes.keys()
        assert {check for check, word in board.items() if word not in (outcomes[check], "not-run")} == set()
        assert {check for check, word in board.items() if word == "not-run"} == set(filter(needs_the_process, outcomes))


def needs_the_process(check):
    """The checks of the process and of the oracle, by id: those that a server started by hand cannot be asked for."""
    rows = {cell.capability.id for cell in selection.of_house().cells if plan.live(cell)}
    return any(check in plan.oracle_checks(row) or check in plan.start_checks(row) for row in rows)


def answers(port):
    try:
        return Http("127.0.0.1", port).exchange(Request("GET", "/api/mizan/ctx/probe/")).status == 200
    except AfiError:
        return False


def red_check(folder):
    """A check of the template broken, judged, and seen again with the lines that were printed. Returns: what curl printed."""
    home = copied(folder, "broken")
    program = home / "adapter.py"
    whole = program.read_text()
    broken = whole.replace('"unknown_function": (404', '"unknown_function": (410')
    assert broken != whole
    program.write_text(broken)
    port = free_port()
    done = ran(*PYTEST, "--adapter", str(home / "adapter.yaml"), "--capability", "dispatch", "--seed", str(SEED))
    _, serve, curl = re.search(r"dispatch/calls.unknown \(dispatch-6.*?\n.*?(replay: )(.*?)\nE? *(.*?)\n", done.stdout, re.S).groups()
    serve = serve.replace("--port 8000", f"--port {port}")
    curl = curl.replace(":8000", f":{port}")
    server = subprocess.Popen([sys.executable, *serve.split()[1:]], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: answers(port), 20)
        return subprocess.run(["bash", "-c", curl], capture_output=True, text=True, timeout=30, check=False).stdout
    finally:
        server.terminate()
        server.wait(10)


def test_a_red_check_can_be_seen_again_with_the_lines_that_it_prints(journeys):
    assert "410" in journeys[red_check].splitlines()[0]


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
