"""Ctrl-C while a job is watched ends the job, not only the watching."""

from types import SimpleNamespace

import pytest

from ui.analyses import Analysis, AnalysisState, MapParameters
from ui.commands import analyses

JOB = Analysis("job", MapParameters(), (), AnalysisState.RUNNING, 0.5, "", 1, 3, 1, 0, "", False)


def test_ctrl_c_cancels_the_job():
    cancelled = []

    def watch(analysis_id):
        yield JOB
        raise KeyboardInterrupt

    jobs = SimpleNamespace(start=lambda *_, **__: JOB, watch=watch, cancel=cancelled.append)
    with pytest.raises(KeyboardInterrupt):
        analyses.finished(SimpleNamespace(analyses=jobs), MapParameters(), force=False)
    assert cancelled == ["job"]
