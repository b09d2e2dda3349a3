"""The whole server, wired by hand in one function, and what it says about itself."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from acd.clock import Clock
from acd.core.center import Center
from acd.core.commands import Offer
from acd.core.errors import CodecError
from acd.core.events import SettingsChanged
from acd.core.ports import FactSink
from acd.core.views import CenterView
from acd.core.words import CallId, OperatorId
from acd.mqtt import MqttPublisher, broker_from
from acd.service import AcdService, DayStart
from acd.storage import SqlJournal, StorageError, forget_daily, open_journal
from acd.web import Health, ShownNames, WebServer
from ivr.about import our_version
from ivr.announce import prompt_file
from ivr.arrangement import Arrangement, first_arrangement, store_of
from ivr.asterisk.agi_server import FastAgiServer
from ivr.asterisk.ami import Ami, AmiTimes
from ivr.asterisk.ami_switch import AmiSwitch, forwarding
from ivr.asterisk.autoanswer import variables_for
from ivr.asterisk.call_control import CallControl
from ivr.asterisk.leg_calls import LegWords
from ivr.asterisk.surroundings import Surroundings
from ivr.asterisk.translate import WANTED_EVENTS
from ivr.calls import CallDesk
from ivr.codes import Codes
from ivr.config import Settings
from ivr.control import ControlServer
from ivr.dialplan.loader import Loaded
from ivr.equipment import Equipment, equip
from ivr.errors import Plain
from ivr.keeping import purging
from ivr.live import LiveVersions
from ivr.logs import set_up_logs
from ivr.loop import calm_collector
from ivr.messages import rescue
from ivr.own_asterisk import ami_secret
from ivr.promise_orders import PromiseOrders
from ivr.readiness import Readiness
from ivr.secrets import read_api_token
from ivr.server_orders import orders, tell_about
from ivr.switches import Switches
from ivr.work.wiring import Works, connect_recordings, line_number, works_of
from ivr.world import WorldAround

log = structlog.get_logger(__name__)

SEE_FIRST_FOR = 3.0
"""So long a start waits to hear what the switch holds."""
REFUSED_FROM = 0.5
"""An Asterisk that is just ending or starting refuses right passwords too: ask again soon, then later."""


class Phones:
    """Which operator has which phone, and of which kind it is; by the phone's endpoint."""

    def __init__(self, loaded: Loaded) -> None:
        self.know(loaded)

    def know(self, loaded: Loaded) -> None:
        """From now on these."""
        self._by_endpoint = {phone.name: phone for phone in loaded.phones}

    def operator_of(self, endpoint: str) -> OperatorId | None:
        phone = self._by_endpoint.get(endpoint)
        return phone.operator if phone is not None else None

    def kind_of(self, endpoint: str) -> str:
        phone = self._by_endpoint.get(endpoint)
        return phone.kind if phone is not None else "generic"


