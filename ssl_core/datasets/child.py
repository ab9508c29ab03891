"""The limited process that reads a person's files: `python -m ssl_core.datasets.child`.

Requests come as JSON lines on standard input. Each answer is a frame on standard output: length
of the header (4 bytes, little-endian), header (JSON), payload (raw bytes, `bytes` in the header).
Nothing is pickled; the parent (`decoder.py`) checks every frame.
"""

import json
import os
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any

from ssl_core.datasets.limits import FILE_BYTES, confine, renew_processor_time

_STORED = 0
_LOCAL_SIGNATURE = b"PK\x03\x04"
_LOCAL_HEADER = 30

Frame = tuple[dict[str, Any], bytes]


def main() -> None:
    """Say that it is ready, then serve requests until standard input closes."""
    answers = os.dup(1)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    confine()
    from ssl_core.datasets import decode  # noqa: F401  loaded before the first file's time begins

    _send(answers, {"ready": 1}, b"")
    for line in sys.stdin.buffer:
        request = json.loads(line)
        handler = _array_frames if request["op"] == "array" else _file_frames
        for header, payload in handler(request):
            _send(answers, header, payload)


def _send(answers: int, header: dict[str, Any], payload: bytes) -> None:
    text = json.dumps({**header, "bytes": len(payload)}).encode()
    content = memoryview(struct.pack("<I", len(text)) + text + payload)
    while content:
        content = content[os.write(answers, content) :]


def _file_frames(request: dict[str, Any]) -> Iterator[Frame]:
    """One frame a file: its size, or its pixels, or the reason why it is left out."""
    from ssl_core.datasets import decode

    archive = open(request["archive"], "rb") if request.get("archive") else None  # noqa: SIM115
    for place in request["files"]:
        renew_processor_time()
        try:
            content = _plain_file(place) if archive is None else _entry(archive, place)
            if request["op"] == "probe":
                height, width, grey = decode.probe(content)
                yield {"ok": 1, "h": height, "w": width, "g": int(grey)}, b""
            elif request["op"] == "decode":
                yield {"ok": 1}, decode.decode(content, tuple(request["shape"])).tobytes()
            else:
                image = decode.preview(content, request["side"])
                yield {"ok": 1, "shape": image.shape}, image.tobytes()
        except decode.UnreadableError as error:
            yield {"ok": 0, "reason": str(error)}, b""
        except MemoryError:
            yield {"ok": 0, "reason": "reading it takes more than 1 GB of memory"}, b""
        except OSError as error:
            yield {"ok": 0, "reason": f"it cannot be read ({error.strerror})"}, b""
    if archive is not None:
        archive.close()


def _plain_file(place: str) -> bytes:
    from ssl_core.datasets.decode import UnreadableError

    with open(place, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > FILE_BYTES:
            raise UnreadableError(f"it has {size >> 20} MB; at most {FILE_BYTES >> 20} MB are read")
        return stream.read(FILE_BYTES + 1)


def _entry(archive: Any, place: list[int]) -> bytes:
    """Unpack one entry of a zip archive from (offset, packed size, size, method, checksum)."""
    from ssl_core.datasets.decode import UnreadableError

    offset, packed_size, size, method, checksum = place
    if max(size, packed_size) > FILE_BYTES:
        raise UnreadableError(
            f"it unpacks to {size >> 20} MB; at most {FILE_BYTES >> 20} MB are read"
        )
    archive.seek(offset)
    local = archive.read(_LOCAL_HEADER)
    if len(local) < _LOCAL_HEADER or local[:4] != _LOCAL_SIGNATURE:
        raise UnreadableError("the archive is damaged at this entry")
    name_length, extra_length = struct.unpack("<HH", local[26:30])
    archive.seek(offset + _LOCAL_HEADER + name_length + extra_length)
    content = archive.read(packed_size)
    if method != _STORED:
        try:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, size + 1)
        except zlib.error as error:
            raise UnreadableError(f"the archive is damaged at this entry ({error})") from error
    if len(content) != size or zlib.crc32(content) != checksum:
        raise UnreadableError(
            "the archive is damaged at this entry: its size or checksum is not the one declared"
        )
    return bytes(content)


def _array_frames(request: dict[str, Any]) -> Iterator[Frame]:
    """A head, the labels of each part, the images in chunks, an end; or one frame with a reason."""
    from ssl_core.datasets import array_frames, decode

    try:
        for frame in array_frames.frames(request):
            renew_processor_time()
            yield frame
    except decode.UnreadableError as error:
        yield {"kind": "error", "reason": str(error)}, b""
    except MemoryError:
        yield {"kind": "error", "reason": "reading it takes more than 1 GB of memory"}, b""
    except Exception as error:
        # A damaged file may raise anything; the parent needs a sentence, not a dead child.
        yield {"kind": "error", "reason": f"it is damaged ({str(error)[:120]})"}, b""


if __name__ == "__main__":
    main()
