"""`python -m embedder_service.training --data DIR --out DIR`: train, measure, write the weights."""

import argparse
import copy
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from embedder_service import calibration, hardware, mini, mini_towers, mini_tuned
from embedder_service.training import (
    ablation,
    card,
    depthwise,
    evaluate,
    holding_out,
    learning,
    material,
    report,
    school,
    sense,
    tuning,
)

CACHE = Path.home() / ".cache" / "semapix" / "training"
CHECKPOINT = "tuning.pt"
log = logging.getLogger(__name__)


def main() -> None:
    """Write mini.safetensors, semapix.json, understanding.safetensors and the model card."""
    given = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(given.threads)
    where, recipe = hardware.choose(given.device), _recipe(given)
    towers = school.Towers(mini_towers.pictures(), mini_towers.texts())
    tower = mini_towers.PictureTower(where, towers.pictures)
    seen = material.load(given.data, given.cache, tower, given.seed)
    texts = school.read_texts(seen, towers, given.cache, where)
    scenes = holding_out.HeldOut(tuple(given.without)) if given.without else None
    seen = scenes.left(seen) if scenes else seen
    given.out.mkdir(parents=True, exist_ok=True)
    classifier = towers.pictures.classifier

    def watch(epoch: int, mean: mini_tuned.Tuned) -> None:
        figures = evaluate.Judge(mean, classifier, texts, where).embedded(seen.flickr8k_val)
        log.info("epoch %d: Flickr8k val %s", epoch, evaluate.recall(figures))

    tuned, course = school.begun(seen, texts, towers, recipe)
    fitted = copy.deepcopy(tuned)
    learning.train(fitted.heads, course, texts, recipe.fitting)
    if recipe.towers.epochs:
        under_way = tuning.Tuning(tuned, classifier, course, texts, recipe.towers, where)
        tuned = under_way.run(given.out / CHECKPOINT, watch)
    else:
        tuned = fitted
    left_out = depthwise.KERNELS if recipe.towers.epochs else mini_tuned.TOWERS
    mini_tuned.save(tuned, given.out / mini.HEADS_FILE, left_out=left_out)
    base = mini_tuned.untrained(towers.pictures, towers.texts)
    trained = mini_tuned.load(given.out / mini.HEADS_FILE, base).to(where.device)
    judge = evaluate.Judge(trained, classifier, texts, where)
    stages = ablation.stages(fitted, trained if recipe.towers.epochs else None)
    captions = [text for example in seen.flickr8k_train.examples for text in example.texts]
    _write(report.measure(judge, seen, stages, scenes), recipe, where, given, captions)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="embedder_service.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with flickr8k/ and coco/")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights and card")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder that keeps features")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=tuning.Recipe().epochs, help="0: heads alone")
    parser.add_argument(
        "--without", nargs="*", default=(), help="learn from no photo with such words: snow* ski"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda:0")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args()


def _recipe(given: argparse.Namespace) -> school.Recipe:
    fitting = learning.Recipe(seed=given.seed)
    return school.Recipe(fitting, replace(tuning.Recipe(), seed=given.seed, epochs=given.epochs))


def _write(
    measured: report.Measured,
    recipe: school.Recipe,
    where: hardware.Hardware,
    given: argparse.Namespace,
    captions: Sequence[str],
) -> None:
    constants = calibration.to_json(measured.constants)
    given.out.joinpath(calibration.FILE).write_text(constants, encoding="utf-8")
    encoder = mini.MiniEncoder(where, given.out)
    sense.fit(encoder, captions, given.out)
    about = encoder.about
    text = card.write(measured, recipe, about, threads=given.threads, without=given.without)
    given.out.joinpath(card.FILE).write_text(text, encoding="utf-8")
    print(measured.table())


if __name__ == "__main__":
    main()
