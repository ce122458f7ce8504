"""COCO's class names, and how they fold into the six kinds of objects."""

from pathlib import Path

from common.samples import Kind

# fmt: off
COCO_80 = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat",
    "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack",
    "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball",
    "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket",
    "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair",
    "couch", "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote",
    "keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book",
    "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)
# fmt: on
NO_CLASS = "N/A"
# COCO numbers its classes from 1 to 90 and left these ten numbers without pictures.
_UNUSED = frozenset((12, 26, 29, 30, 45, 66, 68, 69, 71, 83))

_FOLDED = {
    **dict.fromkeys(COCO_80[:1], Kind.PERSON),
    **dict.fromkeys(COCO_80[1:9], Kind.VEHICLE),
    **dict.fromkeys(COCO_80[9:14], Kind.OUTDOORS),
    **dict.fromkeys(COCO_80[14:24], Kind.ANIMAL),
    **dict.fromkeys(COCO_80[29:39], Kind.SPORTS),
}


def kind_of(label: str) -> Kind:
    """Return the kind of a class; whatever is in none of the five narrow ones is an OBJECT."""
    return _FOLDED.get(label, Kind.OBJECT)


def _numbered() -> tuple[str, ...]:
    names = iter(COCO_80)
    return (NO_CLASS, *(NO_CLASS if n in _UNUSED else next(names) for n in range(1, 91)))


COCO_91 = _numbered()


def names_beside(model: Path) -> tuple[str, ...]:
    """Return the class names in MODEL.names.txt beside MODEL.onnx, one a line, else COCO's 80.

    Raises ValueError for a file without names.
    """
    path = model.with_suffix(".names.txt")
    if not path.is_file():
        return COCO_80
    names = tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    if not any(names):
        raise ValueError(f"{path} holds no class names: write one a line, in the model's order")
    return names
