"""Known failures of training that any method can show.

A check looks at medians of the newest lines; it answers False where a run does not publish what
it needs, so every method can have all of them.
"""

from math import log
from statistics import median

from ssl_core.methods.alarms import Alarm, History

_LINES = 5  # whose median is looked at
_EVALUATIONS = 5
_REMEMBERED = 200  # evaluations among which the best is looked for
_LONG = 20  # lines
_LATE = 0.3  # of the budget: a good part of it
_END = 0.8  # of the budget: what is not there by now hardly comes
_STARVED = 0.1  # of the pseudo-labels that should come to a class
_SKEWED = 0.3  # of ln K, as use is collapsed where that much of its entropy is gone
_LAGGED = log(10)  # nats: the moving average is ten times the mean of a batch, or a tenth
_DRIFTED = 10.0  # nats
_SETTLING = 0.1  # of the budget: before that the parts of a loss are still finding their size


def _usage_collapsed(history: History) -> bool:
    """Entropy of use below 0.7 ln K; ln K is the lowest guide of the group."""
    guides = history.guides.get("usage", {}).values()
    most = min(guides, default=log(history.classes) if history.classes > 1 else 0.0)
    middles = [history.middle(name, _LINES) for name in history.group("usage/")]
    return any(middle is not None and middle < 0.7 * most for middle in middles)


def _pseudo_labels_wrong(history: History) -> bool:
    coverage = history.middle("pseudo/coverage", _LINES)
    precision = history.middle("pseudo/precision", _LINES)
    return coverage is not None and precision is not None and coverage > 0.5 and precision < 0.7


def _no_pseudo_labels(history: History) -> bool:
    """Hardly any pseudo-label after a good part of the run, once they have their full weight."""
    coverage = history.middle("pseudo/coverage", _LINES)
    ramp = history.last("pseudo/ramp")
    rises = ramp is not None and ramp < 0.99
    return history.share_done > _LATE and not rises and coverage is not None and coverage < 0.01


def _pseudo_labels_skewed(history: History) -> bool:
    """Pseudo-labels are spread over the classes quite otherwise than the labels are."""
    skew = history.middle("skew/pseudo", _LINES)
    if skew is None or history.classes < 2 or history.share_done < _LATE:
        return False
    return skew > _SKEWED * log(history.classes)


def _class_starves(history: History) -> bool:
    """A class with labels gets next to none of the pseudo-labels that should come to it."""
    least = history.middle("pseudo/least", _LINES)
    return least is not None and history.share_done > _LATE and least < _STARVED


def _below_supervised(history: History) -> bool:
    """Late in a run the latest evaluations all lie below the band of the supervised baseline."""
    latest = history.of_phase("accuracy/validation", _EVALUATIONS)
    if history.share_done < _END or len(latest) < _EVALUATIONS:
        return False
    low = history.supervised_low()
    return low is not None and max(latest) < low


def _gate_undecided(history: History) -> bool:
    """The entropy of a gate or router is nearly ln G after a good part of the run."""
    most = max(history.guides.get("gate/entropy", {}).values(), default=0.0)
    entropy = history.middle("gate/entropy", _LINES)
    return history.share_done > _LATE and entropy is not None and entropy > 0.95 * most > 0


def _validation_fell(history: History) -> bool:
    """The 95 % intervals of the latest evaluations all lie below the best accuracy of before,
    in the same phase."""
    highest = history.of_phase("accuracy/validation_high", _EVALUATIONS)
    before = history.of_phase("accuracy/validation", _REMEMBERED)[:-_EVALUATIONS]
    return bool(before) and len(highest) == _EVALUATIONS and max(highest) < max(before)


def _memorised(history: History) -> bool:
    """Validation loss a tenth above its least and rising, with nothing wrong in training."""
    losses = history.of_phase("loss/validation", _REMEMBERED)
    training = history.middle("accuracy/train", _LINES)
    if len(losses) < 2 * _EVALUATIONS or training is None or training < 0.99:
        return False
    latest = median(losses[-_EVALUATIONS:])
    rising = latest > median(losses[-2 * _EVALUATIONS : -_EVALUATIONS])
    return rising and latest > 1.1 * min(losses) > 0


def _overconfident(history: History) -> bool:
    gap = history.middle("calibration/gap", _LINES)
    return gap is not None and gap > 0.1


def _one_term_rules(history: History) -> bool:
    """The largest share of the gradient is over ten times the next. A term of 0 is switched off."""
    if history.share_done < _SETTLING:
        return False
    middles = [history.middle(name, _LINES) for name in history.group("share/")]
    shares = sorted(share for share in middles if share)
    return len(shares) > 1 and shares[-1] > 10 * shares[-2]


