"""errors: the closed table, problem documents, application errors."""
import re
from pathlib import Path

import pytest

from mizan import errors
from mizan.errors import ApplicationError, Mismatch, Problem


class Taken(ApplicationError):
    code, status = "app.taken", 409


def test_every_code_has_a_status_and_a_title():
    assert errors.STATUS.keys() == errors.TITLE.keys()


def test_codes_statuses_and_titles_are_the_table_of_the_spec():
    page = (Path(__file__).parents[3] / "spec" / "ground.md").read_text(encoding="utf-8")
    said = {code: (int(status), title) for code, status, title in re.findall(r"(?m)^\| `([a-z_]+)` \| ([0-9]{3}) \| (.+) \|$", page)}
    assert said == {code: (status, errors.TITLE[code]) for code, status in errors.STATUS.items()}


def test_a_code_outside_the_table_is_refused():
    with pytest.raises(ValueError, match="'teapot'"):
        Problem("teapot")


def test_a_document_holds_type_title_status_and_code():
    assert errors.document(Problem("not_found")) == {
        "type": "urn:mizan:not_found", "title": "Not found", "status": 404, "code": "not_found"}


def test_errors_are_sorted_by_pointer_then_code_in_bytes_order():
    found = [Mismatch("/b", "type", "m"), Mismatch("/a", "unknown", "m"), Mismatch("/a", "missing", "m"), Mismatch("/B", "type", "m")]
    listed = errors.document(Problem("validation", found))["errors"]
    assert [(one["pointer"], one["code"]) for one in listed] == [("/B", "type"), ("/a", "missing"), ("/a", "unknown"), ("/b", "type")]


def test_errors_are_cut_at_64():
    assert len(errors.document(Problem("validation", [Mismatch(f"/{n}", "type", "m") for n in range(100)]))["errors"]) == 64


def test_a_declared_application_error_keeps_code_status_and_detail():
    assert errors.document(errors.problem_of(Taken("gone"), [Taken])) == {
        "type": "urn:mizan:app.taken", "title": "Application error", "status": 409, "code": "app.taken", "detail": "gone"}


@pytest.mark.parametrize("error", [Taken("secret"), ValueError("secret"), KeyboardInterrupt()])
def test_anything_else_is_internal_without_its_text(error):
    assert errors.document(errors.problem_of(error)) == errors.document(Problem("internal"))


def test_a_problem_that_a_body_raises_is_itself():
    problem = Problem("not_found")
    assert errors.problem_of(problem) is problem


@pytest.mark.parametrize(("code", "headers"),
    [("rate_limited", [("Retry-After", "1")]), ("unavailable", [("Retry-After", "1")]), ("conflict", [])])
def test_429_and_503_say_when_to_come_back(code, headers):
    assert errors.headers_of(Problem(code)) == headers


def test_a_problems_own_retry_after_stands():
    assert errors.headers_of(Problem("rate_limited", headers=[("retry-after", "9")])) == [("retry-after", "9")]
