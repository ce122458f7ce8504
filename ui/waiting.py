"""Waits for what a library still has to do in the background."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from common import errors
from ui.answers import Status

POLL_S = 1.0


class StatusGateway(Protocol):
    """What waiting needs of `ui.client.Client`."""

    def status(self) -> Status: ...


@dataclass(frozen=True, slots=True)
class Remaining:
    """The status now, and the most photo stages that were seen to be open."""

    status: Status
    most: int


def wait_for_stages(
    gateway: StatusGateway, *, patience_s: float, poll_s: float = POLL_S
) -> Iterator[Remaining]:
    """Yield how far the background stages are, until none is left or nothing moved for a while.

    A gateway or index that is away for less than `patience_s` seconds is waited for; after that
    Unavailable is raised.
    """
    most, last, revision, moved_at = 0, -1, 0, time.monotonic()
    while True:
        patient = time.monotonic() - moved_at < patience_s
        status = _counted(gateway, revision, patient=patient)
        if status is not None:
            most, revision = max(most, status.remaining), status.revision
            yield Remaining(status, most)
            if not status.remaining or not (patient or status.remaining != last):
                return
            if status.remaining != last:
                last, moved_at = status.remaining, time.monotonic()
        time.sleep(poll_s)


def _counted(gateway: StatusGateway, revision: int, *, patient: bool) -> Status | None:
    """Return a status whose counts are true, None where there is none yet.

    Revisions never fall: a status of an earlier one was made without hearing the index.
    """
    try:
        status = gateway.status()
        if status.counted and status.revision >= revision:
            return status
        raise errors.Unavailable("the index does not answer, so nobody knows what is to be done")
    except (errors.Unavailable, errors.Cancelled, errors.TooSlow):
        if not patient:
            raise
        return None
