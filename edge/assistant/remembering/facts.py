"""Carries out the functions `memory.…` and `notes.…`: keeps what was said, tells it again, forgets it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.phrases import count, counted, joined, sentence
from edge.assistant.remembering.statements import stated, without_now, yours
from edge.assistant.told import Told
from edge.memory.matching import negated
from edge.memory.memory import Memory
from edge.memory.model import Entry, Kind
from edge.memory.secrecy import is_secret
from edge.router.model import Call

ANSWER: Final = "memory.answer"
"""What a question found in the memory is made: `ids`, and `asked` for whether it was so, how sure, or what."""
CONFIRMED: Final = "confirmed"
_ALOUD: Final = 8
"""Entries that are read out at most."""
_CHOICES: Final = 6
_HALF: Final = 0.5
_LAST: Final = frozenset({"last", "latest", "newest"})


class FactKeeper:
    """Facts and notes of one house: whoever asks is told."""

    source = ReplySource.DIALOGUE

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.last: Entry | None = None
        """What was remembered last."""
        self.spoken: Entry | None = None
        """What was remembered or told last."""

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it and say so, or ask first. Raises `RecollectionError`."""
        match call.function:
            case "memory.add":
                return await self._add(call, utterance)
            case "notes.add":
                return await self._note(call, utterance)
            case "memory.answer":
                return Told(self._answered(call))
            case "memory.find":
                return Told(await self._found(str(call.arguments.get("about", ""))))
            case "memory.list":
                return Told(self._listed(Kind.FACT))
            case "notes.list":
                return Told(await self._notes(call, utterance))
            case "memory.forget" | "notes.delete":
                return await self._forget(call, utterance)
            case _:
                return await self._forget_all(call)

    def name(self, kept: str) -> tuple[str, ...]:
        """What a fact can be called in an answer: its own words."""
        entry = self._memory.entry(kept)
        return () if entry is None else (entry.text,)

    # Keeping -------------------------------------------------------------------------------------------------------

    async def _add(self, call: Call, utterance: Utterance) -> Told:
        said = _trimmed(str(call.arguments.get("fact") or call.arguments.get("told") or ""))
        instead = self._memory.entry(str(call.arguments.get("instead", "")))
        if instead is not None and "ask" in call.arguments and CONFIRMED not in call.arguments:
            then = replace(call, arguments={**call.arguments, CONFIRMED: True})
            return Told(
                f"I have it that {yours(instead.text)}. Shall I remember instead that {yours(said)}?", then=(then,)
            )
        known = next((one for one in self._memory.entries(Kind.FACT) if one.text.casefold() == said.casefold()), None)
        if known is not None:
            return Told(f"I know: {yours(known.text)}.")
        before = (instead,) if instead is not None else self._replaced(said)
        entry = await self._kept(Kind.FACT, said, utterance)
        gone = await self._memory.forget(*(one.id for one in before))
        self.last = self.spoken = entry

        async def undo() -> str:
            await self._memory.put(gone, [entry.id])
            return "I've forgotten that again." if not gone else f"I have it again that {yours(gone[0].text)}."

        if is_secret(said):
            return Told("I'll remember that, and write it into no log.", undo)
        no_more = ", and no longer what you told me before" if gone else ""
        return Told(f"I'll remember that {yours(said)}{no_more}.", undo)

    def _replaced(self, said: str) -> tuple[Entry, ...]:
        """What can't be so any more."""
        new = stated(said)
        if new is None:
            return ()
        olds = ((one, stated(one.text)) for one in self._memory.entries(Kind.FACT))
        return tuple(one for one, old in olds if old is not None and new.replaces(old))

    async def _note(self, call: Call, utterance: Utterance) -> Told:
        said = _trimmed(str(call.arguments.get("note") or call.arguments.get("stated") or ""))
        if not said:
            return Told("What shall I note?", lacks=True)
        entry = await self._kept(Kind.NOTE, said, utterance)

        async def undo() -> str:
            await self._memory.forget(entry.id)
            return "The note is gone again."

        return Told("Noted." if is_secret(said) else f"Noted: {said}.", undo)

    async def _kept(self, kind: Kind, said: str, utterance: Utterance) -> Entry:
        by = " ".join(part for part in (utterance.source.value, utterance.origin) if part)
        return await self._memory.add(kind, said, by=by, area=utterance.area)

    # Telling -------------------------------------------------------------------------------------------------------

    def _answered(self, call: Call) -> str:
        ids = str(call.arguments.get("ids", "")).split()
        found = [one for key in ids if (one := self._memory.entry(key)) is not None]
        if not found:
            return "I don't know that any more."
        self.spoken = found[0] if len(found) == 1 else None
        asked = call.arguments.get("asked")
        if asked == "sure":
            agrees = negated(found[0].text) is bool(call.arguments.get("negated"))
            return f"{'Yes' if agrees else 'No'}, {yours(found[0].text)}."
        if asked == "perhaps":
            return f"As far as I know, {yours(found[0].text)}."
        return _told(found)

    async def _found(self, about: str) -> str:
        matches = await self._memory.find(about)
        best = [one.entry for one in matches if one.share >= max(_HALF, matches[0].share)]
        return _told(best) if best else f"You have not told me anything about {yours(about)}."

    def _listed(self, kind: Kind) -> str:
        entries = self._memory.entries(kind)
        if not entries:
            return "You have not asked me to remember anything yet."
        lead = f"I remember {counted(len(entries), 'thing', 'things')}: " if len(entries) > 1 else "I remember that "
        return sentence(lead + _read(entries))

    async def _notes(self, call: Call, utterance: Utterance) -> str:
        entries: Sequence[Entry] = self._memory.entries(Kind.NOTE)
        if not entries:
            return "There are no notes."
        if "about" in call.arguments:
            about = str(call.arguments["about"])
            entries = [one.entry for one in await self._memory.find(about, Kind.NOTE)]
            if not entries:
                return f"There is no note about {yours(about)}."
        elif not _LAST.isdisjoint(utterance.text.lower().split()):
            entries = entries[-1:]
        if len(entries) == 1:
            return f"Your note says: {entries[0].text}."
        return sentence(f"you have {counted(len(entries), 'note', 'notes')}: {_read(entries, of_you=False)}")

    # Forgetting ----------------------------------------------------------------------------------------------------

    async def _forget(self, call: Call, utterance: Utterance) -> Told:
        kind = Kind.NOTE if call.function == "notes.delete" else None
        found = await self._meant(call, utterance, kind)
        if not found:
            about = yours(str(call.arguments.get("about") or call.arguments.get("fact") or "that"))
            return Told("There is no such note." if kind else f"I remember nothing about {about}.")
        if len(found) > _CHOICES:
            return Told(
                f"There are {count(len(found))} things of that kind: tell me which one, with more of its words."
            )
        if len(found) > 1:
            what = joined([_that(one) for one in found], "or")
            ids = tuple(one.id for one in found)
            return Told(f"Which one shall I forget: {what}?", candidates=ids)
        if "ask" in call.arguments and CONFIRMED not in call.arguments:
            then = replace(call, arguments={"id": found[0].id, CONFIRMED: True})
            return Told(f"I have it that {yours(found[0].text)}. Shall I forget that?", then=(then,))
        return await self._gone(found)

    async def _meant(self, call: Call, utterance: Utterance, kind: Kind | None) -> list[Entry]:
        arguments = call.arguments
        if "id" in arguments:
            entry = self._memory.entry(str(arguments["id"]))
            return [entry] if entry is not None else []
        said = str(arguments.get("about") or arguments.get("fact") or "")
        if not said and kind is Kind.NOTE:
            wants_last = not _LAST.isdisjoint(utterance.text.lower().split())
            notes = list(self._memory.entries(Kind.NOTE))
            return notes[-1:] if wants_last or len(notes) == 1 or utterance.text.lower().count("that") else notes
        matches = await self._memory.find(said, kind)
        if not matches or matches[0].share < _HALF:
            return []
        best = [one.entry for one in matches if one.share == matches[0].share]
        same = [one for one in best if one.text.casefold() == without_now(said).casefold()]
        return same or best

    async def _gone(self, found: Sequence[Entry]) -> Told:
        gone = await self._memory.forget(*(one.id for one in found))

        async def undo() -> str:
            await self._memory.put(gone)
            return f"I have it again: {_read(gone)}."

        if len(gone) == 1:
            note = gone[0].kind is Kind.NOTE
            secret = is_secret(gone[0].text)
            what = ("the note" if note else "it") if secret else _that(gone[0])
            return Told(f"I've {'deleted' if note else 'forgotten'} {what}.", undo)
        return Told(f"I've forgotten {count(len(gone))} things.", undo)

    async def _forget_all(self, call: Call) -> Told:
        kind = Kind.NOTE if call.function == "notes.delete_all" else Kind.FACT
        entries = self._memory.entries(kind)
        if not entries:
            return Told(
                "There are no notes." if kind is Kind.NOTE else "There is nothing that I was asked to remember."
            )
        one, many = ("note", "notes") if kind is Kind.NOTE else ("thing you told me", "things you told me")
        if CONFIRMED not in call.arguments:
            then = replace(call, arguments={**call.arguments, CONFIRMED: True})
            verb = "delete" if kind is Kind.NOTE else "forget"
            several = f"both {many}" if len(entries) == 2 else f"all {count(len(entries))} {many}"
            what = f"the one {one}" if len(entries) == 1 else several
            return Told(f"Shall I {verb} {what}?", then=(then,))
        told = await self._gone(entries)
        return replace(told, text="All notes are gone." if kind is Kind.NOTE else "I've forgotten all of it.")


def _trimmed(text: str) -> str:
    said = text.strip(' \t\n.,;:!"“”')
    return said[5:].strip() if said.lower().startswith("that ") and len(said.split()) > 3 else said


def _that(entry: Entry) -> str:
    return f"the note “{entry.text}”" if entry.kind is Kind.NOTE else f"that {yours(entry.text)}"


def _told(entries: Sequence[Entry]) -> str:
    """Some entries as sentences."""
    most = 3
    said = [f"You noted: {one.text}." if one.kind is Kind.NOTE else sentence(yours(one.text)) for one in entries[:most]]
    more = len(entries) - most
    return " ".join([*said, *([f"And {count(more)} more."] if more > 0 else [])])


def _read(entries: Sequence[Entry], *, of_you: bool = True) -> str:
    read = [yours(one.text) if of_you else one.text for one in entries[:_ALOUD]]
    more = len(entries) - len(read)
    return "; ".join(read) + (f"; and {count(more)} more" if more else "")
