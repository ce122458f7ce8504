"""`python -m ui.child PARENT MODULE ...` becomes `python -m MODULE ...` and dies with PARENT.

Nothing else stops a process whose parent was killed with -9.
"""

import ctypes
import os
import runpy
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
LOOK_S = 0.5


def command(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs `module` as a process that dies with this one."""
    return [sys.executable, "-m", "ui.child", str(os.getpid()), module, *arguments]


def main() -> None:
    """Tie this process to its parent, then be the module."""
    parent, module, arguments = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _exit_if_orphaned(parent)
        os.execv(sys.executable, [sys.executable, "-m", module, *arguments])
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _exit_if_orphaned(parent: int) -> None:
    """The parent may have died before the kernel was told to tell us."""
    if os.getppid() != parent:
        os._exit(1)


def _watch(parent: int) -> None:
    while True:
        _exit_if_orphaned(parent)
        time.sleep(LOOK_S)


if __name__ == "__main__":
    main()
