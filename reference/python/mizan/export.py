"""
What an application declares, handed out: the IR over HTTP, and IR or declarations on standard output.

    python -m mizan ir shop              # imports the module `shop`, which declares, and prints the IR
    python -m mizan declarations shop    # the same as JSON

Source: the spec's page on the IR, Where it is found. Errors: BadDeclaration, for what would not register.
"""
import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from mizan import canonical, declarations, ir
from mizan.answer import Answer
from mizan.bundle import conditional, etag
from mizan.registry import get_registry
from mizan.seal import Sealed

IR_TYPE = "text/plain; charset=utf-8"
CACHE_CONTROL = "public, no-cache"


def answer(sealed: Sealed, if_none_match: Sequence[str] = ()) -> Answer:
    """Answers GET `ir/`: the IR's bytes with a validator."""
    body = ir.text(sealed)
    headers = (("Content-Type", IR_TYPE), ("ETag", etag(body)), ("Cache-Control", CACHE_CONTROL))
    return conditional(Answer(200, headers, body), if_none_match)


def declared_json(sealed: Sealed) -> bytes:
    """Returns: the declarations as canonical JSON and a line end."""
    return canonical.write(declarations.to_json(sealed)) + b"\n"


FORMS: Mapping[str, Callable[[Sealed], bytes]] = {"ir": ir.text, "declarations": declared_json}


def printed(form: str, module: str) -> None:
    """Imports a module that declares, seals what it declared, and prints it. Raises: ImportError, BadDeclaration."""
    sys.path.insert(0, os.getcwd())
    importlib.import_module(module)
    sys.stdout.buffer.write(FORMS[form](get_registry().seal()))
