"""What a report says to somebody who has not read the thesis."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Of one section: title, what it shows, how to read it, what it means, why it is missing."""

    title: str
    shows: str
    reading: str
    meaning: str
    missing: str


OBJECTS = Words(
    "1. How alike are things of one class?",
    "Every labelled thing that covers 4 to 90 % of its photo was cut out and turned into a "
    "vector. The matrix holds the mean cosine of each pair of classes (thesis: figure 4.1); the "
    "second figure shows how single pairs are spread. Pairs from one photo are left out.",
    "Bright means alike. A good encoder has a bright diagonal: things of one class lie closer "
    "to each other than to other classes. Two classes that are bright where they cross (cups "
    "and bowls, say) are what it mixes up. The dashed line is the cosine that tells the two "
    "kinds of pairs apart with the least error; where the two hills overlap, no threshold can "
    "tell them. A white cell has no pairs.",
    "To have only things of one kind in a cluster, take an eps of about 1 minus the threshold, "
    "or less: every wrong pair may tie two clusters. `semapix duplicates --kind semantic "
    "--min-cosine` wants a far higher value: the same scene, not the same class.",
    "No folder with boxes (labels.json {file: {width, height, boxes}}) was given, or no two "
    "classes have four things or more.",
)
PEOPLE = Words(
    "2. How alike are photos of one person?",
    "The same for photos sorted by person (thesis: figure 4.2).",
    "As above. With a general encoder the diagonal is hardly brighter than the rest: it sees a "
    "man in a suit before a microphone, not who he is.",
    "If the error is near one half, no threshold finds persons: search by name needs `semapix "
    "finetune`, and a cluster of portraits is one of poses and clothes.",
    "No folder with photos by person (labels.json {name: [files]}, or a folder per name) was "
    "given, or no two persons have four photos or more.",
)
CAPTIONS = Words(
    "3. How do captions and pictures lie to one another?",
    "Captions against pictures: the cosine of each of the first captions with each of their "
    "pictures (thesis: figure 4.4). The way between the mean picture and the mean caption is "
    "the modality gap (Liang et al. 2022).",
    "The diagonal, a caption and its own picture, should be the brightest place of its row. The "
    "numbers matter more than the colours: a cosine of 0.3 may be a perfect match for one "
    "encoder and none for another. The larger the gap, the less a text's cosine may be compared "
    "with a picture's: with a large one, any two pictures are closer than a picture and its "
    "caption.",
    "This is why Semapix turns cosines into scores, for texts and for pictures by curves of "
    "their own, and why texts are clustered apart from pictures. Thresholds are scores, 0.5 by "
    "default, whatever the encoder.",
    "No photos with captions (captions.json, or captions in labels.json) were given.",
)
MAPS = Words(
    "4. What lies beside what?",
    "Maps by t-SNE: each point is a thing, a portrait, a picture or a caption, and like ones "
    "lie together (thesis: figures 4.5 and 4.6).",
    "Look for islands of one colour: a class that the encoder knows. Distances between islands "
    "and their sizes mean nothing. Of captions and pictures, two continents are the modality "
    "gap; mixed points are an encoder without one.",
    "The numbers say how often a neighbour is of the same class: what `more like this` brings.",
    "There is nothing to map.",
)
CLUSTERS = Words(
    "5. Which eps finds the classes again?",
    "DBSCAN over eps, on the things and on the persons (thesis: figure 4.7). Purity: share of "
    "the clustered samples that are of the most frequent class of their cluster. Coverage: "
    "share that is in a cluster at all. ARI: how well clusters and classes agree, 1 at best, 0 "
    "by chance.",
    "From left to right: with a small eps only near twins come together, all pure, covering "
    "little; then clusters grow, and beyond some eps one cluster swallows everything: coverage "
    "is 1 and purity falls to that of the largest class. The useful range ends where purity "
    "breaks.",
    "`semapix clusters --eps` wants a value at the end of that range; `--suggest` looks for it "
    "without labels. The range belongs to the encoder: 0.2 was right for the CLIP of the "
    "thesis.",
    "There is nothing with labels to cluster.",
)
SEARCH = Words(
    "6. What do weights do?",
    'Each label is searched as "a photo of a ..." among whole photos and their labelled regions, '
    "under four weightings; a photo counts as its best weighted score (thesis: figure 4.8). The "
    "figure shows the search that weights move most; photos that have the label are framed in "
    "green.",
    "Mean average precision is 1 where all right photos come first. Whole photos alone miss "
    "what is small; the regions find it. The other rows say whether it pays to count persons "
    "less, so that they do not stand in for what is beside them, and to trust things more.",
    "`semapix search --weights person=0.2,photo=1` and the sliders of the page do this; a kind "
    "of weight 0 is hidden. Weights change the order, never the threshold.",
    "No folder with boxes was given, or no label is in three photos or more.",
)
TUNING = Words(
    "7. What did fine-tuning bring, and what did it cost?",
    "A fine-tuning's losses, similarities and what is found, evaluated round by round on photos "
    "that were only watched (thesis: figures 4.9 to 4.11), and the figures before and after on "
    "photos held out (thesis: table 4.2).",
    "Names should rise or, as a loss, fall; the background, which has nothing to do with them, "
    "should stay. A background that falls is forgetting. Of the similarities only the "
    "difference counts: all cosines may grow together and nothing is found better. Of what the "
    "curves show only a share is kept in the end, so that the background bears it.",
    "If the background falls by more than a few hundredths, give a lower `--rate` or more "
    "`--mix` (docs/training.md). The thesis' similarities are CLIP's and no yardstick for "
    "another encoder.",
    "No folder of a fine-tuned model was given.",
)
