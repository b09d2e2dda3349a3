"""No caller is trapped: whatever the dialplan and the inputs, the dialogue answers and comes to an end."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.words import LeaveReason, QueueId
from acd.core.work import CallingTimes
from ivr.flow import inputs
from ivr.flow.actions import (
    Action,
    Ask,
    CallHook,
    CheckNumber,
    DropRecordings,
    EnterQueue,
    HangUp,
    KeepMessage,
    Play,
    PromiseCallBack,
    Record,
    Transfer,
)
from ivr.flow.hearing import Entry, Hearing, Miss, Retry
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Input
from ivr.flow.model import (
    GOODBYE,
    KEYS,
    OPERATOR,
    ByHours,
    CallBack,
    Dialplan,
    DialplanStep,
    Farewell,
    Hook,
    Kind,
    Language,
    Limits,
    Line,
    Menu,
    Message,
    OtherLine,
    Question,
    TransferOut,
    Voicemail,
    Wait,
)
from ivr.flow.said import Digits, TimeOfDay
from ivr.flow.session import Session, start, step
from ivr.flow.states import (
    Asking,
    CheckingNumber,
    ChoosingWhen,
    Confirming,
    ConfirmingNumber,
    ConfirmingTime,
    Ended,
    Fresh,
    Hooking,
    Keeping,
    Leaving,
    Playing,
    Promising,
    Reviewing,
    State,
    TakingMessage,
    Transferring,
    TypingNumber,
    TypingTime,
    Waiting,
)
from ivr.flow.walk import GRACE_STEPS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
IDS = [f"s{number}" for number in range(6)]
TARGETS = st.sampled_from([*IDS, OPERATOR, GOODBYE, "gone"])
LIMITS = Limits(silences=3, wrong_keys=4, steps=30)

BY_DAY = CallingTimes(time_zone="Europe/Kyiv", week=(((8 * 60, 21 * 60),),) * 7)
NUMBERS = ["1", "380501234567", "+380501234567"]
"""Of callers; the first one cannot be called back."""

WORDS = [
    "так",
    "ні",
    "оператор",
    "англійською",
    "двадцять",
    "п'ять",
    "сьогодні",
    "[unk]",
    "посилка",
    "yes",
    "додати",
]

INPUTS: st.SearchStrategy[Input] = st.one_of(
    st.just(inputs.Started()),
    st.just(inputs.PlayDone()),
    st.sampled_from(KEYS).map(inputs.KeyPressed),
    st.just(inputs.Silence()),
    st.sampled_from(LeaveReason).map(inputs.QueueLeft),
    st.just(inputs.TalkOver()),
    st.booleans().map(inputs.TransferOver),
    st.just(inputs.CallerGone()),
    st.just(inputs.PromptMissing("x")),
    st.text("0123456789*#", min_size=1, max_size=4).map(inputs.KeysEntered),
    st.builds(
        inputs.Heard,
        st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
        st.floats(0, 1),
        st.sampled_from(["", "r1"]),
    ),
    st.just(inputs.SpokeTooLong()),
    st.just(inputs.RecogniserBusy()),
    st.just(inputs.RecogniserDead()),
    st.builds(
        HookAnswer,
        st.sampled_from(["", "found", "none", "strange"]),
        st.sampled_from([(), ("p",), (Digits("12"),)]),
        st.just({"value": "5"}),
    ).map(inputs.HookAnswered),
    st.just(inputs.HookFailed("refused")),
    st.builds(
        inputs.Recorded,
        st.sampled_from(["", "r1", "r2"]),
        st.sampled_from([0.0, 0.5, 8.0, 200.0]),
        st.booleans(),
        st.sampled_from(["", "0", "*", "5"]),
    ),
    st.builds(inputs.NumberChecked, st.sampled_from(["112233", "+380501234567", "x"]), st.booleans()),
    st.builds(
        inputs.Promised, st.booleans(), st.sampled_from(["", "already-promised", "too-many", "unknown-queue"])
    ),
)


RETRIES = st.builds(
    Retry,
    tries=st.integers(1, 5),
    edges=st.dictionaries(st.sampled_from(Miss), TARGETS, max_size=3),
    again=st.dictionaries(st.sampled_from(Miss), st.sampled_from([(), ("p",), ("p", "q")]), max_size=3),
)


def steps_named(name: str) -> st.SearchStrategy[DialplanStep]:
    keys = st.dictionaries(st.sampled_from(KEYS), TARGETS, max_size=3)
    return st.one_of(
        st.builds(
            Menu, id=st.just(name), prompts=st.just(("p",)), keys=keys, retry=RETRIES,
            phrases=st.dictionaries(
                st.sampled_from(["uk", "en"]), st.dictionaries(st.sampled_from(WORDS), TARGETS, max_size=3)
            ),
        ),
        st.builds(
            Question, id=st.just(name), prompts=st.just(("p",)), kind=st.sampled_from(Kind),
            name=st.just("value"), then=TARGETS, if_no=TARGETS, retry=RETRIES, confirm=st.booleans(),
            entry=st.none() | st.just(Entry(patterns=("XX", "0XXX"))),
        ),
        st.builds(
            Hook, id=st.just(name), url=st.just("http://127.0.0.1/"), then=TARGETS, if_failed=TARGETS,
            answers=st.dictionaries(st.sampled_from(["found", "none"]), TARGETS, max_size=2),
        ),
        st.builds(Message, id=st.just(name), prompts=st.just(("p",)), then=TARGETS),
        st.builds(
            Wait, id=st.just(name), queue=st.just(QueueId("q")), needs=st.just(()), priority=st.none(),
            leave_keys=keys, if_full=TARGETS, if_waited_too_long=TARGETS, if_nobody_logged_in=TARGETS,
            after_talk=TARGETS,
        ),
        st.builds(
            TransferOut, id=st.just(name), number=st.just("1"), if_not_answered=TARGETS, after_talk=TARGETS,
        ),
        voicemails_named(name),
        call_backs_named(name),
        st.builds(Language, id=st.just(name), language=st.sampled_from(["uk", "en"]), then=TARGETS),
        st.builds(ByHours, id=st.just(name), hours=st.just("none"), if_open=TARGETS, if_closed=TARGETS),
        st.builds(OtherLine, id=st.just(name), line=st.sampled_from(["main", "other", "gone"])),
        st.builds(Farewell, id=st.just(name), prompts=st.sampled_from([(), ("p",)])),
    )  # fmt: skip


def voicemails_named(name: str) -> st.SearchStrategy[Voicemail]:
    return st.builds(
        Voicemail, id=st.just(name), queue=st.just(QueueId("q")), prompts=st.just(("p",)), retry=RETRIES,
        longest_for=st.sampled_from([10.0, 180.0]), review=st.booleans(), then=TARGETS, if_empty=TARGETS,
        if_failed=TARGETS,
    )  # fmt: skip


def call_backs_named(name: str) -> st.SearchStrategy[CallBack]:
    return st.builds(
        CallBack, id=st.just(name), queue=st.just(QueueId("q")), prompts=st.just(("p",)), retry=RETRIES,
        number=st.sampled_from(["", "value"]), may_type=st.booleans(), choose_time=st.booleans(),
        entry=st.just(Entry(patterns=("XX", "0XXX"))), times=st.none() | st.just(BY_DAY), then=TARGETS,
        if_refused=TARGETS, if_failed=TARGETS,
    )  # fmt: skip


def lines_named(name: str) -> st.SearchStrategy[Line]:
    return st.builds(
        Line,
        id=st.just(name),
        names=st.just({}),
        numbers=st.just((name,)),
        languages=st.just(("uk", "en")),
        start=TARGETS,
        hours=st.none(),
        if_closed=TARGETS,
        operator=st.none() | TARGETS,
        otherwise=TARGETS,
        limits=st.just(LIMITS),
    )


DIALPLANS = st.builds(
    Dialplan,
    version=st.just("1"),
    lines=st.fixed_dictionaries({name: lines_named(name) for name in ("main", "other")}),
    steps=st.fixed_dictionaries({name: steps_named(name) for name in IDS}),
)

STATES: st.SearchStrategy[State] = st.one_of(
    st.just(Fresh()),
    st.builds(Playing, st.sampled_from([*IDS, "gone"]), TARGETS),
    st.builds(Asking, st.sampled_from([*IDS, "gone"]), st.integers(1, 5)),
    st.builds(
        Confirming,
        st.sampled_from([*IDS, "gone"]),
        st.just("2026-11-22"),
        st.booleans(),
        st.integers(1, 5),
        st.booleans(),
        st.integers(1, 5),
    ),
    st.builds(Hooking, st.sampled_from([*IDS, "gone"])),
    st.builds(Waiting, st.sampled_from([*IDS, "gone"])),
    st.builds(
        TakingMessage,
        st.sampled_from([*IDS, "gone"]),
        st.just(7),
        st.sampled_from([(), ("r0",)]),
        st.just(8.0),
        st.booleans(),
        st.integers(1, 5),
    ),
    st.builds(Reviewing, st.sampled_from([*IDS, "gone"]), st.just(7), st.just(("r0",)), st.floats(1, 300)),
    st.builds(Keeping, st.sampled_from([*IDS, "gone"]), st.just(7), st.just(("r0",)), TARGETS, st.booleans()),
    st.builds(CheckingNumber, st.sampled_from([*IDS, "gone"]), st.just("112233"), st.booleans()),
    st.builds(ConfirmingNumber, st.sampled_from([*IDS, "gone"]), st.just("112233"), st.booleans()),
    st.builds(TypingNumber, st.sampled_from([*IDS, "gone"]), st.integers(1, 5)),
    st.builds(ChoosingWhen, st.sampled_from([*IDS, "gone"]), st.just("112233")),
    st.builds(TypingTime, st.sampled_from([*IDS, "gone"]), st.just("112233"), st.integers(1, 5)),
    st.builds(
        ConfirmingTime,
        st.sampled_from([*IDS, "gone"]),
        st.just("112233"),
        st.just(NOW.timestamp() + 3600),
        st.just(time(15, 0)),
        st.booleans(),
    ),
    st.builds(Promising, st.sampled_from([*IDS, "gone"]), st.booleans()),
    st.builds(Transferring, st.sampled_from([*IDS, "gone"])),
    st.just(Leaving()),
    st.just(Ended()),
)
SESSIONS = st.builds(
    Session,
    line=st.sampled_from(["main", "other", "gone", ""]),
    caller=st.sampled_from(NUMBERS),
    language=st.just("uk"),
    state=STATES,
    silences=st.integers(0, 5),
    wrong_keys=st.integers(0, 5),
    steps=st.integers(0, 60),
    last_chance=st.booleans(),
    misheard=st.integers(0, 5),
    speech_faults=st.integers(0, 3),
    hears=st.sampled_from([frozenset(), frozenset({"uk"})]),
)


Final = (
    Play
    | Ask
    | CallHook
    | EnterQueue
    | Transfer
    | Record
    | KeepMessage
    | CheckNumber
    | PromiseCallBack
    | HangUp
)
"""Actions that are answered by an input, or end the call."""


@settings(max_examples=120, deadline=None)
@given(DIALPLANS, SESSIONS, INPUTS)
def test_every_state_answers_every_input(dialplan: Dialplan, session: Session, given_input: Input) -> None:
    done = step(dialplan, session, given_input, NOW)
    assert done == step(dialplan, session, given_input, NOW)
    assert done.trace
    for action in done.actions[:-1]:
        assert not isinstance(action, Final)
    if isinstance(given_input, inputs.CallerGone) and done.actions:
        assert done.session.ended
        assert len(done.actions) == 1
        assert isinstance(done.actions[0], KeepMessage)
    elif done.actions:
        assert isinstance(done.actions[-1], Final)
        assert isinstance(done.actions[-1], HangUp) == done.session.ended
    elif done.session != session:
        assert done.session.ended  # the caller is gone: nothing is left to do
    if session.ended:
        assert done.session == session


@settings(max_examples=120, deadline=None)
@given(DIALPLANS, st.lists(INPUTS, max_size=60))
def test_silence_and_wrong_keys_stay_within_their_limits(dialplan: Dialplan, script: list[Input]) -> None:
    session = start(dialplan, "main", "1", NOW, hears={"uk"})
    for given_input in [inputs.Started(), *script]:
        session = step(dialplan, session, given_input, NOW).session
    assert session.silences <= LIMITS.silences + 1
    assert session.wrong_keys <= LIMITS.wrong_keys + 1
    assert session.misheard <= LIMITS.misheard + 1
    assert session.steps <= LIMITS.steps + GRACE_STEPS + 1


ANSWERS = st.lists(st.integers(0, 99), min_size=400, max_size=400)
INPUTS_A_STEP = 4
"""Of a message: recorded, reviewed, put down, said; of a call-back: checked, confirmed, promised, said."""
CALL_BOUND = (
    INPUTS_A_STEP * (LIMITS.steps + GRACE_STEPS + 2)
    + LIMITS.silences
    + LIMITS.wrong_keys
    + LIMITS.misheard
    + Hearing().faults_allowed
    + 4
)


@settings(max_examples=120, deadline=None)
@given(DIALPLANS, ANSWERS)
def test_every_call_ends_or_waits_within_a_bound(dialplan: Dialplan, answers: list[int]) -> None:
    """A caller who never hangs up, whom every queue and every transfer sends back, still comes to an end."""
    session = start(dialplan, "main", "1", NOW, hears={"uk"})
    given_input: Input = inputs.Started()
    for count, answer in enumerate(answers):
        done = step(dialplan, session, given_input, NOW + timedelta(seconds=count))
        session = done.session
        if session.ended:
            assert count <= CALL_BOUND
            return
        given_input = worst_answer(done.actions[-1], answer)
    raise AssertionError("this caller is trapped")


def worst_words(answer: int) -> Input:
    """Right words, words of other languages, none, and failures of the recogniser."""
    failures: list[Input] = [inputs.SpokeTooLong(), inputs.RecogniserBusy(), inputs.RecogniserDead()]
    if answer % 17 < len(failures):
        return failures[answer % 17]
    return inputs.Heard(WORDS[answer % len(WORDS)], 0.9 if answer % 5 else 0.1)


def worst_recording(answer: int) -> inputs.Recorded:
    """Something or nothing, ended by silence, the operator's key or a fault."""
    seconds = [0.0, 0.4, 3.0, 8.0, 200.0][answer % 5]
    key = "0" if answer % 11 == 10 else ""
    return inputs.Recorded(f"r{answer}" if answer % 4 else "", seconds, failed=answer % 19 == 18, key=key)


