"""Where the gateway is: named, from the environment, from a library that is up, or the default."""

import os
from collections.abc import Mapping
from pathlib import Path

from common import errors
from ui import library

DEFAULT_GATEWAY = "127.0.0.1:50050"
GATEWAY_VARIABLE = "SEMAPIX_GATEWAY"
LIBRARY_VARIABLE = "SEMAPIX_LIBRARY"


def gateway(
    named: str = "", folder: Path | None = None, environ: Mapping[str, str] = os.environ
) -> str:
    """Return the "host:port" to ask: `named`, or that of `folder`, of SEMAPIX_GATEWAY, of the usual
    library if it is up, or the default.

    Raises Unavailable if `folder` was named and is not up.
    """
    if named:
        return _checked(named)
    if folder is not None:
        return _of_library(folder)
    if environ.get(GATEWAY_VARIABLE):
        return _checked(environ[GATEWAY_VARIABLE])
    up = library.read_up_file(Path(environ.get(LIBRARY_VARIABLE, library.DEFAULT_LIBRARY)))
    return up.gateway if up else DEFAULT_GATEWAY


def _of_library(folder: Path) -> str:
    up = library.read_up_file(folder)
    if up is None:
        raise errors.Unavailable(
            f"library {folder} is not up: start it with `semapix up --library {folder}`"
        )
    return up.gateway


def _checked(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise errors.InvalidInput("gateway", f"{address!r} is not host:port, as {DEFAULT_GATEWAY}")
    return address
