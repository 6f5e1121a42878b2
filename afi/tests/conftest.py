"""What tests of several files look at."""
import pytest

from afi import plan, record, selection
from afi.faults import bench


@pytest.fixture(scope="session")
def house():
    """The board of the house, judged once, with seed 7."""
    for row in plan.rows():
        bench.prepare(row)
    found, unjudged, _ = record.judged(selection.of_house(seed=7), print)
    assert unjudged == []
    return found
