"""The hard cascade, as pages and the command line know it."""

from typing import Annotated

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import ImageHyperparameters, MethodSpec, Needs, Paper, about

RIGHT_ROUTE, WRONG_ROUTE = "confidence/right route", "confidence/wrong route"
_EVALUATIONS = 5
_SURE = 0.05  # by how much less sure an expert is to be on wrong routes


class HardCascadeConfiguration(ImageHyperparameters):
    """How large the experts are."""

    expert_width: Annotated[
        int,
        about(
            "Filters of the first convolution of an expert; the next have two and four times as "
            "many. A step takes longer with every expert.",
            minimum=4,
            maximum=256,
            unit="filters",
        ),
    ] = 16


def _router_limits(history: History) -> bool:
    """The router is wrong more often than the experts are where it is right."""
    router = history.middle("router/accuracy", _EVALUATIONS)
    experts = [
        history.middle(name, _EVALUATIONS)
        for name in history.group("accuracy/")
        if name.endswith("where the route is right")
    ]
    if router is None or not experts or experts[0] is None:
        return False
    return history.share_done > 0.5 and router < 0.9 and router < experts[0] - 0.1


def _sure_on_wrong_routes(history: History) -> bool:
    """Experts are about as sure of items that are not of their group as of their own."""
    right = history.middle(RIGHT_ROUTE, _EVALUATIONS)
    wrong = history.middle_at(WRONG_ROUTE, _EVALUATIONS, RIGHT_ROUTE)
    if right is None or wrong is None or history.share_done < 0.5:
        return False
    return wrong > right - _SURE


def _expert_unused(history: History) -> bool:
    middles = [
        history.middle(name, _EVALUATIONS)
        for name in history.group("gate/")
        if name != "gate/entropy"
    ]
    return history.share_done > 0.2 and any(
        middle is not None and middle < 0.01 for middle in middles
    )


SPEC = MethodSpec(
    name="hard_cascade",
    title="Hard cascade",
    summary="A router answers the coarse question; the expert of that group answers the fine one.",
    description=(
        "Two questions about every image: a coarse one and a fine one. A router learns the coarse "
        "one. For every group an expert of its own learns to tell the fine classes of that group "
        "apart, from images of that group alone. An answer comes from the expert that the router "
        "sends the image to, and from no other.\n\n"
        "**When it helps.** The groups look so different that experts share nothing, or one group "
        "is trained again without touching the others. It is the yardstick for the soft switch.\n\n"
        "**How it fails.** A wrong route cannot be mended: where every fine class belongs to one "
        "group, accuracy is router accuracy times the accuracy of the experts where the route is "
        "right. Each expert has only the labels of its group, and shares no features: with few "
        "fine labels a single network is better. An expert is as sure on images that were sent to "
        "it wrongly (watch its confidence on wrong routes)."
    ),
    architecture=(
        "Router: image → backbone → global average pooling → dropout 0.3 → one logit a group.\n\n"
        "Each expert: image → 3×3 convolutions of 1, 2, 4 and 4 times its width, each normalised "
        "within the image (groups of channels), ReLU, halved after the first three → global "
        "average pooling → dropout 0.3 → one logit a fine class.\n\n"
        "Loss: `CE(coarse)` of the router plus `CE(fine)` of the expert of the true group. No "
        "weight is part of two of these networks, and Adam scales every weight by itself, so one "
        "step of all is a step of each, as if they were trained apart.\n\n"
        "Answer: `g = argmax router(x)`, then `softmax(expert_g(x))` over the fine classes that "
        "belong to group g: those that were met there in at least a tenth of the cases of late. An "
        "image with a fine label alone is met where the router sends it, and teaches the expert of "
        "the group that its class was met in most."
    ),
    paper=Paper(
        title="HD-CNN: Hierarchical Deep Convolutional Neural Networks for Large Scale Visual "
        "Recognition",
        authors="Yan, Zhang, Piramuthu, Jagadeesh, DeCoste, Di, Yu",
        year=2015,
        link="https://arxiv.org/abs/1410.0736",
        where=(
            "coarse and fine classifiers; here the route is hard and the networks share no layer"
        ),
    ),
    needs=Needs(labels=True, unlabelled=False, heads=(2, 2), class_heads=True),
    configuration=HardCascadeConfiguration,
    alarms=(
        Alarm(
            "router-limits",
            "Most mistakes are wrong routes",
            "Label more images for the coarse question, or compare with the soft switch.",
            _router_limits,
        ),
        Alarm(
            "expert-unused",
            "An expert gets next to no images",
            "Label more images of that group for the coarse question, or leave the group out.",
            _expert_unused,
        ),
        Alarm(
            "sure-on-wrong-routes",
            "Experts are as sure of images that were sent to them wrongly",
            "Read their confidence with care, and label more images for the coarse question: "
            "nothing but the router can tell that a route is wrong.",
            _sure_on_wrong_routes,
        ),
    ),
)
