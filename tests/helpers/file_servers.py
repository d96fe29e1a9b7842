"""Real file servers on loopback: SFTP, S3 and WebDAV, each over a folder or a bucket.

`Shop` is one folder of one of them as a sender sees it: files are put there behind the
connector's back, with the time of change that the place will tell.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OLD = dt.datetime(2025, 1, 15, 8, 30, tzinfo=dt.UTC)
USER, PASSWORD = "huyen-01", "mat khau/rat+dai%25"


KINDS = ("local", "sftp", "s3", "webdav")
REMOTE = KINDS[1:]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Shop:
    """One folder: its address, the options that open it, and how senders fill it."""

    address: str
    put: Callable[[str, bytes, dt.datetime], None]
    files: Callable[[], dict[str, bytes]]
    make: Callable[[], None] = lambda: None
    options: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    missing: str = "missing"


def shop_of_folder(folder: Path, address: str, **given: Any) -> Shop:
    """A shop whose server serves `folder` as it is."""

    def put(name: str, data: bytes, when: dt.datetime = OLD) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (when.timestamp(), when.timestamp()))

    def files() -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }

    folder.mkdir(parents=True)
    return Shop(address, put, files, **given)


@dataclass
class SftpServer:
    """An SFTP server over `root`.

    `during_read` is called while a file is read; folders of the name `closed` may not
    be listed; without `renames` no file takes another's place.
    """

    root: Path
    port: int = 0
    known_hosts: str = ""
    logins: int = 0
    during_read: Callable[[], None] = lambda: None
    disconnect: Callable[[], None] = lambda: None
    closed: str = "/"
    renames: bool = True

    def shop(self, name: str, folder: Path) -> Shop:
        known_hosts = folder.with_suffix(".known_hosts")
        known_hosts.parent.mkdir(parents=True, exist_ok=True)
        known_hosts.write_text(self.known_hosts)
        return shop_of_folder(
            self.root / name,
            f"sftp://127.0.0.1:{self.port}/{name}",
            options={
                "username": "${F_USER}",
                "password": "${F_PASSWORD}",
                "known_hosts": str(known_hosts),
                "client_keys": "",
                "agent_path": "",
            },
            environment={"F_USER": USER, "F_PASSWORD": PASSWORD},
        )


@contextmanager
def sftp_server(root: Path) -> Iterator[SftpServer]:
    import asyncssh

    told = SftpServer(root)

    connections: set[Any] = set()

    class Door(asyncssh.SSHServer):
        def connection_made(self, conn: Any) -> None:
            connections.add(conn)

        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            told.logins += 1
            return (username, password) == (USER, PASSWORD)

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=os.fsencode(root))

        async def scandir(self, path: bytes) -> AsyncIterator[Any]:
            if os.path.basename(path) == os.fsencode(told.closed):  # noqa: PTH119
                raise PermissionError(13, "closed")
            async for entry in super().scandir(path):
                yield entry

        def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
            if not told.renames:
                raise asyncssh.SFTPOpUnsupported("not here")
            return super().posix_rename(oldpath, newpath)

        def read(self, file_obj: Any, offset: int, size: int) -> Any:
            told.during_read()
            return super().read(file_obj, offset, size)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    key = asyncssh.generate_private_key("ssh-ed25519")

    async def start() -> Any:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Door, sftp_factory=Files,
            server_host_keys=[key], allow_scp=False,
        )  # fmt: skip

    async def drop() -> None:
        while connections:
            connection = connections.pop()
            connection.abort()
            await connection.wait_closed()

    async def stop(acceptor: Any) -> None:
        acceptor.close()
        await acceptor.wait_closed()
        await drop()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # the transports' own last calls

    told.disconnect = lambda: run(drop())
    acceptor = run(start())
    told.port = acceptor.get_port()
    public = key.export_public_key().decode().strip()
    told.known_hosts = f"[127.0.0.1]:{told.port} {public}\n"
    try:
        yield told
    finally:
        run(stop(acceptor))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@dataclass
class S3Server:
    """Buckets of moto; the times of objects can be set as they are in its memory."""

    endpoint: str

    def shop(self, name: str, folder: Path) -> Shop:
        from moto.s3.models import s3_backends

        backend = s3_backends["123456789012"]["aws"]
        bucket = "nop-bao-cao"
        if bucket not in backend.buckets:
            backend.create_bucket(bucket, "us-east-1")

        def put(key: str, data: bytes, when: dt.datetime = OLD) -> None:
            stored = backend.put_object(bucket, f"{name}/{key}", data)
            stored.last_modified = when.replace(tzinfo=None)

        def files() -> dict[str, bytes]:
            inside = f"{name}/"
            return {
                key.removeprefix(inside): stored.value
                for key, stored in backend.buckets[bucket].keys.items()
                if key.startswith(inside)
            }

        return Shop(
            f"s3://{bucket}/{name}",
            put,
            files,
            options={
                "username": "${F_USER}",
                "password": "${F_PASSWORD}",
                "client_kwargs.endpoint_url": "${F_ENDPOINT}",
                "client_kwargs.region_name": "us-east-1",
            },
            environment={
                "F_USER": USER,
                "F_PASSWORD": PASSWORD,
                "F_ENDPOINT": self.endpoint,
            },
            missing="s3://no-such-bucket/x",
        )


@contextmanager
def s3_server() -> Iterator[S3Server]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        yield S3Server("http://{}:{}".format(*server.get_host_and_port()))
    finally:
        server.stop()


@dataclass
class WebDavServer:
    """A WebDAV server over `root`."""

    root: Path
    port: int

    def shop(self, name: str, folder: Path) -> Shop:
        return shop_of_folder(
            self.root / name,
            f"webdav+http://127.0.0.1:{self.port}/dav/{name}",
            options={"username": "${F_USER}", "password": "${F_PASSWORD}"},
            environment={"F_USER": USER, "F_PASSWORD": PASSWORD},
        )


@contextmanager
def webdav_server(root: Path) -> Iterator[WebDavServer]:
    from cheroot import wsgi
    from wsgidav.wsgidav_app import WsgiDAVApp

    app = WsgiDAVApp(
        {
            "provider_mapping": {"/dav": str(root)},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False},
            "verbose": 0,
            "logging": {"enable": False},
            "property_manager": None,
            "lock_storage": False,
            "dir_browser": {"enable": False},
        }
    )
    server = wsgi.Server(("127.0.0.1", 0), app, numthreads=4)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield WebDavServer(root, server.bind_addr[1])
    finally:
        server.stop()
        thread.join(5)


@dataclass
class FileServers:
    """One server of each kind, running."""

    sftp: SftpServer
    s3: S3Server
    webdav: WebDavServer
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def shop(self, kind: str, folder: Path) -> Shop:
        """A new empty folder on one of them; `folder` is a place for local files."""
        name = f"don vi {next(self._numbers)}"
        if kind == "local":
            return shop_of_folder(folder / name, str(folder / name))
        shop: Shop = getattr(self, kind).shop(name, folder / name)
        return shop


@contextmanager
def file_servers(folder: Path) -> Iterator[FileServers]:
    for name in ("sftp", "webdav"):
        (folder / name).mkdir()
    with ExitStack() as stack:
        yield FileServers(
            stack.enter_context(sftp_server(folder / "sftp")),
            stack.enter_context(s3_server()),
            stack.enter_context(webdav_server(folder / "webdav")),
        )
