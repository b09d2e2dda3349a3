"""One turn of a conversation as a pure machine: prompt, the caller's voice or keys, an outcome.

No clock, no sound, no await: inputs come with their time (seconds of any clock that only goes forward), the
next state and what is to be done come out. `deadline` says when `Elapsed` is due if nothing else comes; every
state but `Over` has one, so every turn ends.

    Prompting -> Waiting -> Speaking -> Understanding -> Over
        any of them, by a key -> Typing -> Over
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

from ivr.question import Dead, KeyRules, Keys, Outcome, Silent, TooLong, Words

KEYS = frozenset("0123456789*#")
LONGEST_ENTRY = 64
"""Keys; no answer is longer, and an entry has to end."""
_PLAYBACK_LATE_FOR = 3.0
"""So much later than its length a prompt counts as played, whatever the stream says."""
_RESULT_LATE_FOR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for one turn. Durations in seconds."""

    keys: KeyRules
    wait_for: float
    prompt_for: float
    """Length of all prompts."""
    listens: bool = True
    """False: keys only."""
    recognises: bool = True
    """False: the utterance is kept without its words."""
    barge_in: bool = True
    """Voice counts while the prompts play."""
    end_key_ends_voice: bool = False
    longest_for: float = 8.0
    gap_for: float = 1.0
    """A phone that sends no sound for so long while its caller speaks has nothing more to send."""
    result_within: float = 2.0


# States


@dataclass(frozen=True, slots=True)
class Prompting:
    until: float


@dataclass(frozen=True, slots=True)
class Waiting:
    until: float


@dataclass(frozen=True, slots=True)
class Speaking:
    until: float
    sound_until: float
    """Moves on with each piece of sound."""


@dataclass(frozen=True, slots=True)
class Understanding:
    until: float


@dataclass(frozen=True, slots=True)
class Typing:
    typed: str
    until: float


@dataclass(frozen=True, slots=True)
class Over:
    outcome: Outcome


State = Prompting | Waiting | Speaking | Understanding | Typing | Over


# Inputs


@dataclass(frozen=True, slots=True)
class Key:
    key: str


@dataclass(frozen=True, slots=True)
class VoiceBegan:
    """The caller speaks."""


@dataclass(frozen=True, slots=True)
class SoundCame:
    """Some sound of the caller, silence as well; told while they speak."""


@dataclass(frozen=True, slots=True)
class VoiceEnded:
    """By silence, by the recogniser's own judgement, or because it was too long."""

    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Recognised:
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class RecogniserFailed:
    """No words will come."""


@dataclass(frozen=True, slots=True)
class Played:
    """All prompts have been heard to their end."""


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time has passed."""


Input = Key | VoiceBegan | SoundCame | VoiceEnded | Recognised | RecogniserFailed | Played | Elapsed


class Act(Enum):
    """What has to be done now."""

    STOP_PROMPT = auto()
    RECOGNISE = auto()
    """Ask the recogniser for its result; Recognised or RecogniserFailed is the answer."""


Step = tuple[State, tuple[Act, ...]]


def begin(rules: Rules, at: float) -> State:
    """The prompts begin to play; without any the caller's time begins."""
    if rules.prompt_for <= 0:
        return Waiting(at + rules.wait_for)
    return Prompting(at + rules.prompt_for + _PLAYBACK_LATE_FOR)


def deadline(state: State) -> float | None:
    """When `Elapsed` changes something; None when the turn is over."""
    match state:
        case Over():
            return None
        case Speaking(until=until, sound_until=sound_until):
            return min(until, sound_until)
        case _:
            return state.until


def step(rules: Rules, state: State, given: Input, at: float) -> Step:
    """What becomes of it. Inputs that mean nothing in this state, late ones as well, change nothing."""
    if isinstance(state, Over):
        return state, ()
    match given:
        case Key(key=key):
            return _key(rules, state, key, at)
        case Elapsed():
            due = deadline(state)
            return _elapsed(rules, state, at) if due is not None and at >= due else (state, ())
        case Played():
            return (Waiting(at + rules.wait_for) if isinstance(state, Prompting) else state), ()
        case VoiceBegan():
            return _voice(rules, state, at)
        case SoundCame():
            return _sound(rules, state, at), ()
        case VoiceEnded(too_long=too_long):
            return _voice_ended(rules, state, too_long, at)
        case Recognised(text=text, confidence=confidence):
            return (Over(Words(text, confidence)) if isinstance(state, Understanding) else state), ()
        case RecogniserFailed():
            return (Over(Dead()) if isinstance(state, Understanding) else state), ()
        case _:
            assert_never(given)


def _key(rules: Rules, state: State, key: str, at: float) -> Step:
    if key not in KEYS:
        return state, ()
    if rules.end_key_ends_voice and isinstance(state, Speaking) and key == rules.keys.end_key:
        return _voice_ended(rules, state, False, at)
    acts = (Act.STOP_PROMPT,) if isinstance(state, Prompting) else ()
    typed = state.typed if isinstance(state, Typing) else ""
    return _typed(rules.keys, typed, key, at), acts


def _typed(keys: KeyRules, typed: str, key: str, at: float) -> State:
    """The end key alone is a key like others: nothing was entered that it could end."""
    if typed and key == keys.end_key:
        return Over(Keys(typed, ended_by_end_key=True))
    typed += key
    if keys.verdict(typed) in ("more", "maybe") and len(typed) < LONGEST_ENTRY:
        return Typing(typed, at + keys.pause_for)
    return Over(Keys(typed))


def _elapsed(rules: Rules, state: State, at: float) -> Step:
    match state:
        case Prompting():
            return Waiting(at + rules.wait_for), (Act.STOP_PROMPT,)
        case Waiting():
            return Over(Silent()), ()
        case Speaking(until=until):
            return _voice_ended(rules, state, at >= until, at)
        case Understanding():
            return Over(Dead()), ()
        case Typing(typed=typed):
            return Over(Keys(typed)), ()
        case Over():
            return state, ()
        case _:
            assert_never(state)


def _voice(rules: Rules, state: State, at: float) -> Step:
    """Nothing to listen to: keys only, the tone is still to come, or the caller types."""
    prompting = isinstance(state, Prompting)
    if not rules.listens or not isinstance(state, Prompting | Waiting) or (prompting and not rules.barge_in):
        return state, ()
    speaking = Speaking(at + rules.longest_for, at + rules.gap_for)
    return speaking, (Act.STOP_PROMPT,) if prompting else ()


def _sound(rules: Rules, state: State, at: float) -> State:
    if not isinstance(state, Speaking):
        return state
    return Speaking(state.until, at + rules.gap_for)


def _voice_ended(rules: Rules, state: State, too_long: bool, at: float) -> Step:
    if not isinstance(state, Speaking):
        return state, ()
    if too_long:
        return Over(TooLong()), ()
    if not rules.recognises:
        return Over(Words("", 0.0)), ()
    return Understanding(at + rules.result_within + _RESULT_LATE_FOR), (Act.RECOGNISE,)
