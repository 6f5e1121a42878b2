"""
Fault x check: what each fault makes fail, and what is wrong with the proof. `python -m afi.faults.kills` judges every fault against every
row and writes afi/faults/kills.json.

    --own              every fault against its own row, compared with the committed file (what `make test` does)
    --page dispatch    the faults of one page against its row (may be repeated); writes nothing
    --fault ID         one fault: everything that it makes fail; writes nothing

Source: spec/harness.md, Faults. Raises: OurFault. Units: seconds.
"""
import argparse
import difflib
import functools
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import manifest
from afi import faults, plan, probing
from afi.errors import AfiError, Broken, NoAnswer, OurFault
from afi.faults import Fault, forked, generated, matrix
from afi.faults.between import Diverged, Noted, Played, Repeated, Script, Written
from afi.faults.children import Host, Session
from afi.faults.matrix import Proof, Seen
from afi.model import Outcome, Run
from afi.pins import Answering
from afi.transport import Mutated, Reply, Transport
from afi.wire import Share, Wire

KILLS = plan.ROOT / "afi" / "faults" / "kills.json"
WORKERS_A_CORE = 3                   # a row waits for deadlines of 1 s, and its child works while the worker waits
# Fixed, so that kills.json is the same each time; these values are nobody's secret, for no adapter is judged by them.
RUN = Run(seed=7, nonce="6b696c6c732e7079", function="fn_6b696c6c7331", slot="slot_6b696c6c7332", context="ctx_6b696c6c7333", seed_row="row-6b696c6c7334",
          origin="https://6b696c6c7335.example")


def row_of(page: str) -> str:
    """Returns: the row with which a page is judged."""
    return manifest.JUDGED_WITH.get(page, page)


def wire_over(row: str, connect: Callable[[str], Transport]) -> Wire:
    """A conversation with the rows of the data that the board gives this row."""
    rows = [capability.id for capability in manifest.CAPABILITIES]
    return Wire(connect("main"), RUN, Share(rows.index(row), len(rows)), connect)


@dataclass
class Honest:
    """A row judged without a fault: the conversation, to be played back under faults that change only what passes."""

    row: str
    script: Script = field(default_factory=Script)
    failed: dict[str, tuple[str, ...]] = field(default_factory=dict)


def honest(host: Host, row: str) -> Honest:
    """Judges one row over an adapter without a fault, and writes the conversation down."""
    found = Honest(row)
    with host.session(RUN) as session, session.oracle() as oracle:
        outcomes = judged(row, lambda start: Written(session.connect(start), found.script), Noted(oracle, found.script))
    found.failed = matrix.failures(outcomes)
    return found


def judged(row: str, connect: Callable[[str], Transport], oracle: Answering | None) -> tuple[Outcome, ...]:
    wire = wire_over(row, connect)
    try:
        return probing.outcomes_of(row, wire, oracle)
    finally:
        wire.transport.close()


@dataclass(frozen=True)
class Bench:
    """What a worker needs: the host, and each row's honest conversation."""

    host: Host
    rows: dict[str, Honest]

    def sighted(self, task: tuple[Fault, str]) -> Seen:
        """Judges one row under one fault."""
        fault, row = task
        try:
            if fault.oracle:
                return self._asked(fault, row)
            return self._played(fault, row) if fault.wire else self._lived(fault, row)
        except NoAnswer as none:
            return Seen(fault.id, row, died=str(none))

    def _asked(self, fault: Fault, row: str) -> Seen:
        """Only answers to questions differ: the exchanges are played back."""
        assert fault.oracle
        script = self.rows[row].script
        oracle = Repeated(script, fault.oracle)
        outcomes = judged(row, lambda start, played=Played(script): played, oracle)
        return Seen(fault.id, row, matrix.failures(outcomes), oracle.changed)

    def _played(self, fault: Fault, row: str) -> Seen:
        """Only replies differ: over the conversation played back, or over a live adapter once the probe asks something else."""
        script = self.rows[row].script
        try:
            played = Changing(fault)
            first = Played(script)
            ...
        except Diverged:
            return self._lived(fault, row)

    def _lived(self, fault: Fault, row: str) -> Seen:
        """Over children of the host that have the fault."""
        ...
