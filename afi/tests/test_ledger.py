"""
No clause without a check or a written reason, no check without a clause, no fault without either; and ids are for life.

Regenerate the snapshot of ids, after reading the diff, with `python -m afi.tests.test_ledger`.
"""
import json
from pathlib import Path

import pytest

import manifest
from afi import conduct, faults, plan
from afi.faults import evil

SNAPSHOT = Path(__file__).with_name("ids.json")
ROWS = [capability.id for capability in manifest.CAPABILITIES if plan.probe_of(capability.id)]
CHECKS = {check: clause.id for row in ROWS for check, clause in plan.checks_of(row).items()}
CONDUCT = {f"conduct/{slug}": clause for slug, clause in conduct.CHECKS.items()}
CLAUSES = plan.ledger()

# What is seen at the stop and raised by nobody: the word of an evil mode -> the checks that it fails.
NOTED = {"pollution": ("files-in-place", "small-temp"), "exited": ("starts",), "leak": ("no-process-left",), "ungraceful": ("graceful-stop",)}


@pytest.fixture(scope="module")
def kills():
    """The committed matrix; that it is what the faults do today is proved beside the faults."""
    return json.loads((plan.ROOT / "afi" / "faults" / "kills.json").read_text(encoding="utf-8"))["faults"]


def test_every_clause_has_a_check_or_says_why_not():
    assert {clause.id for clause in CLAUSES.values() if not clause.unprobed} - {*CHECKS.values(), *CONDUCT.values()} == set()


def test_no_must_clause_is_unprobed():
    assert [clause.id for clause in CLAUSES.values() if clause.level == "MUST" and clause.unprobed] == []


def test_what_is_unprobed_has_no_check():
    assert {clause.id for clause in CLAUSES.values() if clause.unprobed} & {*CHECKS.values(), *CONDUCT.values()} == set()


def test_every_check_cites_a_clause():
    assert {*CHECKS.values(), *CONDUCT.values()} - CLAUSES.keys() == set()


def test_every_fault_breaks_a_clause_and_names_checks_that_prove_it():
    assert [fault.id for fault in faults.every() if fault.breaks not in CLAUSES] == []
    assert [(fault.id, check) for fault in faults.every() for check in fault.kills if CHECKS.get(check) != fault.breaks] == []


def test_every_must_clause_of_a_row_is_killed_by_a_check_that_cites_it(kills):
    killed = {one["clause"] for one in kills.values() if any(CHECKS[check] == one["clause"] for check in one["killed_by"])}
    assert {clause.id for clause in CLAUSES.values() if clause.level == "MUST"} - killed - {*CONDUCT.values()} == set()


def test_every_clause_of_conduct_is_broken_by_an_evil_mode():
    reasons = {mode.reason for mode in evil.all_modes().values() if mode.word == "FAIL"}
    broken = {check for word, check in conduct.WORDS.items() if word in reasons}
    broken |= {check for word, checks in NOTED.items() if any(reason.startswith(word) for reason in reasons) for check in checks}
    assert set(conduct.CHECKS) - broken == set()


def test_every_fault_of_today_stands_in_the_matrix_and_no_other(kills):
    assert kills.keys() == {fault.id for fault in faults.every()}


@pytest.mark.parametrize("row", ROWS)
def test_every_must_clause_has_a_positive_and_what_differs_from_it(row):
    """A story holds both halves in its own `wanted`; a vector has or is a twin, or wants a value of the run that no refusal holds."""
    module = plan.probe_of(row)
    told = {*module.CHECKS.values(), *(clause for clause, *_ in getattr(module, "ASKS", {}).values())}
    for page in plan.pages_of(row):
        file = plan.pins_of(page)
        groups = [*file.exchanges.values(), *file.oracle.values()]
        twins = {(id(group), one.twin) for group in groups for one in group.values() if one.twin}
        told |= {one.clause for group in groups for slug, one in group.items() if one.twin or (id(group), slug) in twins}
        told |= {one.clause for group in file.exchanges.values() for one in group.values() if one.want.get("status", 200) < 400}
    cited = {clause for check, clause in CHECKS.items() if check in plan.checks_of(row)}
    assert {clause for clause in cited if CLAUSES[clause].level == "MUST"} - told == set()


def ids() -> dict[str, object]:
    """Returns: every clause with its level, and every check with its clause."""
    return {"clauses": {clause.id: clause.level for clause in CLAUSES.values()}, "checks": dict(sorted({**CHECKS, **CONDUCT}.items()))}


@pytest.mark.parametrize("kind", ["clauses", "checks"])
def test_an_id_is_for_life(kind):
    """An id that vanishes, or cites another clause, changes what boards and change logs of the past say."""
    frozen = json.loads(SNAPSHOT.read_text(encoding="utf-8"))[kind]
    assert ids()[kind] == frozen, "ids changed: if that is meant, regenerate the snapshot (see above) and say it in CHANGELOG.md"


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(ids(), indent=1) + "\n", encoding="utf-8")
