"""The alarms of a run that are on, as warnings."""

import streamlit as st

from pages.parts.words import count, plain
from ssl_core.runs.alarms import active_alarms
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import RunRequest


def show_alarms(folder: RunFolder, request: RunRequest) -> None:
    """One warning an alarm: what is wrong, what to do, since when."""
    for active in active_alarms(folder, request):
        alarm = active.alarm
        badge = " :orange-badge[uses hidden labels]" if alarm.uses_hidden_labels else ""
        st.warning(
            f"**{plain(alarm.title)}** since step {count(active.since)}.{badge}  \n"
            f"{plain(alarm.advice)}",
            icon=":material/notification_important:",
        )
