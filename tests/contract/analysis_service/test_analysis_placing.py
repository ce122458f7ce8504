"""A map while the library grows: new photos are on it at once, the others where they were."""

import numpy as np
import pytest

from common import clients, errors
from semapix.v1 import analysis_pb2 as pb

MAP = pb.AnalysisSpec(map=pb.MapParameters(iterations=250))


async def points(service, analysis, *, as_kept=False):
    """Return the points of a map by sample."""
    request = pb.GetMapRequest(analysis_id=analysis.analysis_id, as_kept=as_kept)
    found = await clients.call(service.stub.GetMap(request, timeout=20))
    return found.analysis, {point.sample.sample_id: point for point in found.points}


async def test_new_photos_are_placed_and_the_map_does_not_jump(quick, library):
    analysis = await quick.succeeded(MAP)
    _, before = await points(quick, analysis)
    assert not any(point.approximate for point in before.values())
    library.rows = np.concatenate([library.rows, library.rows[:2]])
    library.gone.add(7)
    library.revision += 1
    shown, after = await points(quick, analysis)
    assert shown.stale
    assert (shown.added, shown.removed) == (2, 1)
    new = {sample_id for sample_id, point in after.items() if point.approximate}
    assert len(new) == 2
    assert len(before.keys() - after.keys()) == 1
    for sample_id in after.keys() - new:
        assert after[sample_id] == before[sample_id]
    _, kept = await points(quick, analysis, as_kept=True)
    assert kept == before


async def test_what_was_placed_is_read_once_for_each_revision(quick, library):
    analysis = await quick.succeeded(MAP)
    library.rows = np.concatenate([library.rows, library.rows[:1]])
    library.revision += 1
    for _ in range(3):
        await points(quick, analysis)
    assert library.streams == 2
    library.revision += 1
    await points(quick, analysis)
    assert library.streams == 3


async def test_a_full_run_makes_the_map_exact_again(quick, library):
    await quick.succeeded(MAP)
    library.rows = np.concatenate([library.rows, library.rows[:1]])
    library.revision += 1
    _, found = await points(quick, await quick.succeeded(MAP))
    assert len(found) == 9
    assert not any(point.approximate for point in found.values())


async def test_an_unknown_map_is_not_found(quick):
    with pytest.raises(errors.NotFound, match="nothing"):
        await points(quick, pb.Analysis(analysis_id="nothing"))
