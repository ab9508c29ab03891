"""The posts model, as pages and the command line know it."""

from typing import Annotated, Literal

from pydantic import model_validator

from ssl_core.methods.base import MethodSpec, Needs, Paper, TextHyperparameters, about
from ssl_core.methods.head_settings import HEAD_ALARMS, HeadSettings

# Five convolutions of 5 without padding and two poolings of 5 leave nothing of a shorter text.
SHORTEST = 269


class PostsConfiguration(HeadSettings, TextHyperparameters):
    """How large the network is."""

    network: Annotated[
        Literal["small", "published"],
        about(
            "small: words of 64 numbers, convolutions of 64 and 128 filters, for a CPU. published: "
            f"256 numbers, 128 and four times 256 filters; it wants texts of {SHORTEST} words.",
        ),
    ] = "small"

    @model_validator(mode="after")
    def _long_enough(self) -> "PostsConfiguration":
        if self.network == "published" and self.length < SHORTEST:
            raise ValueError(
                f"length: received {self.length}, expected at least {SHORTEST} words for the "
                "published network; choose a larger length or the small network"
            )
        return self


SPEC = MethodSpec(
    name="posts",
    title="Several answers from a text",
    summary="Reads texts with one-dimensional convolutions and answers all heads at once.",
    description=(
        "Each word becomes a vector; convolutions look at five words at a time; the strongest "
        "response of every filter is kept. One shared layer then answers every head of the "
        "dataset: classes, two-way questions and numbers, for example income group, gender and "
        "age of who wrote a post. A text may be labelled for some heads only.\n\n"
        "**When it helps.** Single words and short phrases give the answer away, wherever they "
        "stand. Heads that depend on the same words help each other.\n\n"
        "**How it fails.** One head takes over the shared layer (its gradient share passes 80 %: "
        "lower its weight), or the heads pull against each other (their gradients point apart: "
        "train one run each). With few labels it remembers rare words: training is right, "
        "validation is not."
    ),
    architecture=(
        "text → words → vectors (64) → convolution 5 (64 filters) → pooling 5 → convolution 5 "
        "(128) → largest value of each filter → dense layer 128 → dropout 0.3 → one dense layer a "
        "head. The published network: vectors of 256; convolutions 128, pooling, 256, 256, "
        "pooling, 256, 256, all without padding.\n\n"
        "Loss: `L = Σ_h w_h · Σᵢ mᵢ_h ℓᵢ_h / max(1, Σᵢ mᵢ_h)` over heads h: cross-entropy for "
        "classes, `softplus(t) − t·y` for two-way questions, squared error in standard deviations "
        "for numbers; `mᵢ_h = 1` where text i is labelled for head h."
    ),
    paper=Paper(
        title="Deep Learning with Python",
        authors="Chollet",
        year=2017,
        link="https://www.manning.com/books/deep-learning-with-python",
        where="section 7.1.3: multi-output models; the posts network with three heads",
    ),
    needs=Needs(labels=True, unlabelled=False, item="text", heads=(1, 20)),
    configuration=PostsConfiguration,
    alarms=HEAD_ALARMS,
)
