"""What is wrong about the list in a reply's body. Source: spec/invalidate-body.md. Replacements take the original first."""
from typing import Any

from afi.faults import Fault

LEFT: list[dict[str, Any]] = []          # what the last call added at run time, for the fault that hands it on


def every_context(original: Any, scopes: Any, args: Any, result: Any) -> Any:
    found = original(scopes, args, result)
    return [*found, {"context": "team"}, {"context": "user"}] if found else found


def first_context(original: Any, scopes: Any, args: Any, result: Any) -> Any:
    return original(scopes, args, result)[:1]


def something_for_nothing(reply: Any) -> Any:
    if reply.status != 200 or (b'"fn":"log_visit"' not in reply.request.body and b'"fn":"fn_' not in reply.request.body):
        return reply
    return reply.with_json(lambda body: {**body, "invalidate": [{"context": "user"}]} if body.get("invalidate") == [] else body)


def no_list_for_nothing(reply: Any) -> Any:
    if reply.status != 200 or b"log_visit" not in reply.request.body:
        return reply
    return reply.with_json(lambda body: {name: value for name, value in body.items() if name != "invalidate" or value})


def read_invalidates(reply: Any) -> Any:
    if reply.status != 200 or b'"fn":"user_profile"' not in reply.request.body:
        return reply
    return reply.with_json(lambda body: {**body, "invalidate": [{"context": "user"}]})


def with_a_third_member(original: Any, context: Any, params: Any) -> Any:
    return {**original(context, params), "reason": "changed"}


def with_empty_params(original: Any, context: Any, params: Any) -> Any:
    return {"context": context, "params": dict(params)}


def handed_on(original: Any, site: Any, function: Any, wire: Any, ran: Any) -> Any:
    from mizan import scoping
    found = scoping.normalise([*original(site, function, wire, ran), *LEFT])
    LEFT[:] = ran.entries
    return found


def narrower_kept(original: Any, known: Any) -> Any:
    return known


def equal_kept(original: Any, entries: Any) -> Any:
    from mizan import scoping
    return {(*scoping.sort_key(one), number): one for number, one in enumerate(entries)}


def turned_round(original: Any, known: Any) -> Any:
    return dict(reversed(original(known).items()))


def shorter_first(original: Any, known: Any) -> Any:
    return dict(sorted(known.items(), key=lambda item: (item[1]["context"], len(str(item[1].get("params"))), str(item[1].get("params")))))


def said_on(status: int) -> Any:
    """A wire change: replies of one status have the list all the same."""
    return lambda reply: reply.with_json(lambda body: {**body, "invalidate": [{"context": "user"}]}) if reply.status == status else reply


def broken(name: str, clause: int, kills: dict[str, str], **how: Any) -> Fault:
    """One fault of this page; clause and checks are said without the page's name."""
    named = {f"invalidate-body/{check}": member for check, member in kills.items()}
    return Fault(name, breaks=f"invalidate-body-{clause}", kills=named, **how)


FAULTS = (
    broken("affects-ignored", 1, {"lists.one-context": "invalidate", "lists.two-contexts": "invalidate"},
           patch=("mizan.scoping.entries_for", lambda original, scopes, args, result: [])),
    broken("first-context-alone", 1, {"lists.two-contexts": "invalidate"}, patch=("mizan.scoping.entries_for", first_context)),
    broken("every-context-named", 2, {"lists.team-alone": "invalidate", "lists.user-alone": "invalidate"},
           patch=("mizan.scoping.entries_for", every_context)),
    broken("something-for-nothing", 3, {"lists.no-affects": "invalidate"}, wire=something_for_nothing),
    broken("no-list-for-nothing", 3, {"lists.no-affects": "invalidate"}, wire=no_list_for_nothing),
    broken("read-invalidates", 4, {"lists.read": "invalidate"}, wire=read_invalidates),
    broken("entry-with-a-third-member", 5, {"lists.members": "invalidate"}, patch=("mizan.scoping.entry", with_a_third_member)),
    broken("entry-with-empty-params", 6, {"lists.bare": "invalidate"}, patch=("mizan.scoping.entry", with_empty_params)),
    broken("run-time-entries-lost", 7, {"old-team-is-listed": "1"},
           patch=("mizan.invalidation.Collector.add", lambda original, self, context, params: None)),
    broken("run-time-entries-handed-on", 8, {"nothing-left-of-the-last-call": "2"}, patch=("mizan.dispatch.stale", handed_on)),
    broken("narrower-entries-kept", 9, {"lists.swallowed": "invalidate"}, patch=("mizan.scoping.uncovered", narrower_kept)),
    broken("equal-entries-kept", 10, {"same-team-stands-once": "1"}, patch=("mizan.scoping.keyed", equal_kept)),
    broken("contexts-turned-round", 11, {"lists.sorted": "invalidate"},
           patch=("mizan.scoping.order", turned_round)),
    broken("sorted-as-numbers", 12, {"order-is-that-of-the-text": "1"}, patch=("mizan.scoping.order", shorter_first)),
    broken("refusal-lists", 13, {"silent.wrong-type": "invalidate", "silent.missing-argument": "invalidate"}, wire=said_on(422)),
    broken("failure-lists", 14, {"silent.raises": "invalidate"}, wire=said_on(500)),
    broken("not-found-lists", 15, {"silent.not-found": "invalidate"}, wire=said_on(404)),
)
