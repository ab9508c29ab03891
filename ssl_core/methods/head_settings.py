"""What methods with several heads share: how the heads are weighed, and what goes wrong."""

from typing import Annotated

from pydantic import AfterValidator

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import Hyperparameters, about
from ssl_core.methods.by_head import (
    LARGEST_WEIGHT,
    RegressionLoss,
    one_loss_text,
    one_weight_text,
)

AUXILIARY_SHARE = "share/auxiliary"
_LINES = 5
_EVALUATIONS = 5
_SETTLED = 0.1  # of the budget


class HeadSettings(Hyperparameters):
    """The weight and the loss of every head: by its kind, or by its name, which goes first.

    The main head has weight 1 unless it is named. Fixed weights by default: regression targets
    are standardised, so all losses begin near 1, and a person who cares for one head more can say
    so.
    """

    categorical_weight: Annotated[
        float,
        about(
            "Weight of each further head with classes. The main head has weight 1. Only used "
            "where a run is trained on several heads.",
            minimum=0.0,
            maximum=LARGEST_WEIGHT,
            advanced=True,
        ),
    ] = 1.0
    binary_weight: Annotated[
        float,
        about(
            "Weight of each further head with two classes. Only used where a run is trained on "
            "several heads.",
            minimum=0.0,
            maximum=LARGEST_WEIGHT,
            advanced=True,
        ),
    ] = 1.0
    regression_weight: Annotated[
        float,
        about(
            "Weight of each head that is answered with a number. Its loss is counted in standard "
            "deviations of the labels, so it begins near 1 whatever the unit is.",
            minimum=0.0,
            maximum=LARGEST_WEIGHT,
            advanced=True,
        ),
    ] = 1.0
    regression_loss: Annotated[
        RegressionLoss,
        about(
            "Squared error answers with the mean. Huber is linear beyond one standard deviation, "
            "so single labels far off count less.",
            advanced=True,
        ),
    ] = "squared error"
    head_weights: Annotated[
        str,
        AfterValidator(one_weight_text),
        about(
            "Weights of single heads by name, such as age=0.25, gender=2, from 0 to 100. They go "
            "before the weights by kind, and the main head may be named too.",
            unit="name=weight",
            advanced=True,
        ),
    ] = ""
    head_losses: Annotated[
        str,
        AfterValidator(one_loss_text),
        about(
            "Losses of single heads that are answered with numbers, by name, such as age=huber. "
            "They go before the regression loss.",
            unit="name=loss",
            advanced=True,
        ),
    ] = ""
    learned_weights: Annotated[
        bool,
        about(
            "Also learn by how much each head counts: a head that stays hard counts less. Only "
            "used where a run is trained on several heads.",
            source="Kendall, Gal, Cipolla 2018 (arXiv:1705.07115), section 3.2",
            advanced=True,
        ),
    ] = False
    auxiliary_weight: Annotated[
        float,
        about(
            "Weight of a second answer to the main question that sees the item alone. Only used "
            "where numbers stand beside the items; it keeps the network from reading them only.",
            minimum=0.0,
            maximum=10.0,
            source="Chollet 2017, Deep Learning with Python, section 7.1",
            advanced=True,
        ),
    ] = 0.2


def _heads_quarrel(history: History) -> bool:
    if history.share_done < _SETTLED:
        return False
    cosine = history.middle("gradient/cosine", _EVALUATIONS)
    return cosine is not None and cosine < -0.2


def _one_head_takes_the_trunk(history: History) -> bool:
    """Over four fifths of the gradient at the trunk for one of several heads."""
    if history.share_done < _SETTLED:
        return False
    middles = [history.middle(name, _EVALUATIONS) for name in history.group("share/")]
    known = [share for share in middles if share]
    return len(known) > 1 and max(known) > 0.8


def _auxiliary_leads(history: History) -> bool:
    share = history.middle(AUXILIARY_SHARE, _EVALUATIONS)
    return history.share_done > 0.5 and share is not None and share > 0.5


def _head_without_rows(history: History) -> bool:
    middles = [history.middle(name, _LINES) for name in history.group("rows/")]
    return any(middle == 0 for middle in middles)


HEAD_ALARMS = (
    Alarm(
        "heads-quarrel",
        "Two heads pull the features in opposite ways",
        "Lower the weight of the less important head, or train one run for each of them.",
        _heads_quarrel,
    ),
    Alarm(
        "one-term-rules",  # in place of the shared alarm, which says the same of any loss
        "One head shapes the features nearly alone",
        "Lower the weight of the head with the largest gradient share, or raise the others.",
        _one_head_takes_the_trunk,
    ),
    Alarm(
        "auxiliary-leads",
        "The auxiliary answer still pulls hardest",
        "Lower its weight: it is there to help the features at the beginning.",
        _auxiliary_leads,
    ),
    Alarm(
        "head-without-rows",
        "A head has no labelled rows to learn from",
        "Label some items for it, or train without it.",
        _head_without_rows,
    ),
)
