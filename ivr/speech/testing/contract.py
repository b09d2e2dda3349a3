"""What every recogniser must do, as functions that a test calls with the real thing."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from ivr.speech.port import (
    UNKNOWN_WORD,
    Heard,
    NoModel,
    RecogniserBusy,
    RecogniserDead,
    Recognition,
    SpeechError,
)
from ivr.speech.testing.trial import LIMIT, RecogniserUnderTest

RecogniserCheck = Callable[[RecogniserUnderTest], Awaitable[None]]

WITHIN = 20.0
"""Patience of the checks, for a busy machine; what must come at once is measured."""
AT_ONCE = 10.0
"""Far below the time after which the recogniser under test would notice a process that only hangs."""
_NOT_WITHIN = 0.5
"""So long is waited for what must not come."""
_FRAME = 320
_SILENCE = bytes(_FRAME)


async def check_recogniser(make: Callable[[], AbstractAsyncContextManager[RecogniserUnderTest]]) -> None:
    """Any recogniser must pass all; AssertionError says what is broken."""
    for check in RECOGNISER_CHECKS:
        async with make() as trial:
            await check(trial)


def _feed(recognition: Recognition, sound: bytes, portion: int = _FRAME) -> None:
    for at in range(0, len(sound), portion):
        recognition.feed(sound[at : at + portion])


async def _hear(trial: RecogniserUnderTest, said: str, phrases: tuple[str, ...] | None) -> Heard:
    sound = trial.speak(said)
    recognition = trial.recogniser.open(trial.language, phrases)
    _feed(recognition, sound)
    try:
        return await recognition.result(WITHIN)
    finally:
        recognition.close()


async def hears_each_phrase(trial: RecogniserUnderTest) -> None:
    for word in trial.words:
        heard = await _hear(trial, word, trial.words)
        assert heard.text == word, f"said {word!r}, heard {heard}"
        assert 0 < heard.confidence <= 1, f"a confidence of {heard.confidence}"


async def hears_any_words(trial: RecogniserUnderTest) -> None:
    heard = await _hear(trial, trial.words[0], None)
    assert heard.text == trial.words[0], f"without phrases: said {trial.words[0]!r}, heard {heard}"


async def other_words_are_unknown(trial: RecogniserUnderTest) -> None:
    heard = await _hear(trial, trial.words[0], trial.words[2:])
    assert heard.text == UNKNOWN_WORD, f"{trial.words[0]!r} is none of the phrases, but {heard} was heard"


async def silence_is_no_word(trial: RecogniserUnderTest) -> None:
    heard = await _hear(trial, "", trial.words)
    assert heard == Heard("", 0.0), f"heard {heard} in silence"
    trial.speak("")
    recognition = trial.recogniser.open(trial.language, trial.words)
    assert await recognition.result(WITHIN) == Heard("", 0.0), "no sound at all is no word"


async def takes_sound_in_any_portions(trial: RecogniserUnderTest) -> None:
    for portion in (1, 321, 1 << 20):
        sound = trial.speak(trial.words[0])
        recognition = trial.recogniser.open(trial.language, trial.words)
        _feed(recognition, sound, portion)
        heard = await recognition.result(WITHIN)
        assert heard.text == trial.words[0], f"in portions of {portion} bytes: {heard}"


async def the_result_stays(trial: RecogniserUnderTest) -> None:
    sound = trial.speak(trial.words[0])
    recognition = trial.recogniser.open(trial.language, trial.words)
    _feed(recognition, sound)
    first = await recognition.result(WITHIN)
    _feed(recognition, sound)
    assert await recognition.result(WITHIN) == first, "a result does not change"
    recognition.close()
    assert await recognition.result(WITHIN) == first, "not even when the stream is given back"


async def hears_the_end(trial: RecogniserUnderTest) -> None:
    sound = trial.speak(trial.words[0])
    recognition = trial.recogniser.open(trial.language, trial.words)
    assert not recognition.ended, "nothing was said yet"
    _feed(recognition, sound)
    until = time.monotonic() + WITHIN
    for _ in range(250):
        recognition.feed(_SILENCE)
    while not recognition.ended:
        assert time.monotonic() < until, "the end of an utterance before 5 s of silence is not heard"
        await asyncio.sleep(0.01)
    heard = await recognition.result(WITHIN)
    assert heard.text == trial.words[0], f"heard {heard}"


async def waits_for_who_pauses(trial: RecogniserUnderTest) -> None:
    sound = trial.speak(trial.words[0])
    recognition = trial.recogniser.open(trial.language, trial.words, patient=True)
    _feed(recognition, sound + _SILENCE * 150)
    until = time.monotonic() + _NOT_WITHIN
    while time.monotonic() < until:
        assert not recognition.ended, "a pause of 3 s has ended an utterance that may pause"
        await asyncio.sleep(0.01)
    heard = await recognition.result(WITHIN)
    assert heard.text == trial.words[0], f"before a pause {trial.words[0]!r} was said, heard {heard}"


async def closes_at_any_moment(trial: RecogniserUnderTest) -> None:
    for feeds in (0, 1, 20):
        recognition = trial.recogniser.open(trial.language, trial.words)
        _feed(recognition, _SILENCE * feeds)
        recognition.close()
        recognition.close()
        recognition.feed(_SILENCE)
        try:
            heard = await recognition.result(WITHIN)
        except RecogniserDead:
            continue
        raise AssertionError(f"given up, but {heard} was heard")


async def refuses_beyond_the_limit(trial: RecogniserUnderTest) -> None:
    taken = [trial.recogniser.open(trial.language, trial.words) for _ in range(LIMIT)]
    try:
        trial.recogniser.open(trial.language, trial.words)
    except RecogniserBusy:
        taken.pop().close()
    else:
        raise AssertionError(f"{LIMIT} streams are the limit, but there was one more")
    trial.recogniser.open(trial.language, trial.words).close()
    for recognition in taken:
        recognition.close()


async def refuses_what_it_has_no_model_for(trial: RecogniserUnderTest) -> None:
    assert trial.language in trial.recogniser.languages
    for language, phrases in (("xx", trial.words), (trial.language, ()), (trial.language, (" ",))):
        try:
            trial.recogniser.open(language, phrases)
        except NoModel:
            continue
        raise AssertionError(f"{language} with the phrases {phrases} cannot be recognised, but was opened")


async def keeps_streams_apart(trial: RecogniserUnderTest) -> None:
    sounds = [trial.speak(word) for word in trial.words]
    streams = [trial.recogniser.open(trial.language, trial.words) for _ in sounds]
    for at in range(0, max(map(len, sounds)), _FRAME):
        for stream, sound in zip(streams, sounds, strict=True):
            stream.feed(sound[at : at + _FRAME])
    heard = await asyncio.gather(*(stream.result(WITHIN) for stream in streams))
    assert tuple(one.text for one in heard) == trial.words, f"heard {heard}"


async def a_lost_process_fails_at_once_and_comes_back(trial: RecogniserUnderTest) -> None:
    sound = trial.speak(trial.words[0])
    recognition = trial.recogniser.open(trial.language, trial.words)
    _feed(recognition, sound[: len(sound) // 2])
    await trial.kill()
    began = time.monotonic()
    try:
        heard = await recognition.result(WITHIN)
    except RecogniserDead:
        took = time.monotonic() - began
    else:
        raise AssertionError(f"the process was lost in mid-word, but {heard} was heard")
    assert took < AT_ONCE, f"the loss was told after {took:.1f} s"
    assert recognition.ended
    recognition.feed(sound)
    recognition.close()
    await _comes_back(trial)


async def _comes_back(trial: RecogniserUnderTest) -> None:
    until, sound = time.monotonic() + WITHIN, trial.speak(trial.words[0])
    while time.monotonic() < until:
        try:
            recognition = trial.recogniser.open(trial.language, trial.words)
            _feed(recognition, sound)
            heard = await recognition.result(WITHIN)
        except SpeechError:
            await asyncio.sleep(0.05)
        else:
            assert heard.text == trial.words[0], f"after it came back: {heard}"
            return
    raise AssertionError(f"it does not come back within {WITHIN:g} s")


RECOGNISER_CHECKS: tuple[RecogniserCheck, ...] = (
    hears_each_phrase,
    hears_any_words,
    other_words_are_unknown,
    silence_is_no_word,
    takes_sound_in_any_portions,
    the_result_stays,
    hears_the_end,
    waits_for_who_pauses,
    closes_at_any_moment,
    refuses_beyond_the_limit,
    refuses_what_it_has_no_model_for,
    keeps_streams_apart,
    a_lost_process_fails_at_once_and_comes_back,
)
