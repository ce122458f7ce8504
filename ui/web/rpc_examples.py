"""Requests to begin with on the API page: those that only read are answered as they stand."""

import json
from typing import Any

from common import errors
from ui import analyses, client
from ui.reflection_client import Rpc

_READING = ("Search", "Get", "BatchGet", "List", "Locate")
_SHORT = {
    "GatewayService.Search": {
        "terms": [{"text": "a dog on a beach", "weight": 1}],
        "limit": 5,
        "autoThreshold": False,
    }
}
_RESULTS: dict[str, type[analyses.Parameters]] = {
    "AnalysisService.GetClusters": analyses.ClusterParameters,
    "AnalysisService.GetMap": analyses.MapParameters,
    "AnalysisService.GetDuplicates": analyses.DuplicateParameters,
}


def changes(name: str) -> bool:
    """Return whether an rpc, by its name "Service.Method", may change the library."""
    return not name.rpartition(".")[2].startswith(_READING)


class Examples:
    """Fills in ids that the library has where a call does nothing but read."""

    def __init__(self, library: client.Client) -> None:
        self._library = library

    def of(self, rpc: Rpc) -> str:
        """Return a request in JSON; an id that the library has none for stays empty."""
        if rpc.name in _SHORT:
            return json.dumps(_SHORT[rpc.name], indent=2)
        request = json.loads(rpc.example)
        if changes(rpc.name):
            return rpc.example
        try:
            filled = {
                field: self._value(rpc.name, field, value) for field, value in request.items()
            }
        except errors.SemapixError:
            return rpc.example  # the call itself will tell what is wrong
        return json.dumps(filled, indent=2)

    def _value(self, name: str, field: str, value: Any) -> Any:
        if field == "photoId":
            return next(iter(self._photo_ids()), value)
        if field == "photoIds":
            return self._photo_ids()
        if field == "analysisId":
            return self._analysis_id(_RESULTS.get(name)) or value
        if field == "importId" and "Get" in name:
            return next(
                (one.record.import_id for one in self._library.imports.list(limit=1)), value
            )
        return value

    def _photo_ids(self) -> list[str]:
        newest = self._library.list_photos(page_size=1).photos
        return [photo.facts.photo_id for photo in newest]

    def _analysis_id(self, wanted: type[analyses.Parameters] | None) -> str:
        for job in self._library.analyses.list():
            done = job.state is analyses.AnalysisState.SUCCEEDED
            if wanted is None or (done and isinstance(job.parameters, wanted)):
                return job.analysis_id
        return ""
