"""The methods as cards, and what each says about itself."""

from html import escape

import streamlit as st

from pages.parts.looks import quiet, tag
from ssl_core.methods import catalogue
from ssl_core.methods.base import MethodSpec

_CHOICE = "method"


def choose_method() -> MethodSpec:
    """A card for each method of the catalogue; the first is chosen until a person chooses."""
    methods = catalogue()
    if st.session_state.get(_CHOICE) not in methods:
        st.session_state[_CHOICE] = "supervised" if "supervised" in methods else next(iter(methods))
    chosen = st.session_state[_CHOICE]
    order = sorted(methods.values(), key=lambda spec: spec.name != "supervised")
    for start in range(0, len(order), 3):
        row = order[start : start + 3]
        columns = st.columns(max(2, len(row)))
        for column, spec in zip(columns, row, strict=False):
            with column:
                _card(spec, spec.name == chosen)
    return methods[chosen]


def _card(spec: MethodSpec, chosen: bool) -> None:
    key = "hf-card-next" if chosen else f"hf-card-method-{spec.name}"
    with st.container(border=True, key=key, height="stretch"):
        needs = ["labels"] if spec.needs.labels else []
        needs += ["unlabelled images"] if spec.needs.unlabelled else []
        st.html(
            f'<p class="hf-name">{escape(spec.title)}</p>'
            f'<p class="hf-quiet">{escape(spec.summary)}</p>'
            f'<p class="hf-line">{tag("uses " + " and ".join(needs))}</p>'
        )
        st.button(
            "Chosen" if chosen else "Choose",
            key=f"choose-{spec.name}",
            icon=":material/check_circle:" if chosen else ":material/circle:",
            type="primary" if chosen else "secondary",
            on_click=_choose,
            args=(spec.name,),
        )


def _choose(name: str) -> None:
    st.session_state[_CHOICE] = name


def show_method(spec: MethodSpec) -> None:
    """What it is, how it is built, where it comes from."""
    about, architecture, paper = st.tabs(["What it is", "Architecture", "Paper"])
    about.markdown(spec.description)
    architecture.markdown(spec.architecture)
    with paper:
        source = spec.paper
        st.markdown(f"[{source.title}]({source.link})")
        quiet(f"{source.authors}, {source.year}. Followed here: {source.where}.")
