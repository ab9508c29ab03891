"""The dashboard: `streamlit run app.py`.

The navigation lies away from pages/, because Streamlit takes a pages/ folder beside the script it
runs for its own menu, and a deep link as first request would then run a page without its frame.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from pages.parts.access import Gate, refuse_open_door
from pages.parts.routes import routes
from pages.parts.session import tell
from pages.parts.start import prepare

refuse_open_door()


@asynccontextmanager
async def lifespan(application: st.App) -> AsyncIterator[None]:
    """Before the first page: the sample is there, left-over imports are gone."""
    prepare()
    gc.collect()
    gc.freeze()  # what is loaded now stays; later collections need not look at it
    yield


app = st.App(
    "pages/parts/navigation.py",
    routes=routes(),
    middleware=[Middleware(Gate)],
    lifespan=lifespan,
    on_script_error=tell,
)
