"""Who sits at this browser: the same random name under which its label board sends labels."""

import re

import streamlit as st

UNKNOWN = "review"  # until the browser has told its name
_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}")
_reader = st.components.v2.component(
    "handful_person",
    # The key and the form of the name are those of labelboard/person.js.
    js="""
export default function ({ data, setStateValue }) {
  const made = () => Array.from(
    crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")
  ).join("");
  try {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(localStorage.getItem("handful-person") ?? "")) {
      localStorage.setItem("handful-person", made());
    }
    const person = localStorage.getItem("handful-person");
    if (person !== data.known) setStateValue("person", person);
  } catch {
    // Storage switched off: labels of this page then stand under the name "review".
  }
}
""",
)


def browser_person() -> str:
    """The person of this browser; "review" at the very first run of a page, and without storage.

    Draws nothing, and may be called once a run.
    """
    told = _reader(
        key="browser-person",
        data={"known": st.session_state.get("known-person", "")},
        default={"person": ""},
        on_person_change=lambda: None,
        height=1,
    )
    person = str(told.person or "")
    if _FORM.fullmatch(person):
        st.session_state["known-person"] = person
    return str(st.session_state.get("known-person", UNKNOWN))