def worst_answer(action: object, answer: int) -> Input:
    match action:
        case Ask(listen=listen) if listen is not None and answer % 2:
            return worst_words(answer)
        case Ask(entry=Entry()):
            return inputs.KeysEntered(["12", "0123", "9", "*", "0"][answer % 5])
        case Ask():
            return inputs.Silence() if answer % 13 == 12 else inputs.KeyPressed(KEYS[answer % 12])
        case CallHook():
            say = ("p",) if answer % 3 else ()
            answered = inputs.HookAnswered(HookAnswer(["", "found", "none"][answer % 3], say))
            return inputs.HookFailed("down") if answer % 7 == 6 else answered
        case EnterQueue(leave_keys=keys):
            reasons = [LeaveReason.QUEUE_FULL, LeaveReason.WAITED_TOO_LONG, LeaveReason.NOBODY_LOGGED_IN]
            if keys and answer % 5 == 4:
                return inputs.KeyPressed(keys[0])
            return inputs.TalkOver() if answer % 5 == 3 else inputs.QueueLeft(reasons[answer % 3])
        case Transfer():
            return inputs.TransferOver(answer % 2 == 0)
        case Record():
            return worst_recording(answer)
        case CheckNumber(number=number):
            return inputs.NumberChecked(number, answer % 3 > 0)
        case KeepMessage() | PromiseCallBack():
            return inputs.Promised(answer % 3 > 0, ["", "already-promised", "too-many"][answer % 7 % 3])
        case Play():
            return inputs.PlayDone()
        case _:
            raise AssertionError(f"nothing answers {action}")


