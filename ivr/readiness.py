"""What takes time before a version can go live: Asterisk's phones and numbers, recordings in memory."""

from dataclasses import replace
from pathlib import Path

import structlog

from ivr.arrangement import Arrangement
from ivr.asterisk.conf import AsteriskConf
from ivr.config import Settings
from ivr.dialplan.loader import Loaded
from ivr.equipment import Equipment
from ivr.media.catalogue import Catalogue
from ivr.own_asterisk import asterisk_conf, own_asterisk

log = structlog.get_logger(__name__)


class Readiness:
    """Called before each change (`ivr.live.Prepare`). Plain: Asterisk cannot be told, so nothing changes."""

    def __init__(self, settings: Settings, first: Loaded, equipment: Equipment) -> None:
        self._settings, self._equipment = settings, equipment
        self._conf = asterisk_conf(settings, first)
        self._languages = first.media.languages
        self._time_zone = first.time_zone

    async def __call__(self, arrangement: Arrangement, recordings: bool) -> str:
        whole = arrangement.whole
        conf = asterisk_conf(self._settings, whole)
        left = []
        if self._settings.asterisk == "existing":
            left += told_to_admin(self._conf, conf, self._settings.prompts if recordings else None)
        elif recordings or conf != self._conf:
            await self._renew(conf, whole)
        self._conf = conf
        await self._speak(whole, recordings)
        if whole.time_zone != self._time_zone:
            left.append(
                f"Reports and wallboard show times of {self._time_zone} until the server's next start."
            )
        return " ".join(left)

    async def _renew(self, conf: AsteriskConf, whole: Loaded) -> None:
        if not await own_asterisk(self._settings, whole).renew(conf):
            log.info("no Asterisk of ours runs here; it learns of the version at its start")

    async def _speak(self, whole: Loaded, recordings: bool) -> None:
        """The sound that goes through streams; calls in progress keep what they have."""
        ears = self._equipment.ears
        if ears is None or not (recordings or whole.media.languages != self._languages):
            return
        catalogue = Catalogue(self._settings.prompts, whole.media.languages)
        await catalogue.preload()
        self._equipment.ears = replace(ears, catalogue=catalogue)
        self._languages = whole.media.languages


def told_to_admin(old: AsteriskConf, new: AsteriskConf, prompts: Path | None) -> list[str]:
    """What an Asterisk that somebody else configures has to learn, in sentences."""
    told = []
    if old != new:
        phones = _names(new) - _names(old), _names(old) - _names(new)
        parts = [f"phone {name} is new" for name in sorted(phones[0])]
        parts += [f"phone {name} is gone" for name in sorted(phones[1])]
        what = f" ({', '.join(parts)})" if parts else ""
        told.append(
            f"Your Asterisk must learn of phones and numbers that changed{what}: `dzvin render FOLDER`, copy "
            "the files as asterisk-conf/README.md says, and reload it; until then new phones cannot register."
        )
    if prompts is not None:
        told.append(f"If recordings are new, copy {prompts} to your Asterisk's sounds.")
    return told


def _names(conf: AsteriskConf) -> set[str]:
    return {phone.name for phone in conf.phones}
