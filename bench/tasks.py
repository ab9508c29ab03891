"""What the accuracy benchmark trains: one row a task, and the data sets they are trained on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, stdev

from ssl_core.datasets.text_samples import COUNT, TEST_SHARE
from ssl_core.methods import catalogue, hyperparameters_of, method_named
from ssl_core.methods.alarms import Setting
from ssl_core.methods.base import MethodSpec
from tests.support.dashboard import ROOT

DATA = ROOT.parent / "shared" / "data"
ACCURACY = "accuracy"  # the figure that is the test accuracy
ON_AVERAGE = f"is the best possible on average; {COUNT * TEST_SHARE:,.0f} test texts"
GROUPS = "round=0,6,8,9;straight=1,4,7;mixed=2,3,5"
Values = Mapping[str, Sequence[float]]  # task -> its figure of each draw


@dataclass(frozen=True)
class Material:
    """A data set with labels: what to import, and verbs of the command line, in order.

    `{name}` and `{draw}` stand for the data set and the number of the draw.
    """

    source: str
    labels: str  # in words
    verbs: tuple[str, ...] = ()
    quick: str = ""  # a small source of the same form; "": the same


MNIST, SAMPLE, CIFAR10 = str(DATA / "mnist"), "sample", str(DATA / "cifar10-images.zip")
MATERIALS = {
    "mnist": Material(MNIST, "100", ("label {name} --draw 10 --seed {draw}",), SAMPLE),
    "mnist-unlabelled": Material(MNIST, "none", (), SAMPLE),
    "mnist-two-heads": Material(
        MNIST,
        "100 fine, 2,001 coarse",
        (
            f"heads {{name}} --add form --from-classes '{GROUPS}'",
            "label {name} --draw 10 --seed {draw}",
            "label {name} --draw 667 --seed {draw} --head form",
        ),
        SAMPLE,
    ),
    "cifar10": Material(CIFAR10, "4,000", ("label {name} --draw 400 --seed {draw}",)),
    "posts": Material(
        "posts",
        "all",
        tuple(f"label {{name}} --adopt --head {head}" for head in ("gender", "age", "income")),
    ),
    "headlines": Material("headlines", "all", ("label {name} --adopt",)),
}


@dataclass(frozen=True)
class Aim:
    """What a figure should be, and where it has a time, in how many seconds of training."""

    figure: str  # in words
    reached: Callable[[Sequence[float], Values], bool | None]
    most_seconds: float | None = None

    @property
    def text(self) -> str:
        within = f" within {self.most_seconds:g} s" if self.most_seconds is not None else ""
        return f"{self.figure}{within}"

    def within(self, seconds: float) -> "Aim":
        """The same aim with the most seconds that training may take, as a mean over draws."""
        return replace(self, most_seconds=seconds)

    def met(self, values: Sequence[float], of_all: Values, seconds: Sequence[float]) -> bool | None:
        """Asked with the figure and the seconds of each draw, and the values of all tasks.

        None: not known yet.
        """
        if self.most_seconds is not None and fmean(seconds) > self.most_seconds:
            return False
        return self.reached(values, of_all)


def above(task: str) -> Aim:
    """The mean lies above that of another task by more than the larger of the two spreads."""

    def met(values: Sequence[float], of_all: Values) -> bool | None:
        other = of_all.get(task, ())
        if len(values) < 2 or len(other) < 2:
            return None
        return fmean(values) - fmean(other) > max(stdev(values), stdev(other))

    return Aim(f"above {task}, beyond the spread", met)


def not_below(task: str) -> Aim:
    """The mean does not lie below that of another task by more than the larger spread."""

    def met(values: Sequence[float], of_all: Values) -> bool | None:
        other = of_all.get(task, ())
        if len(values) < 2 or len(other) < 2:
            return None
        return fmean(other) - fmean(values) <= max(stdev(values), stdev(other))

    return Aim(f"not below {task}, beyond the spread", met)


def at_least(least: float, unit: str = "") -> Aim:
    return Aim(
        f"at least {least:g}{unit}", lambda values, _: bool(values and fmean(values) >= least)
    )


def near(exact: float, tolerance: float) -> Aim:
    """Every value lies within a tolerance of what is known exactly."""
    return Aim(
        f"{exact:.4f} ± {tolerance:g}",
        lambda values, _: all(abs(value - exact) <= tolerance for value in values),
    )


@dataclass(frozen=True)
class Task:
    """One row: a method with default settings, but for `settings`, on a material."""

    name: str
    method: str
    material: str
    figure: str = ACCURACY  # or a figure of results.json, or the last value of a metric
    settings: Mapping[str, Setting] = field(default_factory=dict)
    aim: Aim | None = None
    note: str = ""


# What the methods on images should reach; those that are not named here have a row without aim.
AIMS = {
    "autoencoder": not_below("supervised"),
    "fixmatch": at_least(0.97),
    "iic": at_least(0.97).within(300),
    "mine": at_least(0.9386),
    "pseudo_label": above("supervised"),
    "simclr": above("supervised"),
    "ssl_gan": at_least(0.95),
}
# Correlation of two Gaussian variables -> their mutual information, -ln(1 - rho^2) / 2, nats.
INFORMATION = {0.0: 0.0, 0.5: 0.14384, 0.8: 0.51083, -0.8: 0.51083}
OTHERS = (
    Task(
        "supervised, strong augmentation",
        "supervised",
        "mnist",
        settings={"augmentation": "strong"},
    ),
    Task("supervised, two heads", "supervised", "mnist-two-heads", aim=above("supervised")),
    Task("soft_switch", "soft_switch", "mnist-two-heads", aim=above("supervised")),
    Task(
        "soft_switch, mixture of experts",
        "soft_switch",
        "mnist-two-heads",
        settings={"variant": "mixture of experts"},
        aim=above("supervised"),
    ),
    Task("hard_cascade", "hard_cascade", "mnist-two-heads", aim=above("supervised")),
    Task("posts, gender", "posts", "posts", note=f"0.862 {ON_AVERAGE}"),
    Task("posts, age", "posts", "posts", "mae/age", note=f"years; 3.2 {ON_AVERAGE}"),
    Task("posts, income", "posts", "posts", "accuracy/income", note=f"0.703 {ON_AVERAGE}"),
    Task("headline", "headline", "headlines", note=f"0.837 {ON_AVERAGE}"),
    *(
        Task(
            f"gaussian_mine, correlation {correlation:g}",
            "gaussian_mine",
            "mnist-unlabelled",
            "mi/held-out",
            {"correlation": correlation},
            near(exact, 0.03).within(10),
            "nats, on 100,000 pairs that were never trained on",
        )
        for correlation, exact in INFORMATION.items()
    ),
)


def tasks() -> list[Task]:
    """Every method of the catalogue: those on images by themselves, the others as listed."""
    known = catalogue()
    of_images = [_of_images(spec) for spec in known.values() if _learns_from_digits_alone(spec)]
    yardstick_first = sorted(of_images, key=lambda task: task.method != "supervised")
    return [*yardstick_first, *(task for task in OTHERS if task.method in known)]


def shown_figures() -> list[str]:
    """The figures of all rows but the accuracy: what a record keeps of a run's figures."""
    return sorted({task.figure for task in tasks()} - {ACCURACY})


