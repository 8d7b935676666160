"""The RPCs of posts."""

from gateway.posts.import_store import Imports
from gateway.posts.rpc.accounts import Accounts
from gateway.posts.rpc.delegations import Delegations
from gateway.posts.rpc.grants import Grants
from gateway.posts.rpc.imports import Importing
from gateway.posts.store import Posts
from gateway.uploads.sandbox import Sandbox
from kit.unit import Unit
from proto.gen.minzheng.posts.v1.posts_pb_grpc import PostsServiceService


class PostsRpc(Grants, Accounts, Delegations, Importing, PostsServiceService):
    """The servicer."""

    def __init__(self, posts: Posts, unit: Unit) -> None:
        self.posts = posts
        self.unit = unit
        self.imports = Imports(posts)
        self.sandbox = Sandbox()
