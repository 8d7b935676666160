"""Where files lie: a folder of the one-command run through the port that also speaks to object stores."""

from obstore.store import LocalStore, ObjectStore

from kit.settings import settings


def file_store() -> ObjectStore:
    """The store of this process; whoever puts a file there gives it a path of its own."""
    return LocalStore(settings().var / "files", mkdir=True)
