"""Where a case lies: community, authority, county, and what a name there begins with."""

import re
from functools import lru_cache

from kit.regions import Node, hainan
from services.filing.domain.case import Place


@lru_cache(maxsize=8192)
def place_of(community: Node, authority: Node) -> Place:
    """The place of a case from the management tree."""
    county = hainan().county_of(community)
    return Place(
        community_code=community.code,
        community_name=community.name,
        region_path=community.path,
        authority_code=authority.code,
        authority_name=authority.name,
        authority_path=authority.path,
        authority_word=_word(authority, county),
        county_code=county.code,
        name_prefixes=_prefixes(community, county),
    )


def authority_word(name: str) -> str:
    """Word of a filing authority in its printed numbers: 大同街道 gives 大同社备."""
    kind = "(?:黎族苗族自治县|黎族自治县|经济开发区|街道|[镇乡区市县])"
    return re.sub(f"^(.{{2,}}?){kind}$", r"\1", name) + "社备"


def _word(authority: Node, county: Node) -> str:
    """The word; the whole name where two authorities of a county would share it (海秀镇, 海秀街道)."""
    word = authority_word(authority.name)
    others = [node for node in hainan().children(county.code) if node.code != authority.code]
    taken = any(
        node.authority == node.code and authority_word(node.name) == word for node in others
    )
    return f"{authority.name}社备" if taken else word


def _prefixes(community: Node, county: Node) -> tuple[str, ...]:
    above = reversed(hainan().ancestors(community)[:-1])
    # From the county down: above it a name as long as the county's may stand (文昌市, 海南省).
    return (
        community.place,
        *(node.full_name for node in above if node.path.startswith(county.path)),
    )
