"""A selection is what was asked for, or an error that names what there is."""
import pytest

from afi import selection


def test_the_house_is_every_cell():
    assert len(selection.of_house().cells) == 100


def test_a_row_by_its_name():
    assert {cell.capability.id for cell in selection.of_house(("scoping",)).cells} == {"scoping"}


def test_a_profile_is_its_rows():
    assert len({cell.capability.id for cell in selection.of_house(("core",)).cells}) == 9


def test_an_unknown_row_is_no_empty_run():
    with pytest.raises(selection.Unknown, match="did you mean 'dispatch'"):
        selection.of_house(("dispach",))


def test_the_seed_decides_the_order():
    cells = selection.of_house().cells
    assert selection.in_order(cells, 7) == selection.in_order(reversed(cells), 7) != selection.in_order(cells, 8)


def test_columns_are_judged_one_after_another():
    columns = [cell.adapter.id for cell in selection.in_order(selection.of_house().cells, 7)]
    assert columns == sorted(columns)


def test_a_server_started_by_hand_needs_its_values(monkeypatch, tmp_path):
    monkeypatch.setattr(selection, "OUT", tmp_path)
    with pytest.raises(selection.NothingSelected, match="python -m afi env --seed 7"):
        selection.run_of_url(7)
