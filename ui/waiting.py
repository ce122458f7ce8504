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


def wait_for_stages(gateway: StatusGateway, *, patience_s: float) -> Iterator[Remaining]:
    """Yield how far the background stages are, until none is left or nothing moved for a while.

    A gateway that is away for less than `patience_s` seconds is waited for; after that its
    Unavailable is raised.
    """
    most, last, moved_at = 0, -1, time.monotonic()
    while True:
        patient = time.monotonic() - moved_at < patience_s
        try:
            status = gateway.status()
        except (errors.Unavailable, errors.Cancelled, errors.TooSlow):
            if not patient:
                raise
        else:
            most = max(most, status.remaining)
            yield Remaining(status, most)
            if not status.remaining or not (patient or status.remaining != last):
                return
            if status.remaining != last:
                last, moved_at = status.remaining, time.monotonic()
        time.sleep(POLL_S)
