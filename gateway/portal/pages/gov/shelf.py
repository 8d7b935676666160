"""What a list shows of saved filters: the person's own for this list, and the form to save the present one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.portal import Visit
from gateway.portal.pages.gov.saved import LISTS
from gateway.portal.query import address
from gateway.portal.saved import LONGEST, MOST, Saved


@dataclass(frozen=True, slots=True)
class Shelf:
    """Saved filters at a list."""

    page: str
    mine: Sequence[Saved]
    conditions: str
    """The present ones, as they stand in an address; empty for none."""
    words: str
    """A name to begin with."""
    full: bool
    most: int = MOST
    longest: int = LONGEST

    @property
    def known(self) -> bool:
        """The present conditions are saved already."""
        return self.conditions in [one.conditions for one in self.mine]

    @property
    def here(self) -> str:
        """Address of the list as it is shown."""
        return f"{self.page}?{self.conditions}" if self.conditions else self.page


async def shelf(visit: Visit, page: str, sought: Mapping[str, str], words: Sequence[str]) -> Shelf:
    """Those of this list; `words` tell the present conditions."""
    assert visit.saved is not None
    assert visit.who is not None
    every = await visit.saved.of(visit.who.account)
    told = {name: sought.get(name, "") for name in LISTS[page]}
    return Shelf(
        page=page,
        mine=[one for one in every if one.page == page],
        conditions=address("", told).removeprefix("?"),
        words=" ".join(words)[:LONGEST],
        full=len(every) >= MOST,
    )
