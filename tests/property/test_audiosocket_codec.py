"""AudioSocket's decoder: the same frames whatever the pieces; any bytes end in frames or BadFrame."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.audiosocket_codec import SOUND_LIMIT, BadFrame, FrameDecoder, Kind, encode

SOUNDS = st.integers(0, SOUND_LIMIT // 2).map(lambda samples: b"\x01\x02" * samples)
FRAMES = st.one_of(
    st.tuples(st.just(Kind.SOUND), SOUNDS),
    st.tuples(st.just(Kind.KEY), st.binary(min_size=1, max_size=1)),
    st.tuples(st.just(Kind.UUID), st.binary(min_size=16, max_size=16)),
    st.tuples(st.just(Kind.ERROR), st.binary(max_size=8)),
    st.tuples(st.just(Kind.END), st.just(b"")),
)


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[begin:end] for begin, end in pairwise(at)]


@given(st.lists(FRAMES, max_size=8), st.lists(st.integers(0, 30_000), max_size=12))
def test_frames_come_back_whatever_the_pieces(frames: list[tuple[Kind, bytes]], cuts: list[int]) -> None:
    data = b"".join(encode(kind, payload) for kind, payload in frames)
    decoder = FrameDecoder()
    got = [frame for piece in pieces_of(data, cuts) for frame in decoder.feed(piece)]
    assert got == frames
    assert not decoder.half


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=12))
def test_any_bytes_end_in_frames_or_a_refusal_and_nothing_piles_up(data: bytes, cuts: list[int]) -> None:
    decoder, frames, taken = FrameDecoder(), [], 0
    try:
        for piece in pieces_of(data, cuts):
            taken += len(piece)
            frames += decoder.feed(piece)
    except BadFrame:
        return
    read = b"".join(
        bytes((kind, len(payload) >> 8, len(payload) & 255)) + payload for kind, payload in frames
    )
    assert data.startswith(read)
    assert len(data) - len(read) < 3 + SOUND_LIMIT
    assert decoder.half == (len(read) < len(data))
