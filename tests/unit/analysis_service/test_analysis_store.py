"""Kept analyses come back whole after a restart; what a crash left does not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis_service.analyses import Analysis, LibraryState, Outcome, Result, State
from analysis_service.clusters import Cluster, Clusters, Run
from analysis_service.duplicates import Copy, Duplicates, Group
from analysis_service.maps import Map
from analysis_service.specs import (
    ClusterParameters,
    DuplicateKind,
    DuplicateParameters,
    MapParameters,
    Method,
    Spec,
)
from analysis_service.steps import Step
from analysis_service.store import Store
from analysis_service.suggestion import Suggestion
from common import errors
from common.samples import Box, Kind, Sample

COPY = Copy(0, 40, 30, 9, 12.5, like_best=True)
SAMPLES = (
    Sample("a" * 32, "1" * 64, Kind.PHOTO),
    Sample("b" * 32, "2" * 64, Kind.TEXT, "", Box(0.1, 0.2, 0.3, 0.4), 0.5, "Straße\n№ 5"),
)


def succeeded(name: str = "one", *, ended_at_s: int = 9) -> Analysis:
    """Return an analysis as it is kept."""
    return Analysis(
        name,
        Spec(MapParameters(perplexity=12.5), (Kind.PHOTO, Kind.ANIMAL)),
        started_at_s=3,
        state=State.SUCCEEDED,
        step=Step.DONE,
        progress=1.0,
        library=LibraryState(17, "abc", 40),
        samples=2,
        ended_at_s=ended_at_s,
    )


def plain(outcome: Outcome) -> object:
    """Return something that can be compared."""
    return outcome.points.tolist() if isinstance(outcome, Map) else outcome


@pytest.mark.parametrize(
    ("parameters", "outcome"),
    [
        (ClusterParameters(), Clusters((Cluster((1, 0), 0.125),), (2, 3))),
        (
            ClusterParameters(method=Method.HDBSCAN),
            Clusters(
                (Cluster((1,), 0.5, b"\x00\xff", 1, "c" * 32),),
                (),
                (Run(0.3, Suggestion(0.2, (0.1, 0.4)), 2, 1, b"\x01"), Run()),
            ),
        ),
        (MapParameters(), Map(np.asarray([[0.1, 0.2, 0.3], [1, 0, 0]], dtype=np.float32))),
        (MapParameters(), Map(np.zeros((0, 3), dtype=np.float32))),
        (
            DuplicateParameters(DuplicateKind.SEMANTIC, 0.9),
            Duplicates((Group((COPY, replace(COPY, row=1, cosine=0.97)), "sharpest", 0.97),), 1),
        ),
    ],
)
def test_kept_analysis_comes_back_as_it_was(
    tmp_path: Path, parameters: ClusterParameters, outcome: Outcome
) -> None:
    analysis = replace(succeeded(), spec=Spec(parameters))
    Store(tmp_path).save(analysis, Result(SAMPLES, outcome))
    reopened = Store(tmp_path)
    assert reopened.analyses() == [analysis]
    result = reopened.result("one")
    assert result.samples == SAMPLES
    assert plain(result.outcome) == plain(outcome)


def test_a_result_is_read_once_and_gone_when_it_is_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(succeeded(), Result(SAMPLES, Duplicates(())))
    assert store.result("one") is store.result("one")
    store.remove("one")
    with pytest.raises(errors.DataLoss):
        store.result("one")


def test_analyses_come_oldest_first(tmp_path: Path) -> None:
    store, nothing = Store(tmp_path), Result((), Duplicates(()))
    for name, ended_at_s in (("b", 5), ("a", 7), ("c", 1)):
        store.save(succeeded(name, ended_at_s=ended_at_s), nothing)
    assert [analysis.analysis_id for analysis in store.analyses()] == ["c", "b", "a"]


def test_restart_clears_what_a_crash_left_behind(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.scratch("dead").write_bytes(b"vectors")
    (tmp_path / "scratch" / "dead.new").write_text('{"format": 1')
    assert Store(tmp_path).analyses() == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("line", ["", "{}", '{"format": 99}', "\x00\x01", "[1]", '{"format": 1}'])
def test_unreadable_file_is_set_aside_and_the_rest_is_there(tmp_path: Path, line: str) -> None:
    store = Store(tmp_path)
    store.save(succeeded(), Result((), Duplicates(())))
    (tmp_path / "bad.analysis").write_text(line)
    assert [analysis.analysis_id for analysis in store.analyses()] == ["one"]
    assert (tmp_path / "bad.unreadable").exists()
    assert not (tmp_path / "bad.analysis").exists()


def test_damaged_result_is_data_loss(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(succeeded(), Result(SAMPLES, Duplicates(())))
    path = tmp_path / "one.analysis"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(errors.DataLoss, match=r"one\.analysis.*force"):
        store.result("one")


def test_removing_twice_is_fine(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(succeeded(), Result((), Duplicates(())))
    store.remove("one")
    store.remove("one")
    assert store.analyses() == []
