"""
One script of requests to every live column, and whose replies differ: what the pins and stories of each row send, and what is drawn beside them.

Source: spec/harness.md, Differential. Raises: OurFault. All columns have the values of one run, so digests, tags and names are compared as bytes.
"""
import contextlib
from collections.abc import Callable, Iterator, Sequence

import manifest
from afi import drawn_requests, normal, plan, probing, selection
from afi.chorus import Connect, Doors, Heard, Script
from afi.covered import Coverage, coverage
from afi.curl import curl
from afi.errors import AfiError, Broken, OurFault
from afi.evidence import REPLAY_PORT
from afi.model import Cell, Refusal, Run
from afi.run import Judging, Say, new_run
from afi.transport import Reply, Request
from afi.wire import Share, Wire

SHOWN_LETTERS, SHOWN_BEFORE, SHOWN_DIFFERENCES = 1000, 100, 20          # of a form, of them before the difference; requests
# Of the process, not of the application: how far a thread has come, what lies in a folder right now.
OF_THE_MOMENT = (b'"fn":"probe_finished"', b'"fn":"probe_files"')


def spoken(run: Run, connections: Sequence[Connect], refuse: Callable[[str], Refusal], rows: Sequence[str] | None = None) -> Script:
    """Speaks the script, row after row. Args: refuse: how the first column's refused starts went. Returns: what was said."""
    script = Script(run)
    doors, every = Doors(tuple(connections), script, refuse), [capability.id for capability in manifest.CAPABILITIES]
    for row in rows or plan.rows():
        script.row = row
        wire = Wire(doors.connect("main"), run, Share(every.index(row), len(every)), doors)
        try:
            for _ in probing.sent(row, wire):
                pass
            for request in drawn_requests.requests(row, wire):
                with contextlib.suppress(Broken):
                    wire.transport.exchange(request)
        except AfiError as error:
            script.ended.append(f"row {row} ended early: {error}")
        finally:
            wire.transport.close()
    return script


def differences(script: Script) -> Iterator[tuple[Heard, int]]:
    """Returns: each request to which a column answered otherwise than the first, and which column."""
    for one in script.heard:
        if any(word in one.request.body for word in OF_THE_MOMENT):
            continue
        yield from ((one, number) for number, other in enumerate(one.said) if not _alike(one.said[0], other, script.run))


def _alike(first: Reply | Broken, other: Reply | Broken, run: Run) -> bool:
    """Whether two answers are the same bytes, or become them."""
    if isinstance(first, Reply) and isinstance(other, Reply) and (first.status, first.headers, first.body) == (other.status, other.headers, other.body):
        return True
    return _form(first, run) == _form(other, run)


def _form(said: Reply | Broken, run: Run) -> str:
    return said.reason if isinstance(said, Broken) else normal.form(said, run)


def told(script: Script, one: Heard, names: Sequence[str], other: int) -> str:
    """A difference for a reader: the request, both answers, and lines to paste that show them."""
    left, right = (_form(one.said[number], script.run) for number in (0, other))
    at = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    start = f"python -m afi serve {{}} --seed {script.run.seed} --port {REPLAY_PORT}"
    return "\n".join([
        f"{one.row}{f' {one.label}' if one.label else ''}: {one.request.method} {one.request.target[:200]}",
        f"    {names[0]}: {_around(left, at)}", f"    {names[other]}: {_around(right, at)}",
        f"    replay: {start.format(names[0])}, then {start.format(names[other])}", f"            {curl(one.request, ('127.0.0.1', REPLAY_PORT))}"])


def _around(form: str, at: int) -> str:
    """A form as text; of a long one the part in which the difference stands."""
    begin = max(0, at - SHOWN_BEFORE) if len(form) > SHOWN_LETTERS else 0
    shown = repr(form[begin:begin + SHOWN_LETTERS])
    return f"{shown} (characters {begin} to {begin + SHOWN_LETTERS} of {len(form)})" if len(form) > SHOWN_LETTERS else shown


def told_all(script: Script, names: Sequence[str]) -> list[str]:
    """Every request to which a column answered otherwise, once: what one such answer left behind shows in many after it."""
    counted: dict[tuple[Request, int], list[Heard]] = {}
    for one, other in differences(script):
        counted.setdefault((one.request, other), []).append(one)
    said = [told(script, found[0], names, other) + (f"\n    and so {len(found) - 1} times more" if len(found) > 1 else "")
            for (_, other), found in counted.items()]
    return said[:SHOWN_DIFFERENCES] + ([f"and {len(said) - SHOWN_DIFFERENCES} requests more"] if len(said) > SHOWN_DIFFERENCES else [])


# --- the live columns

@contextlib.contextmanager
def columns(seed: int, say: Say, names: Sequence[str] = ()) -> Iterator[tuple[Judging, Run]]:
    """Starts the columns that have a descriptor, side by side, with the values of one run. Raises: OurFault."""
    cells = [Cell(manifest.CAPABILITIES[0], adapter) for adapter in manifest.ADAPTERS if adapter.descriptor and (not names or adapter.id in names)]
    if len(cells) < 2:
        raise OurFault(f"differential: wanted two columns or more that have a descriptor, got {[cell.adapter.id for cell in cells]}")
    run = new_run(seed)
    judging = Judging(cells, seed, say)
    for column in judging.known.values():
        column.run = run
        selection.keep(selection.last_run(column.adapter.id), run)
    with judging:
        yield judging, run


def compared(seed: int, say: Say, names: Sequence[str] = ()) -> tuple[list[str], Coverage]:
    """Compares the live columns. Returns: what differs or is lacking, in words, and the counts. Raises: OurFault; what a start ended with."""
    with columns(seed, say, names) as (judging, run):
        live = list(judging.columns.values())
        script = spoken(run, [column.connect for column in live], live[0].refused)
    titles = [column.adapter.id for column in live]
    found = coverage(script)
    return [*told_all(script, titles), *script.ended, *found.complaints(plan.rows())], found
