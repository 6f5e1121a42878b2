"""
What the harness decides about this start. Source: spec/sample.md, Environment.
"""
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """The variables of one start; see the page for what each does."""

    run: str
    function: str
    slot: str
    context: str
    seed_row: str
    state: Path
    variant: str

    @property
    def is_reordered(self) -> bool:
        return self.variant == "reordered"


def read() -> Environment:
    """Raises: KeyError, naming the variable that is missing."""
    return Environment(
        run=os.environ["AFI_RUN"], function=os.environ["AFI_FUNCTION"], slot=os.environ["AFI_SLOT"], context=os.environ["AFI_CONTEXT"],
        seed_row=os.environ["AFI_SEED_ROW"], state=Path(os.environ["AFI_STATE"]),
        variant=os.environ.get("AFI_VARIANT", "plain"),
    )


ENVIRONMENT = read()


def digest(text: str) -> str:
    """Returns: the hex SHA-256 of a text and this start's secret."""
    return hashlib.sha256((text + ENVIRONMENT.seed_row).encode()).hexdigest()
