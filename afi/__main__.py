"""`python -m afi`: judge and print the board, list and explain checks, start an adapter by hand, publish the pins. Source: spec/harness.md."""
import argparse
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import manifest
from afi import bench, descriptor, differential, evidence, export, pinfile, plan, process, publish, selection, table
from afi.errors import AfiError, NoAnswer, OurFault
from afi.judge import shown
from afi.model import REFUSED, STARTS, Cell
from afi.record import OK, OURS, OWED, judged
from afi.run import new_run
from afi.served import Limits

Options = argparse.Namespace
INTERRUPTED = 130     # what a shell says of a program that SIGINT ended
POLL_S = 1.0          # how often a server started by hand is asked whether it still runs


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def board(options: Options) -> int:
    """judge every adapter live; print the matrix and what is owed"""
    chosen = selection.of_house(seed=options.seed)
    record, unjudged, columns = judged(chosen, say)
    print(table.terminal(record.board, chosen.whole))
    owed: dict[str, list[str]] = {}
    for cell in chosen.whole:
        for thing in plan.missing(cell) if not (cell.not_applicable or plan.live(cell)) else ():
            owed.setdefault(thing, []).append(cell.id)
        verdict = record.verdicts[cell.id]
        for one in verdict.outcomes:
            if one.word == "failed" and plan.live(cell):
                print(evidence.complaint(verdict, one, chosen.seed))
    for thing, cells in owed.items():
        print(f"owed: {thing}: {', '.join(cells)}")
    print(bench.spoken(columns), f"board: out/board.json, evidence: out/evidence; replay with --seed {chosen.seed}", *unjudged, sep="\n")
    return OWED if unjudged else OK


def listed(options: Options) -> int:
    """print every cell and the checks planned for it"""
    chosen = selection.of_descriptor(options.adapter) if options.adapter else selection.of_house()
    for cell in chosen.whole:
        planned = plan.plan_of(cell)
        print(f"{cell.id}: {_state(cell, len(planned))}")
        for check, clause in planned.items() if plan.live(cell) else ():
            print(f"  {check} ({clause.id}, {clause.level}){'' if check not in plan.oracle_checks(cell.capability.id) else ' asks the oracle'}")
    return OK


def _state(cell: Cell, count: int) -> str:
    if cell.not_applicable:
        return f"not applicable: {cell.not_applicable}"
    return f"{count} checks" if plan.live(cell) else plan.owed(cell)


def explain(options: Options) -> int:
    """print a check's clause, what it sends, what it wants, and its twin"""
    page, _, slug = options.check.partition("/")
    rows = [c.id for c in manifest.CAPABILITIES]
    planned = {check: clause for row in rows for check, clause in plan.checks_of(row).items()}
    if options.check not in planned:
        raise selection.Unknown(f"explain {options.check!r}: there is no such check; `python -m afi list` prints them all")
    clause = planned[options.check]
    print(f"{options.check} proves {clause.id} ({clause.level}, spec/{clause.page}.md):\n  {clause.text}")
    file = plan.pins_of(page)
    one = file and file.find(slug)
    if not one:
        module = plan.probe_of(page)
        print(f"It is a story of probes/{page.replace('-', '_')}.py:\n  {((module.__doc__ if module else '') or '').strip()}")
        return OK
    print(f"It is a vector of pins/{page}.yaml:\n  {_vector(one)}")
    if one.twin and file:
        print(f"Its twin, which must answer otherwise:\n  {_vector(file.find(slug.split('.')[0] + '.' + one.twin))}")
    return OK


def _vector(one: pinfile.Vector | pinfile.Case | None) -> str:
    if isinstance(one, pinfile.Case):
        return f"asks {one.op} {one.given}; wants {one.answer[0]} {one.answer[1]!r}"
    assert one is not None
    lines = [f"sends {shown(one.send)} with {shown(one.values)}", f"wants {shown(one.want)}"]
    lines += [f"bodies that run: {one.calls}"] if one.calls else []
    lines += [f"the same bytes as {one.same_bytes_as}"] if one.same_bytes_as else []
    return "\n  ".join(lines)


def env(options: Options) -> int:
    """print the variables to start a server by hand with; keeps them for `pytest afi/ --url … --seed N`"""
    seed = options.seed
    path = selection.hand_written(seed)
    run = selection.kept(path) or new_run(seed)
    selection.keep(path, run)
    state, temporary = path.with_suffix(".state"), path.with_suffix(".tmp")
    for folder in (state, temporary):
        folder.mkdir(exist_ok=True)
    for name, value in {**run.environment("main", options.port, str(state)), "TMPDIR": str(temporary)}.items():
        print(f"export {name}={shlex.quote(value)}")
    return OK


