"""A small real gateway for the command line: `python fake_gateway.py PORT STATE DIE_AFTER`.

It knows the photos whose ids are lines of the file STATE, so that it can die and come back. A photo
that starts with b"bad" is rejected, one with b"fail" fails until it was sent three times. After
committing DIE_AFTER photos (0: never) it dies at once, without answering for the last.
"""

import asyncio
import hashlib
import io
import os
import sys
from collections import Counter
from pathlib import Path

from fake_analyses import Analysis
from fake_imports import Book, Imports
from google.protobuf import json_format
from PIL import Image

from common import errors, server, statuses
from common.samples import Kind, Stage
from semapix.v1 import (
    analysis_pb2_grpc,
    filters_pb2,
    gateway_pb2_grpc,
    imports_pb2_grpc,
    index_pb2,
    search_pb2,
    types_pb2,
)
from semapix.v1 import gateway_pb2 as pb

NAMES = ("semapix.v1.GatewayService", "semapix.v1.AnalysisService")
WHOLE = types_pb2.Box(x=0, y=0, width=1, height=1)
SMALL = Image.effect_noise((32, 24), 80)
LOOKS = {"a.jpg": "ff00ff00ff00ff03", "b.PNG": "ff00ff00ff00ff00", "c.webp": "ff00ff00ff00ff00"}
NONSENSE = "qwxz"
CUT = filters_pb2.KindThreshold(kind=types_pb2.KIND_PHOTO, score=0.75, background=99)


def sample(photo_id, kind=Kind.PHOTO, **fields):
    """Return a sample of a photo, over all of it."""
    fields = {"box": WHOLE, "confidence": 1.0, **fields}
    return types_pb2.Sample(sample_id="a" * 32, photo_id=photo_id, kind=int(kind), **fields)


def names_nothing(request):
    return any(term.text == NONSENSE for term in request.terms)


