"""Any ONNX detector of a known form, from a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as failures
from PIL import Image

from detector_service import boxes, classes, onnx_forms, weights
from detector_service.findings import About, Detection

# What ONNX Runtime raises for a file that it cannot use; its errors have no common base.
UNREADABLE = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NotImplemented,
    failures.RuntimeException,
)


@dataclass(frozen=True, slots=True)
class OnnxDetector:
    """A loaded model, its form and its class names."""

    about: About
    names: tuple[str, ...]
    confidence: float
    form: onnx_forms.Form
    session: Any

    def detect(self, image: Image.Image) -> list[Detection]:
        """Return the objects of an upright RGB picture, most confident first."""
        names = [output.name for output in self.session.get_outputs()]
        outputs = self.session.run(names, dict(self.form.inputs(image)))
        found = self.form.candidates(dict(zip(names, outputs, strict=True)), image.size)
        return boxes.detections(found, self.names, image.size, confidence=self.confidence)


def load(path: Path, *, device: str, confidence: float) -> OnnxDetector:
    """Return the detector; a confidence of 0 takes what suits its form.

    Raises FileNotFoundError, or ValueError for a file that is not a model of a known form.
    """
    fingerprint = weights.fingerprint(path)
    session = _session(path, device)
    try:
        form = onnx_forms.recognised(_shapes(session.get_inputs()), _shapes(session.get_outputs()))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    used = "cuda:0" if "CUDAExecutionProvider" in session.get_providers() else "cpu"
    return OnnxDetector(
        about=About(path.stem, fingerprint, used),
        names=classes.names_beside(path),
        confidence=confidence or form.confidence,
        form=form,
        session=session,
    )


def _session(path: Path, device: str) -> Any:
    options = onnxruntime.SessionOptions()
    # Threads that wait in a busy loop would take the processor from the other services.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    wanted = ["CUDAExecutionProvider"] if device.startswith("cuda") else []
    usable = [name for name in wanted if name in onnxruntime.get_available_providers()]
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=[*usable, "CPUExecutionProvider"]
        )
    except UNREADABLE as error:
        raise ValueError(f"{path} is not a model that ONNX Runtime reads: {error}") from error


def _shapes(nodes: Sequence[Any]) -> dict[str, tuple[int | None, ...]]:
    return {
        node.name: tuple(side if isinstance(side, int) else None for side in node.shape)
        for node in nodes
    }
