"""The press of the filing service: prints what decisions asked for, takes away what was erased."""

import logging
from hashlib import sha256

from kit.call import Call, enter
from kit.identity import system
from kit.press import Press, PrintingFailed
from kit.unit import Stale
from proto.gen.minzheng.common.v1.access_pb import Access
from services.filing.domain.letters.letter import Marks
from services.filing.domain.letters.table import setting
from services.filing.store.letters import Letters, Waiting
from services.filing.store.read import Reader

log = logging.getLogger(__name__)
SYSTEM = system("filing")


class Printing:
    """Prints one letter after another; one that fails is tried again later, ever later."""

    def __init__(self, reader: Reader, letters: Letters, press: Press) -> None:
        self.reader = reader
        self.letters = letters
        self.press = press

    async def run(self) -> int:
        """Print what waits; answers how many letters."""
        enter(Call(SYSTEM, "timer", Access(action="print_letter")))
        return sum([await self._print(one) for one in await self.letters.to_print(SYSTEM.scope)])

    async def clean(self) -> int:
        """Take away the files of erased letters; answers of how many."""
        return await self.letters.remove_erased(SYSTEM.scope)

    async def _print(self, waiting: Waiting) -> int:
        letter = waiting.letter
        form = f"{letter.kind.form}　{letter.edition}版"
        check = f"{waiting.check}?code={letter.code}"
        paper = setting(
            letter.kind,
            letter.edition,
            waiting.told,
            Marks(letter.number, letter.code, check, form),
        )
        try:
            printed = await self.press.run(paper, letter.edition)
            if letter.pdf_sha256 not in ("", sha256(printed.pdf).hexdigest()):
                raise PrintingFailed("not what was issued")
            moment = await self.reader.moment()
            await self.letters.keep(letter, printed, moment.at, moment.today)
        except (PrintingFailed, OSError) as error:
            log.error("letter %s not printed: %s", letter.letter_id, error)
            await self.letters.put_off(letter, SYSTEM.scope)
            return 0
        except Stale:
            return 0
        return 1
