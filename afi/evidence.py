"""
What was sent and received, check by check, on disk; and a red check in words.

Source: spec/harness.md, Evidence. Writes under out/ only.
"""
import json
import re
from pathlib import Path
from typing import Any

from afi import plan
from afi.model import Outcome, Verdict
from afi.transport import Exchange, curl

OUT = plan.ROOT / "out"
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


def complaint(verdict: Verdict, outcome: Outcome, seed: int, port: int = 8000) -> str:
    """A red check for a reader who never saw the kit: clause, wanted and got, where the bytes are, two lines to paste."""
    lines = [f"{verdict.cell.id}  {outcome.id} ({outcome.clause}, {outcome.level}): {plan.text_of(outcome.clause)}"]
    lines += [f"    {line}" for line in outcome.reason]
    if outcome.exchanges:
        lines.append(f"    replay: python -m afi serve {verdict.cell.adapter.id} --seed {seed} --port {port}")
        lines.append(f"            {curl(outcome.exchanges[0].request, ('127.0.0.1', port))}")
    return "\n".join(lines)
