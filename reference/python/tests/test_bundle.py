"""bundle and request: slots, validators, and what a public read may see."""
import asyncio
import hashlib
import json
from typing import Any

import pytest

from mizan import bundle
from mizan.answer import Answer


def fetched(shop: Any, context: str, query: bytes = b"", *if_none_match: str) -> Answer:
    return asyncio.run(bundle.fetch(shop.site, None, bundle.Wanted(context, query, if_none_match)))


def document(answer: Answer) -> Any:
    return json.loads(answer.body)


def fields(answer: Answer) -> dict[str, str]:
    return dict(answer.headers)


def test_a_bundle_holds_every_slot_in_canonical_json_with_its_tag(shop: Any) -> None:
    answer = fetched(shop, "user", b"user_id=5")
    assert answer.body == b'{"name":"u5","tags":["own"],"tags_again":[]}'
    assert fields(answer) == {"Content-Type": "application/json", "ETag": f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"',
                              "Cache-Control": "public, no-cache"}


def test_no_slot_sees_what_another_did_to_a_shared_parameter(shop: Any) -> None:
    assert document(fetched(shop, "user", b"user_id=5&extra=a")) == {"name": "u5", "tags": ["a", "own"], "tags_again": ["a"]}


def test_one_slot_that_fails_fails_the_bundle_and_the_next_read_runs_again(shop: Any) -> None:
    assert (fetched(shop, "user", b"user_id=0").status, fetched(shop, "user", b"user_id=0").status) == (500, 500)
    assert shop.begun.count("name") == 2


@pytest.mark.parametrize("query", [b"", b"user_id=05", b"user_id=5&user_id=5", b"user_id=5&more=1", b"user_id", b"user_id=%zz"])
def test_a_query_that_is_not_right_runs_nothing(shop: Any, query: bytes) -> None:
    assert (fetched(shop, "user", query).status, shop.begun) == (422, [])


def test_a_context_that_nobody_declared_is_unknown(shop: Any) -> None:
    answers = [fetched(shop, name) for name in ("nothing", "__class__", "name")]
    assert {(answer.status, answer.body) for answer in answers} == {(404, answers[0].body)}
    assert document(answers[0])["code"] == "unknown_context"


def test_a_volatile_bundle_is_never_stored(shop: Any) -> None:
    assert fields(fetched(shop, "fresh"))["Cache-Control"] == "no-store"


def test_a_match_answers_304_with_the_validators_alone(shop: Any) -> None:
    tag = fields(fetched(shop, "user", b"user_id=5"))["ETag"]
    answer = fetched(shop, "user", b"user_id=5", tag)
    assert (answer.status, answer.body, fields(answer)) == (304, b"", {"ETag": tag, "Cache-Control": "public, no-cache"})


def test_a_match_hides_no_failure(shop: Any) -> None:
    assert fetched(shop, "user", b"user_id=0", "*").status == 500


@pytest.mark.parametrize("field", [['"t"'], ['W/"t"'], ['"a", W/"t"'], ['"a"', '"t"'], ["*"], [' "a" ,, "t" '], ['"a,b","t"']])
def test_if_none_match_matches(field: list[str]) -> None:
    assert bundle.matches('"t"', field)


@pytest.mark.parametrize("field", [[], [""], ["t"], ['"T"'], ['"a" "t"'], ['*, "t"'], ['"t'], ['w/"t"'], ['"t" x'], ['"t", '.replace("t", "u")]])
def test_if_none_match_does_not_match(field: list[str]) -> None:
    assert not bundle.matches('"t"', field)


@pytest.mark.parametrize("look", ["user", "session", "cookies", "headers", "native", "scope", "_native", "anything"])
def test_a_public_read_that_looks_at_the_request_fails_and_the_log_names_it_and_the_fix(
    shop: Any, look: str, caplog: pytest.LogCaptureFixture,
) -> None:
    assert fetched(shop, "fresh", f"look={look}".encode()).status == 500
    assert f"now looks at request.{look}, but the context 'fresh' is public" in caplog.text
    assert "take what it needs as a parameter" in caplog.text
