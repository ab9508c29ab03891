"""Image grids of a panel: one PNG, the names of its rows beside it, at a size that can be read."""

from html import escape

import streamlit as st

from pages.parts.live_routes import picture_address
from ssl_core.runs.folder import PANELS, PanelInfo, RunFolder

_TILE, _SMALL_TILE = 72, 46  # pixels on the screen; small ones where there are many rows
_MANY_ROWS = 10
_WIDE_COLUMNS = 10  # more do not fit half the page


def is_wide(info: PanelInfo) -> bool:
    """Whether a panel takes the whole width of the page."""
    return info.kind == "image_grid" and not 0 < _columns(info) <= _WIDE_COLUMNS


def show_montage(folder: RunFolder, info: PanelInfo, step: int) -> None:
    """The PNG of one step; the browser keeps what it has seen. Raises OSError where it is gone.

    A picture of unknown columns fills the width. A row of the picture and its name share a height.
    """
    path = folder.path / PANELS / info.name / f"{step:08d}.png"
    address = picture_address(folder.run, info.name, step, path.stat().st_mtime_ns)
    rows, tile = _rows(info), _tile(info)
    columns = _columns(info)
    width = columns * tile if columns else "100%"
    named = any(rows)
    names = "".join(f'<span title="{escape(name)}">{escape(name)}</span>' for name in rows)
    text = escape(f"{info.title}, step {step}" + (f"; rows: {', '.join(rows)}" if named else ""))
    aside = f'<div class="hf-montage-names">{names}</div>' if named else ""
    st.html(
        f'<div class="hf-montage">{aside}<img src="{address}" alt="{text}" width="{width}"></div>'
    )


def montage_height(info: PanelInfo) -> int:
    """Pixels on the screen; 0 where the panel does not say how many rows it has."""
    return len(_rows(info)) * _tile(info)


def _tile(info: PanelInfo) -> int:
    return _SMALL_TILE if len(_rows(info)) > _MANY_ROWS else _TILE


def _rows(info: PanelInfo) -> list[str]:
    names = info.meta.get("rows")
    return [str(name) for name in names] if isinstance(names, list) else []


def _columns(info: PanelInfo) -> int:
    """How many tiles lie beside each other; 0 where the panel does not say."""
    columns = info.meta.get("columns")
    return columns if isinstance(columns, int) and 0 < columns < 1000 else 0
