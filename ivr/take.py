"""What a recorder keeps of a caller: from the first word to the last, ended by silence, a key or the limit.

No clock and no await: time is counted in frames of 20 ms of sound.
"""

from dataclasses import dataclass, field

from ivr.speech.voice import FRAME_FOR, SpeechEnded, SpeechStarted, VoiceDetector, VoiceSettings

END_KEY = "#"
_BEFORE_FOR = 0.3
"""Of the sound before the first word is kept: quiet consonants come first."""
_AFTER_FOR = 0.2
_NEVER = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRules:
    """Durations in seconds of sound."""

    longest_for: float
    end_after: float
    """Silence that ends it, also where nothing was said at all."""
    voice: VoiceSettings = field(default_factory=VoiceSettings)


class Take:
    """Feed it every frame of the line; `begin` is the tone's end, from which on sound is kept."""

    def __init__(self, rules: TakeRules) -> None:
        self._rules = rules
        voice = rules.voice
        self._detector = VoiceDetector(
            VoiceSettings(
                aggressiveness=voice.aggressiveness,
                start_frames=voice.start_frames,
                start_window=voice.start_window,
                settle_for=voice.settle_for,
                end_after=rules.end_after,
                longest_for=_NEVER,
                before_for=voice.before_for,
                floor_db=voice.floor_db,
            )
        )
        self._frames: list[bytes] = []
        self._fed = 0
        self._began: int | None = None
        self._first: int | None = None
        """Frames since `begin` at which the first word began, and the last one ended."""
        self._last = 0
        self._over = False
        self.ended_by = ""
        """The key, '' for any other end."""

    @property
    def over(self) -> bool:
        return self._over

    @property
    def recording(self) -> bool:
        """Between the tone and the end."""
        return self._began is not None and not self._over

    def begin(self) -> None:
        """The tone has sounded. Only the first time counts."""
        if self._began is None:
            self._detector.forget()
            self._began = self._fed

    def feed(self, frame: bytes) -> None:
        """The next 20 ms of the line."""
        self._fed += 1
        voice = self._detector.feed(frame)
        if self._began is None or self._over:
            return
        self._frames.append(frame)
        self._note(voice, self._began)
        kept_for = len(self._frames) * FRAME_FOR
        silent_for = kept_for - self._last * FRAME_FOR
        if kept_for >= self._rules.longest_for:
            self.end()
        elif not self._detector.speaking and silent_for >= self._rules.end_after:
            self._over = True

    def _note(self, voice: object, began: int) -> None:
        match voice:
            case SpeechStarted(at=at):
                first = max(0, round(at / FRAME_FOR) - began)
                self._first = first if self._first is None else self._first
                self._last = len(self._frames)
            case SpeechEnded(at=at):
                self._last = max(0, round(at / FRAME_FOR) - began)

    def key(self, key: str) -> None:
        """Any key ends it."""
        if self.recording:
            self.ended_by = key
            self.end()

    def end(self) -> None:
        """Now, in mid-word perhaps. Safe to call twice."""
        if not self._over and self._detector.speaking and self._began is not None:
            self._last = max(0, round(self._detector.voiced_until / FRAME_FOR) - self._began)
        self._over = True

    @property
    def raw(self) -> bytes:
        """All sound since the tone."""
        return b"".join(self._frames)

    def sound(self) -> bytes:
        """Without the silence at its ends; empty where nothing was said."""
        if self._first is None:
            return b""
        first = max(0, self._first - round(_BEFORE_FOR / FRAME_FOR))
        last = min(len(self._frames), self._last + round(_AFTER_FOR / FRAME_FOR))
        return b"".join(self._frames[first:last])


def spoken_part(raw: bytes, rules: TakeRules) -> bytes:
    """What `Take.sound` would give for sound that was stored as it came."""
    take = Take(rules)
    take.begin()
    for at in range(0, len(raw) - 319, 320):
        take.feed(raw[at : at + 320])
        if take.over:
            break
    take.end()
    return take.sound()
