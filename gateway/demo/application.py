"""An application as a resident fills it in: synthetic persons only, marked 演示数据."""

from typing import Any

from kit.codes import id_check

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SURNAMES = "陈王符吴林李黄张邢韩冯谢"


def identity(serial: int) -> str:
    """A number of the unassigned address code 469900."""
    first17 = f"46990019800101{serial:03}"
    return first17 + id_check(first17)


def form(name: str, community: str, serial: int, address: str) -> dict[str, Any]:
    """The whole form; `serial` tells the synthetic persons of one case from another's."""
    return {
        "name": name,
        "organizationClass": "ORGANIZATION_CLASS_BA_ST",
        "category": "CATEGORY_GYCS",
        "fieldCodes": ["YL", "ZY"],
        "targetGroups": ["LNR"],
        "activityScope": "ACTIVITY_SCOPE_COMMUNITY",
        "purpose": "演示数据：邻里互助，服务老人",
        "businessScope": "探访独居老人；节日慰问",
        "fundFen": "50000",
        "premises": {"address": address, "tenure": "TENURE_FREE_USE", "provider": "社区居委会"},
        "charter": {
            "hasPartyClause": True,
            "hasCoreValuesClause": True,
            "adoptedOn": "2026-03-01",
            "present": 12,
            "agreed": 12,
        },
        "principals": [
            {
                "name": f"{SURNAMES[n]}演示",
                "position": position,
                "idNumber": identity((serial * 10 + n) % 1000),
                "phone": f"1200000{serial % 100:02}{n:02}",
            }
            for n, position in enumerate(("负责人", "副职"))
        ],
        "members": [{"name": f"{SURNAMES[n]}成员", "homeCommunity": community} for n in range(12)],
    }
