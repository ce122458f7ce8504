"""Photo facts as columns of the table of photos, and back."""

from collections.abc import Sequence

from common.samples import PhotoFacts, Taken

# The same picture may lie in thousands of places; whoever asks for it wants to know of some.
MAX_SOURCES = 100
NAMES = (
    *("photo_id", "width", "height", "bytes", "format", "imported_at_s"),
    *("taken_at_s", "taken_offset_min", "camera_make", "camera_model", "latitude", "longitude"),
    *("perceptual_hash", "pixel_hash", "sharpness"),
)
COLUMNS = ", ".join(f"photos.{name}" for name in NAMES)
INSERT = f"INSERT INTO photos ({', '.join(NAMES)}) VALUES ({', '.join('?' * len(NAMES))})"


def facts_from(columns: Sequence[object], sources: Sequence[str]) -> PhotoFacts:
    """Return the facts of a row of COLUMNS."""
    photo_id, width, height, size, form, imported_at_s, *taken = columns[:-3]
    return PhotoFacts(
        photo_id,  # type: ignore[arg-type]
        width,  # type: ignore[arg-type]
        height,  # type: ignore[arg-type]
        size,  # type: ignore[arg-type]
        form,  # type: ignore[arg-type]
        tuple(sources),
        imported_at_s,  # type: ignore[arg-type]
        Taken(*taken),  # type: ignore[arg-type]
        *columns[-3:],  # type: ignore[arg-type]
    )


def values_of(facts: PhotoFacts) -> tuple[object, ...]:
    """Return what INSERT takes."""
    taken = facts.taken
    own = (facts.photo_id, facts.width, facts.height, facts.bytes, facts.format)
    when = (facts.imported_at_s, taken.at_s, taken.offset_min)
    camera = (taken.camera_make, taken.camera_model)
    where = (taken.latitude, taken.longitude)
    return *own, *when, *camera, *where, facts.perceptual_hash, facts.pixel_hash, facts.sharpness
