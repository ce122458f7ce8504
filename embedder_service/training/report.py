"""The figures of trained heads: recall, single words, and the calibration with its error."""

from dataclasses import dataclass

from embedder_service import calibration
from embedder_service.calibration import Calibrations
from embedder_service.training import alike, constants, evaluate, features
from embedder_service.training.material import Material
from embedder_service.training.school import Trained


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures by name, in print order; each row holds a text, what it is of, and three figures."""

    recall: tuple[tuple[str, tuple[float, ...]], ...]
    words: tuple[tuple[str, float], ...]
    constants: Calibrations
    errors: tuple[str, ...]

    def table(self) -> str:
        """Return the figures as Markdown tables."""
        lines = ["| text -> photo | R@1 | R@5 | R@10 |", "|---|---|---|---|"]
        for name, figures in self.recall:
            lines.append(f"| {name} | " + " | ".join(f"{one:.3f}" for one in figures) + " |")
        lines += ["", "| one word -> photos | mean average precision |", "|---|---|"]
        lines += [f"| {name} | {figure:.3f} |" for name, figure in self.words]
        return "\n".join(lines)


def measure(trained: Trained, material: Material) -> Measured:
    """Return the figures on the held-out photos; constants come from the validation photos."""
    flickr8k_val, flickr8k_test = (
        _embedded(trained, features.of_split(material.flickr8k, split)) for split in ("val", "test")
    )
    coco = _embedded(trained, features.of_split(material.coco, "val2017"))
    pairs = constants.pairs(trained.heads, flickr8k_val, trained.texts)
    fitted = {pair: calibration.fit(each.matched, each.unmatched) for pair, each in pairs.items()}
    return Measured(
        recall=(
            _recall("Flickr8k test", flickr8k_test),
            _recall("COCO val2017", coco),
            _recall("Flickr8k val", flickr8k_val),
        ),
        words=(_words("Flickr8k test", flickr8k_test, trained),),
        constants=fitted,
        errors=tuple(alike.report(pair, fitted[pair], each) for pair, each in pairs.items()),
    )


def _embedded(trained: Trained, seen: features.Pictures) -> evaluate.Embedded:
    return evaluate.embedded(trained.heads, seen, trained.texts)


def _recall(name: str, those: evaluate.Embedded) -> tuple[str, tuple[float, ...]]:
    sizes = f"{len(those.pictures):,} photos, {len(those.texts):,} captions"
    return f"{name}, {sizes}", evaluate.recall(those)


def _words(name: str, those: evaluate.Embedded, trained: Trained) -> tuple[str, float]:
    shown = evaluate.words(those.examples)
    vectors = evaluate.of_texts(trained.heads, trained.texts, shown.words)
    precision = evaluate.mean_precision(vectors @ those.pictures.T, shown)
    return f"{name}, {len(shown.words)} words", precision
