"""Study: what labels cost against what they bring, by method, on one's own data."""

import streamlit as st

from pages.parts.looks import lead
from pages.parts.session import current_dataset, guarded, workspace
from pages.parts.states import GO_TO_DATA, nothing_yet
from pages.parts.studyform import new_study
from pages.parts.studyremoval import confirm_removal
from pages.parts.studyview import show_study, study_names
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import open_labels
from ssl_core.studies.study import Study, list_studies

_CHOICE, _NEW = "study", "new"


def show(dataset: Dataset, studies: list[Study]) -> None:
    """One study, or the form of a new one."""
    known = {study.name: study for study in studies}
    if st.session_state.get(_CHOICE) not in (*known, _NEW):
        st.session_state[_CHOICE] = next(iter(known), _NEW)
    names = study_names(studies)
    if known:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                "Study", [*known, _NEW], key=_CHOICE,
                format_func=lambda name: names.get(name, "A new study"),
            )  # fmt: skip
            shown = st.session_state[_CHOICE]
            if shown in known and st.button("Delete", icon=":material/delete:", key="study-delete"):
                confirm_removal(known[shown], names[shown])
    chosen = st.session_state[_CHOICE]
    if chosen in known:
        show_study(dataset, known[chosen])
        return
    started = new_study(dataset)
    if started is not None:
        st.session_state.pop(_CHOICE)  # the newest is shown
        st.rerun()


st.title("Study", anchor=False)
lead("What labels cost against what they bring: accuracy by number of labels, for each method.")
with guarded():
    current = current_dataset()
    if current is None:
        nothing_yet("No data yet", "A study needs a dataset to label.", GO_TO_DATA)
    elif not current.manifest.classes and not open_labels(current).last_label():
        nothing_yet(
            "No labels yet",
            "A study takes its labels from those that came with the data, or from yours.",
            "Go to Label",
            "label",
        )
    else:
        found = list_studies(workspace(), current.identifier)
        fingerprint = current.manifest.fingerprint
        show(current, [study for study in found if study.fingerprint == fingerprint])
