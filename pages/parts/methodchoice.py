"""The methods as cards, and what each says about itself."""

from html import escape

import streamlit as st

from pages.parts.looks import quiet, tag
from ssl_core.methods import catalogue
from ssl_core.methods.base import MethodSpec

_CHOICE = "method"


def choose_method(noun: str) -> MethodSpec | None:
    """A card for each method that learns from items of this kind, "image" or "text".

    The first is chosen until a person chooses: the yardstick where there is one, never a method
    that looks at no item. None where no method learns from such items.
    """
    fitting = [spec for spec in catalogue().values() if spec.needs.item in ("any", noun)]
    order = sorted(fitting, key=lambda spec: (not spec.needs.uses_items, spec.name != "supervised"))
    if not order or not order[0].needs.uses_items:
        return None
    methods = {spec.name: spec for spec in order}
    if st.session_state.get(_CHOICE) not in methods:
        st.session_state[_CHOICE] = order[0].name
    chosen = st.session_state[_CHOICE]
    for start in range(0, len(order), 3):
        row = order[start : start + 3]
        columns = st.columns(3 if len(order) > 2 else 2)
        for column, spec in zip(columns, row, strict=False):
            with column:
                _card(spec, spec.name == chosen, noun)
    return methods[chosen]


def _card(spec: MethodSpec, chosen: bool, noun: str) -> None:
    key = "hf-card-next" if chosen else f"hf-card-method-{spec.name}"
    with st.container(border=True, key=key, height="stretch"):
        tags = [tag("labels")] if spec.needs.labels else []
        tags += [tag(f"unlabelled {noun}s")] if spec.needs.unlabelled else []
        tags = tags or [tag(f"neither labels nor {noun}s")]
        fewest, most = spec.needs.heads
        if most > 1:
            tags.append(tag("several questions" if fewest > 1 else "one question or several"))
        st.html(
            f'<p class="hf-name">{escape(spec.title)}</p>'
            f'<p class="hf-quiet">{escape(spec.summary)}</p>'
            f'<p class="hf-line">{" ".join(tags)}</p>'
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
