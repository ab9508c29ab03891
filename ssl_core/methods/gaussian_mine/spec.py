"""The check of the critic on Gaussian variables, as pages and the command line know it."""

from typing import Annotated

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import (
    Hyperparameters,
    MethodSpec,
    Needs,
    Paper,
    about,
    about_learning_rate,
)

TRUTH = "true value"  # the guide with the closed form
_LINES = 5
_LATE = 0.8  # of the budget
_FAR = 0.03  # nats


class GaussianConfiguration(Hyperparameters):
    """Two Gaussian variables, and the critic that looks for what they share."""

    correlation: Annotated[
        float,
        about(
            "Correlation of the two variables. Their mutual information is −½ ln(1 − ρ²).",
            minimum=-0.99,
            maximum=0.99,
        ),
    ] = 0.8
    critic_units: Annotated[
        int,
        about(
            "Hidden units of the critic.",
            minimum=1,
            maximum=1024,
            unit="units",
            source="with 16 and a rate of 0.01, one start in twelve ended 0.05 nats too low",
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
    batch_size: Annotated[
        int,
        about("Pairs drawn in a step.", minimum=2, maximum=100_000, unit="pairs"),
    ] = 1000
    learning_rate: Annotated[float, about_learning_rate()] = 0.02


def _missed(history: History) -> bool:
    """Late in a run the estimate on pairs that were never trained on is off the closed form."""
    truth = history.guides.get("mi", {}).get(TRUTH)
    found = history.middle("mi/held-out", _LINES)
    if truth is None or found is None or history.share_done < _LATE:
        return False
    return abs(found - truth) > _FAR


SPEC = MethodSpec(
    name="gaussian_mine",
    title="MINE on Gaussian variables",
    summary="Checks the estimate of mutual information where the true value is known.",
    description=(
        "A critic looks at pairs of two Gaussian variables and learns to tell pairs that belong "
        "together from others; how well it can is a lower bound of their mutual information. For "
        "Gaussian variables that is known exactly, so this run shows whether the estimate can be "
        "trusted. **The items and labels of the dataset are not used**: any dataset may be "
        "chosen. It takes seconds.\n\n"
        "**What to expect.** The estimate on pairs that were never trained on ends within 0.03 "
        "nats of the true value with the default settings. The estimate of a single batch of 1,000 "
        "pairs goes to and fro by about 0.05.\n\n"
        "**How it fails.** Near a correlation of ±1 the information is large, few of the unpaired "
        "samples decide the estimate, and it becomes noisy; larger batches help. Above ln n, with "
        "n pairs in a batch, it means nothing."
    ),
    architecture=(
        "Pairs (x, y) of standard normal variables with correlation ρ, drawn anew in each step.\n\n"
        "Critic: `T(x, y) = w · relu(a x + b y + c)` with 32 hidden units. Pairs that do not "
        "belong together are made by moving y on by one row.\n\n"
        "Loss: `−Î`, with `Î = mean T(x, y) − log mean exp T(x, y′)` in logsumexp form. Its "
        "gradient is taken with a moving average of `mean exp T` in the denominator, kept as a "
        "logarithm."
    ),
    paper=Paper(
        title="Mutual Information Neural Estimation",
        authors="Belghazi, Baratin, Rajeswar, Ozair, Bengio, Courville, Hjelm",
        year=2018,
        link="https://arxiv.org/abs/1801.04062",
        where="section 3: the Donsker-Varadhan bound and its corrected gradient",
    ),
    needs=Needs(labels=False, unlabelled=False, minimum_classes=0, item="any", counts="pairs"),
    configuration=GaussianConfiguration,
    alarms=(
        Alarm(
            "off-the-closed-form",
            "The estimate misses the true value",
            "Train for more steps or draw more pairs in a step: this is the case in which the "
            "answer is known.",
            _missed,
        ),
    ),
)
