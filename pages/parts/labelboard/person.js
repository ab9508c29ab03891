// Who labels: one random name a browser, shared by its tabs, so that undo takes back only what
// was done here.

const PERSON_KEY = "handful-person"; // not below "handful/", where the outbox keeps its events
const PERSON_FORM = /^[A-Za-z0-9_-]{1,64}$/; // as in routes.py

function personOfBrowser() {
  try {
    const known = localStorage.getItem(PERSON_KEY) ?? "";
    if (PERSON_FORM.test(known)) return known;
    localStorage.setItem(PERSON_KEY, newId());
    return localStorage.getItem(PERSON_KEY);
  } catch {
    // Storage switched off: the name then lives as long as the page.
    return (globalThis.handfulPerson ??= newId());
  }
}
