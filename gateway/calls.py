"""How the gateway calls a service: with a deadline, the request id, and errors that name it."""

import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from common import clients, errors, statuses
from common.interceptors import REQUEST_ID_KEY, request_id

T = TypeVar("T")
_due: ContextVar[float | None] = ContextVar("due", default=None)


def adopt_deadline(context: Any) -> None:
    """Let no call made from here on outlast the caller of the rpc that `context` belongs to."""
    remaining = context.time_remaining()
    _due.set(None if remaining is None else time.monotonic() + remaining)


def timeout(most_s: float) -> float:
    """Return `most_s`, or what the caller leaves if that is less."""
    due = _due.get()
    return most_s if due is None else max(0.0, min(most_s, due - time.monotonic()))


def metadata() -> tuple[tuple[str, str], ...]:
    """Return the metadata that carries the request id on."""
    return ((REQUEST_ID_KEY, request_id.get()),)


class Service:
    """One service behind the gateway, by its name for a person and its address."""

    def __init__(self, name: str, address: str) -> None:
        self.name, self.address = name, address
        self.channel = clients.channel(address)
        self._health = health_pb2_grpc.HealthStub(self.channel)

    async def ask(self, method: Callable[..., Awaitable[T]], request: Any, *, most_s: float) -> T:
        """Return the answer. Raises `SemapixError` that names the service if it does not answer."""
        limit = timeout(most_s)
        try:
            return await method(request, timeout=limit, metadata=metadata())
        except grpc.RpcError as error:
            raise self.named(error) from error

    async def close(self) -> None:
        """End the connection; calls that still run are cancelled."""
        await self.channel.close(None)

    async def ailing(self, *, most_s: float) -> str:
        """Return why the service is not serving, "" when it is."""
        request = health_pb2.HealthCheckRequest()
        try:
            answer = await self.ask(self._health.Check, request, most_s=most_s)
        except errors.TooSlow:  # the attempts to reach it outlasted the deadline
            return f"the {self.name} does not answer at {self.address}"
        except errors.SemapixError as error:
            return str(error)
        serving = answer.status == health_pb2.HealthCheckResponse.SERVING
        return "" if serving else f"the {self.name} at {self.address} is not ready yet"

    def named(self, error: Any) -> errors.SemapixError:
        """Return what an RpcError means, the service named where it is not there or too slow."""
        meaning = statuses.from_grpc(error)
        if meant(error):
            is_away = isinstance(meaning, errors.Unavailable)
            return errors.Unavailable(str(meaning), tried=True) if is_away else meaning
        if isinstance(meaning, errors.TooSlow):
            return errors.TooSlow(f"the {self.name} at {self.address} did not answer in time")
        if isinstance(meaning, errors.Unavailable | errors.Cancelled):
            return errors.Unavailable(
                f"the {self.name} does not answer at {self.address}", tried=True
            )
        return errors.SemapixError(f"the {self.name} failed: {meaning}")


def meant(error: Any) -> bool:
    """Return whether the service itself raised the error, rather than gRPC on the way."""
    return rpc_status.from_call(error) is not None
