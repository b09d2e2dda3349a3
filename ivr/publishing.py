"""`dzvin publish`: a folder becomes a version, and the version becomes what calls go by."""

import re
import time
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.arrangement import store_of
from ivr.config import Settings
from ivr.dialplan.check import check
from ivr.dialplan.loader import load
from ivr.dialplan.problems import DialplanErrors, Problem
from ivr.errors import Plain
from ivr.prompt_book import PromptBook
from ivr.prompt_folders import own_prompts
from ivr.proving import check_folder
from ivr.rehearsal import rehearse
from ivr.turning import Done, Refused, make
from ivr.versions import Canary, Change, Version, VersionStore, What
from ivr.versions.difference import difference
from ivr.versions.files import digest_of

LEAST_SHARE, MOST_SHARE = 0.01, 0.5
_UNITS = {"min": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A folder that can be published: what would change."""

    folder: Path
    staged: Path
    number: int
    """It will have, if nobody is faster."""
    after: Change | None
    difference: tuple[str, ...]
    checked: str
    warnings: tuple[Problem, ...]


def propose(settings: Settings, folder: Path, over: int | None = None) -> Proposal | None:
    """None: the folder is what is live already. Refused; Plain.

    `over`: a version that came live meanwhile, whose changes shall be lost.
    """
    store = store_of(settings)
    after = store.live()
    _no_trial(after)
    staged = store.stage(folder)
    try:
        proposal = _proposal(settings, store, after, folder, staged)
        if digest_of(folder) != digest_of(staged / "dialplan"):
            raise Plain(f"{folder} was changed while it was checked; publish it again.")
        if after is not None and digest_of(staged / "dialplan") == store.version(after.live).digest:
            store.note_base(folder, after.live)
            store.drop(staged)
            return None
        _not_over_others(store, after, folder, over)
    except BaseException:
        store.drop(staged)
        raise
    return proposal


def _proposal(
    settings: Settings, store: VersionStore, after: Change | None, folder: Path, staged: Path
) -> Proposal:
    warnings = _check(settings, folder)
    scenarios = _rehearse(settings, folder)
    sentences = difference(store.folder_of(after.live), staged / "dialplan") if after is not None else ()
    found = f"{len(warnings)} warnings" if warnings else "no mistakes"
    return Proposal(
        folder=folder,
        staged=staged,
        number=max(store.numbers(), default=0) + 1,
        after=after,
        difference=sentences,
        checked=f"{found}; {scenarios}",
        warnings=warnings,
    )


def _no_trial(after: Change | None) -> None:
    if after is not None and after.canary is not None:
        raise Plain(
            f"version {after.canary.number} is on trial with {after.canary.share:.0%} of the new calls; "
            "`dzvin publish --finish` makes it live, `dzvin rollback` ends the trial; then publish the next."
        )


def _check(settings: Settings, folder: Path) -> tuple[Problem, ...]:
    """As `dzvin check`; and what the server shall say must be recorded where it takes it from."""
    for_server = check(folder, settings.prompts, web_address=settings.web_address)
    missing = [problem for problem in for_server if problem.severity == "error"]
    problems = sorted({*check_folder(folder, settings).problems, *missing})
    errors = [str(problem) for problem in problems if problem.severity == "error"]
    if errors:
        count = "1 mistake" if len(errors) == 1 else f"{len(errors)} mistakes"
        raise Refused([*errors, f"{folder}: {count}; nothing was published."])
    return tuple(problems)


def _rehearse(settings: Settings, folder: Path) -> str:
    try:
        loaded = load(folder, web_address=settings.web_address)
    except DialplanErrors as mistakes:
        raise Refused([*str(mistakes).splitlines(), "Nothing was published."]) from None
    book = PromptBook(settings.prompts, loaded.media.languages, own=own_prompts(folder))
    rehearsal = rehearse(folder, loaded, book, settings.number_region)
    if not rehearsal.well:
        failed = [
            f"scenario {result.scenario.id}: {failure}"
            for result in rehearsal.failed
            for failure in result.failures
        ]
        unread = [str(mistake) for mistake in rehearsal.mistakes]
        raise Refused([*unread, *failed, "Nothing was published; `dzvin rehearse` shows each call."])
    count = len(rehearsal.results)
    return "no scenarios" if not count else "1 scenario passed" if count == 1 else f"{count} scenarios passed"


def _not_over_others(store: VersionStore, after: Change | None, folder: Path, over: int | None) -> None:
    """Somebody published from another folder since this one was taken from a version."""
    base = store.base_of(folder)
    if after is None or base is None or after.live <= base or over == after.live:
        return
    theirs = store.version(after.live)
    why = f" ({theirs.why})" if theirs.why else ""
    changes = [f"  {line}" for line in difference(store.folder_of(base), store.folder_of(after.live))]
    raise Refused(
        [
            f"{folder} was taken from version {base}; meanwhile {theirs.who} published version "
            f"{after.live}{why}:",
            *changes,
            f"Take these changes over into your files, or say --over {after.live} to publish without them.",
        ]
    )


def publish(
    settings: Settings, proposal: Proposal, *, who: str, why: str, canary: Canary | None = None
) -> Done:
    """`canary`: to be tried first; its number is filled in. Refused: somebody was faster; Plain."""
    store, after, now = store_of(settings), proposal.after, time.time()
    made = store.add(
        proposal.staged,
        Version(
            number=0,
            digest="",
            at=now,
            who=who,
            why=why,
            based_on=after.live if after else None,
            checked=proposal.checked,
            difference=proposal.difference,
        ),
    )
    trial = replace(canary, number=made.number, since=now) if canary is not None and after else None
    wanted = Change(
        serial=0,
        what=What.TRY if trial else What.PUBLISH,
        live=after.live if trial and after else made.number,
        canary=trial,
        at=now,
        who=who,
        why=why,
    )
    try:
        done = make(settings, store, after, wanted, proposal.difference, recordings=True)
    except (Plain, Refused):
        store.withdraw(made)
        raise
    store.note_base(proposal.folder, made.number)
    return done


# What is written in options


def share_of(text: str) -> float:
    """'5%' is 0.05. Plain."""
    match = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]{1,2})?) ?%", text.strip())
    share = float(match[1]) / 100 if match else 0.0
    if not LEAST_SHARE <= share <= MOST_SHARE:
        raise Plain(f"--canary {text!r}: write a share of the new calls from 1% to 50%, like 5%.")
    return share


def end_of_trial(text: str, now: float) -> tuple[int | None, float | None]:
    """'200 calls' or '2 h': calls by the version on trial, or the moment. Plain."""
    match = re.fullmatch(r"([0-9]{1,6}) ?(calls?|min|h|d)", text.strip())
    count = int(match[1]) if match else 0
    if match is None or count < 1:
        raise Plain(f"--finish-after {text!r}: write '200 calls', '30 min', '2 h' or '1 d'.")
    if match[2].startswith("call"):
        return count, None
    return None, now + count * _UNITS[match[2]]
