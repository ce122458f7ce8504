"""Work in a copy of this process, for what would hold Python's lock for long.

A copy has one thread. What other threads held when it was made is held for ever in it, so `work`
may do nothing but compute and write. Threads of BLAS must not be at work here (`sketches`).
"""

import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import NoReturn

log = logging.getLogger(__name__)
MOST_S = 600.0
_LOOK_S = 0.02
_FIRST_OWN_FD, _FD_END = 3, 2**16
_STDERR = 2


def run(work: Callable[[], object]) -> bool:
    """Run `work` on memory as it is now; return whether it ended without an error and in time.

    What it changes in memory is lost. Nothing is open in the copy but the standard streams: were
    this process killed, the copy would else keep its port and its library from the next one. Where
    no copy can be made `work` runs here.
    """
    if sys.platform != "linux":  # elsewhere a copy of a process with threads may not live
        return _here(work)
    try:
        child = os.fork()
    except OSError as error:
        log.info("no copy of the process can be made, so all wait: %s", error)
        return _here(work)
    if not child:
        _there(work)
    return _waited_for(child)


def _here(work: Callable[[], object]) -> bool:
    try:
        work()
    except (OSError, RuntimeError) as error:
        log.warning("%s", error)
        return False
    return True


def _there(work: Callable[[], object]) -> NoReturn:
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
        if status:
            os.write(_STDERR, traceback.format_exc().encode())
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
