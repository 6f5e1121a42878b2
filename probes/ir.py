"""
ir: the declarations of the application as one text, the same bytes in every language.

Source: spec/ir.md, pinned in pins/ir.yaml; spec/sample.kdl
Sends:  GET, HEAD and POST ir/, with validators; a start that declares in another order
Wants:  the sample's IR with the names of this run; of drawn declarations the IR that the judge derives
"""
import hashlib
from collections.abc import Iterator

from afi import drawn_declarations, sample_ir
from afi.model import Check
from afi.pins import Pins, exchanges
from afi.wire import Wire

CHECKS = {"order-never-shows": "ir-21"}
STARTS = ("order-never-shows",)        # this story needs the start bare
ASKS = {"drawn-declarations": ("ir-6", "ir_emit", (drawn_declarations.DECLARED, 60), drawn_declarations.question)}


def VALUES(wire: Wire) -> dict[str, str]:                                                  # noqa: N802  (a table, made of the run)
    """Returns: the names that this row's pins use."""
    text = sample_ir.text(wire.run)
    return {"text": text, "etag": '"' + hashlib.sha256(text.encode()).hexdigest()[:32] + '"'}


def probe(wire: Wire, pins: Pins) -> Iterator[Check]:
    values = VALUES(wire)
    yield from exchanges(wire, pins.group("live"), **values)
    yield order_never_shows(wire, values["text"])


def order_never_shows(wire: Wire, text: str) -> Check:
    """The start `bare` declares parameters the other way round, and its text is the same."""
    with wire.started("bare") as other:
        got = [wire.get("ir/").body.decode(), other.get("ir/").body.decode()]
    return Check("order-never-shows", CHECKS["order-never-shows"], wanted=[text, text], got=got)
