"""What the judge computes itself agrees with every hand-made oracle pin, with unrelated libraries, and with the clauses."""
import json
import urllib.parse

import http_sf
import jcs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afi import expected, ijson, pinfile, plan
from afi.model import ABSENT

ANSWERED = [(page.stem, case) for page in sorted((plan.ROOT / "pins").glob("*.yaml"))
            for group in pinfile.load(page).oracle.values() for case in group.values() if case.op in expected.ORACLE]
NAMES = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z")
SCALARS = st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
JSON = st.recursive(st.none() | SCALARS | st.floats(-1e15, 1e15), lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.text("ab\U0001f600\ufb33", max_size=2), inner, max_size=3), max_leaves=8)
ENTRIES = st.lists(st.builds(lambda name, params: {"context": name, **({"params": params} if params else {})}, st.sampled_from("abc"),
                             st.dictionaries(st.sampled_from("kmp"), st.integers(0, 2), max_size=3)), max_size=12)


def entry(context, **params):
    return {"context": context, **({"params": params} if params else {})}


def test_there_are_pins_to_agree_with():
    assert {case.op for _, case in ANSWERED} == set(expected.ORACLE)


@pytest.mark.parametrize(("page", "case"), ANSWERED, ids=lambda one: one if isinstance(one, str) else one.id)
def test_the_judge_answers_each_oracle_pin_as_it_was_derived_by_hand(page, case):
    assert expected.ORACLE[case.op](case.given) == case.answer


# -- canonical JSON ------------------------------------------------------------------------------------------------------

@given(JSON)
def test_two_libraries_write_one_canonical_text(value):
    assert expected.canonical(value) == jcs.canonicalize(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), float(2**53), 1e20, float("nan"), float("inf"), "\ud800", {"\ud800": 1}, {1: 2},
                                   object()], ids=repr)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        expected.canonical([value])


@pytest.mark.parametrize(("value", "text"), [(1e21, "1e+21"), (-0.0, "0"), (5.0, "5"), (2.0**53 - 1, "9007199254740991"), (1e-7, "1e-7")])
def test_numbers_are_written_as_ecmascript_writes_them(value, text):
    assert expected.canonical(value) == text.encode()


# -- the query -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("params", "query"), [
    ({}, ""), ({"user_id": 5}, "user_id=5"), ({"b": True, "a": False}, "a=false&b=true"), ({"t": ""}, "t="),
    ({"r": 1.50}, "r=1.5"), ({"r": 1e21}, "r=1e%2B21"), ({"t": "a b&c=d+é/~"}, "t=a%20b%26c%3Dd%2B%C3%A9%2F~"),
    ({"n": None}, "n.json=null"), ({"v": []}, "v.json=%5B%5D"), ({"v": [3, 1, 2]}, "v=3&v=1&v=2"), ({"v": ["a", ""]}, "v=a&v="),
    ({"v": [1, None]}, "v.json=%5B1%2Cnull%5D"), ({"v": [[1]]}, "v.json=%5B%5B1%5D%5D"),
    ({"m": {"b": 1, "a": 2}}, "m.json=%7B%22a%22%3A2%2C%22b%22%3A1%7D"),
    ({"a_b": 1, "a1": 2, "a": None}, "a.json=null&a1=2&a_b=1")], ids=repr)
def test_a_value_has_one_spelling_in_a_query(params, query):
    assert expected.query(params) == query


def test_a_type_without_a_bare_spelling_is_written_as_json():
    assert expected.query({"free": 5, "whole": 5}, as_json=["free"]) == "free.json=5&whole=5"


@given(st.dictionaries(NAMES, SCALARS, max_size=4))
def test_a_query_decodes_to_what_was_written(params):
    read = dict(urllib.parse.parse_qsl(expected.query(params), keep_blank_values=True, strict_parsing=bool(params)))
    assert read == {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}


# -- entries -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("wide", "narrow", "whether"), [
    (entry("a"), entry("a", k=1), True), (entry("a", k=1), entry("a"), False), (entry("a", k=1), entry("a", k=1, m=2), True),
    (entry("a", k=1), entry("a", k="1"), False), (entry("a", k=1), entry("a", k=True), False), (entry("a"), entry("b", k=1), False),
    (entry("a", k=1), entry("a", k=1.0), True), (entry("a", k=1, m=2), entry("a", k=1), False), (entry("a"), entry("a"), True)], ids=repr)
def test_an_entry_covers_what_it_makes_stale_too(wide, narrow, whether):
    assert expected.covers(wide, narrow) is whether


@given(ENTRIES)
def test_nothing_in_normal_form_covers_another_and_all_is_covered(entries):
    kept = expected.normalise(entries)
    assert all(any(expected.covers(one, other) for one in kept) for other in entries)
    assert not any(expected.covers(a, b) for i, a in enumerate(kept) for j, b in enumerate(kept) if i != j)
    assert all(one in entries for one in kept)


@given(ENTRIES, st.randoms())
def test_normal_form_does_not_depend_on_the_order(entries, chance):
    shuffled = chance.sample(entries, len(entries))
    assert expected.normalise(shuffled) == expected.normalise(entries) == expected.normalise(expected.normalise(entries))


def test_normal_form_is_sorted_by_context_and_then_by_canonical_params():
    entries = [entry("b"), entry("a", k=10), entry("a", k=9), entry("a", k="1"), entry("a_"), entry("a1")]
    assert expected.normalise(entries) == [entry("a", k="1"), entry("a", k=10), entry("a", k=9), entry("a1"), entry("a_"), entry("b")]


# -- the header ----------------------------------------------------------------------------------------------------------

TYPED = st.builds(lambda name, params: entry(name, **params), NAMES, st.dictionaries(NAMES, SCALARS, max_size=3))


@given(st.lists(TYPED, min_size=1, max_size=4))
def test_a_header_is_in_serialised_form_and_reads_as_what_it_says(entries):
    text = expected.header_encode(entries)
    assert http_sf.ser(http_sf.parse(text.encode("ascii"), tltype="list")) == text
    read = expected.header_parse(text)
    assert expected.header_encode(read) == text
    assert all(any(expected.covers(one, other) for one in read) for other in entries)


@given(ENTRIES)
def test_what_can_be_said_and_fits_is_said_as_it_stands(entries):
    text = expected.header_encode(entries)
    assert (text is ABSENT) == (entries == [])
    assert entries == [] or expected.header_parse(text) == expected.normalise(entries)


def test_the_context_with_the_most_members_collapses_first_by_name_on_a_tie():
    entries = [*(entry("b", k=n) for n in range(15)), *(entry("a", k=n) for n in range(15)), *(entry("c", k=n) for n in range(3))]
    read = expected.header_parse(expected.header_encode(entries))
    assert [one for one in read if one["context"] == "a"] == [entry("a")]
    assert len(read) == 1 + 15 + 3


def test_what_is_too_long_even_when_bare_is_everything():
    assert expected.header_encode([entry(f"c{n}") for n in range(33)]) == "*"
    assert expected.header_encode([entry(f"c{n}") for n in range(32)]).count(",") == 31


@given(st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")) | st.text('user;=?01"%*, :()@-.\\', max_size=20))
def test_no_header_raises_anything_but_a_refusal(text):
    try:
        read = expected.header_parse(text)
    except ValueError:
        return
    assert ijson.load(expected.canonical(read)) == read
