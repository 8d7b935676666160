"""The RPCs of filing."""

from proto.gen.minzheng.filing.v1.filing_pb_grpc import FilingServiceService
from services.filing.rpc.commands import Commands
from services.filing.rpc.desk import DeskWork
from services.filing.rpc.notice import Notice
from services.filing.rpc.queries import Queries


class FilingRpc(Commands, Notice, DeskWork, Queries, FilingServiceService):
    """The servicer."""
