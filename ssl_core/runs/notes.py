"""Tags and a note that people write about a run."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ssl_core.errors import UserError
from ssl_core.files import replace_bytes

NOTES = "notes.json"
MOST_TAGS = 10
TAG_LENGTH = 30  # characters
NOTE_LENGTH = 5000


class Notes(BaseModel):
    """`notes.json` of a run folder."""

    model_config = ConfigDict(frozen=True)
    tags: tuple[str, ...] = ()  # each once, in the order given
    note: str = ""


def read_notes(folder: Path) -> Notes:
    """The notes of the run in `folder`; empty where nobody wrote any, or they cannot be read."""
    try:
        return Notes.model_validate_json((folder / NOTES).read_bytes())
    except (OSError, ValueError):
        return Notes()


def write_notes(folder: Path, tags: list[str], note: str) -> Notes:
    """Replace the notes, atomically. Raises UserError where they are too long or many."""
    plain = tuple(dict.fromkeys(filter(None, (" ".join(tag.split()) for tag in tags))))
    long = next((tag for tag in plain if len(tag) > TAG_LENGTH), None)
    if long is not None:
        raise UserError(
            f"The tag {long!r} has {len(long)} letters, expected at most {TAG_LENGTH}. Write the "
            "rest in the note."
        )
    if len(plain) > MOST_TAGS:
        raise UserError(
            f"Received {len(plain)} tags, expected at most {MOST_TAGS}. Leave some out."
        )
    if len(note) > NOTE_LENGTH:
        raise UserError(
            f"The note has {len(note):,} letters, expected at most {NOTE_LENGTH:,}. Shorten it."
        )
    written = Notes(tags=plain, note=note.strip())
    try:
        replace_bytes(folder / NOTES, written.model_dump_json(indent=1).encode())
    except OSError as error:
        raise UserError(
            f"The notes could not be written: {error.strerror}. Make room or make the folder of "
            "the run writable."
        ) from error
    return written