class Gateway(gateway_pb2_grpc.GatewayServiceServicer):
    def __init__(self, state, die_after):
        self.state, self.die_after = state, die_after
        lines = state.read_text().splitlines() if state.exists() else []
        self.photos = dict(line.split(" ", 1) for line in lines)
        self.sent, self.committed, self.pending = Counter(), 0, 3
        self.book = Book(state.with_suffix(".items"))

    async def ImportPhotos(self, request_iterator, context):
        buffer, source, expected, import_id = b"", "", 0, ""
        async for piece in request_iterator:
            assert piece.item == expected, "items do not rise by one"
            assert len(piece.chunk) <= 2**20
            buffer, source = buffer + piece.chunk, source or piece.source
            import_id = import_id or piece.import_id
            if piece.last:
                yield self.outcome(piece.item, source, buffer, import_id)
                buffer, source, expected = b"", "", expected + 1

    def outcome(self, item, source, encoded, import_id):
        photo_id = hashlib.sha256(encoded).hexdigest()
        self.sent[photo_id] += 1
        if encoded.startswith(b"bad"):
            what = {"outcome": 3, "reason": 2, "message": "not a picture\x1b[31m"}
        elif encoded.startswith(b"fail") and self.sent[photo_id] < 3:
            what = {"outcome": 4, "message": "the embedder does not answer"}
        elif photo_id in self.photos:
            what = {"outcome": 2}
        else:
            self.commit(photo_id, source, import_id)
            what = {"outcome": 1}
        if what["outcome"] != 4:
            self.book.note(import_id, source, photo_id, what["outcome"])
        return pb.ImportPhotosResponse(item=item, source=source, photo_id=photo_id, **what)

    def commit(self, photo_id, source, import_id):
        self.photos[photo_id] = source
        self.book.note(import_id, source, photo_id, 1)
        with self.state.open("a") as file:
            file.write(f"{photo_id} {source}\n")
        self.committed += 1
        if self.committed == self.die_after:
            os._exit(9)

    def facts(self, photo_id):
        return types_pb2.PhotoFacts(
            photo_id=photo_id, width=4, height=3, bytes=7, format="PNG",
            sources=[self.photos[photo_id]], imported_at_s=1_700_000_000,
            perceptual_hash=LOOKS.get(Path(self.photos[photo_id]).name, ""),
        )  # fmt: skip

    def photo(self, photo_id, *, samples=True):
        if photo_id not in self.photos:
            raise errors.NotFound(f"no photo {photo_id}")
        found = [sample(photo_id), sample(photo_id, Kind.TEXT, text="STOP", confidence=0.5)]
        stage = types_pb2.StageRecord(stage=int(Stage.WHOLE), model="mini")
        facts = self.facts(photo_id)
        return pb.Photo(facts=facts, samples=found if samples else [], stages=[stage])

    async def Search(self, request, context):
        asked = self.state.with_suffix(".search.json")
        asked.write_text(json_format.MessageToJson(request, preserving_proto_field_name=True))
        score = 0.4 if request.aggregation == index_pb2.AGGREGATION_MEAN else 0.8
        threshold = request.threshold if request.HasField("threshold") else 0.0
        hits = [
            types_pb2.PhotoHit(
                facts=self.facts(photo_id),
                rank_score=score * len(request.terms),
                matches=[types_pb2.SampleMatch(sample=sample(photo_id), cosine=0.3, score=score)],
            )
            for photo_id in sorted(self.photos)
            if score >= threshold and not (request.auto_threshold and names_nothing(request))
        ]
        return search_pb2.SearchResponse(
            hits=hits[: request.limit],
            weights=request.weights,
            revision=3,
            thresholds=[CUT] if request.auto_threshold else [],
            next_page_token="" if request.page_token else "the-next",
            understood=0.02 if names_nothing(request) else None,
        )

    async def GetPhoto(self, request, context):
        return pb.GetPhotoResponse(photo=self.photo(request.photo_id))

    async def BatchGetPhotos(self, request, context):
        known = [photo_id for photo_id in request.photo_ids if photo_id in self.photos]
        results = [pb.PhotoResult(status=statuses.item(), photo=self.photo(i)) for i in known]
        return pb.BatchGetPhotosResponse(results=results)

    async def ListPhotos(self, request, context):
        at, ids = int(request.page_token or 0), sorted(self.photos)
        size = min(request.page_size, 2)  # small pages, so that a client has to turn them
        photos = [self.photo(photo_id, samples=False) for photo_id in ids[at : at + size]]
        token = str(at + size) if at + size < len(ids) else ""
        return pb.ListPhotosResponse(photos=photos, next_page_token=token, total=len(ids))

    async def DownloadOriginal(self, request, context):
        self.photo(request.photo_id)
        for chunk in (b"original ", b"bytes"):
            yield pb.DownloadOriginalResponse(chunk=chunk)

    async def DownloadThumbnail(self, request, context):
        self.photo(request.photo_id)
        jpeg = io.BytesIO()
        SMALL.save(jpeg, "JPEG")
        yield pb.DownloadThumbnailResponse(chunk=jpeg.getvalue())

    async def RemovePhotos(self, request, context):
        gone = [self.photos.pop(photo_id, None) for photo_id in request.photo_ids]
        missing = statuses.item(errors.NotFound("no such photo"))
        return pb.RemovePhotosResponse(
            statuses=[missing if g is None else statuses.item() for g in gone]
        )

    async def GetStatus(self, request, context):
        self.pending = max(0, self.pending - 1)
        return pb.GetStatusResponse(
            services=[pb.ServiceStatus(name="index", serving=True, models=["hnsw"])],
            photos=len(self.photos),
            samples=[index_pb2.KindCount(kind=int(Kind.PHOTO), count=len(self.photos))],
            pending=[index_pb2.StageCount(stage=int(Stage.OCR), count=self.pending)],
            revision=3,
            version="0.1.0",
            notices=["no detector"],
        )


async def run(port, state, die_after):
    """Serve until killed; the port is printed once it is open."""
    gateway = Gateway(state, die_after)

    def register(grpc_server):
        gateway_pb2_grpc.add_GatewayServiceServicer_to_server(gateway, grpc_server)
        imports_pb2_grpc.add_ImportServiceServicer_to_server(Imports(gateway), grpc_server)
        analysis_pb2_grpc.add_AnalysisServiceServicer_to_server(
            Analysis(gateway, sample), grpc_server
        )

    async with server.running(register, names=NAMES, address=f"127.0.0.1:{port}") as serving:
        await serving.set_ready()
        print(serving.port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
