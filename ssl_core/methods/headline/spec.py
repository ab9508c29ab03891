"""The headline model, as pages and the command line know it."""

from typing import Annotated

from ssl_core.methods.base import MethodSpec, Needs, Paper, TextHyperparameters, about
from ssl_core.methods.head_settings import HEAD_ALARMS, HeadSettings


class HeadlineConfiguration(HeadSettings, TextHyperparameters):
    """How wide the reading part is."""

    word_width: Annotated[
        int,
        about(
            "Numbers that stand for a word. The published network has 512.",
            minimum=4,
            maximum=1024,
            unit="numbers",
        ),
    ] = 64


SPEC = MethodSpec(
    name="headline",
    title="Text with numbers beside it",
    summary="Reads short texts in order with an LSTM and joins them with numbers beside them.",
    description=(
        "Each word becomes a vector and an LSTM reads them in order. What it remembers at the end "
        "is joined with the numeric columns of the dataset, and dense layers answer from both. A "
        "second, auxiliary answer is given from the text alone, so that the reading part learns "
        "even where the numbers tell more.\n\n"
        "**When it helps.** Short texts whose order matters, with numbers that matter too, such "
        "as the hour or the number of readers. Without numeric columns it is a plain LSTM.\n\n"
        "**How it fails.** The auxiliary loss still leads late in the training (lower its "
        "weight), or the auxiliary answer stays at chance while the main one is good: the text "
        "adds nothing. With few labels it remembers the texts."
    ),
    architecture=(
        "text → words → vectors (64) → LSTM 32 → features. Features and standardised numbers "
        "(through 16 units) → three dense layers of 64 → dropout 0.3 → one dense layer a head. "
        "From the features alone: the auxiliary answer to the main head.\n\n"
        "Loss: `L = L_main + 0.2 · L_auxiliary` and, with further heads, their losses with their "
        "weights; each is a mean over the texts that are labelled for its head."
    ),
    paper=Paper(
        title="Deep Learning with Python",
        authors="Chollet",
        year=2017,
        link="https://www.manning.com/books/deep-learning-with-python",
        where="section 7.1.2: multi-input models; here with an auxiliary output of weight 0.2",
    ),
    needs=Needs(labels=True, unlabelled=False, item="text", heads=(1, 20)),
    configuration=HeadlineConfiguration,
    alarms=HEAD_ALARMS,
)
