"""NumPy's functions on a GPU, where there is one: CuPy, which the extra `gpu` installs."""

import importlib
import importlib.util
import logging
from typing import Any

log = logging.getLogger(__name__)
LIBRARY = "cupy"


def arrays() -> Any | None:
    """Return CuPy if it is installed and finds a GPU, else None; what is wrong is logged."""
    if importlib.util.find_spec(LIBRARY) is None:
        return None
    try:
        found = importlib.import_module(LIBRARY)
        count = found.cuda.runtime.getDeviceCount()
    except (ImportError, RuntimeError) as error:
        log.warning("no GPU for maps, the processor draws them: %s", error)
        return None
    return found if count else None
