"""
One script of requests to every live column, and whose replies differ: what the pins and stories of each row send, and what is drawn beside them.

Source: spec/harness.md, Differential. Raises: OurFault. All columns have the values of one run, so digests, tags and names are compared as bytes.
"""
import concurrent.futures
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import manifest
from afi import drawn_requests, normal, plan, probing, selection
from afi.curl import curl
from afi.errors import AfiError, Broken, OurFault
from afi.evidence import REPLAY_PORT
from afi.model import Cell, Refusal, Run
from afi.run import Judging, Say, new_run
from afi.transport import Exchange, Reply, Request, Transport
from afi.wire import Share, Wire

LEAST, LEAST_A_ROW, LEAST_REFUSED = 300, 25, 1 / 3
SHOWN_LETTERS, SHOWN_BEFORE, SHOWN_DIFFERENCES = 1000, 100, 20          # of a form, of them before the difference; requests
# Of the process, not of the application: how far a thread has come, what lies in a folder right now.
OF_THE_MOMENT = (b'"fn":"probe_finished"', b'"fn":"probe_files"')

Connect = Callable[[str], Transport]          # start -> a connection to it


@dataclass(frozen=True)
class Heard:
    """One request of the script and what each column said to it, in the order of the columns."""

    row: str
    label: str | None
    request: Request
    said: tuple[Reply | Broken, ...]


@dataclass
class Script:
    """What was asked and answered, row by row."""

    run: Run
    heard: list[Heard] = field(default_factory=list)
    row: str = ""
    ended: list[str] = field(default_factory=list)          # rows that ended early, and why

    def distinct(self) -> list[Heard]:
        """Returns: the first of equal requests, whatever row sent it."""
        found: dict[Request, Heard] = {}
        for one in self.heard:
            found.setdefault(one.request, one)
        return [*found.values()]


class Chorus:
    """A transport that puts each request to every column at once; the first one's reply is handed on."""

    def __init__(self, voices: Sequence[Transport], script: Script) -> None:
        self.voices, self.script = tuple(voices), script
        self._pool = concurrent.futures.ThreadPoolExecutor(len(self.voices))

    @property
    def label(self) -> str | None:
        return self.voices[0].label

    @label.setter
    def label(self, vector: str | None) -> None:
        self.voices[0].label = vector

    @property
    def log(self) -> list[Exchange]:
        return self.voices[0].log

    def exchange(self, request: Request) -> Reply:
        """Raises: Broken, where the first column's reply is."""
        said = tuple(self._pool.map(lambda voice: _said(voice, request), self.voices))
        self.script.heard.append(Heard(self.script.row, self.label, request, said))
        if isinstance(said[0], Broken):
            raise said[0]
        return said[0]

    def again(self) -> "Chorus":
        return Chorus([voice.again() for voice in self.voices], self.script)

    def close(self) -> None:
        for voice in self.voices:
            voice.close()
        self._pool.shutdown(wait=False)


def _said(voice: Transport, request: Request) -> Reply | Broken:
    try:
        return voice.exchange(request)
    except Broken as broken:
        return broken


@dataclass(frozen=True)
class Doors:
    """How the starts of all columns are reached at once; a start that is meant to refuse is only the first column's affair."""

    connections: tuple[Connect, ...]
    script: Script
    refuse: Callable[[str], Refusal]

    def connect(self, start: str) -> Transport:
        return Chorus([connect(start) for connect in self.connections], self.script)

    def refused(self, start: str) -> Refusal:
        return self.refuse(start)


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


# --- what the script covers

@dataclass(frozen=True)
class Coverage:
    """How many distinct requests there were, row by row, how many were refused, and which codes and types were seen."""

    requests: Counter[str]
    refused: Counter[str]
    codes: Counter[str]
    taken: Counter[str]
    given: Counter[str]

    def spoken(self) -> str:
        """Returns: the counts, in lines."""
        total, refused = self.requests.total(), self.refused.total()
        lines = [f"{total} distinct requests, {refused} of them refused ({refused / max(1, total):.0%})"]
        lines += [f"  {row}: {count}, refused {self.refused[row]}" for row, count in sorted(self.requests.items())]
        lines += [f"{what}: " + ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))
                  for what, counted in (("codes", self.codes), ("types in", self.taken), ("types out", self.given))]
        return "\n".join(lines)

    def complaints(self, rows: Sequence[str]) -> list[str]:
        """Returns: what the script lacks, in words."""
        total = self.requests.total()
        said = [f"row {row}: {self.requests[row]} distinct requests, wanted {LEAST_A_ROW}" for row in rows if self.requests[row] < LEAST_A_ROW]
        said += [f"{total} distinct requests, wanted {LEAST}"] if total < LEAST else []
        said += [f"{self.refused.total()} of {total} refused, wanted a third"] if self.refused.total() < LEAST_REFUSED * total else []
        said += [f"no reply has the code {code!r}" for code in drawn_requests.CODES if not self.codes[code]]
        said += [f"no accepted request holds a value of type {kind!r}" for kind in drawn_requests.KINDS if not self.taken[kind]]
        return said + [f"no reply holds a value of type {kind!r}" for kind in drawn_requests.KINDS if not self.given[kind] and kind != "upload"]


def coverage(script: Script) -> Coverage:
    """Counts what was said, by the first column's replies."""
    found = Coverage(Counter(), Counter(), Counter(), Counter(), Counter())
    for one in script.distinct():
        found.requests[one.row] += 1
        first = one.said[0]
        if isinstance(first, Broken) or first.status >= 400:
            found.refused[one.row] += 1
            found.codes[_code(first)] += 1
        else:
            taken, given = drawn_requests.types_of(one.request, script.run)
            found.taken.update(taken)
            found.given.update(given)
    return found


def _code(said: Reply | Broken) -> str:
    if isinstance(said, Broken):
        return said.reason
    try:
        return str(json.loads(said.body)["code"])
    except (ValueError, KeyError, TypeError):
        return "(none)"


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
