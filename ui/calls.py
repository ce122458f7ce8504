"""Calls that fail on the way are told from calls that a service refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from grpc_status import rpc_status

from common import errors, statuses


@contextmanager
def answered(address: str) -> Iterator[None]:
    """Raise the `SemapixError` that the gateway meant, or one that says that it does not answer."""
    try:
        yield
    except grpc.RpcError as error:
        raise _meant(error, address) from error


def _meant(error: Any, address: str) -> errors.SemapixError:
    code = error.code()
    if rpc_status.from_call(error) is not None:
        return statuses.from_grpc(error)
    if code is grpc.StatusCode.UNAVAILABLE:
        return errors.Unavailable(
            f"no gateway answers at {address}: start one with `semapix up`, "
            "or name another with --gateway"
        )
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.TooSlow(f"the gateway at {address} gave no answer in time: try again")
    return statuses.from_grpc(error)