# ---- promises


def with_first(plan: Dialplan, first: DialplanStep) -> Dialplan:
    lines = {id: replace(line, start=first.id) for id, line in plan.lines.items()}
    return replace(plan, lines=lines, steps={**plan.steps, first.id: first})


@settings(max_examples=150, deadline=None)
@given(DIALPLANS, voicemails_named("s0"), st.lists(st.integers(0, 99), min_size=5, max_size=60))
def test_who_hangs_up_at_any_point_loses_no_word(
    plan: Dialplan, voicemail: Voicemail, answers: list[int]
) -> None:
    """At each moment: all that was said is put down then, was before, or the caller has replaced it."""
    plan = with_first(plan, voicemail)
    session = start(plan, "main", "380501234567", NOW, hears={"uk"})
    messages = Messages()
    given_input: Input = inputs.Started()
    for count, answer in enumerate(answers):
        if isinstance(given_input, inputs.Recorded) and given_input.recording:
            given_input = replace(given_input, recording=f"r{count}")
            if given_input.seconds >= voicemail.shortest_for and not given_input.failed:
                messages.spoken.add(f"r{count}")
        done = step(plan, session, given_input, NOW + timedelta(seconds=count))
        session = done.session
        messages.notice(done.actions)
        messages.assert_nothing_lost(step(plan, session, inputs.CallerGone(), NOW).actions)
        if session.ended:
            break
        given_input = likely_answer(done.actions[-1], answer)


