"""The ways out for e-mail: an SMTP server, or a folder for trying out."""

import re
import secrets
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

from registry.channels.outgoing import Outcome, Outgoing, compose
from registry.channels.smtp import SmtpChannel

__all__ = ["Channel", "FolderChannel", "Outcome", "Outgoing", "SmtpChannel", "open_channel"]


class Channel(Protocol):
    """A way out, kept open for the length of a `with` block."""

    def send(self, outgoing: Outgoing) -> Outcome: ...

    def fault(self) -> str | None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_channel(url: str, sender: str, base: Path) -> Channel:
    """The channel of a REGISTRY_MAIL URL; nothing is connected before the first message.

    `file://` folders are relative to `base`. Raises ValueError with a sentence for a URL of another kind.
    """
    scheme = urlsplit(url).scheme
    if scheme == "smtp":
        return SmtpChannel(url, sender)
    if scheme == "file":
        return FolderChannel(base / url.removeprefix("file://"), sender)
    raise ValueError(f"E-mail cannot leave by {scheme or url}: use smtp:// or file://.")


class FolderChannel:
    """Writes each e-mail as an .eml file named by its Message-ID: sent twice, it is there once."""

    def __init__(self, folder: Path, sender: str):
        self.folder, self.sender = folder, sender

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held open."""

    def send(self, outgoing: Outgoing) -> Outcome:
        """Write the file beside its place and rename it, so that nobody reads half an e-mail."""
        try:
            content = compose(outgoing, self.sender, encoding="8bit")
        except ValueError as fault:
            return Outcome("refused", str(fault))
        file = self.folder / f"{re.sub(r'[^0-9A-Za-z._-]', '.', outgoing.message_id.partition('@')[0])}.eml"
        try:
            self._write(file, content)
        except OSError as fault:
            return Outcome("try_later", f"{self.folder} cannot be written: {fault.strerror}.", reached=False)
        return Outcome("sent", f"Written to {file.name}")

    def fault(self) -> str | None:
        """Why nothing could be written just now, as a sentence, or None: writes a file and removes it."""
        try:
            self._write(self.folder / ".trial", b"")
            (self.folder / ".trial").unlink()
        except OSError as fault:
            return f"{self.folder} cannot be written: {fault.strerror}."
        return None

    def _write(self, file: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        try:
            beside.write_bytes(content)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
