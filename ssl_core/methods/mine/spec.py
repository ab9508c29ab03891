"""Embeddings by neural estimation of mutual information, as pages and the command line know it."""

from math import log
from typing import Annotated

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import MethodSpec, Needs, Paper, about
from ssl_core.methods.pairs import PairHyperparameters

HELD_OUT = "mi/held-out"
_LINES = 5  # whose median is looked at
_EARLY = 0.1  # of the budget
_FORMED = 0.1  # nats
_SHORT_OF = 0.5  # nats: how much less new changes may give than those of training


class InformationConfiguration(PairHyperparameters):
    """How small the embedding is, and the critic that looks for shared information."""

    embedding_size: Annotated[
        int,
        about(
            "Numbers that an image is brought down to. More keep more of it, and a linear "
            "classifier has more to go by.",
            minimum=1,
            maximum=512,
            unit="numbers",
        ),
    ] = 10
    critic_units: Annotated[
        int,
        about("Hidden units of the critic.", minimum=1, maximum=8192, unit="units"),
    ] = 1024
    shifts: Annotated[
        int,
        about(
            "Pairs that do not belong together, for each that does: the batch moved on by one row, "
            "by two, and so on. More make the estimate less noisy. Fewer than pairs in a step.",
            minimum=1,
            maximum=256,
            unit="per pair",
        ),
    ] = 32
    corrected_gradient: Annotated[
        bool,
        about(
            "Correct the gradient, which small batches bias, with a moving average of the mean "
            "of e^T.",
            source="Belghazi et al. 2018, section 3.2",
            advanced=True,
        ),
    ] = True


def _nothing_shared(history: History) -> bool:
    found = history.middle("mi/smoothed", _LINES)
    return found is not None and history.share_done > _EARLY and found < _FORMED


def _overfitted(history: History) -> bool:
    """The estimate of training is far above that on new changes of the images, at its step."""
    training = history.middle_at("mi/smoothed", _LINES, HELD_OUT)
    fresh = history.last(HELD_OUT)
    if training is None or fresh is None or history.share_done < _EARLY:
        return False
    return training - fresh > _SHORT_OF


def _above_batch(history: History) -> bool:
    rows = history.settings.get("batch_size", InformationConfiguration().batch_size)
    found = history.middle("mi/smoothed", _LINES)
    return isinstance(rows, int) and found is not None and found > log(rows)


SPEC = MethodSpec(
    name="mine",
    title="MINE embeddings",
    summary="Brings images down to a few numbers that tell much of a changed copy; no labels.",
    description=(
        "Each image has a partner: itself turned, cut and in another contrast. An encoder brings "
        "both down to a few numbers, and a critic learns to tell numbers that belong to one image "
        "from numbers that do not; how well it can is an estimate of mutual information. Encoder "
        "and critic are trained together to make it large, so the numbers keep what survives the "
        "changes. No label is used. At the end a linear classifier is fitted on the numbers of "
        "the labelled images alone, or, where nobody has labelled any, on those with reference "
        "labels of the training split, and then the run says so. Without any of these labels it "
        "answers nothing.\n\n"
        "**When it helps.** Many images, few labels, and a wish for short vectors that can be "
        "looked at or used elsewhere. Methods that train on the labels classify better.\n\n"
        "**How it fails.** The estimate passes ln n, with n pairs in a batch: no batch can show "
        "that much, and it means nothing. The critic learns pairs by heart: the estimate on new "
        "changes of the images stays far below. Partners that differ too much: nothing is found at "
        "all."
    ),
    architecture=(
        "image and partner → backbone, one batch of both → global average pooling → dense layer "
        "to d numbers → each brought to mean 0 and deviation 1 over the batch, so that none can "
        "grow without bound.\n\n"
        "Critic: `T(x, y) = w · relu(A x + B y + b)`. Vectors that do not belong together are "
        "those of the batch moved on by one row, by two and so on, so each image is encoded "
        "once.\n\n"
        "Loss: `−Î`, with `Î = mean T(x, y) − log mean exp T(x, y′)` in logsumexp form. Its "
        "gradient is taken with a moving average of `mean exp T` in the denominator, kept as a "
        "logarithm.\n\n"
        "Answers: embedding → linear layer and softmax, fitted by logistic regression and never "
        "trained with the rest."
    ),
    paper=Paper(
        title="Mutual Information Neural Estimation",
        authors="Belghazi, Baratin, Rajeswar, Ozair, Bengio, Courville, Hjelm",
        year=2018,
        link="https://arxiv.org/abs/1801.04062",
        where="section 3: the Donsker-Varadhan bound and its corrected gradient",
    ),
    needs=Needs(labels=False, unlabelled=True, minimum_classes=0),
    configuration=InformationConfiguration,
    alarms=(
        Alarm(
            "nothing-shared",
            "Images and partners have nothing in common",
            "Make partners less different (turn, crop, contrast), or train for longer.",
            _nothing_shared,
        ),
        Alarm(
            "critic-overfits",
            "The critic knows the pairs of training by heart",
            "Take fewer hidden units, more images or fewer steps: on new changes of the images it "
            "finds far less.",
            _overfitted,
        ),
        Alarm(
            "estimate-too-high",
            "More mutual information than a batch can show",
            "Above ln n the estimate cannot be trusted: take larger batches or a smaller critic.",
            _above_batch,
        ),
    ),
)
