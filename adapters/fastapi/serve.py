"""Serves the sample application on 127.0.0.1:PORT. Source: spec/sample.md, Environment."""
import gc
import os

import database
import uvicorn
from sample import app

if __name__ == "__main__":
    database.create()
    gc.freeze()                     # what has been declared is never garbage, so that no collection walks through it while calls wait
    # No X-Forwarded-* is believed: nothing of ours stands in front. Open connections are not waited for at the end.
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False, proxy_headers=False,
                server_header=False, timeout_graceful_shutdown=1)
