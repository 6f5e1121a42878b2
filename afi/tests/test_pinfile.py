"""A pin file that proves nothing, or that says something else than it seems to, is refused with file, place and next step."""
import pytest

from afi import pinfile
from afi.errors import BadPin

WHOLE = """\
pins: 1
suite: row
spec: {page: row}
groups:
- id: names
  clause: row-1
  send: {method: POST, path: call/, json: {fn: "{fn}"}}
  cases:
  - {id: known, in: {fn: "{function}"}, want: {status: 200, result: "{digest}"}}
  - {id: unknown, in: {fn: no_such}, want: {status: 404}, twin: known}
- id: canon
  clause: row-2
  op: canonical_json
  cases:
  - {id: safe, in: {text: '[1]'}, ok: '[1]'}
  - {id: unsafe, in: {text: '[NaN]'}, err: syntax, twin: safe}
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "row.yaml"
        path.write_text(text)
        return path
    return write


def test_a_whole_file_is_its_plan(written):
    assert pinfile.load(written(WHOLE)).plan() == {"names.known": "row-1", "names.unknown": "row-1", "canon.safe": "row-2", "canon.unsafe": "row-2"}


@pytest.mark.parametrize(("old", "new", "said"), [
    ("twin: known", "twin: knwon", "did you mean 'known'"),
    ("twin: known", "twin: unknown", "no other such case"),
    (", twin: known", "", "names no twin"),
    (", twin: safe", "", "names no twin"),
    ("id: unknown", "id: known", "stands twice"),
    ("id: canon", "id: names", "stands twice"),
    ("id: unknown", "id: no", "wanted a text, got False"),
    ("result: \"{digest}\"", "result: 5", "recorded answer"),
    ("suite: row", "suite: other", "wanted equal"),
    ("want: {status: 404}", "wants: {status: 404}", "wants"),
    ("want: {status: 404}", "want: {statsu: 404}", "did you mean 'status'"),
    ("in: {fn: no_such}", "in: {fn: no_such}, flags: [Gone]", "does not declare"),
    ("pins: 1\n", "pins: 1\npins: 1\n", "stands twice"),
    ("ok: '[1]'", "err: syntax, twin: unsafe", "same answer"),
])
def test_what_is_wrong_is_said(written, old, new, said):
    assert old in WHOLE
    with pytest.raises(BadPin, match=said.replace("[", r"\[")):
        pinfile.load(written(WHOLE.replace(old, new)))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(BadPin, match="cannot be read"):
        pinfile.load(tmp_path / "gone.yaml")


def test_a_name_alone_keeps_its_type_and_inside_a_text_becomes_text():
    assert pinfile.expand({"a": "{n}", "b": "x{n}", "{n}": [True]}, {"n": 5}, "here") == {"a": 5, "b": "x5", 5: [True]}


def test_a_name_that_nobody_gives_is_said():
    with pytest.raises(BadPin, match="did you mean 'nonce'"):
        pinfile.expand("{nonec}", {"nonce": "x"}, "here")


def test_a_constant_behind_a_name_is_no_value_of_the_run():
    vector = pinfile.Vector("g.c", "row-1", {}, {"x": 5}, {"result": "{x}"}, {}, None, None)
    assert not pinfile.earns(vector)
