"""Streams are never tried again by gRPC itself: a retried one may hang for ever."""

import importlib
import pkgutil

from common import clients
from semapix import v1


def test_every_stream_is_named() -> None:
    names = [one.name for one in pkgutil.iter_modules(v1.__path__) if one.name.endswith("_pb2")]
    modules = [importlib.import_module(f"{v1.__name__}.{name}") for name in names]
    services = [s for module in modules for s in module.DESCRIPTOR.services_by_name.values()]
    streams = {
        (service.name, method.name)
        for service in services
        for method in service.methods
        if method.server_streaming or method.client_streaming
    }
    named = {(service, one) for service, methods in clients.STREAMS.items() for one in methods}
    assert named == streams
