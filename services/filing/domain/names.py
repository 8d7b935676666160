"""Check of a filed organization's name (specification §5.8)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, auto

from kit.names import grams, normalize
from services.filing.domain.case import Place

FORMS = ("理事会", "中心", "队", "社", "组", "站", "会", "班", "坊")
RESERVED_FORMS = ("协会", "学会", "商会", "促进会", "联合会", "基金会", "研究会", "联谊会")
EXCLUDED = ("业主委员会", "业委会", "居民委员会", "村民委员会", "人民调解委员会", "楼栋自治小组")
NATIONAL = ("中国", "全国", "中华", "国际", "世界")
MISLEADING = ("第一", "最高", "国家级")
FORBIDDEN = ("共产党", "解放军", "联合国", "邪教", "占卜", "风水", "赌", "有限公司", "公司")


class Verdict(Enum):
    """How a finding counts."""

    PASS = auto()
    WARN = auto()
    BLOCK = auto()


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: rule id, verdict, Chinese sentence."""

    rule: str
    verdict: Verdict
    message: str


def check_name(name: str, place: Place, taken: bool) -> tuple[Finding, ...]:
    """Findings on a name; `taken` says that a living organization of the county bears it."""
    text = normalize(name)
    return tuple(
        finding for rule in (_order, _form, _words, _excluded) for finding in rule(text, place)
    ) + (_duplicate(name) if taken else ())


def verdict(findings: Iterable[Finding]) -> Verdict:
    """The gravest of the findings."""
    return max((f.verdict for f in findings), key=lambda v: v.value, default=Verdict.PASS)


def _order(text: str, place: Place) -> Iterable[Finding]:
    full, county = place.name_prefixes[0], place.name_prefixes[-1]
    if not text.startswith(county):
        yield Finding("name.division", Verdict.BLOCK, f"名称应当以行政区划“{county}”开头。")
    elif not text.startswith(full):
        yield Finding(
            "name.community",
            Verdict.WARN,
            f"名称宜依次写明行政区划、街道（乡镇）和社区：“{full}”。",
        )
    elif len(text) - len(full) < 3:
        yield Finding("name.brand", Verdict.BLOCK, "名称缺少字号和业务内容。")


def _form(text: str, place: Place) -> Iterable[Finding]:
    if text.endswith(RESERVED_FORMS):
        yield Finding(
            "name.reserved_form", Verdict.WARN, "“协会”“促进会”等字样一般用于登记的社会组织。"
        )
    elif not text.endswith(FORMS):
        yield Finding("name.form", Verdict.BLOCK, f"名称应当以组织形式结尾，如{'、'.join(FORMS)}。")


def _words(text: str, place: Place) -> Iterable[Finding]:
    for word in (*FORBIDDEN, *NATIONAL, *MISLEADING):
        if word in _own_part(text, place):
            yield Finding("name.forbidden_word", Verdict.BLOCK, f"名称中不得使用“{word}”。")


def _own_part(text: str, place: Place) -> str:
    """The name without its divisions: a place name may hold a word that is forbidden elsewhere."""
    prefix = next((p for p in place.name_prefixes if text.startswith(p)), "")
    return text[len(prefix) :]


def _excluded(text: str, place: Place) -> Iterable[Finding]:
    if any(word in text for word in EXCLUDED):
        yield Finding("name.excluded_body", Verdict.BLOCK, "该类组织不属于社区社会组织备案范围。")


def _duplicate(name: str) -> tuple[Finding, ...]:
    return (Finding("name.duplicate", Verdict.BLOCK, f"本县（市、区）已有同名组织：“{name}”。"),)


ALIKE, MOST = 0.5, 5


def brand(name: str, place: Place) -> str:
    """The first two characters after the divisions: what tells one name from another."""
    return _own_part(normalize(name), place)[:2]


def alike(name: str, place: Place, others: Collection[str]) -> tuple[str, ...]:
    """Of other names the most like one, closest first: half of the pairs of characters are shared.

    Divisions are left out, since every name of a community begins with them.
    """
    own = set(grams(_own_part(normalize(name), place)))

    def share(other: str) -> float:
        theirs = set(grams(_own_part(normalize(other), place)))
        return 2 * len(own & theirs) / (len(own) + len(theirs) or 1)

    shares = {other: share(other) for other in others if normalize(other) != normalize(name)}
    near = (other for other in sorted(shares, key=lambda o: -shares[o]) if shares[other] >= ALIKE)
    return tuple(near)[:MOST]
