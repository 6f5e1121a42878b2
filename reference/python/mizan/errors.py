"""
What a caller may be told, and what only the log may hold.

Source: the ground rules of the spec on errors; RFC 9457 (problem documents), RFC 6901 (pointers).

    Problem            a refusal that travels: one code of the closed set, or a declared application error
    ApplicationError   users subclass it and declare it with `errors=`
    BadDeclaration     what an application declares cannot be; raised while it is declared or sealed, before anything listens
    WrongOutput        a function returned what it did not declare; a caller sees `internal`
    Misuse             a function used this library wrongly while it ran; a caller sees `internal`
"""
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

STATUS: Mapping[str, int] = {
    "malformed": 400, "validation": 422, "unauthenticated": 401, "forbidden": 403, "csrf": 403, "unknown_function": 404,
    "unknown_context": 404, "unknown_form": 404, "unknown_page": 404, "not_found": 404, "method_not_allowed": 405, "conflict": 409,
    "payload_too_large": 413, "unsupported_media_type": 415, "rate_limited": 429, "internal": 500, "unimplemented": 501,
    "unavailable": 503, "deadline_exceeded": 504, "cancelled": 499,
}
TITLE: Mapping[str, str] = {
    "malformed": "Malformed request", "validation": "Validation failed", "unauthenticated": "Authentication required",
    "forbidden": "Forbidden", "csrf": "CSRF check failed", "unknown_function": "Unknown function", "unknown_context": "Unknown context",
    "unknown_form": "Unknown form", "unknown_page": "Unknown page", "not_found": "Not found", "method_not_allowed": "Method not allowed",
    "conflict": "Conflict", "payload_too_large": "Payload too large", "unsupported_media_type": "Unsupported media type",
    "rate_limited": "Too many requests", "internal": "Internal error", "unimplemented": "Not implemented",
    "unavailable": "Service unavailable", "deadline_exceeded": "Deadline exceeded", "cancelled": "Cancelled",
}
APPLICATION_TITLE = "Application error"
APPLICATION_CODE = re.compile(r"app\.[a-z][a-z0-9_]{0,63}\Z")
OURS_ALONE = (401, 405, 407, 411, 413, 415, 429)      # statuses that HTTP or the protocol has given another meaning
RETRY_STATUSES = frozenset({429, 503})
RETRY_AFTER_S = 1
MISMATCH_LIMIT = 64
MISMATCH_CODES = ("missing", "unknown", "type", "null", "choice", "format", "range", "length", "duplicate", "rule")


class BadDeclaration(ValueError):
    """A declaration that the protocol does not allow; the message names the offender and the next step."""


class BadName(BadDeclaration):
    """A name that is outside the grammar, reserved, or taken by something else."""


class BadType(BadDeclaration):
    """A type that the wire cannot say, or a default that is not of its type."""


class WrongOutput(ValueError):
    """A function returned a value that its declared output type cannot hold."""


class Misuse(RuntimeError):
    """A function called this library in a way that is a programming error."""


@dataclass(frozen=True)
class Mismatch:
    """One place where input differs from its declaration. `pointer` goes into the request document; `message` never holds input."""

    pointer: str
    code: str
    message: str


class ApplicationError(Exception):
    """
    A refusal that an application declares. Users write

        class Taken(ApplicationError):
            code, status = "app.taken", 409

        @client(affects=User, errors=[Taken])
        def choose_name(request, name: str) -> bool:
            raise Taken("that name is taken")

    The text becomes the problem's `detail`. One that the function did not declare is `internal`.
    """

    code: ClassVar[str] = "app.error"
    status: ClassVar[int] = 400

    def __init_subclass__(cls) -> None:
        """Raises: BadDeclaration, where the class says a code or a status that an application error cannot have."""
        super().__init_subclass__()
        check_application_error(cls)

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail


class Problem(Exception):
    """
    A refusal that a caller may see.

    Args:
        code: one of STATUS. A function's body may raise `Problem("not_found")`, `Problem("conflict")` and the like.
        mismatches: for `validation`; sorted and cut when the document is written.
        headers: fields for the reply, for example `[("Allow", "POST")]`.
    Raises: ValueError, for a code outside the closed set.
    """

    def __init__(self, code: str, mismatches: Iterable[Mismatch] = (), headers: Iterable[tuple[str, str]] = ()) -> None:
        if code not in STATUS:
            raise ValueError(f"Problem: {code!r} is not a code; wanted one of {', '.join(sorted(STATUS))}; declare your own with errors=")
        super().__init__(code)
        self.code = code
        self.status = STATUS[code]
        self.title = TITLE[code]
        self.detail: str | None = None
        self.mismatches = tuple(mismatches)
        self.headers = tuple(headers)


def check_application_error(error: type[ApplicationError]) -> None:
    """Raises: BadDeclaration, for a code that is not `app.<name>` or a status outside 400-499 or taken."""
    if not APPLICATION_CODE.match(error.code):
        raise BadName(f"{error.__name__}: {error.code!r} is not the code of an application error; wanted app.<name>")
    if not 400 <= error.status <= 499 or error.status in OURS_ALONE:
        raise BadDeclaration(f"{error.__name__}: status {error.status!r} is no application error's; wanted 400-499, not {OURS_ALONE}")


def problem_of(error: BaseException, declared: Sequence[type[ApplicationError]] = ()) -> Problem:
    """
    Says what a caller sees of an exception: itself if it is a Problem, a declared application error, else `internal` without its text.

    Args: `declared`: the application errors of the function that raised.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, ApplicationError) and is_declared(error, declared):
        return application_problem(error)
    return Problem("internal")


def is_declared(error: ApplicationError, declared: Sequence[type[ApplicationError]]) -> bool:
    return isinstance(error, tuple(declared))


def application_problem(error: ApplicationError) -> Problem:
    """Returns: the problem that carries an application error's own code, status and detail."""
    problem = Problem("internal")
    problem.code, problem.status, problem.title, problem.detail = error.code, error.status, APPLICATION_TITLE, error.detail
    return problem


def sorted_mismatches(mismatches: Iterable[Mismatch]) -> list[Mismatch]:
    """Sorts by (pointer, code) as bytes and cuts at 64."""
    unique = dict.fromkeys(mismatches)
    return sorted(unique, key=lambda one: (one.pointer.encode(), one.code.encode(), one.message))[:MISMATCH_LIMIT]


def document(problem: Problem) -> dict[str, Any]:
    """Returns: the problem document as JSON: type, title, status, code, and errors or detail where there are any."""
    body: dict[str, Any] = {"type": f"urn:mizan:{problem.code}", "title": problem.title, "status": problem.status, "code": problem.code}
    if problem.detail is not None:
        body["detail"] = problem.detail
    if problem.mismatches:
        body["errors"] = [
            {"pointer": one.pointer, "code": one.code, "message": one.message} for one in sorted_mismatches(problem.mismatches)
        ]
    return body


def headers_of(problem: Problem) -> list[tuple[str, str]]:
    """Returns: the problem's own fields, and `Retry-After` where its status asks for one and it brings none."""
    has_retry = any(name.lower() == "retry-after" for name, _ in problem.headers)
    retry = [("Retry-After", str(RETRY_AFTER_S))] if problem.status in RETRY_STATUSES and not has_retry else []
    return [*problem.headers, *retry]
