"""The script that runs for every screen: the frame around it, then the screen itself."""

import streamlit as st

from pages.parts.looks import BRAND, style
from pages.parts.screens import SCREENS, link_to, page_of
from pages.parts.session import dataset_selector, guarded

# The menu is drawn here and not by st.navigation, because a page's icon in st.navigation is also
# fetched as favicon from an outside address.
chosen = st.navigation(
    [page_of(entry.key) for entry in SCREENS if entry.file.exists()], position="hidden"
)
st.set_page_config(
    page_title=f"{chosen.title} · Handful", page_icon=str(BRAND / "mark.svg"), layout="wide"
)
st.logo(str(BRAND / "logo.svg"), icon_image=str(BRAND / "mark.svg"), size="large")
style()
with st.sidebar:
    with guarded():
        dataset_selector()
    with st.container(gap="xxsmall"):
        for entry in SCREENS:
            if entry.file.exists():
                link_to(entry.key)
with guarded():
    chosen.run()
