"""
Every pinned output, changed a little: a judge that compares by prefix, by length, without case or after trimming would let one of these pass.

Source: spec/harness.md, Self-proof. Each change goes through the judge that judges adapters.
"""
from collections.abc import Iterator

from afi import judge, pins, plan
from afi.pinfile import Case

FLIPS = 2_000                        # each costs a comparison of the whole text: the sample's IR, byte by byte, took a minute


def changes(text: str) -> Iterator[str]:
    """
    Returns: the text with each byte flipped in turn (of a long text every n-th and the last), cut and lengthened by one, in other case, with
    other line ends; never the text itself.
    """
    raw = text.encode()
    for place in sorted({*range(0, len(raw), len(raw) // FLIPS + 1), *range(len(raw))[-1:]}):
        yield (raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1:]).decode("utf-8", "backslashreplace")
    others = (text[:-1], text[1:], text + text[-1:], text + " ", " " + text, text + "\0", text.swapcase(), text.upper(), text.lower(),
              text + "\n", text + "\r\n", text.replace("\n", "\r\n"))
    yield from (other for other in dict.fromkeys(others) if other != text)


class Told:
    """An oracle that says what it was told to."""

    def __init__(self, answers: dict[int, tuple[str, str]]) -> None:
        self.answers = answers

    def ask(self, op: str, given: dict[str, str]) -> tuple[str, str]:
        return self.answers[id(given)]


def judged(group: dict[str, Case], case: Case, answer: tuple[str, str]) -> tuple[str, ...]:
    """Returns: what the judge says of one case when the oracle gives this answer to it, and the right one to its twin."""
    pair = [case, *([group[case.twin]] if case.twin else [])]
    told = Told({id(one.given): one.answer for one in pair} | {id(case.given): answer})
    check = next(pins.answers(told, {one.id.split(".")[1]: one for one in pair}))
    return judge.outcome_of(check, plan.ledger()[case.clause]).reason


def survivors(group: dict[str, Case]) -> list[tuple[str, tuple[str, str]]]:
    """Returns: the changed answers of a group that the judge takes for the pinned ones."""
    found = []
    for case in group.values():
        word, text = case.answer
        wrong = [(word, other) for other in changes(text)] + [("err" if word == "ok" else "ok", text), ("skip", "unimplemented")]
        found += [(case.id, answer) for answer in wrong if not judged(group, case, answer)]
    return found
