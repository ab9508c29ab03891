"""Invariant information clustering, as pages and the command line know it."""

from math import exp
from typing import Annotated

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import MethodSpec, Needs, Paper, about
from ssl_core.methods.pairs import PairHyperparameters

ONE_MERGED, TWO_MERGED = "one pair merged", "two merged"  # guides of mutual information
_LINES = 5  # whose median is looked at
_EARLY, _LATE = 0.1, 0.67  # of the budget
_FORMED = 0.1  # nats: below that the heads have not begun to tell images apart
_APART = 0.3  # nats between the use of clusters in training and in inference mode
_BRIGHTNESS = 0.7  # of the variance; digits explain 0.34 of theirs


class ClusteringConfiguration(PairHyperparameters):
    """How many clusters are looked for, and how hard they are kept alike in size."""

    clusters: Annotated[
        int,
        about(
            "Clusters that are looked for. 0 takes the number of classes, or 10 where fewer than "
            "two classes are named. With more clusters than classes several share a class.",
            minimum=0,
            maximum=200,
            unit="clusters",
        ),
    ] = 0
    heads: Annotated[
        int,
        about(
            "Sets of clusters that are learned side by side from other initial weights. The one "
            "with the least loss answers.",
            minimum=1,
            maximum=10,
            unit="heads",
            source="Ji et al. 2019, section 4.1: 5 sub-heads",
        ),
    ] = 5
    entropy_weight: Annotated[
        float,
        about(
            "Weight of the entropy of use against that of the pairs. 1 is mutual information, and "
            "easily leaves classes merged in one cluster; more expects classes of like size.",
            minimum=1.0,
            maximum=5.0,
            source="the authors' code has it at 1 to 1.5; of five blobs 3 % of heads were right "
            "at 1 and 95 % at 2",
        ),
    ] = 1.5
    over_clusters: Annotated[
        int,
        about(
            "Clusters of a further, finer head that only helps to form the features. 0 leaves it "
            "out.",
            minimum=0,
            maximum=500,
            unit="clusters",
            source="Ji et al. 2019, section 4.1: auxiliary over-clustering",
            advanced=True,
        ),
    ] = 0
    finetune_share: Annotated[
        float,
        about(
            "Part of the run, at its end, in which the chosen head is trained on the labels. 0 "
            "never trains on a label.",
            minimum=0.0,
            maximum=0.9,
            unit="share of the steps",
        ),
    ] = 0.0

    @property
    def setting_for_labels(self) -> str:
        return "finetune_share" if self.finetune_share else ""

    @model_validator(mode="after")
    def _more_than_one_cluster(self) -> "ClusteringConfiguration":
        """All images in one cluster say nothing of each other: there is nothing to learn."""
        for name in ("clusters", "over_clusters"):
            if getattr(self, name) == 1:
                raise PydanticCustomError(
                    "one_cluster", f"{name}: received 1, expected 0 or at least 2 clusters"
                )
        return self


def _best_head(history: History) -> tuple[str, float] | None:
    """The head with the most mutual information, as its metric, and how much that is, nats."""
    found = {name: history.middle(name, _LINES) for name in history.group("mi/head")}
    known = {name: value for name, value in found.items() if value is not None}
    best = max(known, key=lambda name: known[name], default=None)
    return None if best is None else (best, known[best])


def _nothing_shared(history: History) -> bool:
    best = _best_head(history)
    return best is not None and history.share_done > _EARLY and best[1] < _FORMED


def _merged(history: History) -> bool:
    """Late in a run even the best head shows that a pair of clusters is merged.

    With one pair merged, and no or two clusters in place of the other, the entropy of use is below
    the midpoint between that plateau and ln K. Mutual information is below it too, but that is so
    of good heads as well, which answer a pair alike in 98 % of the cases: on MNIST it was 2.14 to
    2.18, and the entropy of use 2.286 to 2.289. So it has to be below two merged pairs.
    """
    best, lines = _best_head(history), history.guides.get("mi", {})
    if best is None or ONE_MERGED not in lines or history.share_done < _LATE:
        return False
    most = max(lines.values())
    if round(exp(most)) > history.classes > 1:
        return False  # several clusters share a class as they should
    midpoint = (most + lines[ONE_MERGED]) / 2
    use = history.middle(best[0].replace("mi/", "usage_inference/"), _LINES)
    return (use is not None and use < midpoint) or best[1] < lines.get(TWO_MERGED, midpoint)


