"""Work in a copy of this process, for what would hold Python's lock for long."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
MOST_S = 600.0
_LOOK_S = 0.02
_FIRST_OWN_FD, _FD_END = 3, 2**16


def run(work: Callable[[], object]) -> bool:
    """Run `work` on memory as it is now; return whether it ended, without an error and in time.

    What it changes in memory is lost. Nothing is open in the copy but the standard streams: were
    this process killed, the copy would else keep its port and its library from the next one.
    """
    if sys.platform != "linux":  # elsewhere a copy of a process with threads may not live
        work()
        return True
    try:
        child = os.fork()
    except OSError as error:
        log.info("no memory for a copy of the process, everybody waits: %s", error)
        work()
        return True
    if not child:
        _ended_with(work)
    return _waited_for(child)


def _ended_with(work: Callable[[], object]) -> None:
    """Run `work` and leave the copy at once, whatever happens: its threads are not there."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.closerange(_FIRST_OWN_FD, _FD_END)
        work()
        status = 0
    finally:
        os._exit(status)


def _waited_for(child: int) -> bool:
    due = time.monotonic() + MOST_S
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        if time.monotonic() > due:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(_LOOK_S)
