"""Writing that survives a power cut: on the disk before anything points to it."""

import errno
import os
from pathlib import Path


def sync_tree(folder: Path) -> None:
    """Have every file and folder below `folder`, and its entry in its parent, written to the disk."""
    for path, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(path, name))
        _sync(Path(path))
    _sync(folder.parent)


def write_text(path: Path, text: str) -> None:
    """Replace a file by a text in UTF-8; as `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader finds what was there or what is new, never a part."""
    scratch = path.with_name(f".{path.name}.new")
    with scratch.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    _sync(path.parent)


def remedy(error: Exception) -> str:
    """Return what to do where something can't be written, as the beginning of a sentence."""
    code = error.errno if isinstance(error, OSError) else None
    # SQLite, alone or in Chroma, says it in words.
    if code in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in str(error):
        return "Free space on its disk"
    if code == errno.ENOENT:
        return "Make its folder first"
    if code in (errno.EACCES, errno.EPERM, errno.EROFS) or "readonly" in str(error):
        return "Check its owner and permissions"
    return "Free space on its disk, or check its owner and permissions"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
