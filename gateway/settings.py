"""Settings of the gateway, section [gateway] or SEMAPIX_GATEWAY_*."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen, where the photos lie, whom to ask, and what one photo may cost."""

    address: str = "127.0.0.1:50050"
    # Folder of originals, thumbnails and uploads under way.
    folder: Path = Path("semapix-library")
    # "host:port", several replicas separated by commas.
    embedder: str = "127.0.0.1:50051"
    detector: str = "127.0.0.1:50052"
    index: str = "127.0.0.1:50053"
    analysis: str = "127.0.0.1:50054"
    # Limits of one photo.
    photo_bytes: int = 64 * 2**20
    photo_pixels: int = 200_000_000
    # Limits of one archive with all archives in it: bytes as it is sent, and of all that is read
    # of it; bytes that come out for one that goes in; entries; archives within one another.
    archive_bytes: int = 64 * 2**30
    archive_unpacked_bytes: int = 256 * 2**30
    archive_ratio: int = 200
    archive_entries: int = 200_000
    archive_depth: int = 3
    # Seconds that decoding one photo may take, and bytes of memory that its process may reserve.
    # 200 million pixels of four bytes are needed twice for a moment.
    decode_s: float = 60.0
    decoder_bytes: int = 3 * 2**30
    # Pictures decoded at the same time, each by a process of its own.
    decoders: int = 2
    # Photos of all imports that are under way at the same time.
    photos_in_flight: int = 16
    # Photos embedded by one call, and calls at the same time.
    embed_batch: int = 8
    embed_calls: int = 2
    # Seconds that an import waits for a service that does not answer.
    patience_s: float = 60.0
    # Photos in the background stages at the same time.
    stage_photos: int = 2
    # Hold the background while photos come in; false where the detector has a machine of its own.
    import_first: bool = True
    # Seconds before the background tries again after trouble; doubled each time up to 15.
    stage_wait_s: float = 1.0
    # Bytes of rejected photos that are kept for another try.
    quarantine_bytes: int = 256 * 2**20
    # Bytes that must stay free on the disk of the library for an import to begin.
    spare_bytes: int = 2**30
    # Days that a removed photo stays in the trash; 0 keeps it for ever.
    trash_days: float = 30.0
    # Share of the photo that an object must cover to get a vector.
    min_share: float = 0.04
    max_share: float = 0.9
    # Least confidence of an object and of a text line.
    min_confidence: float = 0.5
    min_text_confidence: float = 0.3
    # Single words of its lines of text that a photo gets vectors for, each once.
    words: int = 64
    # Default weights such as "person=0.9,text=0.5" for text and picture queries; others weigh 1.
    # A region lacks its context, so that the whole photo comes first among equals. On 91 captions
    # of COCO photos the weights below 1 were alike: one caption more among the first ten than at 1.
    text_query_weights: str = "person=0.8,vehicle=0.8,outdoors=0.8,animal=0.8,sports=0.8,object=0.8"
    picture_query_weights: str = "text=0.5"

    def __post_init__(self) -> None:
        for name in ("decoders", "photos_in_flight", "embed_batch", "embed_calls", "stage_photos"):
            if getattr(self, name) < 1:
                raise ValueError(f"gateway.{name} = {getattr(self, name)}: must be at least 1")
        if not self.trash_days >= 0:
            raise ValueError(f"gateway.trash_days = {self.trash_days}: must be at least 0")
