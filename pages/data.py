"""Data: the datasets that are here, and the ways to add one."""

import streamlit as st

from pages.parts.add_data import add_data
from pages.parts.archives import whole_workspace
from pages.parts.dataset_detail import dataset_detail, dataset_table
from pages.parts.import_board import SHOW_DATASETS, import_board
from pages.parts.looks import lead
from pages.parts.session import current_dataset, datasets, guarded
from pages.parts.states import nothing_yet

VIEW = "data_view"
HERE, ADD, ALL = "Your datasets", "Add data", "Whole workspace"


def show_datasets() -> None:
    dataset = current_dataset()
    if dataset is None:
        nothing_yet(
            "No dataset yet",
            "Choose “Add data” above: a ready-made set, a path on this machine, or an upload.",
        )
        return
    dataset_table(datasets(), dataset.identifier)
    dataset_detail(dataset)


st.title("Data", anchor=False)
lead(
    "Sets of images or texts that you label and learn from. Reference labels that come along are "
    "kept apart."
)
with guarded():
    import_board()
if st.session_state.pop(SHOW_DATASETS, False) or VIEW not in st.session_state:
    st.session_state[VIEW] = HERE if datasets() else ADD
view = st.segmented_control(
    "View",
    [HERE, ADD, ALL],
    required=True,
    key=VIEW,
    label_visibility="collapsed",
)
with guarded():
    if view == ADD:
        add_data()
    elif view == ALL:
        whole_workspace()
    else:
        show_datasets()
