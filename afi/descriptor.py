"""
adapter.yaml -> Descriptor: all that the harness knows of an adapter.

Source: spec/schemas/descriptor.schema.json. Raises: BadDescriptor, with file, place, wanted, got.
"""
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afi import yamlfile
from afi.errors import BadDescriptor

LIMIT_BYTES = 64 << 10
WITHIN_S = 10.0

Arguments = tuple[str, ...]


@dataclass(frozen=True)
class Descriptor:
    """One adapter. Argument lists run in `folder`; a program that was named by a relative path is absolute here."""

    id: str
    title: str
    language: str
    speaks: tuple[str, ...]
    serve: Arguments
    path: Path
    needs: tuple[str, ...] = ()
    prepare: tuple[Arguments, ...] = ()
    oracle: Arguments | None = None
    within_s: float = WITHIN_S
    emit_ir: Arguments | None = None

    @property
    def folder(self) -> Path:
        return self.path.parent


def load(path: Path) -> Descriptor:
    """Reads one adapter.yaml, wherever it is kept. Raises: BadDescriptor."""
    path = Path(os.path.abspath(path))
    if path.is_file() and (size := path.stat().st_size) > LIMIT_BYTES:
        raise BadDescriptor(f"{path}: {size} bytes; wanted at most {LIMIT_BYTES}: keep programs and data in files of their own")
    document = yamlfile.load(path, "descriptor.schema.json", BadDescriptor)
    needs = tuple(document.get("needs", ()))

    def arguments(place: str, given: list[str]) -> Arguments:
        return (_program(path, place, given[0], needs), *given[1:])

    members: dict[str, Any] = {name: document[name] for name in ("id", "title", "language")}
    return Descriptor(
        **members, path=path, needs=needs, speaks=tuple(document["speaks"]),
        serve=arguments("serve", document["serve"]),
        prepare=tuple(arguments(f"prepare[{i}]", given) for i, given in enumerate(document.get("prepare", ()))),
        oracle=arguments("oracle", document["oracle"]) if "oracle" in document else None,
        emit_ir=arguments("emit_ir", document["emit_ir"]) if "emit_ir" in document else None,
        within_s=float(document.get("ready", {}).get("within_s", WITHIN_S)),
    )


def _program(path: Path, place: str, program: str, needs: tuple[str, ...]) -> str:
    """
    Returns: the program by an absolute path, or by the bare name that PATH and `needs` must know.

    Links are left alone: a virtual environment's `python` is a link, and finds its packages by where it lies.
    """
    if "/" in program:
        return str(path.parent / program)
    if program in needs:
        return program
    local = (path.parent / program).exists()
    step = f"write './{program}' for the file beside it" if local else f"add it to `needs`{yamlfile.near(program, needs)}"
    raise BadDescriptor(f"{path}: at $.{place}[0]: {program!r} is a bare name, for PATH to decide; wanted one of {list(needs)}: {step}")