@dataclass(slots=True, kw_only=True)
class Server:
    """All parts, started in their order by `start` and ended by `stop`."""

    settings: Settings
    loaded: Loaded
    journal: SqlJournal
    service: AcdService
    desk: CallDesk
    control: CallControl
    ami: Ami
    agi: FastAgiServer
    equipment: Equipment
    works: Works
    phones: Phones
    versions: LiveVersions
    commands: ControlServer
    promises: PromiseOrders
    mqtt: MqttPublisher | None
    started_at: float
    web: WebServer | None = None
    running: asyncio.Task[None] | None = None
    rescuing: asyncio.Task[None] | None = None
    forgetting: asyncio.Task[None] | None = None

    # What the web face asks (acd.web.ViewSource)

    def view(self, calls_per_queue: int | None = None) -> CenterView:
        return self.service.view(calls_per_queue)

    def add_sink(self, sink: FactSink) -> None:
        self.service.add_sink(sink)

    def health(self) -> Health:
        return Health(
            version=our_version(),
            started_at=self.started_at,
            switch_up=self.ami.ready,
            dialplan_loaded=True,
            journal_writable=self.journal.held == 0,
            journal_backlog=self.journal.backlog,
            mqtt="off" if self.mqtt is None else "up" if self.mqtt.connected else "down",
            mqtt_backlog=self.mqtt.waiting if self.mqtt is not None else 0,
            speech=self.equipment.speech_state(),
            hooks=self.equipment.hooks_state(),
        )

    async def start(self) -> None:
        """Take calls from now on. Plain: a port is taken."""
        self.running = asyncio.create_task(self.service.run(), name="centre")
        forgetting = forget_daily(self.journal, self.settings.history_kept_days)
        self.forgetting = asyncio.create_task(forgetting, name="forget old facts")
        if self.mqtt is not None:
            self.service.add_sink(self.mqtt)
            self.mqtt.start()
        await _listen("HTTP", self.settings.http_port, self._start_web())
        await self.equipment.start()
        self.control.start()
        self.ami.start()
        await self.commands.start()
        await self.versions.start()
        await self._rescue_messages()
        await _listen("FASTAGI", self.settings.fastagi_port, self.agi.start())
        calm_collector()
        log.info("ready", lines=len(self.loaded.dialplan.lines), operators=len(self.loaded.phones))

    async def _rescue_messages(self) -> None:
        """Before calls come: their own drafts would be taken for an earlier run's."""
        if self.equipment.sounds is None:
            return
        found = await self.equipment.sounds.drafts.left()
        if found:
            work = rescue(self.equipment.sounds, self.service, found, self.desk.promising.made)
            self.rescuing = asyncio.create_task(work, name="rescue messages")

    async def _start_web(self) -> None:
        settings = self.settings
        self.web = WebServer(
            settings.http_host,
            settings.http_port,
            self,
            language=self.loaded.media.languages[0],
            time_zone=self.loaded.time_zone,
            names=shown_names(self.versions.now.whole),
            promises=self.promises,
            api_token=read_api_token(settings.api_token_file),
        )
        await self.web.start()

    def go_by(self, arrangement: Arrangement) -> None:
        """From now on, in one step: new calls by these versions, queues and operators as they say."""
        whole = arrangement.whole
        if whole.settings != self.service.center.settings:
            self.service.post(SettingsChanged(at=self.service.now(), settings=whole.settings))
        tried = arrangement.tried.book if arrangement.tried else None
        self.desk.shelf.put(arrangement.live.book, arrangement.change.canary, tried)
        self.phones.know(whole)
        self.loaded = arrangement.live.loaded
        self.control.reconciler.look_now()
        if self.web is not None:
            self.web.rename(shown_names(whole))

    async def stop(self) -> None:
        """Callers stay in Asterisk and come back to the next server; the journal is written."""
        await _quietly(self.commands.close())
        await _quietly(self.versions.stop())
        await _quietly(self.agi.close())
        await _quietly(self.control.close())
        await _quietly(self.ami.close())
        await _quietly(self.equipment.stop())
        for task in (self.forgetting, self.rescuing, self.running):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self.web is not None:
            await _quietly(self.web.stop())
        if self.mqtt is not None:
            await _quietly(self.mqtt.close())
        await _quietly(self.journal.close())


async def build(settings: Settings) -> Server:
    """Everything wired together, nothing started. Plain: what is wrong with settings, dialplan or journal."""
    first = await asyncio.to_thread(first_arrangement, settings)
    loaded = first.whole
    journal = await _open_journal(settings)
    service = _service(await _restore(loaded, journal), journal, loaded)
    equipment = await equip(settings, loaded)
    desk = _desk(settings, service, first, equipment)
    switch = AmiSwitch()
    phones = Phones(loaded)
    works = works_of(desk, lambda: server.loaded, lambda call: control.customers.answered(CallId(call)))
    control = _control(switch, service, desk, phones, works)
    switch.ami = _ami(settings, control)
    service.attach(control)
    desk.control = control
    works.attach(control)
    connect_recordings(desk, lambda: server.loaded)
    codes = Codes(service, phones.operator_of)
    versions = LiveVersions(
        settings,
        store_of(settings),
        first,
        apply=lambda arrangement: server.go_by(arrangement),
        prepare=Readiness(settings, loaded, equipment),
        in_use=desk.versions,
    )
    promises = PromiseOrders(service, journal.promises)
    routes = {"line": desk.take, "code": codes.take, **works.routes}
    commands = {**orders(versions), **promises.orders(), **purging(equipment.recordings)}
    server = Server(
        settings=settings,
        loaded=first.live.loaded,
        journal=journal,
        service=service,
        desk=desk,
        control=control,
        ami=switch.ami,
        agi=FastAgiServer(settings.fastagi_host, settings.fastagi_port, routes),
        equipment=equipment,
        works=works,
        phones=phones,
        versions=versions,
        commands=ControlServer(settings.run_folder, commands),
        promises=promises,
        mqtt=MqttPublisher(broker_from(settings.mqtt_url), service.view) if settings.mqtt_url else None,
        started_at=time.time(),
    )
    desk.shelf.fetch = versions.fetch
    desk.ends.append(versions.call_ended)
    await asyncio.to_thread(tell_about, settings, first)
    return server


