"""What the bench tells of a run."""
from afi import bench
from afi.bench import Cores
from afi.record import Ended
from afi.run import Took
from manifest import ADAPTERS

STAT = "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 2 4 800 900 8 16 32 0 0\ncpu1 5 5 5 5 5 5 5 5 0 0\ncpu11 100 0 0 0 0 0 0 50 0 0\nintr 5 6\n"


def test_waiting_cores_are_not_busy_and_others_do_not_count():
    assert bench.cores(STAT, [0, 11]) == Cores(1 + 2 + 4 + 8 + 16 + 32 + 100 + 50, 32 + 50)


def test_what_the_host_took_is_a_part_of_what_there_was_work_for():
    assert " 25 %" in bench.hosted(Cores(1000, 100), Cores(1400, 200))
    assert " 0 %" in bench.hosted(Cores(1000, 100), Cores(1000, 100))


def test_this_machine_can_be_read():
    assert bench.own_cores().busy > 0


def test_a_cell_tells_its_exchanges_apart():
    ended = Ended(ADAPTERS[0], (), (), {"exchanges": 1.5, "sent": 3}, {"a-b": Took(2.0, 1.5, 4), "owed": Took(0.0, 0.0, 0)})
    assert bench.cells([ended]) == "a-b: 2.00 s, exchanges 1.50 s; 4 checks, 500.0 ms a check"
    assert bench.spoken([ended]) == f"{ADAPTERS[0].id}: exchanges 1.50 s; 3 exchanges sent"
