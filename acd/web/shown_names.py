"""Names of queues, operators and break reasons as a reader of the wallboard knows them, by language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Labels = Mapping[str, Mapping[str, str]]
"""Stable id -> language -> name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNames:
    """An id that is not here is shown by the name in the view."""

    queues: Labels = field(default_factory=dict)
    operators: Labels = field(default_factory=dict)
    reasons: Labels = field(default_factory=dict)

    def in_language(self, language: str) -> dict[str, dict[str, str]]:
        """{"queues": {id: name}, "operators": ..., "reasons": ...}, only what has a name in `language`."""
        kinds = {"queues": self.queues, "operators": self.operators, "reasons": self.reasons}
        return {
            kind: {key: texts[language] for key, texts in labels.items() if language in texts}
            for kind, labels in kinds.items()
        }
