"""Every unary rpc of a gateway, found by asking it, and callable with JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from common import errors
from ui import calls, proto_comments

CALL_S = 120.0
_OWN, _FIRST = "semapix.", "GatewayService"
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """A field: its path in the JSON, "spec.kinds"; type in words; what the .proto says of it."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class Rpc:
    """One rpc: `name` is "GatewayService.Search", `example` a request with every field in it."""

    name: str
    comment: str
    example: str
    request: tuple[FieldDescription, ...]
    response: tuple[FieldDescription, ...]


class ReflectionClient:
    """Asks a gateway what it can do; it need not be of the same version as this program."""

    def __init__(self, channel: grpc.Channel, address: str) -> None:
        self._channel, self._address = channel, address

    def rpcs(self) -> list[Rpc]:
        """Return all unary rpcs, those of the library itself first."""
        methods = sorted(self._methods(), key=lambda one: one.containing_service.name != _FIRST)
        return [_described(method) for method in methods]

    def rpc(self, name: str) -> Rpc:
        """Return one of them. Raises NotFound."""
        return _described(self._method(name))

    def call(self, name: str, request: str) -> str:
        """Return the answer as JSON. Raises InvalidInput for JSON that is no such request."""
        method = self._method(name)
        filled = _parsed(request, method.input_type)
        answer = message_factory.GetMessageClass(method.output_type)
        invoke = self._channel.unary_unary(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=type(filled).SerializeToString,
            response_deserializer=answer.FromString,
        )
        with calls.answered(self._address):
            response = invoke(filled, timeout=CALL_S)
        return json_format.MessageToJson(response, always_print_fields_with_no_presence=True)

    def _method(self, name: str) -> MethodDescriptor:
        method = next((one for one in self._methods() if _name(one) == name), None)
        if method is None:
            raise errors.NotFound(f"the gateway has no unary rpc {name}")
        return method

    def _methods(self) -> Iterator[MethodDescriptor]:
        database = ProtoReflectionDescriptorDatabase(self._channel)
        pool = descriptor_pool.DescriptorPool(database)
        with calls.answered(self._address):
            for service in database.get_services():
                if service.startswith(_OWN):
                    yield from filter(_is_unary, pool.FindServiceByName(service).methods)


def _is_unary(method: MethodDescriptor) -> bool:
    return not (method.client_streaming or method.server_streaming)


def _name(method: MethodDescriptor) -> str:
    return f"{method.containing_service.name}.{method.name}"


def _described(method: MethodDescriptor) -> Rpc:
    return Rpc(
        name=_name(method),
        comment=proto_comments.comments().get(method.full_name, ""),
        example=_example(method.input_type),
        request=tuple(_fields(method.input_type)),
        response=tuple(_fields(method.output_type)),
    )


def _fields(message: Descriptor, path: str = "", depth: int = _DEPTH) -> Iterator[FieldDescription]:
    """Yield the fields, each followed by those of the message in it, a few levels deep."""
    for field in message.fields:
        name = f"{path}{field.json_name}"
        comment = proto_comments.comments().get(field.full_name, "")
        yield FieldDescription(name, _type(field), comment)
        if field.message_type and depth > 1:
            inner = f"{name}[]." if field.is_repeated else f"{name}."
            yield from _fields(field.message_type, inner, depth - 1)


_SCALARS = {
    FieldDescriptor.CPPTYPE_STRING: "text",
    FieldDescriptor.CPPTYPE_BOOL: "true or false",
    FieldDescriptor.CPPTYPE_FLOAT: "number",
    FieldDescriptor.CPPTYPE_DOUBLE: "number",
}


def _type(field: FieldDescriptor) -> str:
    if field.message_type:
        name = field.message_type.name
    elif field.enum_type:
        name = " | ".join(value.name for value in field.enum_type.values)
    elif field.type == FieldDescriptor.TYPE_BYTES:
        name = "bytes in base64"
    else:
        name = _SCALARS.get(field.cpp_type, "whole number")
    return f"list of {name}" if field.is_repeated else name


def _example(message: Descriptor) -> str:
    """Return a request in JSON in which every field stands with the value it has when left out."""
    filled = message_factory.GetMessageClass(message)()
    _open_up(filled, _DEPTH)
    return json_format.MessageToJson(filled, always_print_fields_with_no_presence=True)


def _open_up(filled: Message, depth: int) -> None:
    """Set the messages within a message, so that they are printed; of alternatives the first."""
    for field in filled.DESCRIPTOR.fields:
        alternatives = field.containing_oneof
        is_first = not alternatives or alternatives.fields[0] is field
        if field.message_type and not field.is_repeated and is_first and depth:
            inner = getattr(filled, field.name)
            inner.SetInParent()
            _open_up(inner, depth - 1)


def _parsed(text: str, message: Descriptor) -> Any:
    try:
        return json_format.Parse(text.strip() or "{}", message_factory.GetMessageClass(message)())
    except json_format.ParseError as error:
        raise errors.InvalidInput("request", f"is no {message.name} in JSON: {error}") from error
