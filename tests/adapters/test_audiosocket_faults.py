"""AudioSocket's server against every bad peer, while a good one is served beside it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import pytest
import uvloop

from ivr.asterisk.audiosocket import (
    AudioSocketFull,
    AudioSocketServer,
    AudioStream,
    Ended,
    Key,
    Sound,
    StreamEvent,
    StreamMissing,
    Why,
)
from ivr.asterisk.audiosocket_codec import END_FRAME, SILENCE_FRAME, Kind, encode
from ivr.asterisk.testing import FakeAudioPeer, tone
from tests.eventually import eventually

NOBODY = UUID("6d1c6f0e-93a4-4a57-8a8e-2f1b7c55d0aa")
"""An id that no stream expects."""


@asynccontextmanager
async def serving(**limits: object) -> AsyncIterator[AudioSocketServer]:
    server = AudioSocketServer("127.0.0.1", 0, **limits)  # type: ignore[arg-type]
    await server.start()
    try:
        yield server
    finally:
        await server.close(1)
        assert server.connections == 0


@asynccontextmanager
async def one_stream(
    server: AudioSocketServer, *, sends: bool = True
) -> AsyncIterator[tuple[AudioStream, FakeAudioPeer]]:
    expected = server.expect()
    async with FakeAudioPeer("127.0.0.1", server.port, expected.id, sends=sends) as peer:
        stream = await expected.stream(5)
        try:
            yield stream, peer
        finally:
            stream.close()


async def raw(server: AudioSocketServer, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    return reader, writer


async def is_cut_off(reader: asyncio.StreamReader, within: float = 5.0) -> bool:
    try:
        return await asyncio.wait_for(reader.read(), within) == b""
    except ConnectionError:
        return True


async def last_of(stream: AudioStream) -> StreamEvent:
    return [event async for event in stream][-1]


async def still_works(server: AudioSocketServer) -> None:
    """A well-behaved caller is served at once."""
    async with one_stream(server) as (stream, peer):
        peer.press("7")
        async with asyncio.timeout(5):
            assert Key("7") in [event async for event in _first(stream, 20)]


async def _first(stream: AudioStream, count: int) -> AsyncIterator[StreamEvent]:
    async for event in stream:
        yield event
        count -= 1
        if not count:
            return


async def test_sound_and_keys_come_in_and_silence_goes_out_from_the_first_moment() -> None:
    async with serving() as server, one_stream(server, sends=False) as (stream, peer):
        await eventually(lambda: len(peer.heard) >= 5)
        assert set(peer.sound) == {0}
        peer.send(Kind.SOUND, b"\x01\x00" * 80)
        peer.send(Kind.SOUND, b"\x01\x00" * 240)
        for key in "1*f#":
            peer.press(key)
        peer.send(Kind.END)
        async with asyncio.timeout(5):
            events = [event async for event in stream]
        assert events == [
            Sound(b"\x01\x00" * 160),
            Sound(b"\x01\x00" * 160),
            Key("1"),
            Key("*"),
            Key("#"),
            Ended(Why.BY_ASTERISK),
        ]


async def test_what_is_played_arrives_in_real_time_and_whole() -> None:
    async with serving() as server, one_stream(server) as (stream, peer):
        prompt = tone(440, 0.5) + b"\x05"
        began = time.monotonic()
        first, second = stream.play(prompt), stream.play(tone(700, 0.1))
        assert stream.playing
        assert await asyncio.wait_for(first, 5)
        assert await asyncio.wait_for(second, 5)
        # Frames that were late when it began, 12 at most, are sent at once and then carry its beginning.
        assert time.monotonic() - began > 0.3
        assert not stream.playing
        assert prompt[:-1] + tone(700, 0.1) in peer.sound
        sent_for = time.monotonic() - peer.heard[0][0]
        assert len(peer.heard) * 0.02 < sent_for + 0.35


async def test_a_stop_is_heard_at_once() -> None:
    async with serving() as server, one_stream(server) as (stream, peer):
        played = stream.play(tone(440, 5))
        await eventually(lambda: peer.last_sound_at > 0)
        stream.stop_playing()
        sent = stream._sent
        assert await asyncio.wait_for(played, 10) is False
        assert not stream.playing
        await eventually(lambda: len(peer.heard) >= sent + 10)
        assert max(n for n, (_, frame) in enumerate(peer.heard) if any(frame)) < sent
        again = stream.play(tone(700, 0.1))
        assert await asyncio.wait_for(again, 5)


async def test_goodbye_reaches_asterisk_and_the_connection_ends() -> None:
    async with serving() as server, one_stream(server) as (stream, peer):
        playing = stream.play(tone(440, 5))
        stream.close()
        stream.close()
        assert await asyncio.wait_for(playing, 10) is False
        await asyncio.wait_for(peer.ended.wait(), 10)
        assert peer.goodbye
        assert isinstance(await last_of(stream), Ended)
        await eventually(lambda: server.connections == 0)
        assert await stream.play(tone(440, 1)) is False


async def test_a_peer_that_ignores_the_goodbye_is_cut_off() -> None:
    async with serving() as server:
        expected = server.expect()
        reader, writer = await raw(server, encode(Kind.UUID, expected.id.bytes))
        stream = await expected.stream(5)
        stream.close()
        with suppress(ConnectionError):
            async with asyncio.timeout(5):
                while await reader.read(65_536):
                    pass
        writer.close()
        await eventually(lambda: server.connections == 0)


@pytest.mark.parametrize(
    "data",
    [
        encode(Kind.UUID, NOBODY.bytes),
        SILENCE_FRAME,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        bytes.fromhex("10ffff"),
        END_FRAME,
        encode(Kind.KEY, b"1"),
        encode(Kind.ERROR, b"\x01"),
        bytes(range(256)) * 100,
    ],
    ids=["unknown id", "sound first", "http", "oversized", "end", "key", "error", "garbage"],
)
async def test_a_peer_without_an_expected_id_is_cut_off_at_once(data: bytes) -> None:
    async with serving(greeting_for=60) as server:
        reader, writer = await raw(server, data)
        assert await is_cut_off(reader)
        writer.close()
        await still_works(server)


@pytest.mark.parametrize("data", [b"", b"\x01", encode(Kind.UUID, NOBODY.bytes)[:-1]])
async def test_a_peer_that_tells_no_id_is_cut_off_at_its_deadline(data: bytes) -> None:
    async with serving(greeting_for=2.0) as server:
        reader, writer = await raw(server, data)
        await eventually(lambda: server.connections == 1)
        await still_works(server)
        assert await is_cut_off(reader, 10)
        writer.close()
        await eventually(lambda: server.connections == 0)


async def test_connect_and_close_leaves_nothing_behind() -> None:
    async with serving() as server:
        for _ in range(20):
            _, writer = await raw(server, b"")
            writer.transport.abort()
        await still_works(server)
        await eventually(lambda: server.connections == 0)


async def test_an_id_is_good_for_one_connection() -> None:
    async with serving() as server:
        expected = server.expect()
        async with FakeAudioPeer("127.0.0.1", server.port, expected.id) as peer:
            stream = await expected.stream(5)
            reader, writer = await raw(server, encode(Kind.UUID, expected.id.bytes))
            assert await is_cut_off(reader)
            writer.close()
            assert not stream.ended
            assert not peer.ended.is_set()
            stream.close()


async def test_an_id_comes_too_late() -> None:
    async with serving() as server:
        expected = server.expect()
        with pytest.raises(StreamMissing, match=r"within 0\.05 s"):
            await expected.stream(0.05)
        reader, writer = await raw(server, encode(Kind.UUID, expected.id.bytes))
        assert await is_cut_off(reader)
        writer.close()


async def test_a_stream_that_nobody_wants_any_more_is_closed() -> None:
    async with serving() as server:
        expected = server.expect()
        async with FakeAudioPeer("127.0.0.1", server.port, expected.id) as peer:
            await eventually(lambda: server.streams == 1)
            expected.cancel()
            await asyncio.wait_for(peer.ended.wait(), 10)
            assert peer.goodbye


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x10\x01\x41" + bytes(321), Why.BROKEN),
        (bytes.fromhex("10ffff"), Why.BROKEN),
        (b"\x77\x00\x00", Why.BROKEN),
        (encode(Kind.UUID, NOBODY.bytes), Why.BROKEN),
        (encode(Kind.ERROR, b"\x02"), Why.ERROR),
        (END_FRAME, Why.BY_ASTERISK),
    ],
)
async def test_a_stream_ends_by_what_its_own_peer_does(data: bytes, why: Why) -> None:
    async with serving() as server, one_stream(server) as (other, _), one_stream(server) as (stream, peer):
        peer.send_raw(data)
        assert await asyncio.wait_for(last_of(stream), 5) == Ended(why)
        await asyncio.wait_for(peer.ended.wait(), 5)
        assert not other.ended
        await eventually(lambda: server.connections == 1)


async def test_half_a_frame_ends_the_stream_at_its_deadline() -> None:
    async with serving(half_frame_for=0.2) as server, one_stream(server, sends=False) as (stream, peer):
        peer.send_raw(SILENCE_FRAME[:50])
        assert await asyncio.wait_for(last_of(stream), 5) == Ended(Why.BROKEN)
        await asyncio.wait_for(peer.ended.wait(), 5)


async def test_a_slow_peer_is_no_half_frame() -> None:
    async with serving(half_frame_for=5.0) as server, one_stream(server, sends=False) as (stream, peer):
        for byte in SILENCE_FRAME * 2:
            peer.send_raw(bytes([byte]))
            await asyncio.sleep(0)
        peer.press("1")
        async with asyncio.timeout(5):
            events = [event async for event in _first(stream, 3)]
        assert events == [Sound(bytes(320)), Sound(bytes(320)), Key("1")]


async def test_pieces_that_straddle_frames_are_no_half_frame() -> None:
    """Every read ends in mid-frame, as with a network's segments, but every frame is whole in time."""
    limit, every = 4.0, 0.03
    sound = SILENCE_FRAME * 100
    pieces = [sound[at : at + 200] for at in range(0, len(sound), 200)]
    assert len(pieces) * every > limit + 0.5
    async with serving(half_frame_for=limit) as server, one_stream(server, sends=False) as (stream, peer):
        for piece in pieces:
            peer.send_raw(piece)
            await asyncio.sleep(every)
        assert not stream.ended
        async with asyncio.timeout(5):
            assert len([event async for event in _first(stream, 100)]) == 100


