"""One file with what an institution can't get again: its index, lists and records; and back from it.

The index is the generation that answers; the documents come along if they are asked for. `.env`, which has
keys and passwords, never does. A name in the file begins with the setting that says where it goes:
`appearance`, `state/records.sqlite`.
"""

import gzip
import os
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from errno import ENOSPC
from filecmp import cmp
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory, gettempdir

from partnerbot.durable import remedy, write_bytes
from partnerbot.errors import ConfigurationError, IndexDamaged, IndexUnavailable, cause
from partnerbot.index import generations
from partnerbot.index.files import changed
from partnerbot.index.generations import FORMAT, MANIFEST, Manifest
from partnerbot.index.reports import recorded
from partnerbot.settings import Settings

_ABOUT = "partnerbot-backup-1"
"""The first name; another number is another order of things."""

_INDEX = "index"

_FILES = ("sources", "register_file", "curated", "glossary", "golden", "appearance")
"""The settings that name a file; `appearance` comes after its logo, without which it can't be read."""

_RECORDS = "state"
_DOCUMENTS = "documents", "synced"

_PASSING = ("paused.json", "-wal", "-shm", "-journal", ".lock", ".tmp", ".new")
"""Ends of names: a pause is of the moment, the others are parts of what is being written."""


def write_backup(settings: Settings, file: Path, *, documents: bool = False) -> list[str]:
    """Write a backup, also while the server runs; return the names in it. A file that is there is replaced.

    `documents`: with the documents and the pages of sites.

    Raises: ConfigurationError if something can't be read or written; IndexDamaged.
    """
    unfinished = file.with_name(f".{file.name}.new")
    while True:
        generation = _current(settings.index)
        try:
            # What visitors wrote is in it.
            with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
                with tarfile.open(fileobj=raw, mode="w:gz") as archive:
                    _fill(archive, settings, generation, documents)
                    names = archive.getnames()
                raw.flush()
                os.fsync(raw.fileno())
            unfinished.replace(file)
            return names[1:]
        except (OSError, IndexDamaged) as error:
            if _current(settings.index) != generation:
                continue  # two newer ones have been published, and it was removed
            if isinstance(error, IndexDamaged):
                raise
            why = error.strerror if error.filename in (None, str(unfinished)) else None
            advice = f"{remedy(error)}, or name another place."
            raise ConfigurationError(f"{file} can't be written: {why or error}. {advice}") from error
        finally:
            with suppress(OSError):
                unfinished.unlink()


def _fill(archive: tarfile.TarFile, settings: Settings, generation: Path | None, documents: bool) -> None:
    archive.addfile(tarfile.TarInfo(_ABOUT))
    if logo := settings.owner.logo:
        _add(archive, f"logo/{logo}", settings.appearance.parent / logo)
    for name in _FILES:
        with suppress(FileNotFoundError):
            _add(archive, name, getattr(settings, name))
    for name in sorted((_RECORDS, *(_DOCUMENTS if documents else ()))):
        folder: Path = getattr(settings, name)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.endswith(_PASSING):
                # It may be deleted at any time.
                with suppress(FileNotFoundError):
                    _add(archive, f"{name}/{path.relative_to(folder).as_posix()}", path)
    if generation is not None:
        for path in sorted(path for path in generation.rglob("*") if path.is_file()):
            _add(archive, f"{_INDEX}/{path.relative_to(generation).as_posix()}", path)
        if (damage := _damage(generation)) is not None:
            raise IndexDamaged(f"The index can't be backed up: {damage}. Run: partnerbot index")


def _add(archive: tarfile.TarFile, name: str, path: Path) -> None:
    """Add a file as it is now, whatever is written to it meanwhile."""
    with TemporaryDirectory() as scratch:
        if path.suffix == ".sqlite" and not name.startswith(f"{_INDEX}/"):
            copy = f"{scratch}/copy"
            try:
                with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(copy)) as other:
                    one.backup(other)
            except sqlite3.Error as error:
                advice = f"{remedy(error)}, or have TMPDIR name another folder."
                raise ConfigurationError(
                    f"{path} can't be copied into {gettempdir()}/: {error}. {advice}"
                ) from error
            path = Path(copy)
        with path.open("rb") as content:
            archive.addfile(archive.gettarinfo(arcname=name, fileobj=content), content)


