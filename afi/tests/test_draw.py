"""What is drawn is decided by the seed: not by the process, by what it has loaded, or by what was drawn before."""
import concurrent.futures
import json
import subprocess
import sys

import pytest

from afi import draw, plan

SEED, ANOTHER = 7, 8
ROWS = [row for row in plan.rows() if getattr(plan.probe_of(row), "DRAWS", {}) or getattr(plan.probe_of(row), "ASKS", {})]
ASKED = """
import hashlib, json, sys
sys.path.insert(0, {root!r})
{more}
from afi import draw, plan
found = {{}}
for row in {rows!r}:
    module = plan.probe_of(row)
    strategies = {{**getattr(module, "DRAWS", {{}}), **{{slug: ask[2] for slug, ask in getattr(module, "ASKS", {{}}).items()}}}}
    found[row] = hashlib.sha256(repr(draw.drawn(strategies, {seed})).encode()).hexdigest()
print(json.dumps(found))
"""


def digests(seed, rows, more):
    """Returns: row -> what a process of its own draws, one row after the other."""
    text = ASKED.format(root=str(plan.ROOT), rows=rows, seed=seed, more=more)
    return json.loads(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=120).stdout)


@pytest.fixture(scope="module")
def drawn():
    """A process that has loaded little, one that has loaded much and draws in the opposite order, and one with another seed, side by side."""
    asked = ((SEED, ROWS, ""), (SEED, ROWS[::-1], "import afi.__main__, afi.faults.kills, afi.tests.test_judge"), (ANOTHER, ROWS, ""))
    with concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(lambda one: digests(*one), asked))


@pytest.mark.parametrize("row", ROWS)
def test_the_seed_alone_decides(drawn, row):
    little, much, another = drawn
    assert little[row] == much[row] != another[row]


def test_as_many_are_drawn_as_were_asked_for():
    module = plan.probe_of("invalidate-header")
    assert {name: len(values) for name, values in draw.drawn(module.DRAWS, 7).items()} == {name: count for name, (_, count) in module.DRAWS.items()}
