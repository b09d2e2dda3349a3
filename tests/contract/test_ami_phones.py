"""A phone registers at a real Asterisk and leaves again: the events and pictures that say so."""

import asyncio

from ivr.asterisk.ami import Ami
from ivr.asterisk.ami_switch import forwarding
from ivr.asterisk.translate import ContactSeen, DevicePhone, SwitchEvent, look_around
from tests.contract.ami_asterisk import SECRET, small_asterisk
from tests.eventually import eventually


class Phone(asyncio.DatagramProtocol):
    """Just enough SIP to register without a password."""

    def __init__(self, user: str, server: int) -> None:
        self.user, self.server = user, server
        self.said = ""
        self.sequence = 0

    async def open(self) -> "Phone":
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        self.port = self.transport.get_extra_info("sockname")[1]
        return self

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.said += data.decode(errors="replace")

    async def register(self, for_: int) -> None:
        """Register for so many seconds, 0: leave."""
        self.sequence += 1
        lines = [
            f"REGISTER sip:127.0.0.1:{self.server} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{self.port}{self.sequence}",
            "Max-Forwards: 70",
            f"From: <sip:{self.user}@127.0.0.1>;tag=t{self.port}",
            f"To: <sip:{self.user}@127.0.0.1>",
            f"Call-ID: {self.port}@127.0.0.1",
            f"CSeq: {self.sequence} REGISTER",
            f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>",
            f"Expires: {for_}",
            "Content-Length: 0",
        ]
        self.said = ""
        self.transport.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), ("127.0.0.1", self.server))
        await eventually(lambda: "SIP/2.0 200" in self.said, what="REGISTER is answered by 200")


async def test_a_phone_that_registers_and_leaves_is_seen() -> None:
    events: list[SwitchEvent] = []
    async with small_asterisk() as asterisk:
        ami = Ami("127.0.0.1", asterisk.ami, "dzvin", SECRET, forwarding(events.append))
        ami.start()
        await ami.until_ready(10)
        phone = await Phone("op2", asterisk.sip).open()
        await phone.register(60)
        await eventually(lambda: ContactSeen("op2", True) in events)
        await eventually(lambda: DevicePhone("op2", "NOT_INUSE", True) in events)
        assert (await look_around(ami)).reachable == {"op1", "op2"}
        await phone.register(0)
        await eventually(lambda: ContactSeen("op2", False) in events)
        await eventually(lambda: DevicePhone("op2", "UNAVAILABLE", False) in events)
        assert (await look_around(ami)).reachable == {"op1"}
        phone.transport.close()
        await ami.close()
