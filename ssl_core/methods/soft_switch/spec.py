"""The soft switch and the mixture of experts, as pages and the command line know them."""

from typing import Annotated, Literal

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import ImageHyperparameters, MethodSpec, Needs, Paper, about

_EVALUATIONS = 5


class SoftSwitchConfiguration(ImageHyperparameters):
    """How the answer to the coarse question weighs the branches for the fine one."""

    variant: Annotated[
        Literal["soft switch", "mixture of experts"],
        about(
            "Soft switch: each branch sees the features times its weight, and one classifier reads "
            "all branches. Mixture of experts: each branch answers alone, and their probabilities "
            "are mixed by the weights.",
            source="mixture: Jacobs et al. 1991",
        ),
    ] = "soft switch"
    fine_weight: Annotated[
        float,
        about(
            "Weight of the loss of the main, fine head.",
            minimum=0.0,
            maximum=100.0,
        ),
    ] = 0.5
    coarse_weight: Annotated[
        float,
        about(
            "Weight of the loss of the second, coarse head, which the gate answers.",
            minimum=0.0,
            maximum=100.0,
        ),
    ] = 0.5
    branch_width: Annotated[
        int,
        about(
            "Filters of each of the two convolutions of a branch.",
            minimum=4,
            maximum=512,
            unit="filters",
        ),
    ] = 32
    gate_gradient: Annotated[
        bool,
        about(
            "Let the fine loss move the gate too. Without it the gate learns from coarse labels "
            "alone, and stays as sure as they make it.",
            advanced=True,
        ),
    ] = True
    gate_scale: Annotated[
        bool,
        about(
            "Multiply the weights by the number of groups, so that an undecided gate passes the "
            "features at full size. Soft switch only.",
            advanced=True,
        ),
    ] = True


def _entropy(history: History) -> tuple[float, float] | None:
    """Middle entropy of the gate, and the most it can be; None before both are known."""
    most = max(history.guides.get("gate/entropy", {}).values(), default=0.0)
    middle = history.middle("gate/entropy", _EVALUATIONS)
    return None if middle is None or most == 0.0 else (middle, most)


def _saturated(history: History) -> bool:
    found = _entropy(history)
    accuracy = history.middle("router/accuracy", _EVALUATIONS)
    return (
        found is not None
        and accuracy is not None
        and found[0] < 0.1 * found[1]
        and (accuracy < 0.7)
    )


def _dead_branch(history: History) -> bool:
    middles = [history.middle(name, _EVALUATIONS) for name in history.group("branch/")]
    return history.share_done > 0.2 and any(
        middle is not None and middle < 0.01 for middle in middles
    )


SPEC = MethodSpec(
    name="soft_switch",
    title="Soft switch",
    summary="Answers a coarse question first, and weighs branches for the fine one by it.",
    description=(
        "Two questions about every image: a coarse one (animal or vehicle) and a fine one (which "
        "animal, which vehicle). A gate answers the coarse one, and its probabilities say how much "
        "of the features each branch sees. The fine classifier reads the branches.\n\n"
        "**When it helps.** Coarse labels are quick to give and can be many, fine ones few: the "
        "coarse labels shape the trunk and rule out wrong groups. The two heads may have labels of "
        "different images; every batch gives each an equal part.\n\n"
        "**How it fails.** The gate is sure before it is right (entropy near 0, router accuracy "
        "low) and the wrong branch learns; or it never chooses (entropy at ln G) and the branches "
        "are one network; or a branch dies. The mixture of experts is the principled form of the "
        "same idea: watch both side by side, and beside the hard cascade."
    ),
    architecture=(
        "image → backbone, whose middle map C and last map go on:\n\n"
        "- gate: last map → global average pooling → dropout 0.3 → one logit a group; "
        "`p = softmax`\n"
        "- branch g: `G · p_g · C` → 3×3 convolution, ReLU → halving → 3×3 convolution, ReLU → "
        "global average pooling\n"
        "- all branches → dense 32, ReLU → dropout 0.3 → one logit a fine class\n\n"
        "Loss: `L = ½ CE(fine) + ½ CE(coarse)`, each the mean over the rows with a label of that "
        "head. The weight is the probability, not the logit: a logit has no bounds, and a negative "
        "one turns maxima into minima.\n\n"
        "Mixture of experts: branch g reads C and has logits `l_g` of its own; "
        "`log P(k) = logsumexp_g (log p_g + log softmax(l_g)_k)`."
    ),
    paper=Paper(
        title="Adaptive Mixtures of Local Experts",
        authors="Jacobs, Jordan, Nowlan, Hinton",
        year=1991,
        link="https://doi.org/10.1162/neco.1991.3.1.79",
        where=(
            "the mixture whose negative log-likelihood is minimised, here for classes; the gate is "
            "taught by coarse labels besides. The soft switch weighs features in place of answers"
        ),
    ),
    needs=Needs(labels=True, unlabelled=False, heads=(2, 2), class_heads=True),
    configuration=SoftSwitchConfiguration,
    alarms=(
        Alarm(
            "gate-saturated",
            "The gate is sure before it is right",
            "Label more images for the coarse question, lower the learning rate, or switch off the "
            "gradient of the fine loss at the gate.",
            _saturated,
        ),
        Alarm(
            "dead-branch",
            "A branch adds nothing to the answer",
            "Scale the gate by the number of groups, label more images of that group, or start "
            "again with another seed.",
            _dead_branch,
        ),
    ),
)