def _service(center: Center, journal: SqlJournal, loaded: Loaded) -> AcdService:
    clock = Clock(not_before=center.at)
    return AcdService(
        center, journal, clock, see_first_for=SEE_FIRST_FOR, day_start=day_start_in(loaded.time_zone)
    )


def _desk(settings: Settings, service: AcdService, first: Arrangement, equipment: Equipment) -> CallDesk:
    desk = CallDesk(service, first.live.book, equipment)
    desk.promising.region = settings.number_region
    desk.world = WorldAround(lambda: service.view(0), Switches(settings.run_folder)).now
    desk.shelf.put(first.live.book, first.change.canary, first.tried.book if first.tried else None)
    return desk


def _ami(settings: Settings, control: CallControl) -> Ami:
    return Ami(
        settings.ami_host,
        settings.ami_port,
        settings.ami_user,
        ami_secret(settings),
        forwarding(control.on_event),
        control.on_link,
        events=WANTED_EVENTS,
        times=AmiTimes(refused_from=REFUSED_FROM, refused_max=60.0),
    )


async def _open_journal(settings: Settings) -> SqlJournal:
    try:
        settings.run_folder.mkdir(parents=True, exist_ok=True)
        return await open_journal(settings.database, settings.run_folder / "journal")
    except (StorageError, OSError, ValueError) as error:
        raise Plain(f"The journal cannot be opened: {error}") from None


async def _restore(loaded: Loaded, journal: SqlJournal) -> Center:
    try:
        return Center.restore(loaded.settings, await journal.load(), time.time())
    except (StorageError, CodecError) as error:
        raise Plain(f"The journal cannot be read: {error}") from None


def _control(
    switch: AmiSwitch, service: AcdService, desk: CallDesk, book: Phones, works: Works
) -> CallControl:
    def words(offer: Offer) -> LegWords:
        call, waiting = service.center.call(offer.call), desk.waiting(offer.call)
        queue = service.center.settings.queues.get(offer.queue)
        return LegWords(
            number=call.caller if call else "",
            title=queue.name if queue else "",
            whisper=prompt_file(waiting.whisper) if waiting and waiting.whisper else "",
            variables=variables_for(book.kind_of(offer.phone)),
        )

    around = Surroundings(
        post=service.post,
        now=service.now,
        words=words,
        operator_of=book.operator_of,
        live_offer=service.center.offer,
        may_dial=lambda number: desk.shelf.live.may_dial(number),
        line_number=lambda line: line_number(desk, line),
        works=works.legs,
    )
    return CallControl(link=switch, around=around, callers=desk, run=f"{time.time_ns():x}")


async def serve(settings: Settings) -> None:
    """Run the server until cancelled or told by SIGTERM."""
    set_up_logs(settings)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    server = await build(settings)
    try:
        await server.start()
        await stopped.wait()
    finally:
        await server.stop()


def shown_names(loaded: Loaded) -> ShownNames:
    names = loaded.names
    return ShownNames(queues=names.queues, operators=names.operators, reasons=names.break_reasons)


def day_start_in(zone_name: str) -> DayStart:
    """Midnight by the wall clock of the zone."""
    zone = ZoneInfo(zone_name)

    def start(at: float) -> float:
        moment = datetime.fromtimestamp(at, zone)
        return moment.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()

    return start


async def _listen(name: str, port: int, starting: Coroutine[Any, Any, None]) -> None:
    try:
        await starting
    except OSError as error:
        why = f"Port {port} cannot be used ({error.strerror}); set DZVIN_{name}_PORT to another one."
        raise Plain(why) from None


async def _quietly(ending: Coroutine[Any, Any, Any]) -> None:
    try:
        await ending
    except Exception:
        log.exception("a part did not end well")
