"""Every message is documented, and every batch answers item by item."""

from google.protobuf.descriptor import FileDescriptor

from semapix.v1 import (
    analysis_pb2,
    detector_pb2,
    embedder_pb2,
    gateway_pb2,
    housekeeping_pb2,
    index_keeping_pb2,
    index_pb2,
    reembedding_pb2,
    types_pb2,
    vector_sets_pb2,
)

FILES: list[FileDescriptor] = [
    module.DESCRIPTOR
    for module in (
        analysis_pb2,
        detector_pb2,
        embedder_pb2,
        gateway_pb2,
        housekeeping_pb2,
        index_keeping_pb2,
        index_pb2,
        reembedding_pb2,
        types_pb2,
        vector_sets_pb2,
    )
]
ITEM_LISTS = {
    "EmbedImagesResponse": "embeddings",
    "EmbedTextsResponse": "embeddings",
    "PutPhotosResponse": "results",
    "BatchGetEntriesResponse": "results",
    "BatchGetPhotosResponse": "results",
    "DeletePhotosResponse": "statuses",
    "RemovePhotosResponse": "statuses",
    "TrashPhotosResponse": "statuses",
    "UntrashPhotosResponse": "statuses",
    "PurgePhotosResponse": "statuses",
    "RestorePhotosResponse": "statuses",
    "LocateOriginalsResponse": "results",
    "AddVectorsResponse": "statuses",
}

# Requests whose lists say how to do one thing, not which things to do.
LISTS_OF_PARAMETERS = {
    "GetStatsResponse",
    "EmptyTrashResponse",
    "ListTrashedResponse",
    "AnalyzeResponse",
    "SearchResponse",
    "SearchVectorsResponse",
    "StreamVectorsResponse",
}


def test_services_and_their_messages_are_named_by_one_rule() -> None:
    for file in FILES:
        for service in file.services_by_name.values():
            assert service.name.endswith("Service")
            for method in service.methods:
                assert method.input_type.name == f"{method.name}Request"
                assert method.output_type.name == f"{method.name}Response"


def test_batches_carry_a_status_per_item() -> None:
    messages = {name: m for file in FILES for name, m in file.message_types_by_name.items()}
    for name, field in ITEM_LISTS.items():
        item = messages[name].fields_by_name[field].message_type
        assert item.name == "ItemStatus" or item.fields_by_name["status"].message_type
    batches = {
        m.output_type.name
        for file in FILES
        for service in file.services_by_name.values()
        for m in service.methods
        if any(f.is_repeated for f in m.input_type.fields)
    }
    assert batches - LISTS_OF_PARAMETERS == set(ITEM_LISTS)


def test_enums_start_unspecified() -> None:
    for file in FILES:
        for enum in file.enum_types_by_name.values():
            assert enum.values_by_number[0].name.endswith("_UNSPECIFIED")
