"""No caller is trapped: whatever the dialplan and the inputs, the dialogue answers and comes to an end."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.words import LeaveReason, QueueId
from ivr.flow import inputs
from ivr.flow.actions import Ask, EnterQueue, HangUp, Play, Transfer
from ivr.flow.inputs import Input
from ivr.flow.model import (
    GOODBYE,
    KEYS,
    OPERATOR,
    ByHours,
    Dialplan,
    DialplanStep,
    Farewell,
    Language,
    Limits,
    Line,
    Menu,
    Message,
    OtherLine,
    TransferOut,
    Wait,
)
from ivr.flow.session import Session, start, step
from ivr.flow.states import Asking, Ended, Fresh, Leaving, Playing, State, Transferring, Waiting
from ivr.flow.walk import GRACE_STEPS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
IDS = [f"s{number}" for number in range(6)]
TARGETS = st.sampled_from([*IDS, OPERATOR, GOODBYE, "gone"])
LIMITS = Limits(silences=3, wrong_keys=4, steps=30)

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
)


def steps_named(name: str) -> st.SearchStrategy[DialplanStep]:
    keys = st.dictionaries(st.sampled_from(KEYS), TARGETS, max_size=3)
    maybe = st.none() | TARGETS
    return st.one_of(
        st.builds(
            Menu, id=st.just(name), prompts=st.just(("p",)), keys=keys, tries=st.integers(1, 5),
            if_silent=maybe, if_wrong_key=maybe,
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
)


@settings(max_examples=120, deadline=None)
@given(DIALPLANS, SESSIONS, INPUTS)
def test_every_state_answers_every_input(dialplan: Dialplan, session: Session, given_input: Input) -> None:
    done = step(dialplan, session, given_input, NOW)
    assert done == step(dialplan, session, given_input, NOW)
    assert done.trace
    for action in done.actions[:-1]:
        assert not isinstance(action, Play | Ask | EnterQueue | Transfer | HangUp)
    if done.actions:
        assert isinstance(done.actions[-1], Play | Ask | EnterQueue | Transfer | HangUp)
        assert isinstance(done.actions[-1], HangUp) == done.session.ended
    elif done.session != session:
        assert done.session.ended  # the caller is gone: nothing is left to do
    if session.ended:
        assert done.session == session


@settings(max_examples=120, deadline=None)
@given(DIALPLANS, st.lists(INPUTS, max_size=60))
def test_silence_and_wrong_keys_stay_within_their_limits(dialplan: Dialplan, script: list[Input]) -> None:
    session = start(dialplan, "main", "1", NOW)
    for given_input in [inputs.Started(), *script]:
        session = step(dialplan, session, given_input, NOW).session
    assert session.silences <= LIMITS.silences + 1
    assert session.wrong_keys <= LIMITS.wrong_keys + 1
    assert session.steps <= LIMITS.steps + GRACE_STEPS + 1


ANSWERS = st.lists(st.integers(0, 99), min_size=300, max_size=300)
CALL_BOUND = (LIMITS.steps + GRACE_STEPS + 2) + LIMITS.silences + LIMITS.wrong_keys + 4


@settings(max_examples=120, deadline=None)
@given(DIALPLANS, ANSWERS)
def test_every_call_ends_or_waits_within_a_bound(dialplan: Dialplan, answers: list[int]) -> None:
    """A caller who never hangs up, whom every queue and every transfer sends back, still comes to an end."""
    session = start(dialplan, "main", "1", NOW)
    given_input: Input = inputs.Started()
    for count, answer in enumerate(answers):
        done = step(dialplan, session, given_input, NOW + timedelta(seconds=count))
        session = done.session
        if session.ended:
            assert count <= CALL_BOUND
            return
        given_input = worst_answer(done.actions[-1], answer)
    raise AssertionError("this caller is trapped")


def worst_answer(action: object, answer: int) -> Input:
    match action:
        case Ask():
            return inputs.Silence() if answer % 13 == 12 else inputs.KeyPressed(KEYS[answer % 12])
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
