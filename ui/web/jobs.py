"""Analyses as a page follows them: start one, watch it, and hand over the one that succeeded."""

from collections.abc import Iterator

from common import errors
from common.samples import Kind
from ui import analyses, client

FLAT, DEEP = 2, 3
_SUCCEEDED = analyses.AnalysisState.SUCCEEDED
CHOICES = {
    "Whole photos": (Kind.PHOTO,),
    "Persons": (Kind.PERSON,),
    "Vehicles": (Kind.VEHICLE,),
    "Animals": (Kind.ANIMAL,),
    "Things": (Kind.OUTDOORS, Kind.SPORTS, Kind.OBJECT),
    "Texts": (Kind.TEXT,),
}


def followed(
    library: client.Client, parameters: analyses.Parameters, choice: str = ""
) -> Iterator[analyses.Analysis]:
    """Start or find the job and yield it until it is over; without a choice, of whole photos.

    Raises SemapixError if it failed.
    """
    job = library.analyses.start(parameters, kinds=CHOICES[choice] if choice else ())
    yield job
    if not job.state.over:
        for changed in library.analyses.watch(job.analysis_id):
            job = changed
            yield job
    if job.state is not _SUCCEEDED:
        raise errors.SemapixError(job.error or "The analysis was cancelled.")


def succeeded(
    library: client.Client, parameters: type[analyses.Parameters]
) -> Iterator[analyses.Analysis]:
    """Yield the jobs of that type that succeeded, newest first."""
    for job in library.analyses.list():
        if isinstance(job.parameters, parameters) and job.state is _SUCCEEDED:
            yield job


def told(job: analyses.Analysis) -> str:
    """Return of what a job is: "whole photos", "animals"."""
    kinds = job.kinds or (Kind.PHOTO,)
    known = (choice.lower() for choice, of in CHOICES.items() if set(of) == set(kinds))
    return next(known, ", ".join(kind.name.lower() for kind in kinds))


def age(job: analyses.Analysis) -> str:
    """Return a sentence when the library has changed since."""
    if not job.stale:
        return ""
    changes = [f"{job.added:,} came"] if job.added else []
    changes += [f"{job.removed:,} went"] if job.removed else []
    since = (
        f"Of its pictures {' and '.join(changes)} since"
        if changes
        else "The library has changed since"
    )
    return f"{since}: start again to take that in."
