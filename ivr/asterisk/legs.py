"""The operators' legs that live or are on their way: one for each offer, known before Asterisk makes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from acd.core.words import CallId, OfferId, OperatorId, QueueId
from acd.core.work import WorkId

_CHANNEL_ID = re.compile(r"dzvin-[0-9a-z]+-([0-9]{1,15})")


_NO_QUEUE = QueueId("")


class Stage(IntEnum):
    """How far a leg has come; it never goes back."""

    CALLING = 0
    RANG = 1
    ANSWERED = 2
    JOINING = 3
    """The caller's task was told to bridge."""
    TALKING = 4
    OVER = 5
    """Ended, withdrawn or failed: whatever comes of it later is dropped."""


@dataclass(slots=True, kw_only=True)
class Leg:
    offer: OfferId
    call: CallId
    channel: str
    """Unique id, chosen by us."""
    operator: OperatorId | None = None
    """None for a leg found after a restart."""
    queue: QueueId = _NO_QUEUE
    work: WorkId | None = None
    """The operator handles this work item on the leg: nobody is to be joined with it."""
    name: str = ""
    """Asterisk's channel name; '' until it exists. Bridge needs it whole: it matches by prefix."""
    stage: Stage = Stage.CALLING
    free_to_join: bool = True
    """False while the operator still hears the whisper."""
    join_asked: bool = False
    phone_gone: bool = False
    """The phone has hung up. If Bridge takes the leg over just then, Asterisk keeps its channel."""
    bridge: str = ""
    caller_bridge: str = ""

    @property
    def over(self) -> bool:
        return self.stage is Stage.OVER

    @property
    def joined(self) -> bool:
        return bool(self.bridge) and self.bridge == self.caller_bridge


def channel_id(run: str, offer: OfferId) -> str:
    """`run`: lower-case letters and digits, another one for each run of the server."""
    return f"dzvin-{run}-{offer}"


def offer_of(channel: str) -> OfferId | None:
    """The offer that a leg's unique id names, also a leg of an earlier run; None for other channels."""
    found = _CHANNEL_ID.fullmatch(channel)
    return OfferId(int(found[1])) if found else None


class Legs:
    """Look-ups by offer, by the leg's channel and by the call."""

    def __init__(self) -> None:
        self._by_offer: dict[OfferId, Leg] = {}
        self._by_channel: dict[str, Leg] = {}
        self._by_call: dict[CallId, Leg] = {}

    def add(self, leg: Leg) -> None:
        self._by_offer[leg.offer] = leg
        self._by_channel[leg.channel] = leg
        self._by_call[leg.call] = leg

    def forget(self, leg: Leg) -> None:
        self._by_offer.pop(leg.offer, None)
        self._by_channel.pop(leg.channel, None)
        if self._by_call.get(leg.call) is leg:
            del self._by_call[leg.call]

    def of_offer(self, offer: OfferId) -> Leg | None:
        return self._by_offer.get(offer)

    def of_channel(self, channel: str) -> Leg | None:
        return self._by_channel.get(channel)

    def of_call(self, call: str) -> Leg | None:
        """The newest leg that was called for this caller."""
        return self._by_call.get(CallId(call))

    def __iter__(self) -> Iterator[Leg]:
        return iter(list(self._by_offer.values()))

    def __len__(self) -> int:
        return len(self._by_offer)
