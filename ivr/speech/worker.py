"""The worker process: `python -m ivr.speech.worker ORDERS`. It recognises many utterances on a few threads.

One thread reads messages, the others take turns with streams that have work; a stream is with one thread at
a time. The process ends with its parent, whichever way that goes.
"""

import contextlib
import ctypes
import faulthandler
import itertools
import os
import queue
import signal
import socket
import sys
import threading
import time
from array import array
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from vosk import Model, SetLogLevel

from ivr.priority import go_first
from ivr.speech.decoder import Decoder, time_scale
from ivr.speech.wire import (
    Asked,
    Kind,
    Message,
    Orders,
    Unpacker,
    Words,
    orders_from,
    pack,
    pack_json,
    pack_stamp,
    pack_state,
    sound_of,
)

_PR_SET_PDEATHSIG = 1
_AT_ONCE = 1 << 16
_KEPT_IDLE = 4
"""Recognisers of any words per language that wait for the next caller: 16 MB each, and a new one stalls."""
_WARM_UP = array("h", (sample >> 4 for sample in array("h", os.urandom(16000)))).tobytes()
"""1 s of noise, which explores more of a graph than silence: what is explored stays with the recogniser."""


@dataclass(eq=False, slots=True)
class _Stream:
    """`work` is filled by the reader and emptied by the thread that has the stream."""

    number: int
    work: deque[Message] = field(default_factory=deque)
    queued: bool = False
    language: str = ""
    decoder: Decoder | None = None
    any_words: bool = False
    patient: bool = False
    words: Words = field(default_factory=list)
    over: bool = False