@contextmanager
def opened(file: Path) -> Iterator[Path]:
    """Yield a folder among the temporary files with what a backup has, by its names there.

    Raises: ConfigurationError if it isn't whole, isn't one, or has anything but files inside of it.
    """
    with TemporaryDirectory(prefix="partnerbot-") as scratch:
        try:
            with gzip.open(file) as packed, tarfile.open(fileobj=packed, mode="r:") as archive:
                for member in archive:
                    if not member.isreg() or ".." in Path(member.name).parts:
                        raise ValueError(f"{member.name} is no file inside of it")
                    archive.extract(member, scratch, filter="data")
                while packed.read(2**20):  # up to gzip's checksum
                    pass
        except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
            if isinstance(error, OSError) and error.errno == ENOSPC:
                advice = f"{remedy(error)}, or have TMPDIR name another folder."
                raise ConfigurationError(f"{file} can't be unpacked in {gettempdir()}/. {advice}") from error
            raise ConfigurationError(f"{file} is not a whole backup of partnerbot: {cause(error)}") from error
        try:
            Path(scratch, _ABOUT).unlink()
        except FileNotFoundError:
            raise ConfigurationError(
                f"{file} is no backup that this version of partnerbot can read."
            ) from None
        yield Path(scratch)


def names_in(backup: Path) -> list[str]:
    """Return the names in a backup that is `opened`, in the order in which they are put back."""
    names = (path.relative_to(backup).as_posix() for path in backup.rglob("*") if path.is_file())
    return sorted(names, key=lambda name: (name in _FILES, name))


def restore(backup: Path, settings: Settings, *, force: bool = False) -> None:
    """Put a backup that is `opened` where the settings say; a running server takes the index over.

    What is the same already is left alone, so that a restore that was cut off can be run again. The index
    comes last, as a generation of its own: the one before can be gone back to.

    `force`: replace what is there. Files that the backup doesn't have stay.

    Raises: ConfigurationError if something else is there; then nothing was changed. IndexBusy;
        IndexNotWritten; IndexDamaged.
    """
    targets = {
        backup / name: target for name in names_in(backup) if (target := _target(name, settings)) is not None
    }
    same = {path for path, target in targets.items() if target.exists() and cmp(path, target, shallow=False)}
    differing = [str(target) for path, target in targets.items() if target.exists() and path not in same]
    if differing and not force:
        more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
        raise ConfigurationError(
            f"Not what the backup has: {', '.join(differing[:3])}{more}. Nothing was changed. "
            "To replace it, add --force"
        )
    manifest = backup / _INDEX / MANIFEST
    try:
        for path, target in targets.items():
            if path not in same and path != manifest:
                target.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(target, path.read_bytes())
                for rest in ("-wal", "-shm"):  # of a database that stood there
                    target.with_name(target.name + rest).unlink(missing_ok=True)
                target.chmod(path.stat().st_mode & 0o666)
        if manifest.exists() and manifest not in same:
            _restore_index(manifest.parent, settings.index)
    except OSError as error:
        raise ConfigurationError(
            f"The restore broke off: {cause(error)}. {remedy(error)}, then run it again."
        ) from error


def _restore_index(backed_up: Path, index: Path) -> None:
    with generations.writing(index), recorded(index) as run:
        generations.clear_unfinished(index)
        folder = generations.begin(index)
        try:
            copytree(backed_up, folder, dirs_exist_ok=True)
            if (damage := _damage(folder)) is not None:
                raise IndexDamaged(f"The index in the backup is damaged: {damage}")
            generations.publish(index, folder)
            run.told = {"outcome": "restored from a backup", "generation": folder.name}
        except BaseException:
            generations.discard(index, folder)
            raise


def _target(name: str, settings: Settings) -> Path | None:
    """Return where a file goes, or for the index what it is compared with; None for what goes nowhere."""
    if name == f"{_INDEX}/{MANIFEST}":
        generation = _current(settings.index)
        return None if generation is None else generation / MANIFEST
    setting, _, inside = name.partition("/")
    if setting == "logo":
        return settings.appearance.parent / inside
    if setting in (*_FILES, _RECORDS, *_DOCUMENTS):
        return Path(getattr(settings, setting), inside)
    return None


def _current(index: Path) -> Path | None:
    try:
        return generations.current(index)
    except IndexUnavailable:
        return None


def _damage(generation: Path) -> str | None:
    """Say what of a generation isn't what was written; what another version wrote can't be compared."""
    try:
        manifest = Manifest.read(generation)
    except (OSError, ValueError) as error:
        return None if isinstance(error, ValueError) else str(error)
    return changed(generation, manifest.files) if manifest.format == FORMAT else None
