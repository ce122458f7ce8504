"""Every error a caller may cause, with the status code it travels under.

SemapixError
├── InvalidInput        INVALID_ARGUMENT
├── NotFound            NOT_FOUND
├── Mismatch            FAILED_PRECONDITION
├── Overloaded          RESOURCE_EXHAUSTED
├── Unavailable         UNAVAILABLE
├── TooSlow             DEADLINE_EXCEEDED
├── Cancelled           CANCELLED
└── DataLoss            DATA_LOSS
"""

import grpc


class SemapixError(Exception):
    """An error whose message is meant for the caller: what, which value, what to do."""

    code = grpc.StatusCode.UNKNOWN


class InvalidInput(SemapixError):
    """The request can never succeed as it stands.

    `field` is the path of the field to mend, for callers; `complaint` is what is wrong, for people.
    """

    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field, self.complaint = field, message


class NotFound(SemapixError):
    """The named thing does not exist."""

    code = grpc.StatusCode.NOT_FOUND


class Mismatch(SemapixError):
    """The request does not fit the state of the service: another model, a missing feature."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Overloaded(SemapixError):
    """The queue is full; the same request may succeed after `retry_after_s` seconds."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(SemapixError):
    """A service is not ready or does not answer; trying again may help.

    `tried` says that who raises it has tried again already: clients then fail at once, instead of
    repeating all of those attempts.
    """

    code = grpc.StatusCode.UNAVAILABLE

    def __init__(self, message: str, *, tried: bool = False) -> None:
        super().__init__(message)
        self.tried = tried


class TooSlow(SemapixError):
    """No answer within the caller's deadline."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Cancelled(SemapixError):
    """The caller went away, or asked for the work to end."""

    code = grpc.StatusCode.CANCELLED


class DataLoss(SemapixError):
    """A store is damaged beyond what the service can mend by itself."""

    code = grpc.StatusCode.DATA_LOSS


def by_code(code: grpc.StatusCode, message: str) -> SemapixError:
    """Return the error that travels under `code`, or a plain `SemapixError` for any other code."""
    if code is grpc.StatusCode.INVALID_ARGUMENT:
        return InvalidInput("", message)
    for kind in (NotFound, Mismatch, Overloaded, Unavailable, TooSlow, Cancelled, DataLoss):
        if kind.code is code:
            return kind(message)
    return SemapixError(message)