class Worker:
    def __init__(self, orders: Orders, link: socket.socket) -> None:
        self._orders = orders
        self._link = link
        self._sending = threading.Lock()
        self._models: dict[str, Model] = {}
        self._scales: dict[str, float] = {}
        self._idle: dict[str, list[Decoder]] = {}
        self._streams: dict[int, _Stream] = {}
        self._ready: queue.SimpleQueue[_Stream] = queue.SimpleQueue()
        self._handing = threading.Lock()
        self._busy_since: dict[int, float] = {}
        self._late = 0.0

    def run(self) -> None:
        """Until the parent closes the link."""
        self._load()
        for number in range(self._orders.threads):
            threading.Thread(target=self._serve, args=(number,), daemon=True).start()
        unpacker = Unpacker()
        while data := self._link.recv(_AT_ONCE):
            for message in unpacker.feed(data):
                self._take(message)

    def _load(self) -> None:
        failed: dict[str, str] = {}
        for language, folder in self._orders.models.items():
            self._send(pack(Kind.LOADING, 0, language.encode()))
            try:
                model = Model(folder)
                scale = time_scale(Path(folder))
                ready = _try_out(model, scale)
            except Exception as error:  # Vosk raises nothing more precise
                failed[language] = str(error)
            else:
                self._models[language], self._scales[language] = model, scale
                self._idle[language] = [ready]
        self._send(pack_json(Kind.READY, 0, {"languages": [*self._models], "failed": failed}))

    def _take(self, message: Message) -> None:
        if message.kind is Kind.PING:
            now, late = time.monotonic(), self._late
            self._late = 0.0
            busy_for = max((now - since for since in self._busy_since.copy().values()), default=0.0)
            self._send(pack_state(late, busy_for))
            return
        if message.kind is Kind.OPEN:
            self._streams[message.stream] = _Stream(message.stream)
        stream = self._streams.get(message.stream)
        if stream is None:
            return
        if message.kind is Kind.CLOSE:
            del self._streams[message.stream]
        with self._handing:
            stream.work.append(message)
            if not stream.queued:
                stream.queued = True
                self._ready.put(stream)

    def _serve(self, thread: int) -> None:
        while True:
            stream = self._ready.get()
            self._busy_since[thread] = time.monotonic()
            try:
                self._advance(stream)
            except Exception as error:  # one utterance fails, the worker goes on
                self._give_up(stream, f"{type(error).__name__}: {error}")
            self._busy_since.pop(thread, None)
            self._hand_back(stream)

    def _hand_back(self, stream: _Stream) -> None:
        """The only place where a stream that a thread had may be queued again: never two threads on one."""
        with self._handing:
            stream.queued = bool(stream.work)
            if stream.queued:
                self._ready.put(stream)

    def _advance(self, stream: _Stream) -> None:
        """All that waits for the stream now; sound in one piece, for that is faster."""
        with self._handing:
            work, stream.work = stream.work, deque()
        for is_sound, group in itertools.groupby(work, key=lambda message: message.kind is Kind.SOUND):
            if is_sound:
                self._hear(stream, [sound_of(message) for message in group])
            else:
                for message in group:
                    self._do(stream, message)

    def _do(self, stream: _Stream, message: Message) -> None:
        match message.kind:
            case Kind.OPEN:
                asked = message.json()
                assert isinstance(asked, dict)
                self._open(stream, Asked(**asked))
            case Kind.FINISH if stream.decoder is not None and not stream.over:
                words = stream.words + stream.decoder.final()
                self._end(stream)
                self._send(pack_json(Kind.RESULT, stream.number, words))
            case Kind.CLOSE:
                self._end(stream)
            case _:
                pass

    def _open(self, stream: _Stream, asked: Asked) -> None:
        stream.language, stream.any_words = asked.language, asked.grammar is None
        stream.patient = asked.patient or stream.any_words
        idle = self._idle[stream.language] if stream.any_words else []
        try:
            stream.decoder = idle.pop()
        except IndexError:
            scale = self._scales[stream.language]
            stream.decoder = Decoder(self._models[stream.language], asked.grammar, scale)

    def _hear(self, stream: _Stream, pieces: list[tuple[float, bytes]]) -> None:
        if stream.decoder is None or stream.over:
            return
        words = stream.decoder.hear(b"".join(samples for _, samples in pieces))
        late = time.monotonic() - pieces[0][0]
        self._late = max(self._late, late)
        if self._orders.measure:
            for at, _ in pieces:
                self._send(pack_stamp(Kind.HEARD, stream.number, at))
        if late > self._orders.late_limit:
            self._give_up(stream, f"its sound waited {late:.0f} s: the machine does not keep pace")
        elif words:
            self._heard_an_end(stream, words)

    def _heard_an_end(self, stream: _Stream, words: Words) -> None:
        """Who reads a number out, or may say anything, may also pause: only FINISH ends that."""
        stream.words += words
        if not stream.patient:
            self._end(stream)
            self._send(pack_json(Kind.ENDED, stream.number, stream.words))

    def _give_up(self, stream: _Stream, why: str) -> None:
        stream.over, stream.decoder = True, None
        self._send(pack(Kind.FAILED, stream.number, why.encode()))

    def _end(self, stream: _Stream) -> None:
        """Take the recogniser from the stream; one of any words is kept for the next caller."""
        stream.over, decoder, stream.decoder = True, stream.decoder, None
        if decoder is not None and stream.any_words and len(self._idle[stream.language]) < _KEPT_IDLE:
            decoder.clean()
            self._idle[stream.language].append(decoder)

    def _send(self, data: bytes) -> None:
        try:
            with self._sending:
                self._link.sendall(data)
        except OSError:  # the parent is gone
            os._exit(0)


def _try_out(model: Model, scale: float) -> Decoder:
    """Some faults of a model show only now; and the first caller does not wait for what is explored here."""
    decoder = Decoder(model, None, scale)
    decoder.hear(_WARM_UP)
    decoder.final()
    decoder.clean()
    return decoder


def _die_with(parent: int) -> None:
    """prctl(2): the kernel kills this process when its parent ends, even if native code hangs."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def main() -> None:
    orders = orders_from(sys.argv[1])
    _die_with(orders.parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    go_first(orders.niceness)
    SetLogLevel(-1)
    with contextlib.suppress(OSError):  # the parent is gone
        Worker(orders, socket.socket(fileno=orders.socket)).run()
    # Native objects may be at work in other threads: nothing may be torn down.
    os._exit(0)


if __name__ == "__main__":
    main()
