"""The server's own ear for commands: a private socket, one line each way, whatever the other side does."""

import asyncio
import json
import os
import socket
import stat
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ivr.control import ControlServer
from ivr.control_client import SOCKET, NoServer, OvertakenThere, ask
from ivr.errors import Plain
from ivr.versions import Overtaken


async def echo(request: Mapping[str, Any]) -> object:
    return {"heard": request["text"]}


async def refuse(_request: Mapping[str, Any]) -> object:
    raise Plain("Not today.")


async def too_late(_request: Mapping[str, Any]) -> object:
    raise Overtaken(None)


async def fail(_request: Mapping[str, Any]) -> object:
    raise RuntimeError("a fault of ours")


HANDLERS = {"echo": echo, "refuse": refuse, "too late": too_late, "fail": fail}


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    server = ControlServer(tmp_path, HANDLERS)
    await server.start()
    yield tmp_path
    await server.close()
    assert not (tmp_path / SOCKET).exists()


def raw(folder: Path, data: bytes) -> bytes:
    """What comes back on these bytes; b'' if the server just closes."""
    number = os.open(folder, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(f"/proc/self/fd/{number}/{SOCKET}")
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
            with line.makefile("rb") as reading:
                return reading.read()
    finally:
        os.close(number)


async def test_a_question_and_its_answer(folder: Path) -> None:
    answer = await asyncio.to_thread(ask, folder, {"do": "echo", "text": "як справи"})
    assert answer == {"heard": "як справи"}


async def test_only_the_owner_reaches_it(folder: Path) -> None:
    assert stat.S_IMODE((folder / SOCKET).stat().st_mode) == 0o600


async def test_a_refusal_is_its_sentence(folder: Path) -> None:
    with pytest.raises(Plain, match=r"^Not today\.$"):
        await asyncio.to_thread(ask, folder, {"do": "refuse"})


async def test_who_is_second_is_told_as_such(folder: Path) -> None:
    with pytest.raises(OvertakenThere, match="Nothing of yours was published"):
        await asyncio.to_thread(ask, folder, {"do": "too late"})


async def test_a_fault_of_the_server_is_a_sentence_and_it_serves_on(folder: Path) -> None:
    with pytest.raises(Plain, match=r"The server failed \(RuntimeError\)"):
        await asyncio.to_thread(ask, folder, {"do": "fail"})
    assert await asyncio.to_thread(ask, folder, {"do": "echo", "text": 1}) == {"heard": 1}


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"{", b"[]\n", b"{}\n", b'{"do": []}\n', b'{"do": "gone"}\n', b"\xff\xfe\n", b"[" * 99_999],
)
async def test_whatever_is_sent_it_serves_on(folder: Path, data: bytes) -> None:
    answer = await asyncio.to_thread(raw, folder, data)
    assert answer == b"" or "refused" in json.loads(answer)
    assert await asyncio.to_thread(ask, folder, {"do": "echo", "text": 1}) == {"heard": 1}


async def test_a_line_without_end_costs_no_memory(folder: Path) -> None:
    try:
        answer = await asyncio.to_thread(raw, folder, b"x" * 2**20)
    except OSError:  # closed while we still wrote
        answer = b""
    assert answer == b""
    assert await asyncio.to_thread(ask, folder, {"do": "echo", "text": 1}) == {"heard": 1}


async def test_without_a_server_there_is_none(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(NoServer):
            ask(folder, {"do": "echo"})


async def test_a_socket_that_a_killed_server_left_is_taken_over(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / SOCKET))
    with pytest.raises(NoServer):
        ask(tmp_path, {"do": "echo"})
    server = ControlServer(tmp_path, HANDLERS)
    await server.start()
    assert await asyncio.to_thread(ask, tmp_path, {"do": "echo", "text": 1}) == {"heard": 1}
    await server.close()


async def test_the_first_of_two_servers_keeps_the_place(folder: Path) -> None:
    second = ControlServer(folder, {"echo": refuse})
    await second.start()
    assert await asyncio.to_thread(ask, folder, {"do": "echo", "text": 1}) == {"heard": 1}
    await second.close()
    assert await asyncio.to_thread(ask, folder, {"do": "echo", "text": 1}) == {"heard": 1}


async def test_a_long_name_of_the_run_folder_is_no_matter(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30) / ("name" * 30)
    folder.mkdir(parents=True)
    server = ControlServer(folder, HANDLERS)
    await server.start()
    assert await asyncio.to_thread(ask, folder, {"do": "echo", "text": 1}) == {"heard": 1}
    await server.close()


async def test_a_server_that_hangs_is_told(folder: Path) -> None:
    async def never(_request: Mapping[str, Any]) -> object:
        await asyncio.sleep(60)
        return None

    HANDLERS["never"] = never
    try:
        with pytest.raises(Plain, match="does not answer within 0 s"):
            await asyncio.to_thread(ask, folder, {"do": "never"}, 0.2)
    finally:
        del HANDLERS["never"]
