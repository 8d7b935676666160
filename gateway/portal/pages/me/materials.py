"""`/materials/…`: the file of a material, for whoever its contract allows."""

from gateway.portal import Response, Visit, page
from gateway.portal.filters import word
from gateway.portal.query import chosen
from proto.gen.minzheng.filing.v1.filing_pb import GetMaterialRequest, MaterialCode


@page("/materials/{filing_id}/{code}", asks=GetMaterialRequest)
async def material(visit: Visit) -> Response:
    """Always to be kept, never shown in a window of ours: people outside have made it."""
    code = chosen(MaterialCode, visit.path["code"])
    asked = GetMaterialRequest(filing_id=visit.path["filing_id"], code=code)
    found = (await visit.ask(asked)).material
    return await visit.kept_file(found.file_id, word(code), found.media_type, found.size)
