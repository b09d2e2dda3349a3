"""Menus that listen and questions that collect: words, keys, confirmation, languages, hooks, every miss."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ivr.flow import inputs
from ivr.flow.actions import Ask, CallHook, Play, SetLanguage
from ivr.flow.hearing import AFTER_NUMBERS, AFTER_WORDS, Entry, Hearing, Listen, Miss, Retry, Verdict
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Input, KeyPressed, Silence
from ivr.flow.model import Dialplan, Farewell, Hook, Kind, Language, Line, Menu, Message, Question
from ivr.flow.said import Amount, Day, Digits, Slot
from ivr.flow.testing import Transcript, call, press, say, type_in

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ALL = frozenset({"uk", "ru", "en"})
LINE = Line(
    id="main",
    names={},
    numbers=("100",),
    languages=("uk", "ru", "en"),
    start="menu",
    operator="person",
    otherwise="last",
    language_key="#",
    if_language_known="known",
)
MENU = Menu(
    id="menu",
    prompts=("choose",),
    keys={"1": "meter", "2": "day", "3": "sure", "4": "words", "5": "speak-ru"},
    phrases={"uk": {"показник": "meter", "дата": "day"}, "en": {"reading": "meter"}},
)
METER = Question(
    id="meter",
    prompts=("ask-meter",),
    kind=Kind.NUMBER,
    name="reading",
    entry=Entry(patterns=("X", "XX", "XXX")),
    then="take",
)
PLAN = Dialplan(
    version="1",
    lines={"main": LINE},
    steps={
        "menu": MENU,
        "meter": METER,
        "take": Hook(
            id="take",
            url="http://127.0.0.1/take",
            prompts=("one-moment",),
            answers={"low": "meter", "taken": "thanks"},
            then="thanks",
            if_failed="away",
        ),
        "day": Question(
            id="day",
            prompts=("ask-day",),
            kind=Kind.DATE,
            name="day",
            entry=Entry(patterns=("XXXX", "XXXXXXXX")),
            then="thanks",
        ),
        "sure": Question(
            id="sure", prompts=("sure",), kind=Kind.YES_NO, name="", then="thanks", if_no="last"
        ),
        "words": Question(
            id="words", prompts=("speak",), kind=Kind.UTTERANCE, name="comment", confirm=False, then="thanks"
        ),
        "speak-ru": Language(id="speak-ru", language="ru", then="menu"),
        "known": Message(id="known", prompts=("welcome-back",), then="menu"),
        "thanks": Farewell(id="thanks", prompts=("thanks", Slot("digits", "reading"))),
        **{name: Farewell(id=name, prompts=(name,)) for name in ("person", "last", "away")},
    },
)


def dial(*script: Input, plan: Dialplan = PLAN, hears: frozenset[str] = ALL) -> Transcript:
    return call(plan, "100", script, at=NOW, hears=hears)


def with_step(**changes: object) -> Dialplan:
    return replace(PLAN, steps={**PLAN.steps, "menu": replace(MENU, **changes)})


# Menus


def test_a_menu_listens_to_its_phrases_and_to_what_may_be_said_everywhere() -> None:
    asked = dial().last
    assert isinstance(asked, Ask)
    assert asked.listen is not None
    assert {"показник", "дата", "оператор", "англійською"} <= set(asked.listen.phrases)
    assert "reading" not in asked.listen.phrases


def test_a_phrase_leads_where_its_key_leads() -> None:
    assert dial(say("показник")).prompts == dial(KeyPressed("1")).prompts
    assert dial(say("[unk] показник")).trace[-1] == "main/menu/said показник"


def test_without_a_model_for_the_language_a_menu_takes_keys_only() -> None:
    asked = dial(hears=frozenset({"en"})).last
    assert isinstance(asked, Ask)
    assert asked.listen is None


@pytest.mark.parametrize(
    ("given", "edge", "prompt"),
    [
        (Silence(), Miss.SILENT, "silence"),
        (KeyPressed("9"), Miss.WRONG_KEY, "wrong-key"),
        (say("[unk]"), Miss.NOT_UNDERSTOOD, "not-understood"),
        (say("показник", 0.3), Miss.UNSURE, "unsure"),
        (inputs.SpokeTooLong(), Miss.TOO_LONG, "too-long"),
    ],
)
def test_each_miss_has_its_prompts_and_its_edge(given: Input, edge: Miss, prompt: str) -> None:
    plan = with_step(retry=Retry(tries=2, edges={edge: "away"}))
    assert dial(given, plan=plan).prompts == ("choose", prompt, "choose")
    assert dial(given, given, plan=plan).prompts[-1] == "away"
    own = with_step(retry=Retry(again={edge: ("first", "second")}))
    assert dial(given, given, plan=own).prompts == ("choose", "first", "choose", "second", "choose")


def test_words_that_were_not_understood_are_counted_for_the_whole_call() -> None:
    assert dial(say("[unk]"), say(""), say("показник", 0.1), inputs.SpokeTooLong()).prompts[-1] == "last"
    scattered = dial(say("[unk]"), say("показник"), *[say("[unk]")] * 3)
    assert "main/meter/misheard-limit" in scattered.trace


@pytest.mark.parametrize("fault", [inputs.RecogniserBusy(), inputs.RecogniserDead()])
def test_a_fault_of_the_recogniser_turns_the_question_to_keys(fault: Input) -> None:
    asked = dial(fault)
    assert isinstance(asked.last, Ask)
    assert asked.last.listen is None
    assert asked.session.misheard == asked.session.silences == 0
    assert dial(fault, KeyPressed("1")).prompts[-1] == "ask-meter"


def test_a_fault_may_have_an_edge_of_its_own() -> None:
    plan = with_step(retry=Retry(edges={Miss.SPEECH_DEAD: "away", Miss.SPEECH_BUSY: "person"}))
    assert dial(inputs.RecogniserDead(), plan=plan).prompts[-1] == "away"
    assert dial(inputs.RecogniserBusy(), plan=plan).prompts[-1] == "person"


def test_after_several_faults_the_rest_of_the_call_goes_by_keys() -> None:
    faulty = dial(
        inputs.RecogniserDead(), KeyPressed("1"), inputs.RecogniserDead(), type_in("7"), KeyPressed("2")
    )
    assert isinstance(faulty.last, Ask)
    assert faulty.last.listen is None
    assert faulty.session.speech_faults == Hearing().faults_allowed


@pytest.mark.parametrize("given", [say("оператор"), KeyPressed("0")])
def test_the_operator_is_reached_from_a_menu(given: Input) -> None:
    assert dial(given).prompts[-1] == "person"


@pytest.mark.parametrize("given", [say("оператор"), type_in("0")])
def test_the_operator_is_reached_from_a_question_and_its_confirmation(given: Input) -> None:
    assert dial(KeyPressed("1"), given).prompts[-1] == "person"
    confirming = [KeyPressed("1"), say("двадцять п'ять")]
    by_key = KeyPressed("0") if isinstance(given, inputs.KeysEntered) else given
    assert dial(*confirming, by_key).prompts[-1] == "person"


def test_admins_may_add_words_for_the_operator() -> None:
    plan = replace(PLAN, hearing=Hearing(operator_words={"uk": ("людина",)}))
    assert dial(say("людина"), plan=plan).prompts[-1] == "person"


# Languages


def test_another_language_can_be_asked_for_at_any_point() -> None:
    asked = dial(say("англійською"))
    assert SetLanguage("en", chosen=True) in asked.actions
    assert asked.heard[-1] == ("en", "choose")
    assert isinstance(asked.last, Ask)
    assert asked.last.listen is not None
    assert "reading" in asked.last.listen.phrases
    collecting = dial(KeyPressed("1"), say("російською"))
    assert collecting.heard[-1] == ("ru", "ask-meter")


def test_a_key_goes_through_the_languages() -> None:
    assert [language for language, _ in dial(*press("###")).heard] == ["uk", "ru", "en", "uk"]
    assert dial(KeyPressed("1"), type_in("#")).heard[-1] == ("ru", "ask-meter")


def test_nobody_switches_languages_for_ever() -> None:
    assert dial(*press("#" * 100)).session.ended


def test_a_remembered_language_is_spoken_at_once_and_may_shorten_the_way() -> None:
    transcript = call(PLAN, "100", [], at=NOW, remembered="en")
    assert transcript.heard[0] == ("en", "welcome-back")
    assert call(PLAN, "100", [], at=NOW, remembered="pl").heard[0] == ("uk", "choose")


def test_the_language_that_a_step_sets_is_the_callers_choice() -> None:
    assert SetLanguage("ru", chosen=True) in dial(KeyPressed("5")).actions


# Questions


@pytest.mark.parametrize(
    ("given", "prompt"), [(say("сімсот сорок"), "confirm-heard"), (type_in("740"), "confirm-typed")]
)
def test_a_number_is_read_back_and_acted_upon_only_when_confirmed(given: Input, prompt: str) -> None:
    asked = dial(KeyPressed("1"), given)
    assert asked.prompts[-3:] == (prompt, Digits("740"), "confirm-question")
    assert not any(isinstance(action, CallHook) for action in asked.actions)
    for yes in (say("так"), KeyPressed("1")):
        hook = dial(KeyPressed("1"), given, yes).last
        assert isinstance(hook, CallHook)
        assert hook.values == {"reading": "740"}
        assert hook.said == ("one-moment",)


def test_a_caller_by_keys_is_asked_to_confirm_by_keys() -> None:
    assert dial(KeyPressed("1"), type_in("7"), hears=frozenset()).prompts[-1] == "confirm-question-keys"


def test_what_is_not_confirmed_is_asked_again_a_few_times() -> None:
    again = [say("сто"), say("ні")]
    assert dial(KeyPressed("1"), *again).prompts[-1] == "ask-meter"
    refused = dial(KeyPressed("1"), *again * 3)
    assert refused.prompts[-1] == "last"
    assert "reading" not in refused.session.values


def test_silence_after_the_read_back_confirms_nothing() -> None:
    silent = dial(KeyPressed("1"), say("сто"), Silence(), Silence(), Silence())
    assert silent.prompts[-1] == "last"
    assert "reading" not in silent.session.values


def test_a_number_of_another_length_is_not_taken() -> None:
    assert dial(KeyPressed("1"), say("дві тисячі три")).prompts[-2:] == ("not-understood", "ask-meter")
    assert dial(KeyPressed("1"), type_in("1234")).prompts[-2:] == ("wrong-key", "ask-meter")


def test_who_reads_a_number_out_may_pause_and_who_says_yes_may_not() -> None:
    number, sure = dial(KeyPressed("1")).last, dial(KeyPressed("1"), type_in("740")).last
    assert isinstance(number, Ask)
    assert number.listen is not None
    assert number.listen.end_after == AFTER_NUMBERS
    assert isinstance(sure, Ask)
    assert sure.listen is not None
    assert sure.listen.end_after is None
    slow = replace(PLAN, steps={**PLAN.steps, "meter": replace(METER, end_after=3.0)})
    asked = dial(KeyPressed("1"), plan=slow).last
    assert isinstance(asked, Ask)
    assert asked.listen is not None
    assert asked.listen.end_after == 3.0


def test_a_word_beside_strange_speech_has_to_be_surer() -> None:
    assert dial(say("[unk] показник", 0.75)).prompts[-2:] == ("unsure", "choose")
    assert dial(say("показник", 0.75)).prompts[-1] == "ask-meter"


def test_a_noise_around_a_number_does_no_harm_but_one_within_it_does() -> None:
    assert dial(KeyPressed("1"), say("[unk] двадцять п'ять [unk]")).prompts[-2] == Digits("25")
    assert dial(KeyPressed("1"), say("двадцять [unk] п'ять")).prompts[-2] == "not-understood"


def test_leading_zeros_stay_in_digits_and_go_from_numbers() -> None:
    digits = replace(PLAN, steps={**PLAN.steps, "meter": replace(METER, kind=Kind.DIGITS)})
    assert dial(KeyPressed("1"), type_in("007")).prompts[-2] == Digits("7")
    assert dial(KeyPressed("1"), type_in("007"), plan=digits).prompts[-2] == Digits("007")
    assert dial(KeyPressed("1"), say("нуль нуль сім"), plan=digits).prompts[-2] == Digits("007")


def test_a_date_by_voice_and_by_keys() -> None:
    spoken = dial(KeyPressed("2"), say("двадцять друге листопада"))
    typed = dial(KeyPressed("2"), type_in("2211"))
    assert spoken.prompts[-2] == typed.prompts[-2] == Day(date(2026, 11, 22))
    done = dial(KeyPressed("2"), type_in("2211"), KeyPressed("1"))
    assert done.session.values["day"] == "2026-11-22"
    assert dial(KeyPressed("2"), type_in("3102")).prompts[-2] == "wrong-key"


@pytest.mark.parametrize(
    ("given", "prompt"),
    [(say("так"), "thanks"), (KeyPressed("1"), "thanks"), (say("ні"), "last"), (KeyPressed("2"), "last")],
)
def test_yes_and_no(given: Input, prompt: str) -> None:
    assert dial(KeyPressed("3"), given).prompts[-1] == prompt


def test_an_utterance_is_kept_with_its_recording() -> None:
    asked = dial(KeyPressed("4"))
    assert isinstance(asked.last, Ask)
    assert asked.last.listen == Listen(phrases=(), end_after=AFTER_WORDS, keep=True)
    done = dial(KeyPressed("4"), inputs.Heard("добрий день", 0.7, "r17"))
    assert done.session.values == {"comment": "добрий день", "comment-recording": "r17"}


def test_an_utterance_cannot_go_on_by_keys() -> None:
    assert dial(KeyPressed("4"), inputs.RecogniserDead()).prompts[-1] == "last"


# Web hooks

GIVEN = (KeyPressed("1"), type_in("740"), KeyPressed("1"))


def test_a_hook_says_something_and_leads_on() -> None:
    answer = HookAnswer("low", ("too-low", Digits("800")), {"last": "800"})
    done = dial(*GIVEN, inputs.HookAnswered(answer))
    assert done.prompts[-3:] == ("too-low", Digits("800"), "ask-meter")
    assert done.session.values == {"reading": "740", "last": "800"}


def test_a_value_is_said_at_the_end() -> None:
    done = dial(*GIVEN, inputs.HookAnswered(HookAnswer("taken")))
    assert Play(("thanks", Digits("740"))) in done.actions


@pytest.mark.parametrize(
    "bad", [inputs.HookFailed("timed out"), inputs.HookAnswered(HookAnswer("nonsense", ("x",)))]
)
def test_a_hook_that_fails_has_an_edge(bad: Input) -> None:
    assert dial(*GIVEN, bad).prompts[-1] == "away"


def test_only_the_values_that_are_named_are_sent() -> None:
    take = PLAN.steps["take"]
    assert isinstance(take, Hook)
    plan = replace(PLAN, steps={**PLAN.steps, "take": replace(take, send=("other",))})
    hook = dial(*GIVEN, plan=plan).last
    assert isinstance(hook, CallHook)
    assert hook.values == {}


def test_slots_without_a_fitting_value_are_left_out() -> None:
    owe = Message(
        id="owe",
        prompts=("owe", Slot("amount", "debt"), Slot("date", "debt"), Slot("digits", "none")),
        then="menu",
    )
    take = replace(PLAN.steps["take"], then="owe")
    plan = replace(PLAN, steps={**PLAN.steps, "take": take, "owe": owe})
    done = dial(*GIVEN, inputs.HookAnswered(HookAnswer(values={"debt": "125.5"})), plan=plan)
    assert Play(("owe", Amount(12550))) in done.actions


# Keys of an entry


@pytest.mark.parametrize(
    ("patterns", "typed", "verdict"),
    [
        (("XXX",), "12", Verdict.MORE),
        (("XXX",), "123", Verdict.COMPLETE),
        (("XX", "XXX"), "12", Verdict.MAYBE),
        (("0XX",), "1", Verdict.IMPOSSIBLE),
        (("0XX", "5X"), "51", Verdict.COMPLETE),
        (("XXX",), "1*", Verdict.IMPOSSIBLE),
    ],
)
def test_an_entry_ends_as_soon_as_it_is_unique(
    patterns: tuple[str, ...], typed: str, verdict: Verdict
) -> None:
    assert Entry(patterns=patterns).verdict(typed) is verdict


# A score from 0 to 10


SCORE = replace(METER, entry=Entry(patterns=tuple(map(str, range(11)))), confirm=False)


def score(given: Input) -> Transcript:
    return dial(KeyPressed("1"), given, plan=replace(PLAN, steps={**PLAN.steps, "meter": SCORE}))


@pytest.mark.parametrize("given", [KeyPressed("0"), type_in("0"), say("нуль")])
def test_0_is_an_answer_where_it_is_asked_for_by_itself(given: Input) -> None:
    assert score(given).session.values == {"reading": "0"}


def test_a_score_waits_for_a_second_digit_only_where_there_may_be_one() -> None:
    assert SCORE.entry is not None
    assert SCORE.entry.verdict("1") is Verdict.MAYBE
    assert {SCORE.entry.verdict(key) for key in "023456789"} == {Verdict.COMPLETE}
    assert score(type_in("10")).session.values == {"reading": "10"}


def test_0_is_the_operator_where_no_answer_is_0_alone() -> None:
    scale = replace(SCORE, entry=Entry(patterns=tuple("12345")))
    plan = replace(PLAN, steps={**PLAN.steps, "meter": scale})
    assert dial(KeyPressed("1"), type_in("0"), plan=plan).prompts[-1] == "person"
    assert dial(KeyPressed("1"), type_in("0")).prompts[-1] == "person"