class Messages:
    """What was said into messages in one call, and what became of it."""

    def __init__(self) -> None:
        self.spoken: set[str] = set()
        self.dropped: set[str] = set()
        self.kept: dict[int, tuple[str, ...]] = {}

    def notice(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            match action:
                case KeepMessage(recordings=recordings, visit=visit):
                    assert self.kept.setdefault(visit, recordings) == recordings
                case DropRecordings(recordings=recordings):
                    self.dropped |= set(recordings)
                case _:
                    pass

    def assert_nothing_lost(self, when_gone: tuple[Action, ...]) -> None:
        at_last = {action.visit: action.recordings for action in when_gone if isinstance(action, KeepMessage)}
        put_down = [name for recordings in (self.kept | at_last).values() for name in recordings]
        assert len(put_down) == len(set(put_down))
        assert self.spoken <= set(put_down) | self.dropped
        assert not set(put_down) & self.dropped


@settings(max_examples=200, deadline=None)
@given(
    DIALPLANS,
    call_backs_named("s0"),
    st.sampled_from(NUMBERS),
    st.lists(st.integers(0, 99), min_size=5, max_size=40),
)
def test_nothing_is_promised_that_was_not_said_and_confirmed(
    plan: Dialplan, call_back: CallBack, caller: str, answers: list[int]
) -> None:
    """Whatever the answers, the last question before a promise was its number or, with a time, that time."""
    plan = with_first(plan, call_back)
    session = start(plan, "main", caller, NOW, hears={"uk"})
    asked: list[Ask] = []
    given_input: Input = inputs.Started()
    for answer in answers:
        done = step(plan, session, given_input, NOW)
        session = done.session
        for action in done.actions:
            match action:
                case Ask():
                    asked.append(action)
                case PromiseCallBack():
                    assert_confirmed(action, given_input, asked)
                case _:
                    pass
        if session.ended:
            break
        given_input = likely_answer(done.actions[-1], answer)


def assert_confirmed(promise: PromiseCallBack, answer: Input, asked: list[Ask]) -> None:
    digits = [piece for ask in asked for piece in ask.said if isinstance(piece, Digits)]
    assert digits[-1].digits == promise.number.removeprefix("+")
    in_turn = "call-back-when" in asked[-1].said
    assert in_turn or isinstance(asked[-1].said[-2], Digits if promise.at is None else TimeOfDay)
    assert promise.at is None or promise.at > NOW.timestamp()
    match answer:
        case inputs.KeyPressed(key):
            assert key == "1"
        case inputs.Heard(text, confidence):
            assert text in ("так", "по черзі", "yes")
            assert confidence > 0.6
        case _:
            assert in_turn
            assert isinstance(answer, inputs.Silence)


def likely_answer(action: object, answer: int) -> Input:
    """Of a caller who uses what is offered, and seldom does anything else."""
    if answer % 10 == 9:
        return worst_answer(action, answer // 10)
    match action:
        case Ask(entry=Entry()):
            return inputs.KeysEntered(["0671", "0672", "15", "1530"][answer % 4])
        case Ask():
            return inputs.KeyPressed("1234"[answer % 4])
        case Record():
            return inputs.Recorded("r", 8.0)
        case CheckNumber(number=number):
            return inputs.NumberChecked(number, answer % 4 > 0)
        case KeepMessage() | PromiseCallBack():
            return inputs.Promised(ok=True)
        case _:
            return worst_answer(action, answer)
