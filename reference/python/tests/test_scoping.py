"""scoping and merges: bindings, entries, normal form."""
import time

import pytest

from mizan import BadDeclaration, canonical, declaration, merges, oracle, scoping, seal

OBJECTS = {"Team": {"team_id": {"type": "int"}, "title": {"type": "string"}}}


def sealed(contexts, mutation, **more):
    """Returns: (scopes, merges) of a mutation declared in JSON."""
    said = {"contexts": contexts, "mutation": {"args": {}, "returns": "bool", "affects": [], **mutation}, "objects": OBJECTS, **more}
    names = declaration.names_from_json(said)
    return seal.fixed(oracle.mutation_of(said["mutation"], names), oracle.contexts_of(said, names))


def params(**kinds):
    return {name: {"type": kind} for name, kind in kinds.items()}


def entry(context, **values):
    return scoping.entry(context, values)


TEAM = {"team": params(team_id="int")}
ROWS = {        # the table of the page on scoping: contexts, mutation, args, result, entry
    "tier-1": ({"user": params(user_id="int")}, {"args": params(user_id="int", name="string")}, {"user_id": 5, "name": "x"}, True,
    {"user_id": 5}),
    "partial": ({"user": params(org_id="int", user_id="int")}, {"args": params(org_id="int")}, {"org_id": 3}, True, {"org_id": 3}),
    "null-drops-one": (
        {"user": params(org_id="int", user_id="int")}, {"args": params(org_id={"nullable": "int"}, user_id="int")},
        {"org_id": None, "user_id": 7}, True, {"user_id": 7}),
    "tier-2": (TEAM, {"args": params(title="string"), "returns": {"ref": "Team"}}, {"title": "x"}, {"team_id": 4, "title": "x"},
    {"team_id": 4}),
    "types-differ": (TEAM, {"args": params(team_id="string"), "returns": {"ref": "Team"}}, {"team_id": "x"}, {"team_id": 4, "title": "x"},
    {"team_id": 4}),
    "no-fall-through": (
        TEAM, {"args": params(team_id={"nullable": "int"}), "returns": {"ref": "Team"}}, {"team_id": None}, {"team_id": 4, "title": "x"},
        {}),
    "null-result": (TEAM, {"returns": {"nullable": {"ref": "Team"}}}, {}, None, {}),
    "argument-before-result": (TEAM, {"args": params(team_id="int"), "returns": {"ref": "Team"}}, {"team_id": 9},
    {"team_id": 4, "title": "x"}, {"team_id": 9}),
    "never-by-name": ({"user": params(id="int")}, {"args": params(id="int")}, {"id": 5}, True, {}),
    "float-never": ({"user": params(real="float")}, {"args": params(real="float")}, {"real": 5.0}, True, {}),
    "decimal-is-stripped": ({"user": params(price="decimal")}, {"args": params(price="decimal")}, {"price": "1.50"}, True,
    {"price": "1.5"}),
    "list-of-objects-never": (TEAM, {"returns": {"list": {"ref": "Team"}}}, {}, [{"team_id": 4, "title": "x"}], {}),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_table_of_the_page_holds(row):
    contexts, mutation, args, result, wanted = ROWS[row]
    (name,) = contexts
    scopes, _ = sealed(contexts, {**mutation, "affects": [name]})
    assert scoping.entries_for(scopes, args, result) == [scoping.entry(name, wanted)]


@pytest.mark.parametrize(("said", "wanted"), [
    ({"id": "args.team_id"}, {"id": 5}), ({"id": "team_id"}, {"id": 5}), ({"id": "result.team_id"}, {"id": 4}), ({}, {}),
])
def test_a_map_replaces_every_tier(said, wanted):
    scopes, _ = sealed({"item": params(id="int", team_id="int")},
                       {"args": params(team_id="int"), "returns": {"ref": "Team"}, "affects": [{"context": "item", "map": said}]})
    assert scoping.entries_for(scopes, {"team_id": 5}, {"team_id": 4, "title": "x"}) == [scoping.entry("item", wanted)]


def test_a_bare_name_without_an_argument_is_the_results():
    scopes, _ = sealed({"item": params(id="int")}, {"returns": {"ref": "Team"}, "affects": [{"context": "item", "map": {"id": "team_id"}}]})
    assert scoping.entries_for(scopes, {}, {"team_id": 4, "title": "x"}) == [entry("item", id=4)]


@pytest.mark.parametrize("said",
    [{"no": "args.a"}, {"id": "args.no"}, {"id": "result.no"}, {"id": "no"}, {"id": "args.b"}, {"id": "args.a.c"}])
def test_a_map_that_names_what_is_not_there_refuses(said):
    with pytest.raises(BadDeclaration, match="map for 'item'"):
        sealed({"item": params(id="int")}, {"args": params(a="int", b="string"), "affects": [{"context": "item", "map": said}]})


@pytest.mark.parametrize(("wide", "narrow", "covered"), [
    (entry("a"), entry("a", x=1), True), (entry("a", x=1), entry("a", x=1, y=2), True), (entry("a", x=1), entry("a", x=1), True),
    (entry("a", x=1), entry("a"), False), (entry("a", x=1), entry("a", x=2, y=2), False), (entry("a"), entry("b"), False),
    (entry("a", x=1), entry("a", x="1", y=1), False), (entry("a", x=1), entry("a", x=True, y=1), False),
    (entry("a", x=None), entry("a", y=1), False),
])
def test_an_entry_covers_what_agrees_with_all_of_it(wide, narrow, covered):
    assert scoping.covers(wide, narrow) is covered


def test_normal_form_drops_what_is_covered_and_sorts():
    entries = [entry("b", x=9), entry("b", x=10, y=1), entry("b", x=10), entry("b", x=9), entry("a", z=1), entry("a")]
    assert scoping.normalise(entries) == [entry("a"), entry("b", x=10), entry("b", x=9)]


def test_entries_of_other_parameters_both_stay():
    assert len(scoping.normalise([entry("a", x=1, y=1), entry("a", y=1, z=1)])) == 2


def test_a_text_and_an_int_are_two_values():
    assert scoping.normalise([entry("a", x=1), entry("a", x="1")]) == [entry("a", x="1"), entry("a", x=1)]


def test_normal_form_equals_its_definition():
    entries = [entry(c, **{k: v for k, v in (("x", x), ("y", y)) if v is not None}) for c in "ab" for x in (None, 1, 2) for y in (None, 1,
        "1")]
    for skipped in range(len(entries)):
        some = entries[skipped:] + entries[:skipped // 2]
        kept = [one for n, one in enumerate(some)
                if not any(scoping.covers(other, one) and (not scoping.covers(one, other) or m < n) for m,
                other in enumerate(some) if m != n)]
        assert scoping.normalise(some) == sorted(kept, key=scoping.sort_key)


def test_ten_thousand_entries_are_normalised_quickly():
    start = time.perf_counter()
    assert len(scoping.normalise([entry("a", x=n) for n in range(10_000)])) == 10_000
    assert time.perf_counter() - start < 2


SLOTS = {"user": {"profile": {"ref": "Team"}, "count": "int"}}
USER = {"user": params(user_id="int")}
RESULT = {"team_id": 4, "title": "x"}


def merged(args, mutation, slots=SLOTS):
    _, patched = sealed(USER, {"args": params(user_id={"nullable": "int"}), "returns": {"ref": "Team"}, **mutation}, slots=slots)
    return merges.merges_for(patched, args, RESULT)


def test_a_merge_with_every_parameter_bound_is_made():
    assert merged({"user_id": 5}, {"merge": ["user"]}) == ([{**entry("user", user_id=5), "slot": "profile", "value": RESULT}], [])


@pytest.mark.parametrize(("args", "mutation", "degraded"), [
    ({"user_id": None}, {"merge": ["user"]}, entry("user")), ({"x": 1}, {"args": params(x="int"), "merge": ["user"]}, entry("user")),
    ({"user_id": 5}, {"merge": [{"context": "user", "map": {}}]}, entry("user")),
])
def test_a_merge_without_one_degrades_to_an_invalidation(args, mutation, degraded):
    assert merged(args, mutation) == ([], [degraded])


def test_a_merge_bound_by_the_result_degrades():
    _, patched = sealed(TEAM, {"returns": {"ref": "Team"}, "merge": ["team"]}, slots={"team": {"card": {"ref": "Team"}}})
    assert merges.merges_for(patched, {}, RESULT) == ([], [entry("team", team_id=4)])


@pytest.mark.parametrize(("slots", "said"), [
    ({"user": {"count": "int"}}, "got none"), ({"user": {"a": {"ref": "Team"}, "b": {"nullable": {"ref": "Team"}}}}, "got a, b"),
    ({"user": {"all": {"list": {"ref": "Team"}}}}, "got none"),
])
def test_a_merge_without_one_fitting_slot_refuses_and_names_them(slots, said):
    with pytest.raises(BadDeclaration, match=said):
        merged({}, {"merge": ["user"]}, slots)


@pytest.mark.parametrize("merge",
    [{"slot": "no"}, {"slot": "count"}, {"slot": "all", "op": "upsert"}, {"slot": "all", "op": "upsert", "key": "no"}])
def test_a_named_slot_that_cannot_take_the_result_refuses(merge):
    with pytest.raises(BadDeclaration, match="merge of 'user'"):
        merged({}, {"merge": [{"context": "user", **merge}]}, {"user": {"count": "int", "all": {"list": {"ref": "Team"}}}})


@pytest.mark.parametrize(("merge", "said"), [
    ({"op": "swap"}, "'swap' is no operation"), ({"op": "upsert"}, "wants a key"), ({"op": "remove"}, "wants a key"),
    ({"op": "append", "key": "no"}, "tells no items apart"), ({"op": "upsert", "key": "maybe"}, "tells no items apart"),
    ({"op": "upsert", "key": "real"}, "tells no items apart"), ({"key": "team_id"}, "takes no key"),
])
def test_an_operation_and_a_key_that_say_nothing_together_refuse(merge, said):
    objects = {"Team": params(team_id="int", maybe={"nullable": "int"}, real="float")}
    with pytest.raises(BadDeclaration, match=said):
        sealed(USER, {"args": params(user_id="int"), "returns": {"ref": "Team"}, "merge": [{"context": "user", **merge}]},
               slots={"user": {"all": {"list": {"ref": "Team"}}}}, objects=objects)


def test_a_context_is_merged_once():
    with pytest.raises(BadDeclaration, match="'user' twice"):
        merged({}, {"merge": ["user", "user"]})


def test_a_list_slot_takes_an_item_by_key():
    made, _ = merged({"user_id": 5}, {"merge": [{"context": "user", "op": "upsert", "key": "team_id"}]},
        {"user": {"all": {"list": {"ref": "Team"}}}})
    assert made == [{**entry("user", user_id=5), "slot": "all", "op": "upsert", "key": "team_id", "value": RESULT}]


def test_an_invalidation_that_covers_a_merge_drops_it():
    made = [{**entry("user", user_id=5), "slot": "profile", "value": 1}, {**entry("user", user_id=6), "slot": "profile", "value": 1}]
    assert merges.kept_merges(made, [entry("user", user_id=5)]) == made[1:]


def test_the_header_says_what_is_patched_too():
    made = [{**entry("user", user_id=5), "slot": "profile", "value": 1}]
    assert merges.said_in_header([entry("team"), entry("user", user_id=6)], made) == [
        entry("team"), entry("user", user_id=5), entry("user", user_id=6)]


def test_sorting_is_by_bytes_of_the_canonical_text():
    entries = [entry("a", x="\U0001f600"), entry("a", x="\ufb33"), entry("a")]
    assert [canonical.write(one.get("params", {})).decode() for one in sorted(entries, key=scoping.sort_key)] == ["{}", '{"x":"\ufb33"}',
        '{"x":"\U0001f600"}']
