"""SimCLR, as pages and the command line know it."""

from statistics import median
from typing import Annotated, Literal

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import MethodSpec, Needs, Paper, about
from ssl_core.methods.views import ViewHyperparameters

READ_OUT = "probe/accuracy"
_LINES = 5  # whose median is looked at
_SETTLED = 0.15  # of the budget
_COLLAPSED = 0.3  # of the spread of rows that point everywhere
_TOO_EASY = 0.98
_FIRST = 3  # read-outs, whose median is what the features of chance were worth
_LOOKS = 15  # read-outs that have to be there before they are called flat
_RISE = 0.02  # of the share right
_GOOD = 0.9  # of the labels: what starts there need not rise
_REMEMBERED = 200


class SimclrConfiguration(ViewHyperparameters):
    """How views are told apart, and how the labels are brought in afterwards."""

    contrast_batch_size: Annotated[
        int,
        about(
            "Images of the pool in a step of pretraining, two views each. More give every view "
            "more others to be told from, and make each step slower.",
            minimum=2,
            maximum=4096,
            unit="images",
            source="SimCLR, section 5.1, has 256 to 8,192",
        ),
    ] = 192
    temperature: Annotated[
        float,
        about(
            "Divides the cosines. The lower, the more the most similar other images count.",
            minimum=0.01,
            maximum=2.0,
            source="SimCLR, section 5.1 and table 5",
        ),
    ] = 0.2
    pretraining_share: Annotated[
        float,
        about(
            "Steps that are spent without labels; the others bring the labels in.",
            minimum=0.1,
            maximum=0.95,
            unit="share of the steps",
        ),
    ] = 0.8
    readout: Annotated[
        Literal["finetune", "probe"],
        about(
            "What the labels train after pretraining: finetune the whole network, probe only a "
            "linear classifier on its features.",
            source="SimCLR, section 2.3 and appendix B.5",
        ),
    ] = "finetune"
    projection_size: Annotated[
        int,
        about(
            "Width of the vectors that are compared.",
            minimum=2,
            maximum=2048,
            unit="numbers",
            source="SimCLR, section 2.1, has 128; its figure 8 finds the width of little weight",
            advanced=True,
        ),
    ] = 64


def _collapsed(history: History) -> bool:
    deviation = history.middle("embedding/deviation", _LINES)
    return deviation is not None and deviation < _COLLAPSED


def _not_told_apart(history: History) -> bool:
    """Partners are found less than three times as often as by guessing."""
    images = history.settings.get("contrast_batch_size", 0)
    found = history.middle("contrast/accuracy", _LINES)
    if history.share_done < _SETTLED or found is None or not isinstance(images, int):
        return False
    return found < 3 / max(1, 2 * images - 1)


def _too_easy(history: History) -> bool:
    found = history.middle("contrast/accuracy", _LINES)
    return found is not None and found > _TOO_EASY


def _flat(history: History) -> bool:
    """A linear read-out of the features is hardly better than it was at the beginning."""
    found = history.recent(READ_OUT, _REMEMBERED)
    if len(found) < _LOOKS:
        return False
    latest = median(found[-_LINES:])
    return latest < _GOOD and latest < median(found[:_FIRST]) + _RISE


SPEC = MethodSpec(
    name="simclr",
    title="SimCLR, then read-out",
    summary="Learns features by telling images apart under random changes, then reads the labels.",
    description=(
        "Pretraining looks at no label. Two random views of every image (a part of it, turned, in "
        "another light) pass the network; each view must find its partner among all views of the "
        "step. The features that can do this describe the thing in the image and not how it is "
        "shown. Afterwards the labels train a classifier on these features, or the whole network "
        "a little further. The curve of the linear read-out shows from the first steps what the "
        "features are worth: each training label is predicted from the other ones.\n\n"
        "**When it helps.** Few labels and many images in which one thing fills the frame. One "
        "idea of what does not matter, the random changes, has to fit the images: a mirrored "
        "digit is another sign, a mirrored cat is a cat.\n\n"
        "**How it fails.** The changes are too weak and the partner is found by its light or "
        "place: contrastive accuracy near 100 % and a flat read-out. Or they are too strong, and "
        "what tells the classes apart is among what the features learn to ignore. Or all images "
        "collapse to one point: the spread of the embedding falls towards 0. Small batches have "
        "few others to be told from."
    ),
    architecture=(
        "image → backbone → map of features → global average pooling, then two heads:\n\n"
        "- projection, in pretraining only: dense layer as wide as the features → ReLU → dense "
        "layer; discarded afterwards\n"
        "- classifier: dropout 0.3 → dense layer with one logit a class. In pretraining it learns "
        "beside, from features through which no gradient flows back\n\n"
        "Loss of pretraining, over the 2N views of a step with cosines s and temperature T: "
        "`L = mean_i −ln( e^{s(i, partner)/T} / Σ_{k≠i} e^{s(i, k)/T} )`. Loss of the read-out: "
        "cross-entropy of the labelled images under weak changes. Pretraining takes three times "
        "the learning rate; in each phase it falls to zero."
    ),
    paper=Paper(
        title="A Simple Framework for Contrastive Learning of Visual Representations",
        authors="Chen, Kornblith, Norouzi, Hinton",
        year=2020,
        link="https://arxiv.org/abs/2002.05709",
        where="section 2.1, equation 1 and algorithm 1; views as in appendix A, without blur",
    ),
    needs=Needs(labels=True, unlabelled=True),
    configuration=SimclrConfiguration,
    alarms=(
        Alarm(
            "embedding-collapse",
            "All images look the same to it",
            "Lower the learning rate, raise the temperature, or take larger batches.",
            _collapsed,
        ),
        Alarm(
            "views-not-told-apart",
            "Views do not find their partners",
            "Change the views less: show larger parts and change the contrast less.",
            _not_told_apart,
        ),
        Alarm(
            "views-too-easy",
            "Views find their partners without effort",
            "Change the views more, or take larger batches: little is left to be learned.",
            _too_easy,
        ),
        Alarm(
            "read-out-flat",
            "The features tell the classes no better than at the beginning",
            "Change what the views keep (crop, turn, contrast): what tells the classes apart may "
            "be among what they learn to ignore.",
            _flat,
        ),
    ),
)
