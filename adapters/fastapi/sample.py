"""
The sample application of spec/sample.md on FastAPI: everything declared, mounted on an application of its own.
"""
from typing import Any

import mizan
import mizan.fastapi
import merging
import mutations
import plain
import probing
import reads
from counting import BEGUN, FINISHED
from database import TABLES
from fastapi import FastAPI

DECLARED = (plain, reads, mutations, merging, probing)       # importing a module declares its functions


class Census:
    """An extension of the registry: which tables there are, under its own key of the schema; clearing it forgets the counters."""

    def schema(self) -> dict[str, Any]:
        return {"tables": sorted(TABLES.tables)}

    def clear(self) -> None:
        BEGUN.clear()
        FINISHED.clear()


mizan.register_extension("census", Census())
app = FastAPI(title="AFI sample", openapi_url=None)
mizan.fastapi.mount(app, prefix="/api/mizan")