async def test_a_vanished_peer_ends_its_stream() -> None:
    async with serving() as server, one_stream(server) as (stream, peer):
        playing = stream.play(tone(440, 5))
        peer.vanish()
        last = await asyncio.wait_for(last_of(stream), 5)
        assert last in (Ended(Why.LOST), Ended(Why.BY_ASTERISK))
        assert await asyncio.wait_for(playing, 10) is False
        await asyncio.wait_for(stream.until_closed(), 10)


async def test_a_peer_that_does_not_read_is_given_up_in_the_end() -> None:
    async with serving() as server:
        expected = server.expect()
        _, writer = await raw(server, encode(Kind.UUID, expected.id.bytes))
        stream = await expected.stream(5)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        now = asyncio.get_running_loop().time()
        for step in range(1, 20_000):
            stream.tick(now + 0.2 * step)
            if stream.ended:
                break
            if step % 100 == 0:
                await asyncio.sleep(0)
        assert await last_of(stream) == Ended(Why.SLOW)
        writer.transport.abort()
        await still_works(server)


async def test_the_limit_of_streams_is_told_before_anybody_connects() -> None:
    async with serving(limit=2) as server, one_stream(server):
        waiting = server.expect()
        with pytest.raises(AudioSocketFull, match="2 streams"):
            server.expect()
        waiting.cancel()
        await still_works(server)


