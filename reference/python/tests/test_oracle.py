"""oracle and declaration: one JSON line in, one out."""
import io
import json
import subprocess
import sys

import pytest

from mizan import BadDeclaration, declaration, oracle

SCOPE = {
    "contexts": {"user": {"user_id": {"type": "int"}}}, "slots": {"user": {"profile": {"ref": "User"}}},
    "mutation": {"args": {"user_id": {"type": "int", "default": 1}}, "returns": {"ref": "User"}, "affects": ["user"]},
    "objects": {"User": {"id": {"type": "int"}, "color": {"type": {"ref": "Color"}, "default": "red"}}},
    "enums": {"Color": ["red", "blue"]},
}


def ask(op, **given):
    answer = oracle.answered({"id": 7, "op": op, "in": {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}})
    assert answer.pop("id") == 7
    return answer


def scope(args, entries=(), result=None, /, **changed):
    said = {**SCOPE, "mutation": {**SCOPE["mutation"], **changed}}
    return ask("scope", declaration=said, args=args, result=result or {"id": 3}, entries=list(entries))


@pytest.mark.parametrize(("op", "given", "answer"), [
    ("hello", {"protocol": "1"}, {"ok": "1"}), ("hello", {"protocol": "2"}, {"err": "protocol"}),
    ("cache_key", {}, {"skip": "unimplemented"}),
    ("canonical_json", {"text": '{"b":1.0,"a":"\\u00e9"}'}, {"ok": '{"a":"é","b":1}'}),
    ("canonical_json", {"text": "[1e20]"}, {"err": "number"}),
    ("canonical_json", {"text": "[NaN]"}, {"err": "syntax"}), ("canonical_json", {"text": "[" * 65}, {"err": "depth"}),
    ("canonical_json", {"text_hex": "22c3a922"}, {"ok": '"é"'}), ("canonical_json", {"text_hex": "22ff22"}, {"err": "syntax"}),
    ("query_decode", {"declaration": {"params": {"v": {"type": "decimal", "default": "1.50"}}}, "query": ""}, {"ok": '{"v":"1.5"}'}),
    ("query_decode", {"declaration": {"params": {"v": {"type": "int"}}}, "query": "v=01"}, {"err": "validation"}),
    ("query_decode", {"declaration": {"params": {"v": {"type": "no"}}}, "query": "v=01"}, {"err": "declaration"}),
    ("invalidate_encode", {"entries": [{"context": "user", "params": {"id": 5}}]}, {"ok": "user;id=5"}),
    ("invalidate_encode", {"entries": [{"context": "User"}]}, {"err": "name"}),
    ("invalidate_decode", {"header": "user;id=5, team"}, {"ok": '[{"context":"user","params":{"id":5}},{"context":"team"}]'}),
    ("invalidate_decode", {"header": "user;id=5.0"}, {"err": "syntax"}),
])
def test_an_operation_answers(op, given, answer):
    assert ask(op, **given) == answer


@pytest.mark.parametrize(("op", "given", "word"), [
    ("hello", {}, "protocol"), ("canonical_json", {}, "syntax"), ("canonical_json", {"text_hex": "no"}, "syntax"),
    ("query_decode", {"declaration": "{", "query": ""}, "declaration"), ("query_decode", {"declaration": [], "query": ""}, "declaration"),
    ("query_decode", {"declaration": {"params": []}, "query": ""}, "declaration"), ("query_decode", {"declaration": {"params": {}}}, "declaration"),
    ("scope", {"declaration": SCOPE, "args": "{", "result": "null", "entries": "[]"}, "declaration"),
    ("scope", {"declaration": SCOPE, "args": {"user_id": 1}, "result": {"id": 1}, "entries": [5]}, "declaration"),
    ("scope", {"declaration": {}, "args": {}, "result": "null", "entries": []}, "declaration"),
    ("invalidate_encode", {"entries": "{"}, "name"), ("invalidate_encode", {"entries": [5]}, "name"), ("invalidate_decode", {}, "syntax"),
    ("ir_emit", {"declarations": "{"}, "declaration"), ("ir_emit", {}, "declaration"),
])
def test_a_question_of_another_form_is_answered(op, given, word):
    assert ask(op, **given) == {"err": word}


