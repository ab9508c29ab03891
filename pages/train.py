"""Train: choose a method, see what it will do, start it in the background."""

import streamlit as st

from pages.parts.form import settings_form
from pages.parts.looks import lead, quiet
from pages.parts.methodchoice import choose_method, show_method
from pages.parts.planform import (
    budget_choice,
    device_choice,
    seeds_choice,
    show_consequences,
)
from pages.parts.planlabels import heads_choice, labels_choice, show_labels
from pages.parts.screens import link_to
from pages.parts.session import current_dataset, guarded
from pages.parts.starting import show_queue_of_devices, show_start
from pages.parts.states import GO_TO_DATA, nothing_yet
from ssl_core.datasets.dataset import Dataset
from ssl_core.methods import VALIDATION_SHARE
from ssl_core.runs.plan import RunPlan


def show_form(dataset: Dataset) -> None:
    left, right = st.columns([5, 3], gap="large")
    with left:
        st.subheader("Method", anchor=False)
        spec = choose_method(dataset.manifest.noun)
        if spec is None:
            quiet(f"No method here learns from {dataset.manifest.noun_plural} yet.")
            return
        show_method(spec)
        st.subheader("Settings", anchor=False)
        configuration = settings_form(spec)
    with right:
        st.subheader("This run", anchor=False)
        with st.container(border=True, key="hf-card-plan"):
            steps, minutes = budget_choice()
            seeds, problem = seeds_choice()
            device = device_choice()
            labels_of = labels_choice(dataset, spec)
            heads = heads_choice(dataset, spec, labels_of)
            show_consequences(dataset, spec, max(1, len(seeds)), steps, minutes)
            plan = RunPlan(
                dataset=dataset.identifier,
                method=spec.name,
                configuration=configuration,
                steps=steps,
                minutes=minutes,
                seeds=seeds,
                device=device,
                labels_of=labels_of,
                heads=heads,
            )
            show_start(plan, problem)
        if spec.needs.uses_items:
            st.subheader("Labels it will get", anchor=False)
            with st.container(border=True, key="hf-card-labels"):
                default = spec.configuration.model_fields[VALIDATION_SHARE].default
                share = float(configuration.get(VALIDATION_SHARE, default))
                show_labels(dataset, spec, labels_of, heads, share, seeds[0] if seeds else 0)
                link_to("label", "Label more")
        st.subheader("Queue", anchor=False)
        show_queue_of_devices()


st.title("Train", anchor=False)
lead(
    "Training runs in the background, one run at a time on each device. Every run keeps the labels "
    "it was started with."
)
with guarded():
    chosen = current_dataset()
    if chosen is None:
        nothing_yet(
            "No data yet", "Open the bundled sample or add your own data first.", GO_TO_DATA
        )
    else:
        show_form(chosen)