def _modes_differ(history: History) -> bool:
    """Some head uses far fewer clusters with moving statistics than with those of the batch.

    Fine-tuning publishes no use in training: there is nothing to compare with then.
    """
    for name in history.group("usage/head"):
        if not history.of_phase(name, 1):
            continue
        of_inference = name.replace("usage/", "usage_inference/")
        training = history.middle_at(name, _LINES, of_inference)
        inference = history.middle(of_inference, _LINES)
        if training is not None and inference is not None and training - inference > _APART:
            return True
    return False


def _by_brightness(history: History) -> bool:
    share = history.middle("clusters/ink", _LINES)
    return share is not None and history.share_done > _EARLY and share > _BRIGHTNESS


ALARMS = (
    Alarm(
        "nothing-shared",
        "Images and partners have nothing in common",
        "Make partners less different (turn, crop, contrast), or train for longer.",
        _nothing_shared,
    ),
    Alarm(
        "merged-clusters",
        "Some clusters hold several classes",
        "Raise the entropy weight, take more heads, or start again with another seed; training for "
        "longer separates classes that are nearly apart.",
        _merged,
    ),
    Alarm(
        "modes-differ",
        "Inference mode uses fewer clusters than training does",
        "Its answers cannot be trusted yet: train for longer, and compare both kinds of bars "
        "in the picture of the use of the clusters.",
        _modes_differ,
    ),
    Alarm(
        "sorted-by-brightness",
        "The clusters sort images by brightness",
        "Raise the changes of contrast and of crop, so that brightness says nothing about a pair.",
        _by_brightness,
    ),
)


SPEC = MethodSpec(
    name="iic",
    title="Invariant information clustering",
    summary="Sorts images into clusters without any label; labels only name the clusters.",
    description=(
        "Each image has a partner: itself turned, cut and in another contrast. Several heads put "
        "both into clusters so that the cluster of one says as much as can be about the cluster "
        "of the other. What survives the changes, and so tells images apart, are often the "
        "classes. No label is used. The head with the least loss is chosen, and its clusters get "
        "the names of classes from the labels given by hand, or, where there are none, from the "
        "reference labels of the training split, and then the run says so. Without classes, or "
        "without any of these labels, it answers with clusters alone.\n\n"
        "**When it helps.** Many images, few or no labels, classes of about the same size, and "
        "changes that keep the class. Naming the clusters takes several labels a class.\n\n"
        "**How it fails.** *Merged clusters*: two classes share one and another is cut in two; "
        "mutual information then stays on one of the lines in its chart. *Collapse*: few clusters "
        "get all images. *Brightness*: the clusters sort by the amount of ink; the share of the "
        "brightness that they explain says so. *Classes of unlike size* are cut or merged, "
        "because clusters of the same size are rewarded."
    ),
    architecture=(
        "image and partner → backbone, one batch of both → map of features → flat → for each of "
        "the heads a dense layer with K softmax outputs.\n\n"
        "Loss of a head: `−Σᵢⱼ Pᵢⱼ (ln Pᵢⱼ − λ ln aᵢ − λ ln bⱼ)` with the joint distribution "
        "`P = zᵀz′ / n` of the answers to image and partner and its marginals a and b; the mean "
        "over heads, in float32. P is not made symmetric: that would reward clusters that only "
        "tell images from partners.\n\n"
        "Answers: chosen head → matrix of zeros and ones → classes. Clusters and classes are "
        "matched one to one where there are as many (Hungarian), else by the most votes."
    ),
    paper=Paper(
        title=(
            "Invariant Information Clustering for Unsupervised Image Classification and "
            "Segmentation"
        ),
        authors="Ji, Henriques, Vedaldi",
        year=2019,
        link="https://arxiv.org/abs/1807.06653",
        where="section 3.1, the loss of equation 3, and section 4.1, several heads",
    ),
    needs=Needs(labels=False, unlabelled=True, minimum_classes=0),
    configuration=ClusteringConfiguration,
    alarms=ALARMS,
)