def test_a_parameter_whose_default_the_server_makes_is_not_shown():
    assert ask("query_decode", declaration={"params": {"v": {"type": "int", "optional": True}, "w": {"type": "int", "default": 1}}}, query="") == {
        "ok": '{"w":1}'}


@pytest.mark.parametrize(("args", "ok"),
    [({"user_id": 5}, '[{"context":"user","params":{"user_id":5}}]'), ({}, '[{"context":"user","params":{"user_id":1}}]')])
def test_scope_fills_defaults_in(args, ok):
    assert scope(args) == {"ok": ok}


def test_scope_adds_run_time_entries_and_normalises():
    assert scope({}, [{"context": "user", "params": {"user_id": 9}}, {"context": "user"}]) == {"ok": '[{"context":"user"}]'}


@pytest.mark.parametrize("entry",
    [{"context": "no"}, {"context": "user", "params": {"no": 1}}, {"context": "user", "params": {"user_id": "5"}},
                                   {"context": "user", "params": {"user_id": None}}])
def test_scope_refuses_a_run_time_entry_that_was_not_declared(entry):
    assert scope({}, [entry]) == {"err": "entry"}


def test_scope_lists_merges_that_degrade_and_not_those_that_are_made():
    made = scope({"user_id": 5}, affects=[], merge=["user"])
    degraded = scope({}, affects=[], merge=["user"], args={})
    assert (made, degraded) == ({"ok": "[]"}, {"ok": '[{"context":"user"}]'})


@pytest.mark.parametrize("changed", [
    {"affects": ["no"]}, {"affects": [{"context": "user", "map": {"no": "args.user_id"}}]}, {"merge": ["no"]},
    {"returns": "int", "merge": ["user"]},
    {"args": {"Bad": {"type": "int"}}}, {"args": {"a": {"type": {"union": ["int", "float"]}}}},
    {"args": {"a": {"type": "int", "default": "x"}}},
    {"returns": {"ref": "No"}}, {"merge": [{"context": "user", "slot": "no"}]},
])
def test_a_declaration_that_would_not_register_is_declaration(changed):
    assert scope({}, **changed) == {"err": "declaration"}


def test_lines_are_answered_until_the_input_ends():
    out = io.StringIO()
    oracle.serve(['{"id":1,"op":"hello","in":{"protocol":"1"}}\n', '{"id":2,"op":"x","in":{}}\n'], out)
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [{"id": 1, "ok": "1"}, {"id": 2, "skip": "unimplemented"}]


def test_the_command_speaks_the_protocol():
    texts = ['"\\ud800"', '"\\u00e9"']
    asked = "".join(json.dumps({"id": n, "op": "canonical_json", "in": {"text": text}}) + "\n" for n, text in enumerate(texts, 1))
    done = subprocess.run([sys.executable, "-m", "mizan", "oracle"], input=asked.encode(), capture_output=True, timeout=20, check=True)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"id": 1, "err": "syntax"}, {"id": 2, "ok": '"é"'}]


def test_another_command_is_a_usage_error():
    assert subprocess.run([sys.executable, "-m", "mizan"], capture_output=True, timeout=20, check=False).returncode == 2


def test_a_declaration_goes_out_as_it_came():
    names = declaration.names_from_json(SCOPE)
    fields = declaration.fields_from_json({"a": {"type": {"nullable": {"union": ["int", {"list": {"map": "date"}}]}}, "default": None}},
        names, "here")
    assert declaration.fields_to_json(fields) == {"a": {"type": {"nullable": {"union": ["int", {"list": {"map": "date"}}]}},
        "default": None}}
    assert declaration.names_to_json(names) == {"enums": SCOPE["enums"], "objects": SCOPE["objects"]}


@pytest.mark.parametrize("said", ["no", {"list": "int", "map": "int"}, {"union": []}, {"ref": 1}, 5, None, {}])
def test_what_is_no_type_refuses(said):
    with pytest.raises(BadDeclaration):
        declaration.type_from_json(said)
