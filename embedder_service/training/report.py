"""The figures of trained heads: recall, single words, and the calibration with its error."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from embedder_service import calibration, mini, mini_tuned
from embedder_service.calibration import Calibrations
from embedder_service.training import (
    ablation,
    alike,
    constants,
    evaluate,
    holding_out,
    kinship,
    maps,
)
from embedder_service.training.material import Material

Row = tuple[str, tuple[float, ...]]
PRECISION = "mean average precision"


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures by name, in print order; each row holds a text, what it is of, and its figures."""

    recall: tuple[Row, ...]
    words: tuple[Row, ...]
    kinship: tuple[Row, ...]
    stages: tuple[Row, ...]
    constants: Calibrations
    errors: tuple[str, ...]
    held_out: tuple[Row, ...] = ()

    def table(self) -> str:
        """Return the figures as Markdown tables."""
        tables = [
            _table("text -> photo", ("R@1", "R@5", "R@10"), self.recall),
            _table("one word -> photos", (PRECISION,), self.words),
            _table("thing -> nearest other thing", ("of the same class",), self.kinship),
            _table("stage, Flickr8k val", ("R@10", f"one word: {PRECISION}"), self.stages),
        ]
        if self.held_out:
            columns = ("R@10", "R@10 of other captions", f"their words: {PRECISION}")
            tables.append(_table("held-out scenes, Flickr8k val", columns, self.held_out))
        return "\n\n".join(tables)


def measure(
    judge: evaluate.Judge,
    material: Material,
    stages: Iterable[ablation.Stage],
    scenes: holding_out.HeldOut | None = None,
) -> Measured:
    """Return the figures on the held-out photos; constants come from the validation photos.

    Where `scenes` were kept from training, the weights of the package, which learnt from such
    photos, stand beside.
    """
    flickr8k_val, flickr8k_test = map(
        judge.embedded, (material.flickr8k_val, material.flickr8k_test)
    )
    coco = judge.embedded(material.coco_val)
    pairs = constants.pairs(judge, flickr8k_val)
    fitted = calibration.fit_every(pairs)
    return Measured(
        recall=(
            _recall("Flickr8k test", flickr8k_test),
            _recall("COCO val2017", coco),
            _recall("Flickr8k val", flickr8k_val),
        ),
        words=(_words("Flickr8k test", flickr8k_test, judge),),
        kinship=_kinship(judge, material),
        stages=tuple(_stages(judge, material.flickr8k_val, [*stages, ("all of it", judge.tuned)])),
        constants=fitted,
        errors=tuple(alike.report(pair, fitted[pair], each) for pair, each in pairs.items()),
        held_out=tuple(_held_out(judge, material.flickr8k_val, scenes)) if scenes else (),
    )


def _table(title: str, columns: tuple[str, ...], rows: tuple[Row, ...]) -> str:
    lines = [f"| {title} | " + " | ".join(columns) + " |", "|---" * (1 + len(columns)) + "|"]
    for name, figures in rows:
        lines.append(f"| {name} | " + " | ".join(f"{one:.3f}" for one in figures) + " |")
    return "\n".join(lines)


def _recall(name: str, those: evaluate.Embedded) -> Row:
    sizes = f"{len(those.pictures):,} photos, {len(those.texts):,} captions"
    return f"{name}, {sizes}", evaluate.recall(those)


def _words(name: str, those: evaluate.Embedded, judge: evaluate.Judge) -> Row:
    shown = evaluate.words(those.examples)
    precision = evaluate.mean_precision(judge.of_texts(shown.words) @ those.pictures.T, shown)
    return f"{name}, {len(shown.words)} words", (precision,)


def _kinship(judge: evaluate.Judge, material: Material) -> tuple[Row, ...]:
    things = material.things_val
    classes = [example.texts[0] for example in things.examples]
    count = f"{kinship.kept(classes).sum()} crops of COCO val2017"
    return (
        (f"mini, {count}", (kinship.share(judge.of_pictures(things), classes),)),
        (f"bare picture tower, {count}", (kinship.share(things.pooled[:, 0], classes),)),
    )


def _held_out(
    judge: evaluate.Judge, those: maps.Maps, scenes: holding_out.HeldOut
) -> Iterator[Row]:
    package = mini_tuned.load(mini.WEIGHTS / mini.HEADS_FILE).to(judge.hardware.device)
    yield "in no lesson", scenes.figures(judge, those)
    yield "weights of the package", scenes.figures(replace(judge, tuned=package), those)


def _stages(
    judge: evaluate.Judge, those: maps.Maps, stages: Iterable[ablation.Stage]
) -> Iterator[Row]:
    shown = evaluate.words(those.examples)
    for name, tuned in stages:
        so_far = replace(judge, tuned=tuned.to(judge.hardware.device).eval())
        embedded = so_far.embedded(those)
        cosines = so_far.of_texts(shown.words) @ embedded.pictures.T
        precision = evaluate.mean_precision(cosines, shown)
        yield name, (evaluate.recall(embedded)[-1], precision)
