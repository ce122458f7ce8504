"""Settings of the embedder, section [embedder] or SEMAPIX_EMBEDDER_*."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen, which model to run, and what a request may ask for."""

    address: str = "127.0.0.1:50051"
    # "auto", "mini", the hub id of a CLIP checkpoint in the local cache, or a folder with one.
    model: str = "auto"
    # "auto", "cpu", "cuda:0".
    device: str = "auto"
    # "auto", "float32", "bfloat16", "float16".
    precision: str = "auto"
    # Threads the model computes with; 0 leaves the choice to torch.
    threads: int = 0
    # Threads that decode and crop pictures.
    preparers: int = 2
    max_images: int = 32
    max_image_bytes: int = 32 * 2**20
    max_image_pixels: int = 100_000_000
    max_regions: int = 64
    max_texts: int = 256
    max_text_chars: int = 10_000
    # Pictures and regions, or texts, that run through the model together.
    max_batch: int = 32
    # Pictures and regions, or texts, of all requests that may be under way.
    max_waiting: int = 512

    def __post_init__(self) -> None:
        for field in fields(self):
            value, least = getattr(self, field.name), 0 if field.name == "threads" else 1
            if isinstance(value, int) and value < least:
                raise ValueError(f"embedder.{field.name} = {value} is not at least {least}")
