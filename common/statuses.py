"""Errors as google.rpc.Status, out of a service and back into a client."""

from typing import Any

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from common import errors
from semapix.v1 import types_pb2 as pb

DOMAIN = "semapix"
# What a gRPC client takes as "do not retry".
_NO_RETRY = (("grpc-retry-pushback-ms", "-1"),)
OK = grpc.StatusCode.OK.value[0]


def item(error: errors.SemapixError | None = None) -> pb.ItemStatus:
    """Return the status of one item of a batch; without an error it is OK."""
    if error is None:
        return pb.ItemStatus(code=OK)
    return pb.ItemStatus(code=error.code.value[0], message=str(error))


def item_error(status: pb.ItemStatus) -> errors.SemapixError | None:
    """Return the error behind the status of one item, None when it is OK."""
    if status.code == OK:
        return None
    code = next((c for c in grpc.StatusCode if c.value[0] == status.code), grpc.StatusCode.UNKNOWN)
    return errors.by_code(code, status.message)


def to_grpc(error: errors.SemapixError) -> Any:
    """Return what `context.abort_with_status` takes, with BadRequest, RetryInfo and ErrorInfo."""
    status = status_pb2.Status(code=error.code.value[0], message=str(error))
    for detail in _details(error):
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    answer: Any = rpc_status.to_status(status)
    if isinstance(error, errors.Unavailable) and error.tried:
        return answer._replace(trailing_metadata=(*answer.trailing_metadata, *_NO_RETRY))
    return answer


def from_grpc(error: Any) -> errors.SemapixError:
    """Return the error that a call failed with (an RpcError), field and retry hint restored."""
    status = rpc_status.from_call(error)
    result = errors.by_code(error.code(), error.details() or error.code().name)
    for detail in status.details if status else ():
        _restore(result, detail)
    return result


def _details(error: errors.SemapixError) -> list[Any]:
    details: list[Any] = [
        error_details_pb2.ErrorInfo(reason=type(error).__name__.upper(), domain=DOMAIN)
    ]
    if isinstance(error, errors.InvalidInput) and error.field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=str(error)
        )
        details.append(error_details_pb2.BadRequest(field_violations=[violation]))
    if isinstance(error, errors.Overloaded):
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(round(error.retry_after_s * 1000))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    return details


def _restore(error: errors.SemapixError, detail: any_pb2.Any) -> None:
    request, retry = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    if isinstance(error, errors.InvalidInput) and detail.Unpack(request):
        error.field = request.field_violations[0].field
        error.complaint = str(error).removeprefix(f"{error.field}: ")
    elif isinstance(error, errors.Overloaded) and detail.Unpack(retry):
        error.retry_after_s = retry.retry_delay.ToMilliseconds() / 1000
