"""Generate Python messages, gRPC stubs and the contract image from the .proto files.

Run by `make proto`. `proto/gen/contracts.binpb` is the one artefact that OpenAPI, comments,
the event catalog and the breaking check read.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from google.api import annotations_pb2, http_pb2
from protobuf.wkt.google.protobuf.descriptor_pb import FileDescriptorProto, FileDescriptorSet
from protovalidate._gen.buf.validate import validate_pb

HERE = Path(__file__).parent
FOREIGN = ("buf/validate/validate.proto", "google/api/annotations.proto", "google/api/http.proto")


def dependencies() -> FileDescriptorSet:
    """Descriptors of the imported files, taken from the installed packages."""
    found: dict[str, FileDescriptorProto] = {}

    def collect(file: object) -> None:
        for dependency in file.dependencies:  # type: ignore[attr-defined]
            collect(dependency)
        found.setdefault(file.proto.name, file.proto)  # type: ignore[attr-defined]

    collect(validate_pb.desc())
    for module in (http_pb2, annotations_pb2):
        file = FileDescriptorProto.from_binary(module.DESCRIPTOR.serialized_pb)
        found.setdefault(file.name, file)
    return FileDescriptorSet(file=list(found.values()))


def generate(source: Path = HERE, target: Path = HERE / "gen") -> None:
    """Write messages, stubs and `contracts.binpb` of all files under `source/minzheng` to `target`."""
    target.mkdir(parents=True, exist_ok=True)
    ours = sorted(str(p.relative_to(source)) for p in source.glob("minzheng/**/*.proto"))
    with tempfile.NamedTemporaryFile(suffix=".binpb") as deps:
        deps.write(dependencies().to_binary())
        deps.flush()
        subprocess.run(
            [
                sys.executable, "-m", "grpc_tools.protoc", "-I", str(source),
                f"--descriptor_set_in={deps.name}", "--include_imports", "--include_source_info",
                "-o", str(target / "contracts.binpb"),
                f"--py_out={target}", f"--grpc-py_out={target}", "--grpc-py_opt=io=async",
                *ours, *FOREIGN,
            ],
            check=True,
            # The plugins are installed beside this interpreter, whether or not that is on the PATH.
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )  # fmt: skip


def check() -> int:
    """Compare with what generation would write now; 1 and the names of files out of step."""
    with tempfile.TemporaryDirectory() as folder:
        fresh, kept = Path(folder), HERE / "gen"
        generate(HERE, fresh)
        names = {str(f.relative_to(root)) for root in (fresh, kept) for f in files(root)}
        differing = [name for name in sorted(names) if not same(fresh / name, kept / name)]
    print("\n".join(f"out of step: proto/gen/{name} (run make proto)" for name in differing))
    return 1 if differing else 0


def files(root: Path) -> list[Path]:
    """Generated files below a folder."""
    return [f for f in root.rglob("*") if f.is_file() and f.suffix in (".py", ".binpb")]


def same(one: Path, other: Path) -> bool:
    """Both exist and hold the same bytes."""
    return one.exists() and other.exists() and one.read_bytes() == other.read_bytes()


if __name__ == "__main__":
    if "--check" in sys.argv:
        raise SystemExit(check())
    generate()
