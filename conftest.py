"""pytest options and fixtures, each a noun. Exit codes: 0 every selected cell is wired, 1 something is owed or wrong, 2 our own fault."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from afi import evidence, selection
from afi.errors import OurFault
from afi.model import Cell, Verdict
from afi.record import Record, told
from afi.run import Judging

CHOICE = pytest.StashKey[selection.Selection]()
RECORD = pytest.StashKey[Record]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("afi", "AFI conformance")
    group.addoption("--adapter", type=Path, metavar="PATH", help="judge the adapter of this adapter.yaml, kept anywhere")
    group.addoption("--url", metavar="URL", help="judge an adapter that somebody else started with the variables of `python -m afi env`")
    group.addoption("--capability", action="append", default=[], metavar="ROW", help="judge only this row or profile (may be repeated)")
    group.addoption("--seed", type=int, metavar="N", help="ask what the run with this seed asked")


def pytest_configure(config: pytest.Config) -> None:
    option = config.option
    rows = tuple(option.capability)
    try:
        config.stash[CHOICE] = (selection.of_url(option.url, rows, option.seed) if option.url else
                                selection.of_descriptor(option.adapter, rows, option.seed) if option.adapter else
                                selection.of_house(rows, option.seed))
    except selection.Unknown as error:
        raise pytest.UsageError(str(error)) from error
    except OurFault as error:
        pytest.exit(str(error), returncode=2)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    choice = metafunc.config.stash[CHOICE]
    if "cell" in metafunc.fixturenames:
        cells = selection.in_order((cell for cell in choice.cells if not cell.not_applicable), choice.seed)
        metafunc.parametrize("cell", cells, ids=[cell.id for cell in cells])
    if "column" in metafunc.fixturenames:
        names = selection.live_columns(choice.cells)
        metafunc.parametrize("column", names, ids=[f"conduct-{name}" for name in names])


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Conduct is judged of processes that we start, codegen parity of the house's adapters; where there is neither, no empty test passes."""
    choice = config.stash[CHOICE]
    is_of_house = not (config.option.adapter or config.option.url) and any(cell.capability.id == "ir" for cell in choice.cells)
    wanted = {"test_conduct.py": bool(selection.live_columns(choice.cells)), "test_codegen_parity.py": is_of_house}
    return None if wanted.get(collection_path.name, True) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "column" in getattr(item, "fixturenames", ()))          # conduct is judged after the stop


def cells_of(session: pytest.Session) -> list[Cell]:
    return [item.callspec.params["cell"] for item in session.items if hasattr(item, "callspec") and "cell" in item.callspec.params]


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    return pytestconfig.stash[CHOICE].seed


@pytest.fixture(scope="session")
def judging(request: pytest.FixtureRequest, seed: int) -> Iterator[Judging]:
    """The adapters of the selected cells, started side by side and always stopped."""
    config = request.config
    try:
        config.stash[RECORD] = record = Record(config.stash[CHOICE])
        with Judging(cells_of(request.session) or config.stash[CHOICE].cells, seed, config.get_terminal_writer().line) as run:
            yield run
            run.stop()
            record.finish(told(one, run.known[one.cell.adapter.id].run) for one in run.conduct)
    except OurFault as error:
        pytest.exit(f"our own fault: {error}", returncode=2)


@pytest.fixture
def verdict(cell: Cell, judging: Judging, pytestconfig: pytest.Config) -> Verdict:
    try:
        found = judging.judge(cell)
    except OurFault as error:
        pytest.exit(f"our own fault: {error}", returncode=2)
    column = judging.known.get(cell.adapter.id)
    evidence.write(found)
    pytestconfig.stash[RECORD].add(told(found, column.run if column else None))
    return found


@pytest.fixture
def conduct(column: str, judging: Judging) -> Verdict:
    """What the process of one adapter did, judged after its stop."""
    return judging.ended(column)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    record = config.stash.get(RECORD, None)
    if record:
        footer = record.board["footer"]
        terminalreporter.line(f"{'whole' if footer['complete'] else 'partial'} board: {footer['marks']}; replay with --seed {config.stash[CHOICE].seed}")
