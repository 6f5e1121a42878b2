"""dispatch and running: a call's message in, an answer out, without a web framework."""
import asyncio
import json
import subprocess
import sys
import time
from typing import Any

import pytest

from mizan import ReactContext, client, dispatch, running
from mizan.answer import Answer


def called(shop: Any, message: Any) -> Answer:
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    return asyncio.run(dispatch.call(shop.site, None, raw))


def document(answer: Answer) -> Any:
    return json.loads(answer.body)


def fields(answer: Answer) -> dict[str, str]:
    return dict(answer.headers)


def test_a_call_answers_with_the_result_and_what_is_stale_in_body_and_header(shop: Any) -> None:
    answer = called(shop, {"fn": "rename", "args": {"user_id": 5, "name": "Ann"}})
    assert (answer.status, document(answer)) == (200, {"result": "Ann", "invalidate": [{"context": "user", "params": {"user_id": 5}}]})
    assert fields(answer) == {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Mizan-Invalidate": "user;user_id=5"}


def test_a_read_that_is_called_says_nothing(shop: Any) -> None:
    answer = called(shop, {"fn": "name", "args": {"user_id": 5}})
    assert document(answer) == {"result": "u5", "invalidate": []}
    assert "X-Mizan-Invalidate" not in fields(answer)


@pytest.mark.parametrize("raw", [
    b"", b"null", b"[1]", b"{", b'{"fn":"name"}{}', b'{"args":{}}', b'{"fn":1}', b'{"fn":"name","args":[]}', b'{"fn":"name","args":null}',
    b'{"fn":"name","args":{},"id":1}', b'{"fn":"name","fn":"name"}', b'\xef\xbb\xbf{"fn":"name"}', b'{"fn":"name","args":{"user_id":NaN}}',
])
def test_what_is_no_envelope_is_malformed(shop: Any, raw: bytes) -> None:
    answer = called(shop, raw)
    assert (answer.status, document(answer)["code"], shop.begun) == (400, "malformed", [])


def test_names_of_python_are_unknown_functions_byte_for_byte(shop: Any) -> None:
    bodies = {called(shop, {"fn": name}).body for name in ("no_such", "__class__", "__init__", "register", "constructor")}
    assert len(bodies) == 1
    assert json.loads(bodies.pop())["code"] == "unknown_function"


def test_every_wrong_argument_is_told_and_no_body_runs(shop: Any) -> None:
    answer = called(shop, {"fn": "rename", "args": {"user_id": "5", "request": 1}})
    assert [(one["pointer"], one["code"]) for one in document(answer)["errors"]] == [
        ("/args", "unknown"), ("/args/name", "missing"), ("/args/user_id", "type")]
    assert shop.begun == []


def test_a_declared_error_travels_with_its_detail_and_says_nothing_is_stale(shop: Any) -> None:
    answer = called(shop, {"fn": "rename", "args": {"user_id": 5, "name": "taken"}})
    assert document(answer) == {"type": "urn:mizan:app.taken", "title": "Application error", "status": 409, "code": "app.taken",
                                "detail": "that name is taken"}
    assert "X-Mizan-Invalidate" not in fields(answer)


def test_any_other_error_is_internal_and_its_text_stays_in_the_log(shop: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = called(shop, {"fn": "rename", "args": {"user_id": 5, "name": "secret"}})
    assert document(answer) == {"type": "urn:mizan:internal", "title": "Internal error", "status": 500, "code": "internal"}
    assert "rename failed: the password is hunter2" in caplog.text


def test_a_detail_that_no_reply_may_hold_is_internal(shop: Any) -> None:
    assert called(shop, {"fn": "rename", "args": {"user_id": 5, "name": "surrogate"}}).status == 500


def test_run_time_entries_reach_the_reply_from_a_worker_thread_though_the_body_empties_its_arguments(shop: Any) -> None:
    answer = called(shop, {"fn": "rename_more", "args": {"user_id": 1, "others": [2, 1, 3]}})
    assert [one["params"]["user_id"] for one in document(answer)["invalidate"]] == [1, 2, 3]


def test_a_wider_run_time_entry_swallows_the_declared_one(shop: Any) -> None:
    assert document(called(shop, {"fn": "whole", "args": {"user_id": 1}}))["invalidate"] == [{"context": "user"}]


def test_a_result_of_another_type_is_internal_and_says_nothing_is_stale(shop: Any) -> None:
    answer = called(shop, {"fn": "whole", "args": {"user_id": 1, "is_wrong": True}})
    assert (answer.status, "invalidate" in document(answer), "X-Mizan-Invalidate" in fields(answer)) == (500, False, False)


def test_invalidate_in_a_plain_function_is_internal_even_where_the_body_swallows_the_error(shop: Any) -> None:
    assert (called(shop, {"fn": "meddle"}).status, shop.begun) == (500, ["swallowed"])


def test_asynchronous_work_is_cancelled_at_its_deadline(shop: Any) -> None:
    answer = called(shop, {"fn": "wait_async"})
    assert (answer.status, document(answer)["code"], shop.begun) == (504, "deadline_exceeded", ["wait_async ended"])


def test_a_blocking_body_goes_on_past_its_deadline_and_may_still_invalidate(shop: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = called(shop, {"fn": "wait_blocking"})
    assert (answer.status, shop.begun) == (504, [])
    shop.gate.set()
    wait_until(lambda: shop.begun == ["wait_blocking ended"])
    assert "raised after its deadline" not in caplog.text


def wait_until(seen: Any, within_s: float = 5.0) -> None:
    end = time.monotonic() + within_s
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("fn", ["leave", "cancelled"])
def test_a_body_that_ends_the_process_or_its_task_ends_neither(shop: Any, fn: str) -> None:
    assert called(shop, {"fn": fn}).status == 500


def test_giving_a_call_up_gives_its_body_up(shop: Any) -> None:
    async def give_up() -> None:
        work = asyncio.ensure_future(dispatch.call(shop.site, None, b'{"fn":"wait_async"}'))
        await asyncio.sleep(0.05)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await asyncio.sleep(0)

    asyncio.run(give_up())
    assert shop.begun == ["wait_async ended"]


def test_calls_at_once_never_mix_their_entries(shop: Any) -> None:
    async def both() -> list[Answer]:
        site = shop.site
        return await asyncio.gather(*(
            dispatch.call(site, None, json.dumps({"fn": "rename_more", "args": {"user_id": n, "others": [n + 100]}}).encode())
            for n in range(20)
        ))

    for n, answer in enumerate(asyncio.run(both())):
        assert sorted(one["params"]["user_id"] for one in document(answer)["invalidate"]) == [n, n + 100]


def compose(shop: Any) -> None:
    shop.registry.register_compose("both", [shop.registry.get_function(one) for one in ("tags", "name")])


def test_a_composition_answers_as_each_of_its_reads(shop: Any) -> None:
    compose(shop)
    answer = called(shop, {"fn": "both", "args": {"user_id": 5, "extra": ["a"]}})
    assert document(answer) == {"result": {"name": "u5", "tags": ["a", "own"]}, "invalidate": []}
    assert shop.begun == ["name", "tags"]


def test_a_composition_takes_nothing_else(shop: Any) -> None:
    compose(shop)
    refused = document(called(shop, {"fn": "both", "args": {"lang": "en"}}))
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/args", "unknown"), ("/args/user_id", "missing")]


def test_a_part_that_fails_fails_its_composition(shop: Any) -> None:
    shop.registry.register_compose("both", [shop.registry.get_function(one) for one in ("tags_again", "name")])
    assert document(called(shop, {"fn": "both", "args": {"user_id": 0}}))["code"] == "internal"


MERGED = {"context": "card", "params": {"user_id": 5}, "slot": "card_text", "value": "new"}


@pytest.mark.parametrize(("options", "sent", "said", "field"), [
    ({}, {"user_id": 5}, {"invalidate": [], "merge": [MERGED]}, "card;user_id=5"),
    ({}, {"user_id": None}, {"invalidate": [{"context": "card"}]}, "card"),
    ({"affects": ReactContext("card")}, {"user_id": 5}, {"invalidate": [{"context": "card", "params": {"user_id": 5}}]}, "card;user_id=5"),
])
def test_a_merge_is_said_in_body_and_header_unless_it_degrades_or_is_dropped(shop: Any, options, sent, said, field) -> None:
    @client(context=ReactContext("card"), registry=shop.registry)
    def card_text(request, user_id: int) -> str:
        return "old"

    @client(merge=ReactContext("card"), registry=shop.registry, **options)
    def patch(request, user_id: int | None) -> str:
        return "new"

    answer = called(shop, {"fn": "patch", "args": sent})
    assert document(answer) == {"result": "new", **said}
    assert fields(answer)["X-Mizan-Invalidate"] == field


def test_a_deadline_is_the_function_s_own(shop: Any) -> None:
    assert running.deadline_s(shop.registry.get_function("wait_async")) == 1
    assert running.deadline_s(shop.registry.get_function("name")) == 30


def test_the_core_imports_no_web_framework() -> None:
    code = ("import sys, mizan, mizan.web, mizan.bundle, mizan.dispatch, mizan.cors; "
            "print([m for m in ('fastapi', 'starlette', 'django', 'httpx', 'uvicorn') if m in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
