"""Analyses and results as lines of JSON: what stands in a kept file."""

import base64
import dataclasses
import json
from typing import Any

import numpy as np

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
    Parameters,
    Spec,
)
from analysis_service.steps import Step
from analysis_service.suggestion import Suggestion
from common.samples import Box, Kind, Sample

FORMAT = 3
_TYPES: dict[str, type[Parameters]] = {
    "clusters": ClusterParameters,
    "map": MapParameters,
    "duplicates": DuplicateParameters,
}


def analysis_line(analysis: Analysis) -> str:
    """Return the first line of a kept file."""
    (name,) = (n for n, kind in _TYPES.items() if isinstance(analysis.spec.parameters, kind))
    return json.dumps({"format": FORMAT, "type": name, **dataclasses.asdict(analysis)})


def analysis_from(line: str) -> Analysis:
    """Return the analysis of a first line. Raises ValueError, KeyError or TypeError if it is none.

    A file of another format is none.
    """
    fields = json.loads(line)
    if fields.pop("format") != FORMAT:
        raise ValueError("was written in another format")
    parameters = _parameters_from(fields.pop("type"), fields["spec"]["parameters"])
    kinds = tuple(Kind(number) for number in fields["spec"]["kinds"])
    fields.update(
        spec=Spec(parameters, kinds),
        state=State(fields["state"]),
        step=Step(fields["step"]),
        library=LibraryState(**fields["library"]),
    )
    return Analysis(**fields)


def _parameters_from(name: str, fields: dict[str, Any]) -> Parameters:
    if name == "clusters":
        fields["method"] = Method(fields["method"])
    if name == "duplicates":
        fields["kind"] = DuplicateKind(fields["kind"])
    return _TYPES[name](**fields)


def result_line(result: Result) -> str:
    """Return the second line of a kept file."""
    samples = [dataclasses.astuple(sample) for sample in result.samples]
    return json.dumps({"samples": samples, "outcome": _outcome(result.outcome)})


def result_from(line: str) -> Result:
    """Return the result of a second line. Raises ValueError, KeyError or TypeError."""
    fields = json.loads(line)
    samples = tuple(_sample(row) for row in fields["samples"])
    return Result(samples, _outcome_from(fields["outcome"]))


def _outcome(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Map):
        return {"points": outcome.points.tolist()}
    return _clusters(outcome) if isinstance(outcome, Clusters) else dataclasses.asdict(outcome)


def _outcome_from(fields: dict[str, Any]) -> Outcome:
    if "points" in fields:
        return Map(np.asarray(fields["points"], dtype=np.float32).reshape(-1, 3))
    if "groups" in fields:
        groups = map(_group_from, fields["groups"])
        return Duplicates(tuple(groups), fields["not_compared"])
    return _clusters_from(fields)


def _group_from(fields: dict[str, Any]) -> Group:
    copies = (Copy(**one) for one in fields["copies"])
    return Group(tuple(copies), fields["why"], fields["min_cosine"])


def _clusters(outcome: Clusters) -> dict[str, Any]:
    fields = dataclasses.asdict(outcome)
    for cluster in fields["clusters"]:
        cluster["centre"] = _letters(cluster["centre"])
    for run in fields["runs"]:
        run["mean"] = _letters(run["mean"])
    return fields


def _clusters_from(fields: dict[str, Any]) -> Clusters:
    clusters = (
        Cluster(**{**one, "rows": tuple(one["rows"]), "centre": _bytes(one["centre"])})
        for one in fields["clusters"]
    )
    runs = (
        Run(**{**one, "suggestion": _suggestion(one["suggestion"]), "mean": _bytes(one["mean"])})
        for one in fields["runs"]
    )
    return Clusters(tuple(clusters), tuple(fields["noise"]), tuple(runs))


def _suggestion(made: dict[str, Any] | None) -> Suggestion | None:
    return Suggestion(made["eps"], tuple(made["curve"])) if made else None


def _letters(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(letters: str) -> bytes:
    return base64.b64decode(letters)


def _sample(row: list[Any]) -> Sample:
    sample_id, photo_id, kind, label, box, confidence, text = row
    return Sample(sample_id, photo_id, Kind(kind), label, Box(*box), confidence, text)
