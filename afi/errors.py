"""
AfiError
|- OurFault   a file of ours is wrong, or the wrong process answers: stop the run, blame no adapter
|  `- BadDescriptor, BadManifest, BadPin, BadSpec, BadFault, BadTemplate, NothingSelected, WrongPeer, StaleProcess
|- NoAnswer   nothing to judge: the cell is `?`, the run goes on; `reason` is a word such as never-ready, exited, no-program, port, ready-lie
`- Broken     the adapter's bytes or its conduct are wrong: the check in flight fails; `reason` is a word such as hang, truncated, json, crashed
"""


class AfiError(Exception):
    """Any error of the kit."""


class OurFault(AfiError):
    """A file of ours is wrong, or we are talking to the wrong process: nobody's verdict."""


class BadDescriptor(OurFault):
    """An adapter.yaml that cannot be used."""


class BadManifest(OurFault):
    """manifest.py contradicts itself or the files beside it."""


class BadPin(OurFault):
    """A pin file that proves nothing, or that cannot be read."""


class BadSpec(OurFault):
    """A spec page whose clauses cannot be read."""


class BadFault(OurFault):
    """A fault that has no effect, or whose target is gone."""


class BadTemplate(OurFault):
    """A template of the exporter in which a hole is missing."""


class NothingSelected(OurFault):
    """A run without a single check."""


class WrongPeer(OurFault):
    """The socket that answers is not that of the process we started."""


class StaleProcess(OurFault):
    """A process of an earlier run is still alive."""


class NoAnswer(AfiError):
    """There is nothing to judge."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.reason, self.detail)


class Broken(AfiError):
    """The adapter's bytes or its conduct are wrong."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.reason, self.detail)
