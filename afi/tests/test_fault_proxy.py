"""The proxy changes what it is told to and nothing else; every fault on the wire is noticed by the same checks before each live column."""
import contextlib
import dataclasses

import pytest

from afi.errors import Broken
from afi.faults import stacks, wired
from afi.faults.proxy import Proxy, message, request_of
from afi.faults.stacks import Sighted
from afi.faults.wired import Wired, each
from afi.messages import PLAIN, Reply, Request
from afi.messages import message as written
from afi.tests.scripted import says, says_and_closes, serving
from afi.transport import Http

ASKED = Request("GET", "/api/mizan/ctx/user/?user_id=1")
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-One: 1\r\n"
PLAINLY = OK + b"Content-Length: 7\r\n\r\n" + b'{"a":1}'


def passed(raw, change=lambda reply: reply, request=ASKED):
    """Returns: what comes of a scripted reply through a proxy, and the proxy."""
    script = says_and_closes if b"Connection: close" in raw else says
    with serving(script(raw)) as server, Proxy(server.address, each(change)) as proxy, contextlib.closing(Http(*proxy.address, exchange_s=1.0)) as http:
        return http.exchange(request), proxy


@pytest.mark.parametrize(("raw", "request_", "body"), [
    (PLAINLY, ASKED, b'{"a":1}'),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n", ASKED, b'{"a":1}'),
    (OK + b"Content-Length: 7\r\n\r\n", Request("HEAD", "/x"), b""),
    (b"HTTP/1.1 204 No Content\r\n\r\n", ASKED, b""),
    (b"HTTP/1.1 100 Continue\r\n\r\n" + PLAINLY, ASKED, b'{"a":1}'),
    (OK + b"Connection: close\r\n\r\n{\"a\":1}", ASKED, b'{"a":1}'),
], ids=["length", "chunks", "head", "no content", "interim", "until the end"])
def test_what_is_not_changed_goes_on_byte_for_byte(raw, request_, body):
    reply, proxy = passed(raw, lambda reply: reply, request_)
    assert (reply.raw, reply.body, proxy.changed) == (raw, body, 0)


def test_what_is_changed_has_its_own_length_and_keeps_its_fields():
    reply, proxy = passed(PLAINLY, lambda reply: reply.with_body(b"[]").with_status(201))
    assert (reply.status, reply.body, reply.header("X-One"), proxy.changed) == (201, b"[]", "1", 1)
    assert proxy.first == (PLAINLY, message(reply))


def test_bytes_end_the_connection():
    with pytest.raises(Broken, match="truncated"):
        passed(PLAINLY, lambda reply: reply.raw[:-3])


def test_a_change_sees_the_request():
    seen = []
    sent = Request("POST", "/call/?x", (("X-A", "b"),), b'{"fn":"\xc3\xa9"}')
    passed(PLAINLY, lambda reply: seen.append(reply.request) or reply, sent)
    assert (seen[0].method, seen[0].target, seen[0].body) == ("POST", "/call/?x", sent.body)
    assert ("X-A", "b") in seen[0].headers


@pytest.mark.parametrize("sent", [Request("GET", "/a"), Request("POST", "/a", (), b"xy"), Request("POST", "/a", (), chunks=(b"xy", b"z"))])
def test_requests_are_told_apart(sent):
    raw = written(sent, ("127.0.0.1", 1), PLAIN)
    assert request_of(raw + b"GET /next HTTP/1.1\r\n\r\n")[1] == len(raw)


HEADERS = ((b"content-type", b"application/json"), (b"X-Mizan-Invalidate", b"user"))


def reply(body):
    return Reply(200, HEADERS, body, ASKED, b"head" + body)


@pytest.mark.parametrize(("fault", "body", "headers"), [
    ("type-dropped", b'{"id":1}', ((b"X-Mizan-Invalidate", b"user"),)),
    ("field-dropped", b'{"id":1}', ((b"content-type", b"application/json"),)),
    ("type-doubled", b'{"id":1}', ((b"content-type", b"application/json"), *HEADERS)),
    ("field-doubled", b'{"id":1}', (*HEADERS, (b"X-Mizan-Invalidate", b"user"))),
    ("names-re-cased", b'{"id":1}', ((b"CONTENT-TYPE", b"application/json"), (b"x-mizan-invalidate", b"user"))),
    ("byte-flipped", b'{"id#:1}', HEADERS), ("space-added", b'{ "id":1}', HEADERS),
])
def test_each_fault_is_one_wrong_thing(fault, body, headers):
    changed = wired_fault(fault).change()(reply(b'{"id":1}'))
    assert (changed.body, changed.headers, changed.status) == (body, headers, 200)


def test_a_reply_is_cut_in_its_body():
    assert wired_fault("cut").change()(reply(b'{"id":1}')) == b'head{"i'


def wired_fault(name):
    return next(one for one in wired.FAULTS if one.id == name)


def test_faults_that_remember_change_the_second_answer_and_no_other_connection():
    for name, wanted in (("answer-replayed", b'{"id":1}'), ("ids-swapped", b'{"id":1,"x":2}')):
        change, other = wired_fault(name).change(), wired_fault(name).change()
        assert change(reply(b'{"id":1}')).body == b'{"id":1}'
        assert change(reply(b'{"id":2,"x":2}')).body == wanted
        assert other(reply(b'{"id":3}')).body == b'{"id":3}'


# --- the live columns

HARMFUL, HARMLESS = Wired("bad", each(lambda one: one)), Wired("good", each(lambda one: one), harmless="because")


def seen(fault, column, killed, changed=1):
    return Sighted(fault.id, column, killed, changed)


@pytest.mark.parametrize(("fault", "killed", "words"), [
    (HARMFUL, ({"a/b": ("status",)}, {"a/b": ("status",)}), []),
    (HARMLESS, ({}, {}), []),
    (HARMFUL, ({"a/b": ("status",)}, {}), ["before two: kills nothing", "a/b: one"]),
    (HARMFUL, ({"a/b": ("status",)}, {"a/c": ("status",)}), ["a/b", "a/c"]),
    (HARMFUL, ({"a/b": ("status",)}, {"a/b": ("code", "status")}), ["a/b"]),
    (HARMLESS, ({}, {"a/b": ("status",)}), ["is harmless", "a/b"]),
])
def test_what_differs_between_stacks_is_said(fault, killed, words):
    said = stacks.complaints([seen(fault, name, one) for name, one in zip(("one", "two"), killed, strict=True)], [fault])
    assert len(said) == len(words)
    assert all(any(word in line for line in said) for word in words)


def test_a_fault_that_reached_nothing_is_said():
    assert stacks.complaints([seen(HARMFUL, "one", {"a/b": ("status",)}, changed=0)], [HARMFUL]) == ["bad before one: changed no reply"]


def test_every_row_is_judged_in_part():
    parts = {row: stacks.part_of(row) for row in wired.CORE}
    assert all(len(part.checks) >= 3 for part in parts.values())


def test_without_a_fault_nothing_is_noticed_and_with_each_the_same_on_every_stack():
    none = dataclasses.replace(HARMLESS, id="none", change=each(dataclasses.replace), rows=wired.CORE)
    faults = (none, *wired.FAULTS)
    found = stacks.spread(faults)
    stacks.written(found)
    print(f"\n{len(faults)} faults before {len(stacks.columns())} columns: " + ", ".join(f"{one.fault} {len(one.killed)}" for one in found))
    assert stacks.complaints(found, faults) == []
