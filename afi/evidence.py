"""
What was sent and received, check by check, on disk; and a red check in words.

Source: spec/harness.md, Evidence. Writes under out/ only.
"""
import json
import re
import shlex
import urllib.parse
from pathlib import Path
from typing import Any

from afi import plan
from afi.model import Adapter, Outcome, Verdict
from afi.transport import Exchange, curl

OUT = plan.ROOT / "out"
REPLAY_PORT = 8000          # of the lines to paste; any free one does
SECRET = re.compile(rb"(?im)^((?:authorization|cookie|set-cookie|x-csrftoken|x-mizan-token)[ \t]*:[ \t]*)[^\r\n]+")


def write(verdict: Verdict) -> Path:
    """Writes out/evidence/<capability>-<adapter>.json. Returns: its path."""
    path = OUT / "evidence" / f"{verdict.cell.id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    checks = [{"id": o.id, "clause": o.clause, "text": plan.text_of(o.clause), "level": o.level, "outcome": o.word, "reason": list(o.reason),
               "exchanges": [_shown(one) for one in o.exchanges]} for o in verdict.outcomes]
    document = {"cell": verdict.cell.id, "mark": verdict.mark.value, "reason": verdict.reason, "checks": checks}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _shown(exchange: Exchange) -> dict[str, Any]:
    """Both byte streams as they were, but for what could be a credential; bytes that are no text as \\xNN."""
    return {"at_s": round(exchange.at_s, 4), "took_s": round(exchange.elapsed_s, 4), "sent": _text(exchange.sent), "received": _text(exchange.received),
            **({"ended": str(exchange.broken)} if exchange.broken else {}),
            **({"cut_bytes": exchange.cut_bytes, "sha256": exchange.sha256} if exchange.cut_bytes else {})}


def _text(raw: bytes) -> str:
    return SECRET.sub(rb"\1(masked)", raw).decode("utf-8", "backslashreplace")


def complaint(verdict: Verdict, outcome: Outcome, seed: int) -> str:
    """A red check for a reader who never saw the kit: clause, wanted and got, two lines to paste that show it again."""
    lines = [f"{verdict.cell.id}  {outcome.id} ({outcome.clause}, {outcome.level}): {plan.text_of(outcome.clause)}"]
    lines += [f"    {line}" for line in outcome.reason]
    return "\n".join([*lines, *_replay(verdict.cell.adapter, outcome, seed)])


def _replay(adapter: Adapter, outcome: Outcome, seed: int) -> list[str]:
    if not outcome.exchanges:
        return []
    named = next((one for one in outcome.exchanges if one.label), outcome.exchanges[0])          # not the reading of a counter
    if adapter.url:
        parts = urllib.parse.urlsplit(adapter.url)
        return [f"    replay: {curl(named.request, (parts.hostname or '', parts.port or 80))}"]
    kept = shlex.quote(adapter.descriptor) if adapter.descriptor and Path(adapter.descriptor).is_absolute() else adapter.id
    return [f"    replay: python -m afi serve {kept} --seed {seed} --port {REPLAY_PORT}", f"            {curl(named.request, ('127.0.0.1', REPLAY_PORT))}"]
