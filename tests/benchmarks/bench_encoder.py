"""`python tests/benchmarks/bench_encoder.py`: speed and memory of mini beside CLIP ViT-B/32.

The detector, one picture at a time, beside the encoder.

CLIP has random weights: its speed does not depend on them. Both in the number format that is fast
on this processor, bfloat16 where it can, at the same threads, in turns, so that what else the
machine does meets both; the fastest of many rounds counts.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from embedder_service.encoder import Encoder

BATCH, SIDE, CLIP_SIDE = 32, 260, 224
NEEDED_SHARE, MOST_TEXT_MS, MOST_MB, MOST_DETECTOR = 0.8, 15.0, 400.0, 2.0


def memory_mb() -> float:
    """Return the resident memory of this process."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def fastest_s(*jobs: Callable[[], object], rounds: int) -> list[float]:
    """Return the seconds of each job's fastest round, in turns, after one round to warm up."""
    best = [float("inf")] * len(jobs)
    for round_number in range(rounds + 1):
        for number, job in enumerate(jobs):
            started = time.perf_counter()
            job()
            spent = time.perf_counter() - started
            best[number] = min(best[number], spent) if round_number else best[number]
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=8)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch_mb = memory_mb()
    from embedder_service import hardware, mini

    where = hardware.choose("cpu")
    encoder = mini.MiniEncoder(where)
    squares = list(np.random.default_rng(0).integers(0, 256, (BATCH, SIDE, SIDE, 3), np.uint8))
    encoder.encode_images(squares)
    encoder.encode_texts(["a dog on a beach"])
    added_mb = memory_mb() - torch_mb
    rows = [("memory above torch, MB", added_mb, f"<= {MOST_MB:.0f}")]
    spent_ms = [text_ms(encoder.encode_texts) for _ in range(50)]
    rows.append(("one text, ms, median", float(np.median(spent_ms)), f"< {MOST_TEXT_MS:.0f}"))
    of_clip = clip_tower(where.dtype)
    spent = fastest_s(lambda: encoder.encode_images(squares), of_clip, rounds=given.rounds)
    mini_rate, clip_rate = (BATCH / seconds for seconds in spent)
    print(f"{where.precision}, {given.threads} threads")
    rows += [("mini, pictures/s", mini_rate, ""), ("CLIP ViT-B/32, pictures/s", clip_rate, "")]
    rows.append(("mini / CLIP", mini_rate / clip_rate, f">= {NEEDED_SHARE}"))
    rows += beside_detector(encoder, rounds=given.rounds)
    for name, value, bound in rows:
        print(f"{name:28} {value:8.2f}  {bound}")


def beside_detector(encoder: "Encoder", *, rounds: int) -> list[tuple[str, float, str]]:
    """Return the milliseconds of one picture of encoder and detector, and their ratio."""
    import skimage.data
    from PIL import Image

    from detector_service import mini

    detector = mini.load(mini.PATH, device="cpu", confidence=0.0)
    photo = Image.fromarray(skimage.data.astronaut())
    spent = fastest_s(
        lambda: encoder.encode_images([encoder.prepare(photo)]),
        lambda: detector.detect(photo),
        rounds=4 * rounds,
    )
    embedded_ms, detected_ms = (1e3 * seconds for seconds in spent)
    return [
        ("encoder, ms a picture", embedded_ms, ""),
        ("detector, ms a picture", detected_ms, ""),
        ("detector / encoder", detected_ms / embedded_ms, f"<= {MOST_DETECTOR}"),
    ]


def text_ms(encode: Callable[[list[str]], object]) -> float:
    """Return the milliseconds of one text."""
    started = time.perf_counter()
    encode(["a dog on a beach"])
    return 1e3 * (time.perf_counter() - started)


def clip_tower(dtype: torch.dtype) -> Callable[[], object]:
    """Return CLIP ViT-B/32's image tower at work on one batch, its weights in that format."""
    import transformers

    tower = transformers.CLIPVisionModelWithProjection(transformers.CLIPVisionConfig())
    tower = tower.eval().to(dtype)
    pixels = torch.rand(BATCH, 3, CLIP_SIDE, CLIP_SIDE, dtype=dtype)
    return torch.inference_mode()(lambda: tower(pixel_values=pixels))


if __name__ == "__main__":
    main()
