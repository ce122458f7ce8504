"""Photos that arrive inside installed packages, which may be shown to anybody."""

from importlib import util
from pathlib import Path

from PIL import Image

FOLDERS = {
    "skimage": ("data",),
    "sklearn": ("datasets", "images"),
    "gradio": ("media_assets", "images"),
}
NAMES = (
    "skimage/astronaut.png", "skimage/chelsea.png", "skimage/coffee.png", "skimage/rocket.jpg",
    "skimage/motorcycle_left.png", "skimage/motorcycle_right.png", "skimage/page.png",
    "skimage/camera.png", "skimage/coins.png", "skimage/hubble_deep_field.jpg",
    "skimage/text.png", "skimage/moon.png", "sklearn/china.jpg", "sklearn/flower.jpg",
    "gradio/lion.jpg", "gradio/cheetah.jpg", "gradio/tower.jpg", "gradio/cheetah1.jpg",
)  # fmt: skip
COPIED = ("skimage/coffee.png", "skimage/chelsea.png", "sklearn/china.jpg", "gradio/lion.jpg")


# Where Debian's packages of desktop backgrounds put theirs: photos under free licences.
SCENERY = Path("/usr/share/backgrounds")
TOO_LARGE = 4_000_000


def path(name: str) -> Path:
    """Return the file of "package/name". Raises FileNotFoundError where it is not installed."""
    package, _, file = name.partition("/")
    spec = util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"package {package} is not installed")
    return Path(spec.origin).parent.joinpath(*FOLDERS[package], file)


def paths() -> list[Path]:
    """Return every photo of `NAMES` that is there."""
    return [found for name in NAMES if (found := path(name)).is_file()]


def scenery() -> list[Path]:
    """Return the photos of Debian's mate-backgrounds and lomiri-wallpapers-16.04; none without."""
    found = [*SCENERY.glob("mate/nature/*.jpg"), *SCENERY.glob("*_by_*.jpg")]
    return sorted(path for path in found if path.stat().st_size < TOO_LARGE)


def copies(folder: Path) -> list[Path]:
    """Write small JPEGs of some photos, as people have them beside the originals."""
    made = []
    for original in map(path, COPIED):
        with Image.open(original) as photo:
            small = photo.convert("RGB").resize((photo.width // 2, photo.height // 2))
        made.append(folder / f"{original.stem}-small.jpg")
        small.save(made[-1], quality=85)
    return made