def serve(options: Options) -> int:
    """start one adapter with the values of its last run under this seed, and stay up until interrupted"""
    adapter = next((a for a in manifest.ADAPTERS if a.id == options.adapter and a.descriptor), None)
    path = plan.ROOT / adapter.descriptor if adapter and adapter.descriptor else Path(options.adapter)
    if not path.exists():
        raise selection.Unknown(f"serve {options.adapter!r}: wanted the id of an adapter that has a descriptor, or the path of an adapter.yaml")
    found = descriptor.load(path)
    last = selection.kept(selection.last_run(found.id))
    run = last if last and last.seed == options.seed else new_run(options.seed)
    process.prepare(found)
    served = process.start(found, run, options.start, Limits(port=options.port))
    say(f"{found.title} listens on http://127.0.0.1:{options.port}/api/mizan/ with the values of seed {options.seed}; stop it with Ctrl-C")
    try:
        while served.held and served.held.ended(POLL_S) is None:
            pass
    except KeyboardInterrupt:
        say("stopping")
    finally:
        process.stop(served)
    return OK


def prepare(_: Options) -> int:
    """build and install what the adapters need; quick when there is nothing to do"""
    for adapter in manifest.ADAPTERS:
        if adapter.descriptor:
            say(f"{adapter.title}: preparing")
            process.prepare(descriptor.load(plan.ROOT / adapter.descriptor))
    return OK


def pins(_: Options) -> int:
    """lint the pin set and write it as canonical JSON with SHA-256 sums to out/pins"""
    say(publish.published(evidence.OUT / "pins"))
    return OK


def exported(options: Options) -> int:
    """write the oracle's pins as one test file of a language, for its own test runner"""
    say(export.written(options.lang, options.out))
    return OK


def compared(options: Options) -> int:
    """put one script of requests to every live column, and print which replies differ"""
    seed = selection.of_house(seed=options.seed).seed
    said, covered = differential.compared(seed, say)
    print(covered.spoken(), *said, f"{len(said)} complaints; replay with --seed {seed}", sep="\n")
    return OWED if said else OK


def timed(options: Options) -> int:
    """judge the house once, one column after another, and print how long starts, exchanges and checks took"""
    before = bench.own_cores()
    _, unjudged, columns = judged(selection.of_house(seed=options.seed), say, at_once=1)
    print(bench.spoken(columns), bench.cells(columns), bench.hosted(before, bench.own_cores()), *unjudged, sep="\n")
    return OWED if unjudged else OK


COMMANDS: dict[str, Callable[[Options], int]] = {
    "board": board, "list": listed, "explain": explain, "env": env, "serve": serve, "prepare": prepare, "pins": pins, "export": exported,
    "differential": compared, "bench": timed}


def parsed() -> Options:
    parser = argparse.ArgumentParser(prog="python -m afi", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    added = {name: commands.add_parser(name, help=function.__doc__, description=function.__doc__) for name, function in COMMANDS.items()}
    for name in ("board", "bench", "differential"):
        added[name].add_argument("--seed", type=int)
    for name in ("env", "serve"):
        added[name].add_argument("--seed", type=int, required=True)
        added[name].add_argument("--port", type=int, default=8000)
    added["export"].add_argument("--lang", required=True, help=f"one of {', '.join(export.languages())}")
    added["export"].add_argument("--out", type=Path, default=evidence.OUT / "export", metavar="DIR", help="where the file goes; out/export if not given")
    added["list"].add_argument("--adapter", type=Path, help="an adapter.yaml kept anywhere")
    added["explain"].add_argument("check", help="a check id, such as dispatch/names.unknown")
    added["serve"].add_argument("adapter", help="the id of a column, or the path of an adapter.yaml")
    added["serve"].add_argument("--start", choices=sorted({**STARTS, **REFUSED}), default="main")
    return parser.parse_args()


if __name__ == "__main__":
    options = parsed()
    try:
        sys.exit(COMMANDS[options.command](options))
    except OurFault as error:
        say(f"our own fault: {error}" if not isinstance(error, selection.Unknown) else str(error))
        sys.exit(OURS)
    except NoAnswer as error:
        say(str(error))
        sys.exit(OWED)
    except AfiError as error:
        say(str(error))
        sys.exit(OWED)
    except KeyboardInterrupt:
        say("interrupted: what was started is stopped; a board on disk is that of a run that did not end")
        sys.exit(INTERRUPTED)
