"""What every call of every service passes through: a request id, a log line, error to status."""

import errno
import inspect
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import grpc

from common import errors, statuses

log = logging.getLogger(__name__)
REQUEST_ID_KEY = "x-request-id"
FULL = (errno.ENOSPC, errno.EDQUOT)
FULL_RETRY_S = 5.0
request_id: ContextVar[str] = ContextVar("request_id", default="-")


class CallInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]
    """Gives each call its id and turns what it raises into a status, in the one place that may."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        metadata = dict(handler_call_details.invocation_metadata or ())
        call_id = str(metadata.get(REQUEST_ID_KEY) or uuid.uuid4().hex[:12])
        return _wrapped(handler, _Call(handler_call_details.method, call_id))


class _Call:
    """One call while it runs."""

    def __init__(self, method: str, call_id: str) -> None:
        self._method, self._id = method, call_id

    async def answer(self, result: Awaitable[Any], context: Any) -> Any:
        self._start()
        started = time.perf_counter()
        try:
            return await result
        except Exception as error:
            await self._abort(error, context)
        finally:
            log.debug("%s took %.1f ms", self._method, 1e3 * (time.perf_counter() - started))

    async def stream(self, results: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        self._start()
        try:
            async for result in results:
                yield result
        except Exception as error:
            await self._abort(error, context)

    def _start(self) -> None:
        request_id.set(self._id)

    async def _abort(self, error: Exception, context: Any) -> None:
        """Abort with the status of `error`. What we did not raise on purpose stays in our log."""
        if isinstance(error, grpc.aio.AbortError):
            raise error
        if isinstance(error, OSError) and error.errno in FULL:
            log.warning("%s found no room on a disk", self._method, exc_info=error)
            message = "a disk of the server is full: make room on it and try again"
            error = errors.Overloaded(message, retry_after_s=FULL_RETRY_S)
        if isinstance(error, errors.SemapixError):
            log.info("%s: %s: %s", self._method, error.code.name, error)
            await context.abort_with_status(statuses.to_grpc(error))
        log.error("%s failed", self._method, exc_info=error)
        await context.abort(grpc.StatusCode.INTERNAL, f"internal error, request {self._id}")


def _wrapped(handler: Any, call: _Call) -> Any:
    """Return `handler` with its behaviour run inside `call`, in any of the four shapes."""
    shape = ("stream" if handler.request_streaming else "unary") + (
        "_stream" if handler.response_streaming else "_unary"
    )
    behaviour = getattr(handler, shape)

    async def answer(request: Any, context: Any) -> Any:
        return await call.answer(behaviour(request, context), context)

    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        async for response in call.stream(behaviour(request, context), context):
            yield response

    make = getattr(grpc, f"{shape}_rpc_method_handler")
    return make(
        stream if inspect.isasyncgenfunction(behaviour) else answer,
        handler.request_deserializer,
        handler.response_serializer,
    )
