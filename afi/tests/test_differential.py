"""The live columns answer one script with the same bytes; a space more or one other byte, on the way of one of them, is seen and shown."""
import pytest

from afi import covered, differential, plan
from afi.chorus import Heard, Script
from afi.errors import Broken, OurFault
from afi.faults.bench import RUN
from afi.faults.proxy import Proxy
from afi.faults.wired import each, flipped, spaced
from afi.messages import Reply, Request
from afi.transport import Http

SEED = 7
WHOLE = Request("POST", "http://127.0.0.1/api/mizan/call/")
CALL, BUNDLE, BEYOND = (Request("POST", "/api/mizan/call/"), Request("GET", "/api/mizan/ctx/user/?user_id=1"), Request("POST", "/api//mizan/call/"))
HEAD = ((b"content-type", b"application/json"),)


def reply(request, body, status=200, headers=HEAD):
    return Reply(status, headers, body, request)


def differ(one, two):
    return len(list(differential.differences(Script(RUN, [Heard("dispatch", None, CALL, (one, two))]))))


@pytest.mark.parametrize(("one", "two"), [
    (reply(CALL, b'{"a":1,"b":[1.50]}'), reply(CALL, b' {"b": [15e-1], "a":1}')),
    (reply(CALL, b"{}", headers=(*HEAD, (b"Date", b"x"), (b"Server", b"y"))), reply(CALL, b"{}", headers=((b"CONTENT-TYPE", b"application/json"),))),
    (reply(CALL, b"x", headers=((b"a", b"1"), (b"b", b"2"))), reply(CALL, b"x", headers=((b"b", b"2"), (b"a", b"1")))),
    (reply(BEYOND, b"no", 404), reply(BEYOND, b"No such page", 404, headers=())), (Broken("hang", "5 s"), Broken("hang", "5.1 s")),
])
def test_what_only_the_server_decides_is_no_difference(one, two):
    assert differ(one, two) == 0


@pytest.mark.parametrize(("one", "two"), [
    (reply(CALL, b'{"a":1}'), reply(CALL, b'{"a":2}')), (reply(CALL, b"{}"), reply(CALL, b"{}", 201)),
    (reply(CALL, b"{}"), reply(CALL, b"{},")), (reply(CALL, b'{"a":1}'), reply(CALL, b'{"a":1,"a":1}')),
    (reply(CALL, b"x y", headers=()), reply(CALL, b"x  y", headers=())), (reply(CALL, b"{}", headers=(*HEAD, (b"vary", b"x"))), reply(CALL, b"{}")),
    (reply(BEYOND, b"no", 404), reply(BEYOND, b"no", 400)), (reply(WHOLE, b"no", 404), reply(WHOLE, b"No", 404)),
    (reply(BUNDLE, b'{"a":1}'), reply(BUNDLE, b'{"a": 1}')), (reply(CALL, b"{}"), Broken("hang", "")), (Broken("closed", ""), Broken("hang", "")),
])
def test_all_else_is_a_difference(one, two):
    assert differ(one, two) == 1


def test_a_script_that_covers_too_little_is_told_so():
    empty = covered.coverage(Script(RUN))
    said = "\n".join(empty.complaints(["ir"]))
    assert "row ir: 0 distinct requests, wanted 25" in said
    assert "0 distinct requests, wanted 300" in said
    assert "no reply has the code 'malformed'" in said
    assert "no accepted request holds a value of type 'decimal'" in said


def test_equal_requests_are_one():
    heard = [Heard("dispatch", None, CALL, (reply(CALL, b"{}", 404),)), Heard("context", None, CALL, (reply(CALL, b"{}", 404),))]
    assert covered.coverage(Script(RUN, heard)).requests == {"dispatch": 1}


def test_an_answer_that_comes_often_is_told_once():
    heard = [Heard("dispatch", None, CALL, (reply(CALL, b"1"), reply(CALL, b"2")))] * 3
    (said,) = differential.told_all(Script(RUN, heard), ["one", "two"])
    assert said.endswith("and so 2 times more")


def test_a_difference_late_in_a_long_reply_is_shown():
    long = b"x" * 50_000
    said = differential.told(Script(RUN), Heard("ir", None, CALL, (reply(CALL, long + b"y"), reply(CALL, long + b"z"))), ["one", "two"], 1)
    assert "xy' (characters" in said
    assert "xz' (characters" in said
    assert len(said) < 2000


def test_one_column_alone_is_compared_with_nothing():
    with pytest.raises(OurFault, match="two columns"):
        differential.compared(SEED, print, ["fastapi"])


@pytest.fixture(scope="module")
def live():
    """The columns, each started once with the values of one run, and that run."""
    with differential.columns(SEED, print) as (judging, run):
        yield list(judging.columns.values()), run


def test_the_live_columns_answer_alike(live):
    columns, run = live
    script = differential.spoken(run, [column.connect for column in columns], columns[0].refused)
    coverage = covered.coverage(script)
    names = [column.adapter.id for column in columns]
    print("\n" + coverage.spoken())
    assert script.ended == []
    assert coverage.complaints(plan.rows()) == []
    assert differential.told_all(script, names) == []


@pytest.mark.parametrize(("change", "row"), [(spaced, "discovery"), (spaced, "ir"), (flipped, "ir"), (flipped, "invalidate-body")])
def test_a_fault_between_is_seen_and_shown(live, change, row):
    columns, run = live
    served = columns[-1].starts["main"]
    with Proxy(served.address, each(lambda one: one if one.request.target.endswith("/ctx/probe/") else change(one))) as proxy:
        script = differential.spoken(run, [columns[0].connect, lambda start: Http(*proxy.address) if start == "main" else columns[-1].connect(start)],
                                     columns[0].refused, [row])
        changed = proxy.changed
    found = list(differential.differences(script))
    free = [one for one in script.heard if change is spaced and not (one.said[0].status == 200 and one.request.method == "GET")]
    assert 0 < changed - len(free) <= len(found)
    said = differential.told(script, found[0][0], ["first", "last"], 1)
    assert all(word in said for word in ("first: '", "last: '", "replay: python -m afi serve first", "curl -sSi"))
