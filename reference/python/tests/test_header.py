"""header: entries to one field value and back."""
import pytest

from mizan import header
from mizan.scoping import entry


def said(**params):
    return header.encode([entry("t", params)])


@pytest.mark.parametrize(("value", "text"), [
    (0, "t;k=0"), (-999_999_999_999_999, "t;k=-999999999999999"), (True, "t;k"), (False, "t;k=?0"), ("", 't;k=""'),
    ('a,b"c\\', 't;k="a,b\\"c\\\\"'),
    ("Zoë", 't;k=%"Zo%c3%ab"'), ('é"%\\', 't;k=%"%c3%a9%22%25\\"'), ("\U0001f600", 't;k=%"%f0%9f%98%80"'), ("\x80", 't;k=%"%c2%80"'),
])
def test_a_value_is_a_bare_item(value, text):
    assert (said(k=value), header.decode(text)) == (text, [entry("t", {"k": value})])


@pytest.mark.parametrize("value", [10**15, -(10**15), 1.5, 1.0, None, [], {}, "a\nb", "\r\n", "\x00", "\x1f", "\x7f", "é\t"])
def test_what_cannot_be_said_widens_its_whole_entry(value):
    assert said(a=1, k=value) == "t"


def test_widening_swallows_the_other_entries_of_its_context():
    assert header.encode([entry("t", {"k": "x"}), entry("t", {"k": "\n"}), entry("u", {"k": "x"})]) == 't, u;k="x"'


def test_an_entry_that_another_covers_widens_nothing():
    assert header.encode([entry("t", {"a": 1}), entry("t", {"a": 1, "k": 1.5})]) == "t;a=1"


def test_nothing_to_say_is_empty():
    assert header.encode([]) == ""


@pytest.mark.parametrize("one",
    [entry("User", {}), entry("a.b", {}), entry("", {}), entry("u\n", {}), entry("u", {"Id": 1.5}), entry("a" * 65, {})])
def test_a_name_outside_the_grammar_is_refused(one):
    with pytest.raises(header.BadName):
        header.encode([one])


@pytest.mark.parametrize(("count", "members"), [(32, 32), (33, 1)])
def test_more_than_32_members_collapse(count, members):
    assert len(header.encode([entry("user", {"id": n}) for n in range(count)]).split(", ")) == members


@pytest.mark.parametrize(("letters", "is_whole"), [(2036, True), (2037, False)])
def test_more_than_2048_bytes_collapse(letters, is_whole):
    got = header.encode([entry("user", {"text": "x" * letters})])
    assert (len(got) == 2048, got == "user") == (is_whole, not is_whole)


def test_the_fullest_context_collapses_first_and_ties_go_by_name():
    entries = [entry(c, {"k": n}) for c, count in (("c", 10), ("b", 17), ("a", 17)) for n in range(10, 10 + count)]
    assert header.encode(entries).split(", ")[0:2] == ["a", "b;k=10"]


def test_contexts_collapse_only_until_it_fits():
    got = header.encode([entry(c, {"k": n}) for c in "abc" for n in range(10, 25)])
    assert (got.startswith("a, b;k=10"), got.count(",") + 1) == (True, 31)


def test_if_all_are_bare_and_it_is_still_too_long_it_is_everything():
    assert header.encode([entry(f"c{n:02d}", {}) for n in range(33)]) == "*"


@pytest.mark.parametrize(("text", "entries"), [
    ("", []), ("   ", []), ("*", [{"context": "*"}]), ("team", [entry("team", {})]),
    ("  team \t,\t user \t", [entry("team", {}), entry("user", {})]),
    ("t;  a=1;b", [entry("t", {"a": 1, "b": True})]), ("t;k=007", [entry("t", {"k": 7})]), ("t;k=-0", [entry("t", {"k": 0})]),
    ("t;k=1;k=2", [entry("t", {"k": 2})]), ("user;a=1, team", [entry("user", {"a": 1}), entry("team", {})]),
    ('t;k=%"%0a"', [entry("t", {"k": "\n"})]),
])
def test_a_list_of_our_grammar_is_read(text, entries):
    assert header.decode(text) == entries


@pytest.mark.parametrize("text", [
    "team,", "team, ", ",team", "team,,user", "team user", "\tteam", "\t", "user;", "user;;a=1", "user ;a=1", "user;\ta=1", "user;a =1",
    "user;a= 1",
    "user;a=", "user;A=1", "user;_id=5", "user;a=1000000000000000", "user;a=+1", "user;a=-", "user;a=1x", "user;a=1.0", "user;a=?2",
    'user;a="x',
    'user;a="\\n"', 'user;a="\x01"', 'user;a="ë"', "user;a='x'", 'user;a=%"%C3%AB"', 'user;a=%"%c"', 'user;a=%"%ff"',
    'user;a=%"%ed%a0%80"', "usér",
    "user;a=１", "(team)", '"team"', "5", "?1", "@1", ":YQ==:", "Team", "a.b", "a-b", "a" * 65, "*, team", "*;a=1", "*team", "user;a=five",
    "user;a=:NQ==:", "user;a=@5", "user;a-b=5", "user;a.b=5", "user;*=5", "team\n", "team;a=1\n",
])
def test_anything_else_is_unreadable_as_a_whole(text):
    with pytest.raises(header.Unreadable):
        header.decode(text)