def _learns_from_digits_alone(spec: MethodSpec) -> bool:
    """Whether MNIST with one head is a task for the method; others are listed by hand.

    Raises ValueError for a method that is neither.
    """
    needs = spec.needs
    alone = needs.uses_items and needs.item == "image" and needs.heads[0] == 1
    if not alone and spec.name not in {task.method for task in OTHERS}:
        raise ValueError(f"{spec.name} needs a task of its own: list it in {__name__}")
    return alone


def _of_images(spec: MethodSpec) -> Task:
    """The row of a method on MNIST."""
    material = "mnist" if spec.needs.labels else "mnist-unlabelled"
    return Task(spec.name, spec.name, material, aim=AIMS.get(spec.name))


def cifar_tasks(*, graphics: bool) -> list[Task]:
    """The methods that learn from labels, on colour images, mirrored as well.

    graphics: on a GPU, with the largest network that each method takes, else with the usual one.
    """
    return [
        Task(
            f"{task.name}, CIFAR-10",
            task.method,
            "cifar10",
            settings={
                **task.settings,
                "augment_mirror": True,
                **(_largest_network(task.method) if graphics else {}),
            },
        )
        for task in tasks()
        if task.material == "mnist"
    ]


def _largest_network(method: str) -> dict[str, Setting]:
    described = {info.name: info for info in hyperparameters_of(method_named(method).configuration)}
    return {"backbone": described["backbone"].choices[-1]}
