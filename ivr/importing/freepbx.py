"""FreePBX's IVRs, announcements, time conditions and inbound routes as menus, prompts, hours and lines.

A destination is `context,extension,priority`: `ivr-3,s,1`, `ext-queues,500,1`, `from-did-direct,701,1`.
"""

import html
from collections.abc import Sequence
from itertools import groupby

from ivr.importing.hours import hours_named
from ivr.importing.plan import Body, Plan
from ivr.importing.tables import Row
from ivr.importing.words import seconds, telephone, written_time

_GOODBYE = "goodbye"
_KEYS = frozenset("0123456789*#")
_IGNORED = {
    "directdial": "callers cannot dial an extension in a menu",
    "alertinfo": "phones get no alert info",
    "rvolume": "the ringer's volume is not set",
    "retvm": "nobody comes back from voicemail",
}
_WITHOUT = {
    "ext-group": "ring groups are queues here",
    "ext-local": "voicemail is not carried over",
    "ext-miscdests": "the number of this destination is not in the files",
    "ext-meetme": "there are no conferences",
    "ext-fax": "there is no fax",
    "app-daynight": "a day/night switch is a switch here",
    "directory": "there is no directory by name",
    "disa": "callers cannot dial out",
    "callback": "a call-back is not carried over",
}


class FreePbx:
    """All rows of all files, looked at together."""

    def __init__(self, rows: Sequence[Row], plan: Plan) -> None:
        self.plan = plan
        self.rows = rows
        self.recordings = {row["id"]: row for row in rows if row.kind == "recordings"}
        self.ivrs = self._by("ivrs", "id")
        self.announcements = self._by("announcements", "announcement_id")
        self.conditions = self._by("conditions", "timeconditions_id")
        self.ids: dict[str, str] = {}
        """By destination: its step."""
        self.led: set[str] = set()

    def _by(self, kind: str, column: str) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for row in self.rows:
            if row.kind == kind and row[column]:
                found.setdefault(row[column], row)
        return found

    def run(self) -> None:
        for row in self.rows:
            if row.kind == "queues" and row["extension"] not in self.plan.queue_ids and row["extension"]:
                self._queue(row)
        for prefix, rows in (("ivr", self.ivrs), ("app-announcement", self.announcements),
                             ("timeconditions", self.conditions)):  # fmt: skip
            for number, row in rows.items():
                self._reserve(f"{prefix}-{number}", row)
        entries = sorted((row for row in self.rows if row.kind == "entries"), key=lambda row: row["ivr_id"])
        keys = {ivr: list(group) for ivr, group in groupby(entries, key=lambda row: row["ivr_id"])}
        for number, row in self.ivrs.items():
            self._ivr(self.ids[f"ivr-{number}"], row, keys.pop(number, []))
        for group in keys.values():
            self._tell(group[0], "ivr_id", "no file describes this IVR", "export the table ivr_details too")
        for number, row in self.announcements.items():
            self._announcement(self.ids[f"app-announcement-{number}"], row)
        for number, row in self.conditions.items():
            self._condition(self.ids[f"timeconditions-{number}"], row)
        self._lines()

    def _queue(self, row: Row) -> None:
        queue = self.plan.new_queue(html.unescape(row["descr"]) or row["extension"], row.place)
        self.plan.queue_ids[row["extension"]] = queue
        why, advice = "members and times are in the table queues_details", "import queues.conf too"
        self._tell(row, "extension", why, advice)

    def _reserve(self, destination: str, row: Row) -> None:
        name = html.unescape(row["name"] or row["description"] or row["displayname"]) or destination
        self.ids[destination] = _GOODBYE if self.plan.full else self.plan.reserve(name)
        if self.plan.full:
            self.plan.tell(row.place, destination, "too many steps", "import the tables in parts")

    def _tell(self, row: Row, column: str, why: str, advice: str) -> None:
        self.plan.tell(row.place, f"{row.name}: {column}={row[column]}", why, advice)

    # Destinations

    def destination(self, row: Row, column: str) -> str:
        """The step of a destination; '': none is given."""
        words = [word.strip() for word in row[column].split(",")]
        if len(words) < 2:
            if words != [""]:
                self._tell(row, column, "this is no destination", "lead it on by hand; goodbye now")
            return _GOODBYE if words != [""] else ""
        context, extension = words[0], words[1]
        name = f"timeconditions-{extension}" if context == "timeconditions" else context
        self.led.add(name)
        if name in self.ids:
            return self.ids[name]
        found = self._new(row, column, context, extension)
        if context not in {"app-blackhole"}:
            self.ids.setdefault(f"{context},{extension}", found)
        return found

    def _new(self, row: Row, column: str, context: str, extension: str) -> str:
        known = f"{context},{extension}"
        if known in self.ids:
            return self.ids[known]
        if context == "ext-queues":
            queue = self.plan.queue(extension, row.place)
            return self._step(f"queue-{queue}", {"queue": queue}) if queue else _GOODBYE
        if context == "app-blackhole":
            return _GOODBYE
        number = telephone(extension)
        if context in {"from-did-direct", "ext-local", "from-internal"} and number:
            self.plan.transfers.add(number)
            return self._step(f"call-{number}", {"transfer": number})
        why = _WITHOUT.get(context, "this destination is not in the files or not known")
        self._tell(row, column, why, "lead it on by hand; goodbye now")
        return _GOODBYE

    def _step(self, name: str, body: Body) -> str:
        if self.plan.full:
            return _GOODBYE
        step = self.plan.reserve(name)
        self.plan.steps[step] = body
        return step

    # Rows

    def _sounds(self, row: Row, column: str) -> list[str]:
        """The prompts of a recording's id; `default` and nothing are none."""
        given = row[column]
        if given in {"", "0", "default", "none", "None"}:
            return []
        recording = self.recordings.get(given)
        names = (
            recording["filename"].split("&")
            if recording and recording["filename"]
            else [f"recording-{given}"]
        )
        return self.plan.said(self.plan.prompts(names, row.place), row.place)

    def _ivr(self, step: str, row: Row, entries: list[Row]) -> None:
        keys: Body = {}
        silent, wrong = (
            self.destination(row, "timeout_destination"),
            self.destination(row, "invalid_destination"),
        )
        for entry in entries:
            if entry["selection"] in _KEYS:
                keys.setdefault(entry["selection"], self.destination(entry, "dest") or _GOODBYE)
            elif entry["selection"] == "t":
                silent = self.destination(entry, "dest") or silent
            elif entry["selection"] == "i":
                wrong = self.destination(entry, "dest") or wrong
            else:
                self._tell(entry, "selection", "menus take one key", "ask with `for: digits`")
            if entry["ivr_ret"] == "1":
                self._tell(entry, "ivr_ret", "nobody is led back to the menu before", "add a key for it")
        prompts = self._sounds(row, "announcement")
        if not prompts:
            prompts = self.plan.prompts([f"{step}-menu"], row.place) or [_GOODBYE]
            self._tell(row, "announcement", "the menu has no recording", "record what it shall say")
        if not keys:
            self._tell(row, "id", "this IVR has no keys", "give the menu keys")
            self._write(step, {"play": prompts, "then": silent or _GOODBYE})
            return
        self._write(step, {"menu": prompts, "keys": keys} | self._misses(row, silent, wrong))
        self._tell_ignored(row)

    def _misses(self, row: Row, silent: str, wrong: str) -> Body:
        body: Body = {}
        wait, _ = seconds(row["timeout_time"], 1.0, 60.0)
        body |= {"wait": written_time(wait)} if wait is not None else {}
        loops = max(row.number("timeout_loops"), row.number("invalid_loops"))
        if row["timeout_loops"] or row["invalid_loops"]:
            body["tries"] = min(loops, 4) + 1
        again: Body = {}
        for miss, column in (("silent", "timeout_retry_recording"), ("wrong-key", "invalid_retry_recording")):
            prompts = self._sounds(row, column)
            again |= {miss: prompts} if prompts else {}
        body |= {"say-again": again} if again else {}
        for key, target, column in (
            ("if-silent", silent, "timeout_recording"),
            ("if-wrong-key", wrong, "invalid_recording"),
        ):
            prompts = self._sounds(row, column)
            if prompts:
                target = self._step(
                    f"{html.unescape(row['name'])}-{key}", {"play": prompts, "then": target or _GOODBYE}
                )
            body |= {key: target} if target else {}
        return body

    def _tell_ignored(self, row: Row) -> None:
        for column, why in _IGNORED.items():
            if row[column] not in {"", "0", "disabled", "Disabled"}:
                self._tell(row, column, why, "see the reference")

    def _announcement(self, step: str, row: Row) -> None:
        then = self.destination(row, "post_dest") or _GOODBYE
        prompts = self._sounds(row, "recording_id")
        if prompts:
            self._write(step, {"play": prompts, "then": then})
        else:
            self._lead(step, then)

    def _condition(self, step: str, row: Row) -> None:
        opened = self.destination(row, "truegoto") or _GOODBYE
        closed = self.destination(row, "falsegoto") or _GOODBYE
        groups = [time for time in self.rows if time.kind == "times" and time["timegroupid"] == row["time"]]
        if not groups or not row["time"]:
            why = "its times are in the table timegroups_details; it counts as never"
            self._tell(row, "timeconditions_id", why, "export that table too")
        for time in reversed(groups[:50]):
            hours = hours_named(time["time"], time.place, self.plan)
            if hours and time is not groups[0]:
                closed = self._step(
                    f"{row['displayname']}-or", {"hours": hours, "if-open": opened, "if-closed": closed}
                )
            elif hours:
                self._write(step, {"hours": hours, "if-open": opened, "if-closed": closed})
                return
        self._lead(step, closed)

    def _write(self, step: str, body: Body) -> None:
        if step != _GOODBYE:
            self.plan.steps[step] = body

    def _lead(self, step: str, target: str) -> None:
        if step != _GOODBYE:
            self.plan.aliases[step] = target

    # Lines

    def _lines(self) -> None:
        for row in self.rows:
            if row.kind == "incoming":
                start = self.destination(row, "destination") or _GOODBYE
                number = telephone(row["extension"])
                if row["cidnum"]:
                    self._tell(row, "cidnum", "a line is for all callers", "use 'choose' with 'caller'")
                else:
                    name = html.unescape(row["description"]) or f"line-{number or 'any'}"
                    self.plan.line(name, number, start, row.place)
        if not self.plan.lines:
            for prefix, rows in (("ivr", self.ivrs), ("timeconditions", self.conditions)):
                for number, row in rows.items():
                    if f"{prefix}-{number}" not in self.led:
                        self._line_without_number(f"{prefix}-{number}", row)
        if not self.plan.lines and self.ivrs:
            number, row = next(iter(self.ivrs.items()))
            self._line_without_number(f"ivr-{number}", row)

    def _line_without_number(self, destination: str, row: Row) -> None:
        name = html.unescape(row["name"] or row["displayname"]) or destination
        self.plan.line(name, "", self.ids[destination], row.place)
