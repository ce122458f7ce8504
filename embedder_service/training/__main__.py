"""`python -m embedder_service.training --data DIR --out DIR`: train, measure, write the weights."""

import argparse
import logging
from pathlib import Path

import torch

from embedder_service import calibration, hardware, mini, mini_heads
from embedder_service.training import card, learning, material, report, school

CACHE = Path.home() / ".cache" / "semapix" / "training"


def main() -> None:
    """Write mini.safetensors, semapix.json and the model card."""
    parser = argparse.ArgumentParser(prog="embedder_service.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with flickr8k/ and coco/")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights and card")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder that keeps features")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(given.threads)
    where = hardware.choose()
    recipe = learning.Recipe(seed=given.seed)
    seen = material.load(given.data, given.cache, where)
    trained = school.train(seen, given.cache, recipe, where)
    given.out.mkdir(parents=True, exist_ok=True)
    mini_heads.save(trained.heads, given.out / mini.HEADS_FILE)
    stored = school.Trained(mini_heads.load(given.out / mini.HEADS_FILE), trained.texts)
    measured = report.measure(stored, seen)
    constants = calibration.to_json(measured.constants)
    given.out.joinpath(calibration.FILE).write_text(constants, encoding="utf-8")
    about = mini.MiniEncoder(where, given.out).about
    text = card.write(measured, recipe, about, threads=given.threads)
    given.out.joinpath(card.FILE).write_text(text, encoding="utf-8")
    print(measured.table())


if __name__ == "__main__":
    main()
