"""Embeddings by neural estimation of mutual information, as pages and the command line know it."""

from typing import Annotated

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import MethodSpec, Needs, Paper, about
from ssl_core.methods.pairs import PairHyperparameters

HELD_OUT = "mi/held-out"
BOUND = "bound of the critic"  # the guide
_AT_BOUND = 0.98  # of the bound; runs that classify well end at 0.96
_LINES = 5  # whose median is looked at
_EARLY = 0.1  # of the budget
_FORMED = 0.1  # nats
_SHORT_OF = 0.5  # nats: how much less new changes may give than those of training


class InformationConfiguration(PairHyperparameters):
    """How small the embedding is, and how finely its cosines tell pairs apart."""

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
    temperature: Annotated[
        float,
        about(
            "Divides the cosines. The higher, the less single images can be told apart, and the "
            "more the numbers keep what many images share.",
            minimum=0.01,
            maximum=10.0,
            source="MNIST, 250 steps: 0.5 was ahead of 0.2",
        ),
    ] = 0.5
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


def _at_its_bound(history: History) -> bool:
    """The estimate is nearly the most that can be shown, whatever the images share."""
    bound = min(history.guides.get("mi", {}).values(), default=0.0)
    found = history.middle("mi/estimate", _LINES)
    return found is not None and bound > 0 and found > _AT_BOUND * bound


SPEC = MethodSpec(
    name="mine",
    title="MINE embeddings",
    summary="Brings images down to a few numbers that tell much of a changed copy; no labels.",
    description=(
        "Each image has a partner: itself turned, cut and in another contrast. An encoder brings "
        "both down to a few numbers. How well the cosine of two such vectors tells what belongs to "
        "one image from what does not is an estimate of mutual information. The encoder is "
        "trained to make it large, so the numbers keep what survives the changes. No label is "
        "used. At the end a linear classifier is fitted on the numbers of the labelled images "
        "alone, or, where nobody has labelled any, on those with reference labels of the training "
        "split, and then the run says so. Without any of these labels it answers nothing.\n\n"
        "**When it helps.** Many images, few labels, and a wish for short vectors that can be "
        "looked at or used elsewhere. Methods that train on the labels classify better.\n\n"
        "**How it fails.** The estimate comes to its bound, the line in its chart: cosines over τ "
        "cannot show more, nor can n pairs in a batch show more than ln n, so it says nothing of "
        "how much is shared. Pairs are learned by heart: the estimate on new "
        "changes of the images stays far below. Partners that differ too much: nothing is found at "
        "all."
    ),
    architecture=(
        "image and partner → backbone, one batch of both → global average pooling → dense layer "
        "to d numbers → each brought to mean 0 and deviation 1 over the batch → vectors of one "
        "length.\n\n"
        "Critic: `T(x, y) = cos(x, y) / τ`, of every image of the batch beside the partner of "
        "every other. It has no weights of its own and cannot pass 1/τ, so the estimate has a "
        "bound, in large batches below 1/τ, and cannot blow up; and telling single images apart "
        "pays less than telling kinds of them apart.\n\n"
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
            "The pairs of training are known by heart",
            "Take more images, fewer steps or a higher temperature: on new changes of the images "
            "it finds far less.",
            _overfitted,
        ),
        # In place of the shared one, as cosines have a bound of their own, mostly below ln n.
        Alarm(
            "estimate-too-high",
            "As much mutual information as it can show",
            "The estimate says nothing more: lower the temperature or take more numbers to raise "
            "the bound of the critic, and larger batches where the line is ln n.",
            _at_its_bound,
        ),
    ),
)
