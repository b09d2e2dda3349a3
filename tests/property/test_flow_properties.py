"""No caller is trapped: whatever the dialplan and the inputs, the dialogue answers and comes to an end."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.words import LeaveReason, QueueId
from ivr.flow import inputs
from ivr.flow.actions import Ask, CallHook, EnterQueue, HangUp, Play, Transfer
from ivr.flow.hearing import Entry, Hearing, Miss, Retry
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Input
from ivr.flow.model import (
    GOODBYE,
    KEYS,
    OPERATOR,
    ByHours,
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
    Wait,
)
from ivr.flow.said import Digits
from ivr.flow.session import Session, start, step
from ivr.flow.states import (
    Asking,
    Confirming,
    Ended,
    Fresh,
    Hooking,
    Leaving,
    Playing,
    State,
    Transferring,
    Waiting,
)
from ivr.flow.walk import GRACE_STEPS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
IDS = [f"s{number}" for number in range(6)]
TARGETS = st.sampled_from([*IDS, OPERATOR, GOODBYE, "gone"])
LIMITS = Limits(silences=3, wrong_keys=4, steps=30)

WORDS = ["так", "ні", "оператор", "англійською", "двадцять", "п'ять", "сьогодні", "[unk]", "посилка", "yes"]

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
        st.builds(Language, id=st.just(name), language=st.sampled_from(["uk", "en"]), then=TARGETS),
        st.builds(ByHours, id=st.just(name), hours=st.just("none"), if_open=TARGETS, if_closed=TARGETS),
        st.builds(OtherLine, id=st.just(name), line=st.sampled_from(["main", "other", "gone"])),
        st.builds(Farewell, id=st.just(name), prompts=st.sampled_from([(), ("p",)])),
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
    st.builds(Transferring, st.sampled_from([*IDS, "gone"])),
    st.just(Leaving()),
    st.just(Ended()),
)
SESSIONS = st.builds(
    Session,
    line=st.sampled_from(["main", "other", "gone", ""]),
    caller=st.just("1"),
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


@settings(max_examples=120, deadline=None)
@given(DIALPLANS, SESSIONS, INPUTS)
def test_every_state_answers_every_input(dialplan: Dialplan, session: Session, given_input: Input) -> None:
    done = step(dialplan, session, given_input, NOW)
    assert done == step(dialplan, session, given_input, NOW)
    assert done.trace
    for action in done.actions[:-1]:
        assert not isinstance(action, Play | Ask | CallHook | EnterQueue | Transfer | HangUp)
    if done.actions:
        assert isinstance(done.actions[-1], Play | Ask | CallHook | EnterQueue | Transfer | HangUp)
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
INPUTS_A_STEP = 3
"""Of a question with its confirmation, or a web hook with its answer."""
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
    failures = [inputs.SpokeTooLong(), inputs.RecogniserBusy(), inputs.RecogniserDead()]
    if answer % 17 < len(failures):
        return failures[answer % 17]
    return inputs.Heard(WORDS[answer % len(WORDS)], 0.9 if answer % 5 else 0.1)


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
        case Play():
            return inputs.PlayDone()
        case _:
            raise AssertionError(f"nothing answers {action}")
