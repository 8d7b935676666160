"""The press of the filing service: prints what decisions asked for, takes away what was erased."""

import logging
from collections.abc import Sequence
from hashlib import sha256

from kit.call import Call, enter
from kit.identity import system
from kit.papers import Paper
from kit.press import Press, Printed, PrintingFailed
from kit.unit import Stale
from proto.gen.minzheng.common.v1.access_pb import Access
from services.filing.domain.letters.letter import Marks
from services.filing.domain.letters.table import setting
from services.filing.store.letters import Kept, Letters, Waiting
from services.filing.store.read import Reader

log = logging.getLogger(__name__)
SYSTEM = system("filing")


class Printing:
    """Prints what waits; a letter that fails is tried again later, ever later."""

    def __init__(self, reader: Reader, letters: Letters, press: Press) -> None:
        self.reader = reader
        self.letters = letters
        self.press = press

    async def run(self) -> int:
        """Print what waits; answers how many letters. One that failed before is printed alone."""
        enter(Call(SYSTEM, "timer", Access(action="print_letter")))
        waiting = await self.letters.to_print(SYSTEM.scope)
        fresh = [one for one in waiting if not one.attempts]
        alone = [[one] for one in waiting if one.attempts]
        return sum([await self._print(some) for some in (fresh, *alone) if some])

    async def clean(self) -> int:
        """Take away the files of erased letters; answers of how many."""
        return await self.letters.remove_erased(SYSTEM.scope)

    async def _print(self, some: Sequence[Waiting]) -> int:
        made = await self.press.run([(paper_of(one), one.letter.edition) for one in some])
        return sum(
            [await self._keep(one.letter, files) for one, files in zip(some, made, strict=True)]
        )

    async def _keep(self, letter: Kept, files: Printed | PrintingFailed) -> int:
        try:
            if isinstance(files, PrintingFailed):
                raise files
            if letter.pdf_sha256 not in ("", sha256(files.pdf).hexdigest()):
                raise PrintingFailed("not what was issued")
            moment = await self.reader.moment()
            await self.letters.keep(letter, files, moment.at, moment.today)
        except (PrintingFailed, OSError) as error:
            log.error("letter %s not printed: %s", letter.letter_id, error)
            await self.letters.put_off(letter, SYSTEM.scope)
            return 0
        except Stale:
            return 0
        return 1


def paper_of(waiting: Waiting) -> Paper:
    """The letter in the words of its edition, with its marks."""
    letter = waiting.letter
    form = f"{letter.kind.form}　{letter.edition}版"
    check = f"{waiting.check}?code={letter.code}"
    marks = Marks(letter.number, letter.code, check, form)
    return setting(letter.kind, letter.edition, waiting.told, marks)
