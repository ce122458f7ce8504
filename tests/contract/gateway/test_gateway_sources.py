"""Where photos came from and what their files tell, kept by a real index."""

from pathlib import Path

from semapix.v1 import gateway_pb2 as pb
from tests.contract.gateway.gateway_house import photo
from tests.contract.gateway.real_index import kept
from tests.unit.gateway import packed


async def test_a_duplicate_adds_where_it_came_from_to_its_photo(tmp_path: Path) -> None:
    copies = packed.zipped({"a/red.jpg": photo("red"), "b/red.jpg": photo("red")})
    request = pb.ImportPhotosRequest(item=0, source="/disk/old.zip", chunk=copies, last=True)
    async with kept(tmp_path) as library:
        outcomes = await library.house.sent([request])
        get = pb.GetPhotoRequest(photo_id=library.ids[0])
        facts = (await library.house.stub.GetPhoto(get, timeout=5)).photo.facts
    kinds = [one.outcome for one in outcomes]
    assert kinds == [pb.OUTCOME_DUPLICATE, pb.OUTCOME_DUPLICATE, pb.OUTCOME_UNPACKED]
    assert facts.sources[0] == "photo-0.jpg"
    assert set(facts.sources[1:]) == {"/disk/old.zip/a/red.jpg", "/disk/old.zip/b/red.jpg"}
    assert (len(facts.perceptual_hash), len(facts.pixel_hash)) == (16, 32)