async def test_connections_without_an_id_keep_nobody_out() -> None:
    async with serving(greeting_for=60) as server:
        idle = [await raw(server, b"") for _ in range(80)]
        await eventually(lambda: server.connections == 64)
        await still_works(server)
        for _, writer in idle:
            writer.close()


async def test_other_networks_are_refused() -> None:
    async with serving(allowed=["10.0.0.0/8"]) as server:
        expected = server.expect()
        reader, writer = await raw(server, encode(Kind.UUID, expected.id.bytes))
        assert await is_cut_off(reader)
        writer.close()
        assert server.streams == 0


async def test_a_late_clock_plays_on_without_hurry() -> None:
    """After the event loop stood still, what was missed is played later, and never in one burst."""
    async with serving() as server, one_stream(server) as (stream, peer):
        prompt = tone(440, 1.0)
        played = stream.play(prompt)
        await eventually(lambda: peer.last_sound_at > 0)
        before = stream._sent
        time.sleep(0.6)  # noqa: ASYNC251 - a loop that stands still is what is tested
        woke = time.monotonic()
        await asyncio.sleep(0.05)
        assert stream._sent - before < 7 + (time.monotonic() - woke) / 0.02
        assert await asyncio.wait_for(played, 5)
        assert prompt in peer.sound


async def test_events_nobody_takes_do_not_pile_up() -> None:
    async with serving() as server, one_stream(server, sends=False) as (stream, peer):
        for _ in range(30):
            peer.send_raw(SILENCE_FRAME * 50)
            await asyncio.sleep(0)
        peer.press("9")
        peer.send(Kind.END)
        await asyncio.wait_for(stream.until_closed(), 5)
        events = [event async for event in stream]
        assert events[-2:] == [Key("9"), Ended(Why.BY_ASTERISK)]
        assert len(events) <= 1_002


async def test_a_closing_server_says_goodbye_to_everybody() -> None:
    server = AudioSocketServer()
    await server.start()
    expected, waiting = server.expect(), server.expect()
    async with FakeAudioPeer("127.0.0.1", server.port, expected.id) as peer:
        stream = await expected.stream(5)
        _, writer = await raw(server, b"")
        await eventually(lambda: server.connections == 2)
        late = asyncio.create_task(waiting.stream(5))
        await asyncio.sleep(0)
        await asyncio.wait_for(server.close(2), 10)
        with pytest.raises(StreamMissing):
            await late
        assert server.connections == 0
        assert stream.ended
        await asyncio.wait_for(peer.ended.wait(), 10)
        assert peer.goodbye
        writer.close()


@pytest.mark.parametrize(
    "scenario",
    [
        test_sound_and_keys_come_in_and_silence_goes_out_from_the_first_moment,
        test_what_is_played_arrives_in_real_time_and_whole,
        test_goodbye_reaches_asterisk_and_the_connection_ends,
        test_connect_and_close_leaves_nothing_behind,
        test_a_vanished_peer_ends_its_stream,
        test_half_a_frame_ends_the_stream_at_its_deadline,
    ],
)
def test_the_same_on_the_servers_own_event_loop(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    uvloop.run(scenario())
