"""SIP headers by which an operator's phone is asked to answer by itself, by kind of phone.

There is no one way. RFC 5373 (`Answer-Mode: Auto`) is rare; most phones follow one of two older
conventions: `Call-Info: …;answer-after=0` (Broadsoft, Polycom) and `Alert-Info: …;info=alert-autoanswer`.
A phone ignores headers it does not know, so a profile may carry several.
"""

from dataclasses import dataclass
from typing import Literal, get_args

PhoneKind = Literal["linphone", "microsip", "zoiper", "baresip", "yealink", "grandstream", "generic"]
Header = tuple[str, str]

CALL_INFO: Header = ("Call-Info", "<sip:acd>;answer-after=0")
ALERT_INFO: Header = ("Alert-Info", "<sip:acd>;info=alert-autoanswer;delay=0")
ANSWER_MODE: Header = ("Answer-Mode", "Auto")


@dataclass(frozen=True)
class Profile:
    """`headers`: for the INVITE; `set_up`: what to switch on in the phone; `source`: who says so."""

    headers: tuple[Header, ...]
    set_up: str
    source: str


PROFILES: dict[PhoneKind, Profile] = {
    "linphone": Profile(
        headers=(CALL_INFO,),
        set_up="Linphone decides by its own setting only: Settings, Calls, 'Answer calls automatically'.",
        source="liblinphone issue 139 and linphone-desktop issue 89: headers are not honoured",
    ),
    "microsip": Profile(
        headers=(CALL_INFO,),
        set_up="Settings, Auto answer: accept the server's auto answer (SIP header), not 'No'.",
        source="help of softphones built on MicroSIP: Call-Info answer-after=0 or X-AUTOANSWER: TRUE",
    ),
    "zoiper": Profile(
        headers=(CALL_INFO, ALERT_INFO),
        set_up="Only the paid edition answers by header (a setting of it); the free one rings.",
        source="blog.voip.school, Paging and Intercom (2023): not in Zoiper Free, a setting in the paid one",
    ),
    "baresip": Profile(
        headers=(CALL_INFO,),
        set_up="From 1.1: 'sip_autoanswer=yes' in the account. 1.0 has no answer by header.",
        source="baresip pull requests 1187 and 1188 (RFC 5373, Call-Info, Alert-Info)",
    ),
    "yealink": Profile(
        headers=(CALL_INFO, ALERT_INFO),
        set_up="Features, Intercom: 'Intercom Allow' on (features.intercom.allow = 1).",
        source="Yealink support FAQ 546 and the T2/T4 administrator's guide, Alert-Info: Auto Answer",
    ),
    "grandstream": Profile(
        headers=(CALL_INFO, ALERT_INFO),
        set_up="Account, Call settings: 'Allow Auto Answer by Call-Info/Alert-Info' yes.",
        source="blog.voip.school, Paging and Intercom (2023): Call-Info answer-after=0",
    ),
    "generic": Profile(
        headers=(CALL_INFO, ALERT_INFO, ANSWER_MODE),
        set_up="If the phone does not answer, switch on automatic answer in the phone itself.",
        source="RFC 5373 and the two conventions above",
    ),
}


def kinds() -> tuple[str, ...]:
    """All kinds of phone that have a profile."""
    return get_args(PhoneKind)


def headers_for(kind: str) -> tuple[Header, ...]:
    """Headers to add to the INVITE for this kind of phone; an unknown kind gets the generic ones."""
    return _profile(kind).headers


def set_up_for(kind: str) -> str:
    """One sentence for the operator: what has to be switched on in the phone."""
    return _profile(kind).set_up


def variables_for(kind: str) -> tuple[tuple[str, str], ...]:
    """The same headers as channel variables: (name, value) pairs for `Variable: name=value` of Originate.

    PJSIP_HEADER(add,…) is applied when Asterisk 22 creates the channel, also with `Async: true`. Values
    hold no comma: AMI's `Variable` header would end there when several are given in one line.
    """
    return tuple((f"PJSIP_HEADER(add,{name})", value) for name, value in headers_for(kind))


def _profile(kind: str) -> Profile:
    for name, profile in PROFILES.items():
        if name == kind.lower():
            return profile
    return PROFILES["generic"]
