"""The screens: titles, icons and order. One place for the menu and for every link to a screen."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

PAGES = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Screen:
    """One entry of the menu. Its address is its key, except that home is the root."""

    key: str
    title: str
    icon: str

    @property
    def file(self) -> Path:
        return PAGES / f"{self.key}.py"


SCREENS = (
    Screen("home", "Home", ":material/home:"),
    Screen("data", "Data", ":material/photo_library:"),
    Screen("label", "Label", ":material/sell:"),
    Screen("loop", "Loop", ":material/autorenew:"),
    Screen("train", "Train", ":material/model_training:"),
    Screen("watch", "Watch", ":material/monitoring:"),
    Screen("compare", "Compare", ":material/compare_arrows:"),
    Screen("study", "Study", ":material/ssid_chart:"),
    Screen("predict", "Predict", ":material/batch_prediction:"),
)


def screen(key: str) -> Screen:
    """The screen called `key`. Raises KeyError."""
    return {entry.key: entry for entry in SCREENS}[key]


def page_of(key: str) -> StreamlitPage:
    """The page object of a screen, for st.navigation, st.page_link and st.switch_page."""
    entry = screen(key)
    return st.Page(entry.file, title=entry.title, default=entry.key == "home")


def link_to(key: str, label: str | None = None, dataset: str | None = None) -> None:
    """A link to a screen that keeps the dataset in the address."""
    entry = screen(key)
    st.page_link(
        page_of(key),
        label=label or entry.title,
        icon=entry.icon,
        width="stretch" if label is None else "content",
        query_params={"dataset": dataset} if dataset else None,
    )


def go_to(key: str, dataset: str | None = None, run: str | None = None) -> None:
    """Leave this screen for another one, with what it is to show in the address."""
    address = {"dataset": dataset, "run": run}
    shown = {name: value for name, value in address.items() if value}
    st.switch_page(page_of(key), query_params=shown or None)
