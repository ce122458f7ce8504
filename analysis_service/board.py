"""What is known of every analysis, and who waits for news of it."""

import asyncio
from collections.abc import AsyncIterator

from analysis_service.analyses import Analysis, LibraryState, State
from analysis_service.specs import Spec
from common import errors


class Board:
    """All analyses by id, oldest first; one event loop only."""

    def __init__(self, kept: list[Analysis]) -> None:
        self._analyses = {analysis.analysis_id: analysis for analysis in kept}
        self._changed = asyncio.Event()

    def put(self, analysis: Analysis) -> None:
        """Show `analysis` in place of what was known of it."""
        self._analyses[analysis.analysis_id] = analysis
        self._announce()

    def use(self, analysis: Analysis) -> Analysis:
        """Return `analysis`, which counts as the newest from now on."""
        self._analyses[analysis.analysis_id] = self._analyses.pop(analysis.analysis_id)
        return analysis

    def forget(self, analysis_id: str) -> None:
        """Show it no more."""
        del self._analyses[analysis_id]
        self._announce()

    def get(self, analysis_id: str) -> Analysis:
        """Return one analysis. Raises NotFound."""
        try:
            return self._analyses[analysis_id]
        except KeyError:
            raise errors.NotFound(
                f"there is no analysis {analysis_id[:80]!r}: it may have been forgotten, "
                "list the analyses or start it again"
            ) from None

    def newest_first(self) -> list[Analysis]:
        """Return all analyses."""
        return list(reversed(self._analyses.values()))

    def current(self, spec: Spec, library: LibraryState, *, kept: bool) -> Analysis | None:
        """Return the newest analysis of `spec` that shows `library`, or will once it has run.

        With `kept` false, one that has succeeded does not count.
        """
        for analysis in self.newest_first():
            if analysis.spec == spec and _shows(analysis, library, kept=kept):
                return analysis
        return None

    async def watch(self, analysis_id: str) -> AsyncIterator[Analysis]:
        """Yield the analysis now and after each change, until it ends. Raises NotFound."""
        shown = None
        while True:
            changed, analysis = self._changed, self.get(analysis_id)
            if analysis != shown:
                yield analysis
                shown = analysis
            if analysis.has_ended:
                return
            await changed.wait()

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _shows(analysis: Analysis, library: LibraryState, *, kept: bool) -> bool:
    """Whether the vectors of `analysis` are those of `library`, or have yet to be read."""
    if analysis.state is State.SUCCEEDED:
        return kept and analysis.library == library
    if analysis.has_ended:
        return False
    return not analysis.library.fingerprint or analysis.library == library
