"""One caller's messages: recorded, kept as voicemail, or dropped; none is lost when caller or server goes.

What is said lies on disk as a draft (`ivr.drafts`) from the first word until the message is left.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from acd.core.center import Outcome
from acd.core.words import CallId, QueueId
from acd.core.work import WorkKind
from acd.core.work_events import WorkPromised
from acd.service import AcdService
from ivr.asterisk.agi import AgiSession
from ivr.drafts import Draft, with_recording
from ivr.flow import inputs
from ivr.flow.actions import KeepMessage, Record
from ivr.question import ListeningFailed
from ivr.recordings import RecordingError
from ivr.sounds import Sounds
from ivr.take import TakeRules, spoken_part

log = structlog.get_logger(__name__)

_BYTES_A_SECOND = 16000
_OURS = "dialogue"
"""Who hears what a caller has just recorded, in the log of accesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose message it is."""

    call: str
    number: str
    """'' if withheld."""
    line: str
    language: str


Made = Callable[[str, str], None]
"""Told of each voicemail that was taken down: its recording and language."""


class Messages:
    """Of one call."""

    def __init__(self, agi: AgiSession, sounds: Sounds | None, service: AcdService, made: Made) -> None:
        self._agi, self._sounds, self._service, self._made = agi, sounds, service, made
        self._draft: Draft | None = None

    # Recording

    async def record(self, action: Record, queue: QueueId, caller: Caller) -> inputs.Recorded:
        """Also when the caller hangs up meanwhile. Raises CallerGone where nothing can have been said."""
        sounds = self._sounds
        if sounds is None:
            return inputs.Recorded("", 0.0, failed=True)
        prompts = await sounds.of(action.said, caller.language, by=_OURS)
        draft = self._begin(sounds, queue, caller)
        rules = TakeRules(longest_for=action.longest_for, end_after=action.end_after, voice=sounds.voice)
        keys = await sounds.keys_in_stream(self._agi)
        try:
            taken = await sounds.recorder.record(
                self._agi,
                prompts,
                rules,
                lambda pcm: sounds.drafts.hear(draft.key, pcm),
                keys_in_stream=keys,
            )
        except ListeningFailed as error:
            log.warning("a caller could not be recorded", call=caller.call, why=str(error))
            return inputs.Recorded("", 0.0, failed=True)
        finally:
            sounds.drafts.flush(draft.key)
        return replace(await self._store(sounds, draft, taken.sound), key=taken.key)

    def _begin(self, sounds: Sounds, queue: QueueId, caller: Caller) -> Draft:
        """The draft of this message: a new one, or the one that is added to."""
        if self._draft is None:
            self._draft = _draft_of(caller, queue, self._service.now())
        sounds.drafts.note(self._draft, fresh=True)
        return self._draft

    async def _store(self, sounds: Sounds, draft: Draft, sound: bytes) -> inputs.Recorded:
        if not sound:
            return inputs.Recorded("", 0.0)
        try:
            id_, seconds = await store_message(sounds, draft, sound)
        except RecordingError as error:
            log.error("a caller's message was not stored", call=draft.call, why=str(error))
            return inputs.Recorded("", 0.0, failed=True)
        self._draft = with_recording(draft, id_)
        sounds.drafts.note(self._draft, fresh=True)
        return inputs.Recorded(id_, seconds)

    # What becomes of it

    async def keep(self, action: KeepMessage, caller: Caller) -> inputs.Promised:
        """Leave it as one voicemail."""
        sounds = self._sounds
        if sounds is None:
            return inputs.Promised(ok=False)
        draft = replace(
            self._draft or _draft_of(caller, action.queue, self._service.now()),
            queue=action.queue,
            recordings=action.recordings,
            token=f"{caller.call}/{action.visit}",
        )
        sounds.drafts.note(draft, fresh=True)
        promised = await leave(sounds, self._service, draft, self._made)
        self._draft = None
        return promised

    async def drop(self, recordings: Sequence[str]) -> None:
        """They are not wanted; the message in the making keeps the others."""
        sounds = self._sounds
        if sounds is None:
            return
        if self._draft is not None:
            left = tuple(id_ for id_ in self._draft.recordings if id_ not in recordings)
            draft = replace(self._draft, recordings=left)
            self._draft = draft if left else None
            if left:
                sounds.drafts.note(draft, fresh=True)
            else:
                sounds.drafts.forget(draft.key)
        await _remove(sounds, recordings, "the caller did not want it")

    def over(self) -> None:
        """The dialogue has ended by itself: what it did not keep is not wanted."""
        if self._draft is not None and self._sounds is not None:
            self._sounds.drafts.forget(self._draft.key)


def _draft_of(caller: Caller, queue: QueueId, at: float) -> Draft:
    return Draft(
        call=caller.call,
        queue=queue,
        caller=caller.number,
        line=caller.line,
        language=caller.language,
        at=at,
    )


def _evened(sound: bytes) -> bytes:
    """In a thread, where the library of figures may take its time to be loaded."""
    from ivr.media.sound import evened

    return evened(sound)


async def store_message(sounds: Sounds, draft: Draft, sound: bytes) -> tuple[str, float]:
    """Of even loudness; its id and its seconds. RecordingError."""
    even = await asyncio.to_thread(_evened, sound)
    id_ = await sounds.store.save(
        draft.call,
        "message",
        even,
        transcript="",
        confidence=0.0,
        language=draft.language,
        at=datetime.now(UTC),
        queue=draft.queue,
    )
    return id_, len(even) / _BYTES_A_SECOND


async def leave(sounds: Sounds, service: AcdService, draft: Draft, made: Made) -> inputs.Promised:
    """Take it down as a voicemail; the draft is forgotten when the centre has answered.

    Where it could not be, the recordings and the draft stay: the next start tries again.
    """
    try:
        recording, seconds = await _as_one(sounds, draft)
        outcome = await service.ask(_promise(draft, recording, seconds, service.now()))
    except Exception as error:
        log.error("a message was not taken down", call=draft.call, why=f"{type(error).__name__}: {error}")
        return inputs.Promised(ok=False)
    promised = promised_by(outcome)
    sounds.drafts.forget(draft.key)
    if promised.ok:
        made(recording, draft.language)
        await _remove(
            sounds, [id_ for id_ in draft.recordings if id_ != recording], "joined into one message"
        )
    else:
        log.error("a message was refused", call=draft.call, refused=promised.refused)
    return promised


def promised_by(outcome: Outcome) -> inputs.Promised:
    """The centre's answer as the dialogue is told of it."""
    if outcome.refusal is None:
        return inputs.Promised(ok=True)
    return inputs.Promised(ok=False, refused=outcome.refusal.code)


