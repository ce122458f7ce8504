"""Served libraries."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from semapix.v1 import index_pb2_grpc as rpc
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[rpc.IndexServiceStub]:
    async with calls.serving(tmp_path) as stub:
        yield stub


@pytest.fixture
async def stub(empty: rpc.IndexServiceStub) -> rpc.IndexServiceStub:
    """A library of six photos, two texts in each."""
    puts = [values.put(n) for n in range(6)] + [
        values.put(n, calls.photo_and_texts(n)) for n in range(6)
    ]
    await empty.PutPhotos(calls.putting(*puts))
    return empty
