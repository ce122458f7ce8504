"""Builds, runs and drains one gRPC server the same way for every service."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection

from common.interceptors import CallInterceptor

log = logging.getLogger(__name__)
MAX_MESSAGE_BYTES = 80 * 2**20
DRAIN_GRACE_S = 10.0
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
)
Register = Callable[[grpc.aio.Server], None]


class Serving:
    """A running server: its port, and the switch between not ready and ready."""

    def __init__(self, port: int, names: Sequence[str], status: HealthServicer) -> None:
        self.port = port
        self._names, self._status = names, status

    async def set_ready(self) -> None:
        """Answer SERVING from now on, for every service and for the server as a whole."""
        for name in ("", *self._names):
            await self._status.set(name, health_pb2.HealthCheckResponse.SERVING)


@contextlib.asynccontextmanager
async def running(
    register: Register, *, names: Sequence[str], address: str, drain_s: float = DRAIN_GRACE_S
) -> AsyncIterator[Serving]:
    """Listen until the block ends, then drain; health is NOT_SERVING until `set_ready`.

    `names` are full service names such as "semapix.v1.IndexService"; port 0 picks a free one.
    Raises OSError if the address is taken.
    """
    server = grpc.aio.server(interceptors=[CallInterceptor()], options=OPTIONS)
    register(server)
    status = HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(status, server)
    for name in ("", *names):
        await status.set(name, health_pb2.HealthCheckResponse.NOT_SERVING)
    reflection.enable_server_reflection(
        (*names, health.SERVICE_NAME, reflection.SERVICE_NAME), server
    )
    port = _bind(server, address)
    await server.start()
    try:
        yield Serving(port, names, status)
    finally:
        await status.enter_graceful_shutdown()
        await server.stop(drain_s)


async def serve(
    register: Register,
    *,
    names: Sequence[str],
    address: str,
    at_stop: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain; `at_stop` ends what would hold the drain up."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with running(register, names=names, address=address) as serving:
        await serving.set_ready()
        log.info("%s on port %d", names[0], serving.port)
        await stop.wait()
        log.info("%s drains", names[0])
        if at_stop:
            await at_stop()


def _bind(server: grpc.aio.Server, address: str) -> int:
    try:
        return server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"cannot listen on {address}: is another Semapix running there?") from error