def _promise(draft: Draft, recording: str, seconds: float, at: float) -> WorkPromised:
    return WorkPromised(
        at=at,
        token=draft.token,
        promise=WorkKind.VOICEMAIL,
        queue=QueueId(draft.queue),
        caller=draft.caller,
        line=draft.line,
        language=draft.language,
        call=CallId(draft.call),
        recording=recording,
        seconds=round(seconds, 2),
    )


async def _as_one(sounds: Sounds, draft: Draft) -> tuple[str, float]:
    """All parts in one recording, with its length."""
    parts = [await sounds.store.pcm(id_, by=_OURS, why="joined") for id_ in draft.recordings]
    if len(parts) == 1:
        return draft.recordings[0], len(parts[0]) / _BYTES_A_SECOND
    return await store_message(sounds, draft, b"".join(parts))


async def _remove(sounds: Sounds, recordings: Sequence[str], why: str) -> None:
    for id_ in recordings:
        try:
            await sounds.store.remove(id_, why=why)
        except RecordingError as error:
            log.warning("a recording was not removed", recording=id_, why=str(error))


async def rescue(
    sounds: Sounds, service: AcdService, found: Sequence[tuple[Draft, bytes]], made: Made
) -> None:
    """Leave the messages that an earlier run of the server did not bring to an end. Never raises."""
    rescued = 0
    for draft, raw in found:
        try:
            rescued += await _rescue(sounds, service, draft, raw, made)
        except Exception:
            log.exception("an unfinished message was not taken down", call=draft.call)
    if rescued:
        log.warning("unfinished messages of an earlier run were taken down", messages=rescued)


async def _rescue(sounds: Sounds, service: AcdService, draft: Draft, raw: bytes, made: Made) -> bool:
    rules = TakeRules(longest_for=600.0, end_after=600.0, voice=sounds.voice)
    sound = await asyncio.to_thread(spoken_part, raw, rules)
    if sound:
        try:
            draft = with_recording(draft, (await store_message(sounds, draft, sound))[0])
        except RecordingError as error:
            log.error("an unfinished message was not stored", call=draft.call, why=str(error))
            return False
    if not draft.recordings:
        sounds.drafts.forget(draft.key)
        return False
    draft = replace(draft, token=draft.token or f"{draft.call}/cut-short-{draft.at:.3f}")
    sounds.drafts.note(draft, fresh=True)
    return (await leave(sounds, service, draft, made)).ok
