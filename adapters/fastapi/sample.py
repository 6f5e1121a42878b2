"""
The sample application of spec/sample.md on FastAPI: everything declared, mounted on an application of its own.
"""
import importlib
from typing import Any

import mizan
import mizan.fastapi
from counting import BEGUN, FINISHED
from database import TABLES
from environment import ENVIRONMENT
from fastapi import FastAPI

DECLARED = ("plain", "reads", "mutations", "merging", "uploads", "probing", "discovered", "mistaken")
for _module in sorted(DECLARED) if ENVIRONMENT.is_reordered else DECLARED:        # importing a module declares its functions
    importlib.import_module(_module)


class Census:
    """An extension of the registry: this run and which tables there are, under its own key of the schema; clearing it forgets the counters."""

    def schema(self) -> dict[str, Any]:
        return {"run": ENVIRONMENT.run, "tables": sorted(TABLES.tables)}

    def clear(self) -> None:
        BEGUN.clear()
        FINISHED.clear()


mizan.register_extension("census", Census())
app = FastAPI(title="AFI sample", openapi_url=None, telemetry={"tracing": False, "metrics": False, "logs": False})      # nobody collects any
mizan.fastapi.mount(app, prefix="/api/mizan")
