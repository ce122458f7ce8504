"""Specs with parameters out of range are refused by the name of the field."""

import math

import pytest

from analysis_service import codec, specs
from analysis_service.specs import (
    ClusterParameters,
    DuplicateKind,
    DuplicateParameters,
    MapParameters,
    Method,
    Spec,
)
from common import errors
from common.samples import Kind
from semapix.v1 import analysis_pb2 as pb

CLUSTERS, MAP = pb.ClusterParameters, pb.MapParameters
BAD = [
    (pb.AnalysisSpec(), "spec"),
    (pb.AnalysisSpec(clusters=CLUSTERS(eps=-0.1)), "spec.clusters.eps"),
    (pb.AnalysisSpec(clusters=CLUSTERS(eps=2.1)), "spec.clusters.eps"),
    (pb.AnalysisSpec(clusters=CLUSTERS(eps=math.nan)), "spec.clusters.eps"),
    (pb.AnalysisSpec(map=MAP(dimensions=4)), "spec.map.dimensions"),
    (pb.AnalysisSpec(map=MAP(perplexity=0.5)), "spec.map.perplexity"),
    (pb.AnalysisSpec(map=MAP(perplexity=math.inf)), "spec.map.perplexity"),
    (pb.AnalysisSpec(map=MAP(iterations=249)), "spec.map.iterations"),
    (pb.AnalysisSpec(map=MAP(iterations=10_001)), "spec.map.iterations"),
    (pb.AnalysisSpec(duplicates={"kind": 3, "min_cosine": 1.5}), "spec.duplicates.min_cosine"),
    (pb.AnalysisSpec(duplicates={"kind": 3, "min_cosine": -0.5}), "spec.duplicates.min_cosine"),
    (pb.AnalysisSpec(duplicates={"kind": 4}), "spec.duplicates.kind"),
    (pb.AnalysisSpec(duplicates={"max_differing_bits": 17}), "spec.duplicates.max_differing_bits"),
    (pb.AnalysisSpec(duplicates={}, kinds=[2]), "spec.kinds"),
    (pb.AnalysisSpec(clusters=CLUSTERS(method=7)), "spec.clusters.method"),  # type: ignore[arg-type]
    (pb.AnalysisSpec(map={}, kinds=[8, 2]), "spec.kinds"),
    (pb.AnalysisSpec(map={}, kinds=[1, 0]), "spec.kinds[1]"),
    (pb.AnalysisSpec(map={}, kinds=[9]), "spec.kinds[0]"),
]


@pytest.mark.parametrize(("message", "field"), BAD, ids=lambda value: str(value).strip()[:40])
def test_bad_parameter_is_named(message: pb.AnalysisSpec, field: str) -> None:
    with pytest.raises(errors.InvalidInput) as caught:
        codec.spec_from(message)
    assert caught.value.field == field


def test_zeros_mean_the_defaults_of_the_thesis() -> None:
    assert codec.spec_from(pb.AnalysisSpec(clusters={})) == Spec(ClusterParameters(0.2, 2))
    assert codec.spec_from(pb.AnalysisSpec(map={})) == Spec(MapParameters(3, 10.0, 1500, 0))
    found = codec.spec_from(pb.AnalysisSpec(duplicates={}))
    assert found == Spec(DuplicateParameters(DuplicateKind.NEAR, 0.96, 4))


def test_defaults_spelled_out_are_the_same_request() -> None:
    spelled = pb.AnalysisSpec(clusters=CLUSTERS(eps=0.2, min_samples=2), kinds=[1, 1])
    assert codec.spec_from(spelled) == codec.spec_from(pb.AnalysisSpec(clusters={}))


@pytest.mark.parametrize(
    "parameters",
    [
        ClusterParameters(0.3, 4),
        ClusterParameters(0.2, 5, method=Method.HDBSCAN),
        MapParameters(2, 30.5, 500, 7),
        DuplicateParameters(),
        DuplicateParameters(max_differing_bits=0),
        DuplicateParameters(DuplicateKind.EXACT),
        DuplicateParameters(DuplicateKind.SEMANTIC, 0.9),
    ],
)
def test_spec_survives_the_wire(parameters: specs.Parameters) -> None:
    spec = Spec(parameters)
    assert codec.spec_from(codec.spec_to(spec)) == spec


def test_hdbscan_has_a_default_of_its_own() -> None:
    spec = codec.spec_from(pb.AnalysisSpec(clusters=CLUSTERS(method=2)))
    assert spec == Spec(ClusterParameters(min_samples=5, method=Method.HDBSCAN))


@pytest.mark.parametrize(
    ("kinds", "runs"),
    [
        ([Kind.TEXT], ((Kind.TEXT,),)),
        ([Kind.PHOTO, Kind.ANIMAL], ((Kind.PHOTO, Kind.ANIMAL),)),
        ([Kind.TEXT, Kind.ANIMAL, Kind.PHOTO], ((Kind.PHOTO, Kind.ANIMAL), (Kind.TEXT,))),
    ],
)
def test_texts_are_clustered_apart_from_pictures(
    kinds: list[Kind], runs: tuple[tuple[Kind, ...], ...]
) -> None:
    assert specs.spec(ClusterParameters(), kinds, field="spec").runs == runs


def test_kinds_of_pictures_may_be_mixed_and_text_stands_alone() -> None:
    mixed = specs.spec(ClusterParameters(), [Kind.ANIMAL, Kind.PHOTO], field="spec")
    assert mixed.kinds == (Kind.PHOTO, Kind.ANIMAL)
    assert specs.spec(ClusterParameters(), [Kind.TEXT], field="spec").kinds == (Kind.TEXT,)
