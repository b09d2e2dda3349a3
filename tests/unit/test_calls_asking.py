"""Questions to a caller: by voice where there are ears, by keys everywhere else, and no fault breaks it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ivr.asking import Conversation, Ears
from ivr.asterisk.agi import CallerGone, PlayResult
from ivr.flow import inputs
from ivr.flow.actions import Ask
from ivr.flow.hearing import Entry, Listen
from ivr.flow.said import Count, Digits
from ivr.listening_testing import FakeListener
from ivr.media.catalogue import Catalogue
from ivr.question import Busy, Dead, Keys, ListeningFailed, Outcome, Silent, TooLong, Words
from ivr.recordings import RecordingError, RecordingFolder
from ivr.softphone.tone import write_tone
from ivr.speech.testing import FakeRecogniser

MENU = Ask(("choose", Digits("12")), 5.0, None, Listen(phrases=("так", "ні")))
BY_KEYS = Ask(("choose",), 5.0)
ENTRY = Entry(patterns=("XX", "XXXX"), pause_for=3.0)


class FakeAgi:
    """Plays at once; `keys` are pressed one by one, None for a wait that ends without a key."""

    def __init__(self, keys: Sequence[str | None] = (), during: str = "") -> None:
        self.environment = SimpleNamespace(call="c1")
        self.played: list[str] = []
        self.waited: list[float] = []
        self._keys, self._during = list(keys), during

    async def play(self, file: str, interrupt_keys: str = "") -> PlayResult:
        self.played.append(file.removeprefix("dzvin/"))
        key = self._during if interrupt_keys else ""
        self._during = ""
        return PlayResult(key or None, played_to_end=not key, missing=file.endswith("missing"))

    async def get_variable(self, name: str) -> str:
        assert name == "VERSION()"
        return "22.10.0"

    async def wait_for_key(self, for_: float) -> str | None:
        self.waited.append(for_)
        return self._keys.pop(0) if self._keys else None


def conversation(agi: FakeAgi, ears: Ears | None = None) -> Conversation:
    caller: Any = agi
    return Conversation(caller, ears)


def ears_that_answer(folder: Path, *answers: Outcome | Exception) -> tuple[Ears, FakeListener]:
    (folder / "uk").mkdir(parents=True, exist_ok=True)
    write_tone(folder / "uk" / "choose.wav", 500.0, 0.2)
    listener = FakeListener(answers)
    ears = Ears(
        recogniser=FakeRecogniser(),
        listener=listener,
        catalogue=Catalogue(folder, ["uk"]),
        recordings=RecordingFolder(folder / "kept", within=30.0),
    )
    return ears, listener


# By keys


async def test_pieces_are_played_as_their_recordings() -> None:
    agi = FakeAgi()
    await conversation(agi).play(("you-owe", Count(25)), "uk")
    assert agi.played[0] == "you-owe"
    assert agi.played[1].startswith("say/")


async def test_a_piece_that_cannot_be_said_in_a_language_is_left_out() -> None:
    agi = FakeAgi()
    await conversation(agi).play(("hello", Count(25), "missing", "bye"), "pl")
    assert agi.played == ["hello", "missing", "bye"]


async def test_a_key_interrupts_and_silence_is_silence() -> None:
    agi = FakeAgi(during="3")
    assert await conversation(agi).ask(BY_KEYS, "uk") == inputs.KeyPressed("3")
    assert await conversation(FakeAgi()).ask(BY_KEYS, "uk") == inputs.Silence()


@pytest.mark.parametrize(
    ("keys", "entered"),
    [("1234", "1234"), (["1", "2", None], "12"), (["1", "2", "#"], "12"), ("1*", "1*"), (["1", None], "1")],
)
async def test_several_keys_are_one_answer(keys: Sequence[str | None], entered: str) -> None:
    agi = FakeAgi(list(keys))
    answer = await conversation(agi).ask(Ask(("choose",), 5.0, ENTRY), "uk")
    assert answer == inputs.KeysEntered(entered)
    assert agi.waited[0] == 5.0
    assert set(agi.waited[1:]) <= {3.0}


# By voice


@pytest.mark.parametrize(
    ("outcome", "given"),
    [
        (Keys("1"), inputs.KeyPressed("1")),
        (Words("так", 0.9), inputs.Heard("так", 0.9)),
        (Silent(), inputs.Silence()),
        (TooLong(), inputs.SpokeTooLong()),
        (Busy(), inputs.RecogniserBusy()),
        (Dead(), inputs.RecogniserDead()),
    ],
)
async def test_each_outcome_has_its_input(tmp_path: Path, outcome: Outcome, given: inputs.Input) -> None:
    ears, listener = ears_that_answer(tmp_path, outcome)
    assert await conversation(FakeAgi(), ears).ask(MENU, "uk") == given
    asked = listener.asked[0]
    assert asked.phrases == ("так", "ні")
    assert (asked.language, asked.wait_for) == ("uk", 5.0)
    assert len(asked.sounds) == 1  # the digits are not recorded here: what is missing is left out


async def test_whether_streams_carry_keys_is_asked_of_asterisk_once(tmp_path: Path) -> None:
    ears, listener = ears_that_answer(tmp_path, Silent(), Silent())
    talk = conversation(FakeAgi(), ears)
    await talk.ask(MENU, "uk")
    assert listener.keys_in_stream is True
    listener.keys_in_stream = False
    await talk.ask(MENU, "uk")
    assert listener.keys_in_stream is False


async def test_an_entry_by_voice_or_keys(tmp_path: Path) -> None:
    ears, listener = ears_that_answer(tmp_path, Keys("12"))
    ask = Ask(("choose",), 5.0, ENTRY, Listen(phrases=("один",)))
    assert await conversation(FakeAgi(), ears).ask(ask, "uk") == inputs.KeysEntered("12")
    assert listener.asked[0].keys.verdict("12") == "maybe"


async def test_without_a_stream_the_question_goes_by_keys(tmp_path: Path) -> None:
    ears, _ = ears_that_answer(tmp_path, ListeningFailed("no connection"))
    agi = FakeAgi(["2"])
    assert await conversation(agi, ears).ask(MENU, "uk") == inputs.KeyPressed("2")
    assert agi.played[0] == "choose"


async def test_a_caller_who_is_gone_is_gone(tmp_path: Path) -> None:
    ears, _ = ears_that_answer(tmp_path, CallerGone())
    with pytest.raises(CallerGone):
        await conversation(FakeAgi(), ears).ask(MENU, "uk")


# Free utterances

FREE = Ask(("choose",), 5.0, None, Listen(keep=True, longest_for=20.0))


async def test_an_utterance_is_stored_with_its_words(tmp_path: Path) -> None:
    ears, listener = ears_that_answer(tmp_path, Words("добрий день", 0.7, b"\1\0" * 8000))
    heard = await conversation(FakeAgi(), ears).ask(FREE, "uk")
    assert isinstance(heard, inputs.Heard)
    assert (heard.text, heard.confidence) == ("добрий день", 0.7)
    assert ears.recordings.path(heard.recording).is_file()
    asked = listener.asked[0]
    assert (asked.free, asked.keep, asked.beep, asked.keys.end_key) == (True, True, True, "#")


async def test_who_speaks_for_too_long_is_kept_up_to_there(tmp_path: Path) -> None:
    ears, _ = ears_that_answer(tmp_path, TooLong(b"\1\0" * 8000))
    heard = await conversation(FakeAgi(), ears).ask(FREE, "uk")
    assert isinstance(heard, inputs.Heard)
    assert ears.recordings.path(heard.recording).is_file()


async def test_a_full_disk_costs_the_recording_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ears, _ = ears_that_answer(tmp_path, Words("дякую", 0.7, b"\1\0" * 8000))

    async def full(*args: object, at: datetime, **more: object) -> str:
        raise RecordingError("no room")

    monkeypatch.setattr(ears.recordings, "save", full)
    assert await conversation(FakeAgi(), ears).ask(FREE, "uk") == inputs.Heard("дякую", 0.7)


async def test_without_ears_an_utterance_cannot_be_taken() -> None:
    assert await conversation(FakeAgi()).ask(FREE, "uk") == inputs.RecogniserDead()
