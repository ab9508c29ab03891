"""A method's hyperparameters as widgets, and back as values. All of it comes from its spec."""

import math
from html import escape

import streamlit as st

from pages.parts.looks import tag
from pages.parts.words import plain, setting_words
from ssl_core.methods import settings_of
from ssl_core.methods.base import HyperparameterInfo, MethodSpec

Value = bool | int | float | str
_COLUMNS = 3


def settings_form(spec: MethodSpec, place: str = "setting") -> dict[str, Value]:
    """Draw every setting that the method reads; returns those that differ from their default.

    place: forms of two places do not share what is typed.
    """
    described = settings_of(spec)
    values: dict[str, Value] = {}
    for infos, folded in _parts(described):
        with st.expander("Advanced settings") if folded else st.container():
            values |= _widgets(f"{place}-{spec.name}", infos)
    changed = {
        info.name: values[info.name] for info in described if values[info.name] != info.default
    }
    _differences(f"{place}-{spec.name}", described, changed)
    return changed


def label_of(info: HyperparameterInfo) -> str:
    """'batch_size', 'images' -> 'Batch size (images)'."""
    words = setting_words(info.name)
    words = words[0].upper() + words[1:]
    return f"{words} ({info.unit})" if info.unit else words


def help_of(info: HyperparameterInfo) -> str:
    """What it does, its range, its default and where that comes from. Markdown."""
    parts = [plain(info.help)]
    limits = _range(info)
    default = _shown(info.default)
    parts.append(f"Default {default}{limits}" + (f" ({plain(info.source)})" if info.source else ""))
    return "\n\n".join(f"{part.rstrip('.')}." for part in parts)


def setting_text(name: str, value: Value) -> str:
    """'reconstruction weight 3', 'learned weights on'."""
    return f"{setting_words(name)} {_shown(value)}"


def _parts(
    described: list[HyperparameterInfo],
) -> list[tuple[list[HyperparameterInfo], bool]]:
    usual = [info for info in described if not info.advanced]
    advanced = [info for info in described if info.advanced]
    return [(usual, False)] + ([(advanced, True)] if advanced else [])


def _widgets(form: str, infos: list[HyperparameterInfo]) -> dict[str, Value]:
    """The widgets in a grid, in reading order."""
    values: dict[str, Value] = {}
    for start in range(0, len(infos), _COLUMNS):
        columns = st.columns(_COLUMNS, vertical_alignment="bottom")
        for column, info in zip(columns, infos[start : start + _COLUMNS], strict=False):
            with column:
                values[info.name] = _widget(f"{form}-{info.name}", info)
    return values


def _widget(key: str, info: HyperparameterInfo) -> Value:
    """One setting. Its value outlives a visit to another page."""
    st.session_state.setdefault(key, info.default)
    label, help_text = label_of(info), help_of(info)
    if info.kind == "bool":
        return st.toggle(label, key=key, help=help_text, persist_state="session")
    if info.kind == "choice":
        return st.selectbox(label, info.choices, key=key, help=help_text, persist_state="session")
    if info.kind == "text":
        return st.text_input(label, key=key, help=help_text, persist_state="session").strip()
    kind = int if info.kind == "int" else float
    return st.number_input(
        label,
        min_value=None if info.minimum is None else kind(info.minimum),
        max_value=None if info.maximum is None else kind(info.maximum),
        step=1 if kind is int else _step(float(info.default)),
        format="%d" if kind is int else "%g",
        key=key,
        help=help_text,
        persist_state="session",
    )


def _step(default: float) -> float:
    """A tenth of the default's power of ten, so that the arrows do something sensible."""
    if default == 0:
        return 0.01
    return float(10.0 ** (math.floor(math.log10(abs(default))) - 1))


def _differences(form: str, described: list[HyperparameterInfo], changed: dict[str, Value]) -> None:
    """Which settings differ, and a way back."""
    if not changed:
        st.html('<p class="hf-quiet">All settings have their default.</p>')
        return
    defaults = {info.name: info.default for info in described}
    tags = " ".join(
        tag(f"{setting_text(name, value)}, not {_shown(defaults[name])}", "reference")
        for name, value in changed.items()
    )
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.html(f'<p class="hf-line">{escape("Changed:")} {tags}</p>')
        st.button(
            "Reset to defaults",
            key=f"{form}-reset",
            on_click=_reset,
            args=(form, described),
            type="tertiary",
        )


def _reset(form: str, described: list[HyperparameterInfo]) -> None:
    for info in described:
        st.session_state[f"{form}-{info.name}"] = info.default


def _range(info: HyperparameterInfo) -> str:
    if info.minimum is None or info.maximum is None:
        return ""
    return f", from {info.minimum:g} to {info.maximum:g}"


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"
