"""How each adapter behaved as a process, over all its starts; judged after its stop. Source: spec/conduct.md."""
import pytest

from afi import plan
from afi.model import Mark, Verdict


def test_conduct(conduct: Verdict) -> None:
    if conduct.mark is not Mark.WIRED:
        failed = [one for one in conduct.outcomes if one.word == "failed"]
        red = [f"{one.id} ({one.clause}): {plan.text_of(one.clause)}\n    {'; '.join(one.reason)}" for one in failed]
        pytest.fail("\n".join([f"{conduct.cell.id}: {conduct.reason or conduct.mark.value}", *red]), pytrace=False)
