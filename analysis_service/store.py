"""Kept analyses: one file each, whole or absent, and scratch that no restart sees."""

import logging
import shutil
from pathlib import Path

from analysis_service import records
from analysis_service.analyses import Analysis, Result
from analysis_service.durable import write_durably
from analysis_service.registers import Registers
from common import errors

log = logging.getLogger(__name__)
SUFFIX = ".analysis"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError)


class Store:
    """The files of one folder. Files of two lines: the analysis, its result."""

    def __init__(self, folder: Path) -> None:
        """Make the folder and clear what a crash left behind."""
        self._folder, self._scratch = folder, folder / "scratch"
        self.registers = Registers(folder)
        self._last: tuple[str, Result] | None = None
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)

    def scratch(self, analysis_id: str) -> Path:
        """Return where a job may write while it runs."""
        return self._scratch / f"{analysis_id}.f32"

    def save(self, analysis: Analysis, result: Result) -> None:
        """Keep both; after a crash at any moment the file is whole or absent."""
        lines = [f"{records.analysis_line(analysis)}\n", f"{records.result_line(result)}\n"]
        draft = self._scratch / f"{analysis.analysis_id}.new"
        write_durably(self._file(analysis.analysis_id), lines, draft=draft)

    def analyses(self) -> list[Analysis]:
        """Return the kept analyses, oldest first. Files that cannot be read are set aside."""
        found = [self._analysis(path) for path in self._folder.glob(f"*{SUFFIX}")]
        return sorted((a for a in found if a), key=lambda a: (a.ended_at_s, a.analysis_id))

    def result(self, analysis_id: str) -> Result:
        """Return the result of a kept analysis. Raises DataLoss if its file is damaged.

        The one read last is remembered: a page asks for it again and again.
        """
        last = self._last
        if last is None or last[0] != analysis_id:
            self._last = last = (analysis_id, self._read(analysis_id))
        return last[1]

    def _read(self, analysis_id: str) -> Result:
        path = self._file(analysis_id)
        try:
            return records.result_from(path.read_text(encoding="utf-8").split("\n")[1])
        except (*_UNREADABLE, IndexError) as error:
            raise errors.DataLoss(
                f"the kept result {path.name} cannot be read ({error!r}): "
                "start the analysis again with `force`"
            ) from error

    def remove(self, analysis_id: str) -> None:
        """Keep it no longer; removing twice is fine."""
        if self._last and self._last[0] == analysis_id:
            self._last = None
        self._file(analysis_id).unlink(missing_ok=True)

    def _file(self, analysis_id: str) -> Path:
        return self._folder / f"{analysis_id}{SUFFIX}"

    def _analysis(self, path: Path) -> Analysis | None:
        try:
            with path.open(encoding="utf-8") as file:
                return records.analysis_from(file.readline())
        except _UNREADABLE as error:
            aside = path.with_suffix(".unreadable")
            log.warning("%s cannot be read and becomes %s: %r", path, aside.name, error)
            path.replace(aside)
            return None
