"""A message: recorded, reviewed, left. Nobody loses one by silence, a wrong key or hanging up."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from acd.core.words import QueueId
from ivr.flow.actions import Ask, DropRecordings, HangUp, KeepMessage, Play, Record
from ivr.flow.hearing import Miss, Retry
from ivr.flow.inputs import CallerGone, Input, Promised, RecogniserDead, Recorded, Silence
from ivr.flow.model import Dialplan, Farewell, Limits, Line, Menu, Message, Voicemail, Wait
from ivr.flow.said import Recording
from ivr.flow.testing import Transcript, call, press, say, speak
from ivr.flow.work_prompts import VoicemailPrompt

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LINE = Line(
    id="main",
    names={},
    numbers=("100",),
    languages=("uk", "en"),
    start="message",
    operator="help",
    otherwise="last",
    language_key="*",
    limits=Limits(silences=3, wrong_keys=3, steps=12),
)
VOICEMAIL = Voicemail(
    id="message",
    queue=QueueId("desk"),
    prompts=("welcome",),
    longest_for=60.0,
    retry=Retry(tries=2, edges={Miss.WRONG_KEY: "never"}),
    then="thanks",
    if_empty="nothing",
    if_failed="broken",
)
PLAN = Dialplan(
    version="1",
    lines={"main": LINE},
    steps={
        "message": VOICEMAIL,
        "help": Wait(id="help", queue=QueueId("q")),
        **{name: Message(id=name, prompts=(name,), then="end") for name in ("thanks", "nothing", "broken")},
        "last": Farewell(id="last", prompts=("last",)),
        "end": Farewell(id="end"),
        "menu": Menu(id="menu", prompts=("p",), keys={"1": "message"}),
    },
)


def talk(
    *script: Input, plan: Dialplan = PLAN, hears: tuple[str, ...] = (), agreeable: bool = True
) -> Transcript:
    return call(plan, "100", script, at=NOW, hears=hears, agreeable=agreeable)


def with_step(step: Voicemail) -> Dialplan:
    return replace(PLAN, steps={**PLAN.steps, "message": step})


def kept(transcript: Transcript) -> list[tuple[str, ...]]:
    return [action.recordings for action in transcript.kept]


def test_a_message_is_recorded_reviewed_and_left() -> None:
    done = talk(speak("r1"), *press("1"))
    assert done.actions[2] == Record(("welcome",), 60.0, 5.0)
    assert kept(done) == [("r1",)]
    assert done.kept[0].queue == "desk"
    assert VoicemailPrompt.KEPT in done.prompts
    assert "thanks" in done.prompts
    assert isinstance(done.last, HangUp)


def test_silence_in_the_review_leaves_the_message_and_counts_for_nothing() -> None:
    done = talk(speak("r1"), Silence())
    assert kept(done) == [("r1",)]
    assert "thanks" in done.prompts
    assert done.session.silences == 0


def test_a_caller_listens_adds_and_records_again() -> None:
    done = talk(speak("r1"), *press("2"), *press("4"), speak("r2"), *press("2"))
    assert isinstance(done.last, Ask)
    assert done.last.said[:2] == (Recording("r1"), Recording("r2"))
    done = talk(speak("r1"), *press("4"), speak("r2"), *press("3"), speak("r3"), *press("1"))
    assert DropRecordings(("r1", "r2")) in done.actions
    assert kept(done) == [("r3",)]


def test_what_is_added_gets_the_room_that_is_left() -> None:
    done = talk(speak("r1", 45.0), *press("4"))
    assert isinstance(done.last, Record)
    assert done.last.longest_for == 15.0


def test_a_full_message_says_so_and_takes_no_more() -> None:
    done = talk(speak("r1", 59.5))
    assert isinstance(done.last, Ask)
    assert done.last.said[0] == VoicemailPrompt.FULL
    done = talk(speak("r1", 59.5), *press("4"))
    assert isinstance(done.last, Ask)
    assert done.last.said[0] == VoicemailPrompt.FULL
    done = talk(speak("r1", 59.5), *press("3"))
    assert isinstance(done.last, Record)
    assert done.last.longest_for == 60.0


def test_an_empty_message_is_asked_for_again_and_then_dropped() -> None:
    done = talk(Recorded("r1", 0.4))
    assert DropRecordings(("r1",)) in done.actions
    assert isinstance(done.last, Record)
    assert done.last.said == (VoicemailPrompt.EMPTY, VoicemailPrompt.AGAIN)
    done = talk(Recorded("r1", 0.4), Recorded("", 0.0))
    assert kept(done) == []
    assert done.prompts[-2:] == (VoicemailPrompt.EMPTY, "nothing")
    assert done.session.silences == 2


def test_empty_recordings_count_as_silence_for_the_whole_call() -> None:
    plan = replace(
        PLAN,
        lines={"main": replace(LINE, start="menu")},
        steps={**PLAN.steps, "message": replace(VOICEMAIL, retry=Retry(tries=5))},
    )
    done = talk(Silence(), *press("1"), Recorded("", 0.0), Recorded("", 0.0), plan=plan)
    assert done.prompts[-1] == "last"
    assert done.session.silences == 3


def test_an_empty_addition_changes_nothing() -> None:
    done = talk(speak("r1"), *press("4"), Recorded("", 0.0), *press("1"))
    assert kept(done) == [("r1",)]
    done = talk(speak("r1"), *press("3"), Recorded("", 0.0), *press("1"))
    assert kept(done) == [("r1",)]


def test_a_recording_that_fails_has_an_edge_and_takes_nothing_away() -> None:
    done = talk(Recorded("", 0.0, failed=True))
    assert done.prompts[-2:] == (VoicemailPrompt.FAILED, "broken")
    done = talk(speak("r1"), *press("4"), Recorded("", 0.0, failed=True), Silence())
    assert VoicemailPrompt.FAILED in done.prompts
    assert kept(done) == [("r1",)]


@pytest.mark.parametrize(
    "script",
    [
        [speak("r1")],
        [speak("r1"), *press("4")],
        [speak("r1"), *press("3")],
        [speak("r1"), *press("2")],
        [speak("r1"), *press("9")],
        [speak("r1"), *press("4"), Recorded("", 0.0)],
        [speak("r1"), *press("*")],
    ],
)
def test_who_hangs_up_on_the_way_has_left_what_was_said(script: list[Input]) -> None:
    done = talk(*script, CallerGone())
    assert done.last == done.kept[0]
    assert kept(done) == [("r1",)]
    assert done.session.ended


def test_a_hang_up_while_it_is_put_down_is_the_same_message_again() -> None:
    done = talk(speak("r1"), *press("1"), CallerGone(), agreeable=False)
    assert len(done.kept) == 2
    assert done.kept[0] == done.kept[1]


def test_a_hang_up_before_anything_was_said_leaves_nothing() -> None:
    assert kept(talk(CallerGone())) == []
    assert kept(talk(Recorded("", 0.0), CallerGone())) == []


def test_two_messages_of_one_call_are_told_apart() -> None:
    plan = with_step(replace(VOICEMAIL, then="message"))
    done = talk(speak("r1"), *press("1"), speak("r2"), *press("1"), plan=plan)
    assert kept(done) == [("r1",), ("r2",)]
    assert done.kept[0].visit != done.kept[1].visit


def test_wrong_keys_in_the_review_leave_the_message() -> None:
    done = talk(speak("r1"), *press("99"))
    assert kept(done) == [("r1",)]
    assert "thanks" in done.prompts
    done = talk(speak("r1"), *press("999"), plan=with_step(replace(VOICEMAIL, retry=Retry(tries=5))))
    assert kept(done) == [("r1",)]
    assert done.session.last_chance


def test_the_operator_is_reached_with_the_message_kept() -> None:
    done = talk(speak("r1"), *press("0"))
    assert kept(done) == [("r1",)]
    assert done.queue == "q"
    done = talk(Recorded("r1", 8.0, key="0"))
    assert kept(done) == [("r1",)]
    assert done.queue == "q"
    assert talk(Recorded("", 0.0, key="0")).queue == "q"


def test_another_language_in_the_review_and_while_recording() -> None:
    done = talk(speak("r1"), *press("*"))
    assert done.session.language == "en"
    assert done.heard[-1] == ("en", VoicemailPrompt.REVIEW_KEYS)
    done = talk(Recorded("", 0.0, key="*"))
    assert done.session.language == "en"
    assert isinstance(done.last, Record)


def test_the_key_that_ends_a_recording_is_never_the_language_key() -> None:
    plan = replace(PLAN, lines={"main": replace(LINE, language_key="#")})
    for given in (Recorded("r1", 8.0, key="#"), Recorded("", 0.0, key="#")):
        assert talk(given, plan=plan).session.language == "uk"


def test_the_review_listens_to_words() -> None:
    done = talk(speak("r1"), hears=("uk",))
    assert isinstance(done.last, Ask)
    assert done.last.said == (VoicemailPrompt.REVIEW,)
    assert done.last.listen is not None
    assert {"залишити", "оператор", "англійською"} <= set(done.last.listen.phrases)
    assert kept(talk(speak("r1"), say("залишити"), hears=("uk",))) == [("r1",)]
    assert isinstance(talk(speak("r1"), say("додати"), hears=("uk",)).last, Record)
    assert talk(speak("r1"), say("оператор"), hears=("uk",)).queue == "q"
    unsure = talk(speak("r1"), say("залишити", 0.2), hears=("uk",))
    assert kept(unsure) == []
    assert unsure.session.misheard == 1
    by_keys = talk(speak("r1"), RecogniserDead(), hears=("uk",))
    assert isinstance(by_keys.last, Ask)
    assert by_keys.last.listen is None


def test_without_a_review_it_is_left_at_once() -> None:
    done = talk(speak("r1"), plan=with_step(replace(VOICEMAIL, review=False)))
    assert kept(done) == [("r1",)]
    assert "thanks" in done.prompts


def test_a_message_that_cannot_be_put_down_has_an_edge() -> None:
    done = talk(speak("r1"), *press("1"), Promised(ok=False, refused="unknown-queue"), agreeable=False)
    assert done.prompts[-2:] == (VoicemailPrompt.FAILED, "broken")


def test_nobody_reviews_for_ever() -> None:
    done = talk(speak("r1"), *press("2" * 50))
    assert kept(done) == [("r1",)]
    assert done.session.ended


def test_who_was_silent_in_the_menus_may_still_leave_a_message() -> None:
    plan = replace(PLAN, lines={"main": replace(LINE, start="menu", otherwise="message")})
    done = talk(Silence(), Silence(), Silence(), speak("r1"), *press("9"), plan=plan)
    assert kept(done) == [("r1",)]
    assert isinstance(done.actions[-1], HangUp)
    assert isinstance(done.actions[-2], Play)
    assert all(isinstance(action, KeepMessage) for action in done.kept)
