"""What handling work items needs of the rest of the server."""

from collections.abc import Callable
from dataclasses import dataclass

from acd.core.settings import QueueSettings
from acd.core.words import CallId, OfferId, OperatorId, QueueId
from acd.core.work import CallBackRules, WorkId
from acd.core.work_state import WorkItem
from acd.service import AcdService
from ivr.sounds import Sounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What is to be handled on an operator's leg."""

    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    work: WorkId


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Functions, where things change at run time."""

    service: AcdService
    sounds: Sounds
    language: Callable[[], str]
    """Of the operators."""
    dialable: Callable[[str], str]
    """The number as it may be dialled; '' if it may not."""
    line_number: Callable[[str], str]
    """What a customer is shown who is called for this line; '' for nothing."""
    topics: Callable[[QueueId], tuple[str, ...]]
    departments: Callable[[QueueId], tuple[str, ...]]
    transcribe: Callable[[str, str], None]
    """This recording in this language, some time."""

    def item(self, work: WorkId) -> WorkItem | None:
        """As it is now; None when it is settled."""
        return self.service.center.state.work.get(work)

    def rules(self, queue: QueueId) -> CallBackRules:
        found: QueueSettings | None = self.service.center.settings.queues.get(queue)
        return found.call_back if found is not None else CallBackRules()
