"""The comments of the .proto files by the full name of what they stand above."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

_FILE = "documentation.binpb"
# Which list a field number leads to, per message of descriptor.proto.
_LISTS = {
    "FileDescriptorProto": {4: "message_type", 5: "enum_type", 6: "service"},
    "DescriptorProto": {2: "field", 3: "nested_type", 4: "enum_type"},
    "EnumDescriptorProto": {2: "value"},
    "ServiceDescriptorProto": {2: "method"},
}


@cache
def comments() -> dict[str, str]:
    """Return "semapix.v1.SearchRequest.limit" -> what the comment above it says, on one line."""
    stored = resources.files("semapix.v1").joinpath(_FILE).read_bytes()
    return {
        name: text
        for file in FileDescriptorSet.FromString(stored).file
        for name, text in _of_file(file)
    }


def _of_file(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    for location in file.source_code_info.location:
        text = " ".join(location.leading_comments.split())
        name = _name(file, location.path) if text else ""
        if name:
            yield f"{file.package}.{name}", text


def _name(file: FileDescriptorProto, path: Sequence[int]) -> str:
    """Return what a path of field numbers and places leads to; "" for what has no name."""
    part: Any = file
    names = []
    for number, place in zip(path[::2], path[1::2], strict=False):
        lists = _LISTS.get(part.DESCRIPTOR.name, {})
        if number not in lists:
            return ""
        part = getattr(part, lists[number])[place]
        names.append(part.name)
    return ".".join(names) if len(path) % 2 == 0 else ""
