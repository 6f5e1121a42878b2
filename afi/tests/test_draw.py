"""What is drawn is decided by the seed: not by the process, by what it has loaded, or by what was drawn before."""
import subprocess
import sys

import pytest

from afi import draw, plan

ROWS = [row for row in plan.rows() if getattr(plan.probe_of(row), "DRAWS", {}) or getattr(plan.probe_of(row), "ASKS", {})]
ASKED = """
import hashlib, sys
sys.path.insert(0, {root!r})
{more}
from afi import draw, plan
module = plan.probe_of({row!r})
strategies = {{**getattr(module, "DRAWS", {{}}), **{{slug: ask[2] for slug, ask in getattr(module, "ASKS", {{}}).items()}}}}
print(hashlib.sha256(repr(draw.drawn(strategies, {seed})).encode()).hexdigest())
"""


def digest(row, seed, more=""):
    text = ASKED.format(root=str(plan.ROOT), row=row, seed=seed, more=more)
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize("row", ROWS)
def test_the_seed_alone_decides(row):
    assert digest(row, 7) == digest(row, 7, "import afi.__main__, afi.faults.kills, afi.tests.test_judge") != digest(row, 8)


def test_as_many_are_drawn_as_were_asked_for():
    module = plan.probe_of("invalidate-header")
    assert {name: len(values) for name, values in draw.drawn(module.DRAWS, 7).items()} == {name: count for name, (_, count) in module.DRAWS.items()}
