"""Channels to other services: balanced, with limits, retries and deadlines; errors restored."""

import json
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc

from common import statuses
from common.server import MAX_MESSAGE_BYTES

T = TypeVar("T")
_RETRY = {
    "maxAttempts": 5,
    "initialBackoff": "0.1s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
# A stream that gRPC tries again by itself may hang for ever when its server was killed (measured
# with grpcio 1.85: once in some 30 kills), and streams have no deadline. So they fail at once, and
# whoever called decides.
STREAMS = {
    "AnalysisService": ("WatchAnalysis", "BackUpIdentities"),
    "GatewayService": ("ImportPhotos", "DownloadOriginal", "DownloadThumbnail"),
    "HousekeepingService": (
        "EmptyTrash",
        "ClearLibrary",
        "CheckLibrary",
        "BackUpCatalogue",
        "BackUpOriginal",
        "ExportVectors",
    ),
    "ImportService": ("ImportPaths", "WatchImport", "RetryRejected"),
    "IndexKeepingService": ("CheckCatalogue", "SnapshotCatalogue"),
    "IndexService": ("StreamVectors",),
}
_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [
                {"service": f"semapix.v1.{service}", "method": method}
                for service, methods in STREAMS.items()
                for method in methods
            ]
        },
        {"name": [{}], "retryPolicy": _RETRY},
    ],
    "healthCheckConfig": {"serviceName": ""},
}
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
)


def target(addresses: str) -> str:
    """Return the gRPC target of "host:port[,host:port...]"; several are balanced round robin."""
    return f"ipv4:{addresses}" if "," in addresses else addresses


def channel(addresses: str) -> grpc.aio.Channel:
    """Return a channel to one service; only replicas that report SERVING get calls."""
    return grpc.aio.insecure_channel(target(addresses), options=OPTIONS)


def blocking_channel(addresses: str) -> grpc.Channel:
    """Return the same for code without an event loop."""
    return grpc.insecure_channel(target(addresses), options=OPTIONS)


@contextmanager
def restored_errors() -> Iterator[None]:
    """Raise the `SemapixError` that the service meant instead of the RpcError it arrived as."""
    try:
        yield
    except grpc.RpcError as error:
        raise statuses.from_grpc(error) from error


async def call(response: Awaitable[T]) -> T:
    """Await one unary call. Raises `SemapixError`."""
    with restored_errors():
        return await response


async def stream(responses: Any) -> AsyncIterator[Any]:
    """Yield the messages of one streaming call. Raises `SemapixError`."""
    with restored_errors():
        async for response in responses:
            yield response