def _discriminator_saturated(history: History) -> bool:
    """It is sure of every real and of every generated item; of real ones less what is smoothed."""
    generated = history.recent("discriminator/generated", _LONG)
    real = history.recent("discriminator/real", _LONG)
    smoothed = float(history.settings.get("label_smoothing", 0.0))
    if len(generated) < _LONG or len(real) < _LONG:
        return False
    return max(generated) < 0.01 and min(real) > 0.99 * (1.0 - smoothed)


def _estimate_too_high(history: History) -> bool:
    """More information than n pairs can show: I_hat > ln n, with n rows in a batch."""
    rows = history.settings.get("batch_size", 0)
    estimate = history.middle("mi/estimate", _LINES)
    if estimate is None or not isinstance(rows, int) or rows < 2:
        return False
    return estimate > log(rows)


def _correction_lags(history: History) -> bool:
    """The mean of e^T that the gradient is corrected with is not that of the batches."""
    lag = history.middle("critic/lag", _LINES)
    return lag is not None and lag > _LAGGED


def _critic_drifts(history: History) -> bool:
    """The constant in T, which changes no estimate, has grown: log mean e^T is far from 0."""
    constant = history.middle("critic/constant", _LINES)
    return constant is not None and abs(constant) > _DRIFTED


SHARED = (
    Alarm(
        "usage-collapse",
        "Few clusters or classes get nearly all items",
        "Train several heads, weigh the entropy of use more, or start again with another seed.",
        _usage_collapsed,
    ),
    Alarm(
        "wrong-pseudo-labels",
        "Many pseudo-labels, and many of them wrong",
        "Raise the threshold, label more of the classes it mixes up, or start again: what it "
        "learned wrong it now teaches itself.",
        _pseudo_labels_wrong,
        uses_hidden_labels=True,
    ),
    Alarm(
        "no-pseudo-labels",
        "Hardly any answer is sure enough to be a label",
        "Lower the threshold or label more images; FixMatch has FreeMatch thresholds too, which "
        "begin low.",
        _no_pseudo_labels,
    ),
    Alarm(
        "skewed-pseudo-labels",
        "The pseudo-labels crowd in few classes",
        "Label more of the classes that get few, raise the threshold, or take FixMatch with "
        "FreeMatch thresholds; where the pool is so, labels in its shares end this.",
        _pseudo_labels_skewed,
    ),
    Alarm(
        "starved-class",
        "A class with labels gets hardly any pseudo-label",
        "Label more of it, or take FixMatch with FreeMatch thresholds, which are lower for classes "
        "that are rarely answered; a class that the pool hardly holds does this too.",
        _class_starves,
    ),
    Alarm(
        "below-supervised",
        "Less right than the supervised run on the same labels",
        "Compare the two: here the items without labels do harm, as items of other classes in the "
        "pool do. Train for longer, label more, or use the supervised run.",
        _below_supervised,
    ),
    Alarm(
        "validation-fell",
        "Validation accuracy is well below its best",
        "Stop it and use the weights of its best step, or lower the learning rate.",
        _validation_fell,
    ),
    Alarm(
        "memorised",
        "It learns the few labels by heart",
        "Label more images, augment more strongly, or train for fewer steps.",
        _memorised,
    ),
    Alarm(
        "overconfident",
        "It is surer than it is right",
        "Read its confidence with care; more labels or stronger augmentation help.",
        _overconfident,
    ),
    Alarm(
        "one-term-rules",
        "One term of the loss decides alone",
        "Lower the weight of the term with the largest gradient share, or raise the others.",
        _one_term_rules,
    ),
    Alarm(
        "gate-undecided",
        "The gate does not choose",
        "Label more for the coarse question, train for longer, or raise the weight of the coarse "
        "loss where there is one.",
        _gate_undecided,
    ),
    Alarm(
        "discriminator-saturated",
        "The discriminator sees through every sample",
        "The generator learns little now: lower the learning rate or give the discriminator more "
        "dropout.",
        _discriminator_saturated,
    ),
    Alarm(
        "estimate-too-high",
        "More mutual information than a batch can show",
        "Above ln n the estimate cannot be trusted: take larger batches or hold the critic back.",
        _estimate_too_high,
    ),
    Alarm(
        "correction-lags",
        "The corrected gradient is that of other batches",
        "Lower the learning rate or take larger batches: the moving average of mean e^T is more "
        "than ten times off.",
        _correction_lags,
    ),
    Alarm(
        "critic-drifts",
        "The scores of the critic drift away",
        "Lower the learning rate: a constant in the scores changes no estimate, but the corrected "
        "gradient has to follow it.",
        _critic_drifts,
    ),
)
