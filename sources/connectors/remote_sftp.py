"""SFTP: sshfs over asyncssh, which asks known_hosts whom it talks to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
from sshfs import SSHFileSystem

from sources.connectors.remote_system import (
    READ_BLOCK,
    Entry,
    Refused,
    RemoteSystem,
    check_options,
)

_PATHS = ("known_hosts", "client_keys")
_OPTIONS = (
    "username",
    "password",
    "client_keys",
    "passphrase",
    "known_hosts",
    "port",
    "max_sessions",
)
_PORT = 22


class Sftp(RemoteSystem):
    """A folder of an SFTP server."""

    reconnects = True

    def close(self) -> None:
        """See `RemoteSystem`."""
        self._system.loop.call_soon_threadsafe(self._system.client.abort)

    def _connect(self) -> tuple[Any, str]:
        given = self._given
        machine = given.address.machine
        options = dict(given.options)
        taken_by = (asyncssh.SSHClientConnectionOptions.prepare,)
        check_options(options, _OPTIONS, taken_by)
        for name in _PATHS:
            if isinstance(options.get(name), str):
                options[name] = str(given.base / Path(options[name]).expanduser())
        # sshfs itself would take any key: without known_hosts nobody is trusted
        options.setdefault("known_hosts", str(Path("~/.ssh/known_hosts").expanduser()))
        if machine.username:
            options.setdefault("username", machine.username)
        options.setdefault("port", machine.port or _PORT)
        self._known_hosts = options["known_hosts"] = str(options["known_hosts"])
        self._port = int(options["port"])
        # none or `false` would be no check at all
        if not Path(self._known_hosts).is_file():
            raise Refused(
                f"there is no file {self._known_hosts}, so nobody knows the server's"
                " key. Ask its administrator for the key, put it into that file, or"
                " name the file in the option `known_hosts`"
            )
        system = SSHFileSystem(
            machine.hostname,
            timeout=given.timeout,
            connect_timeout=given.timeout,
            login_timeout=given.timeout,
            keepalive_interval=given.timeout,
            keepalive_count_max=1,
            config=None,  # ~/.ssh/config could switch off the check of host keys
            sftp_client_kwargs={"path_errors": "surrogateescape"},
            skip_instance_cache=True,
            **options,
        )
        return system, given.address.path.rstrip("/")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except asyncssh.HostKeyNotVerifiable:
            raise Refused(self._unknown_key()) from None
        except asyncssh.PermissionDenied as error:
            raise Refused(f"it does not let us in: {error.reason}") from None
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise Refused(f"the key in `client_keys` is of no use: {error}") from None
        except asyncssh.SFTPPermissionDenied as error:
            raise PermissionError(error.reason) from None
        except (asyncssh.Error, asyncssh.ProcessError) as error:
            raise OSError(f"{type(error).__name__}: {error}") from None

    def _unknown_key(self) -> str:
        host = self._given.address.machine.hostname or ""
        known = asyncssh.read_known_hosts(self._known_hosts)
        trusted, *_ = known.match(host, "", self._port)
        if trusted:
            return (
                f"THE HOST KEY HAS CHANGED: {host} shows another key than"
                f" {self._known_hosts} has for it. Either the server was set up anew"
                " or somebody stands in between. Compare the fingerprint with its"
                " administrator before you put the new key into the file"
            )
        return (
            f"the host key of {host}, port {self._port}, is not in"
            f" {self._known_hosts}. Compare the fingerprint with its administrator,"
            " then put the key into the file"
        )

    def _list(self, path: str) -> list[dict[str, Any]]:
        return list(self._system.ls(path, detail=True, timeout=self._given.timeout))

    def _read(self, path: str, entry: Entry) -> bytes:
        # never past the listed end: asyncssh asks for all blocks of a read at once
        content = bytearray()
        with self._system.open(path, "rb") as stream:
            while left := entry.size - len(content):
                size = min(READ_BLOCK, left)
                block = stream.read(size, timeout=self._given.timeout)
                if not block:
                    break
                content += block
        return bytes(content)

    def _write(self, target: str, data: bytes) -> None:
        self._system.pipe_file(f"{target}.part", data)
        try:
            self._system.mv(f"{target}.part", target)
        except (asyncssh.Error, asyncssh.ProcessError, OSError):
            # a server that cannot replace a file by renaming, and gives no shell
            self._system.pipe_file(target, data)
            with suppress(asyncssh.Error, OSError):
                self._system.rm_file(f"{target}.part")
