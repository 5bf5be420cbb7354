"""
What a program really does, seen from outside: every connection, look-up and file that it writes.

    python -m benchmarks.watch [--json] [--allow FOLDER]… -- COMMAND…

strace follows the command and all that it starts. Counted are addresses outside the loopback, what
a look-up of a name needs, and files made or opened for writing outside the allowed folders: those
of `--allow`, the temporary folder and HOMEWARD_HOME. Import contracts see no native code, and an
empty network namespace hides that something was tried; this misses neither. Linux only; needs
strace. Ends with the command's exit code, or 3 where it would be 0 and something was seen.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from benchmarks.report import report
from benchmarks.strace import Call, calls

_SPOKEN = {"connect", "bind", "sendto", "sendmsg", "sendmmsg"}
_MADE = {"creat", "mkdir", "mkdirat", "mknod", "mknodat", "truncate"}  # the path that is named
_NAMED = {"rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"}  # the last
_OPENED = {"open", "openat", "openat2"}
_STARTED = {"clone", "clone3", "fork", "vfork"}
_WATCHED = {"socket", "io_uring_setup", "chdir", *_SPOKEN, *_MADE, *_NAMED, *_OPENED, *_STARTED}

_WRITING = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)")
_ADDRESS = re.compile(r'(?:inet_addr\(|AF_INET6, )"([0-9a-fA-F.:]+)"')
_PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
_LOCAL = re.compile(r'AF_UNIX, sun_path=(@?)"((?:[^"\\]|\\.)*)"')
_SOCKET = re.compile(r"^(\d+)(?:<([^>]*)>)?")
_LOOKUPS = {53, 853, 5353, 5355}  # DNS, DNS over TLS, mDNS, LLMNR
_RESOLVERS = ("nscd", "systemd/resolve", "avahi-daemon", "mDNSResponder")
_HARMLESS = ("/dev/null", "/dev/tty", "/dev/pts/", "/dev/ptmx", "/dev/urandom", "/proc/")
_NEVER_MADE = {"ENOENT", "EEXIST", "ENOTDIR", "EISDIR", "EINTR", "ENXIO"}


@dataclass
class Seen:
    """What was counted, by what it was."""

    sockets: Counter[str] = field(default_factory=Counter)
    lookups: Counter[str] = field(default_factory=Counter)
    stray: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    processes: int = 0

    @property
    def clean(self) -> bool:
        """Nothing was seen that should not be."""
        return not (self.sockets or self.lookups or self.stray)


class Judge:
    """Takes calls one by one; the rules are here and nowhere else."""

    def __init__(self, allowed: Iterable[Path], cwd: Path) -> None:
        self.seen = Seen()
        self._allowed = [os.path.realpath(folder) for folder in allowed]
        self._cwd = str(cwd)
        self._folders: dict[int, str] = {}  # of a process, once it has changed it
        self._silent: dict[str, str] = {}  # internet sockets that have not yet spoken to anybody
        self._pids: set[int] = set()

    def take(self, call: Call) -> None:
        """Count one call."""
        self.seen.calls += 1
        self._pids.add(call.pid)
        match call.name:
            case "socket":
                self._socket(call)
            case "io_uring_setup":
                self.seen.sockets["io_uring, which cannot be watched"] += 1
            case "chdir" if call.strings and not call.error:
                self._folders[call.pid] = self._absolute(call, call.strings[0])
            case name if name in _STARTED and call.result:
                self._folders.setdefault(call.result, self._folder(call.pid))
            case name if name in _SPOKEN:
                self._spoken(call)
            case name if name in _OPENED:
                self._opened(call)
            case name if name in _MADE | _NAMED:
                self._made(call)

    def end(self) -> Seen:
        """Return what was seen; an internet socket that was for nobody is one too many."""
        self.seen.sockets.update(self._silent.values())
        self.seen.processes = len(self._pids)
        return self.seen

    def _socket(self, call: Call) -> None:
        family = call.arguments.split(",")[0]
        if family in {"AF_INET", "AF_INET6"} and not call.error:
            self._silent[call.opened or f"{call.pid}:{call.result}"] = f"{family}, opened only"
        elif family not in {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"}:
            self.seen.sockets[family] += 1  # AF_NETLINK asks the kernel, and nobody else

    def _spoken(self, call: Call) -> None:
        found = _SOCKET.match(call.arguments)
        if found:
            self._silent.pop(found[2] or f"{call.pid}:{found[1]}", None)
        for name in _ADDRESS.findall(call.arguments):
            port = next(map(int, _PORT.findall(call.arguments)), 0)
            if port in _LOOKUPS and call.name != "bind":
                self.seen.lookups[f"{name} port {port}"] += 1
            elif not _is_loopback(name):
                self.seen.sockets[f"{call.name} {name} port {port}"] += 1
        for abstract, path in _LOCAL.findall(call.arguments):
            if any(one in path for one in _RESOLVERS):
                self.seen.lookups[path] += 1
            elif abstract or not self._is_allowed(self._absolute(call, path)):
                self.seen.sockets[f"{call.name} {abstract}{path}"] += 1

    def _opened(self, call: Call) -> None:
        path = call.opened or self._absolute(call, next(iter(call.strings), ""))
        if path == "/etc/resolv.conf":
            self.seen.lookups[path] += 1
        if _WRITING.search(call.arguments.rpartition('"')[2]):
            self._written(call, path)

    def _made(self, call: Call) -> None:
        if call.strings:
            self._written(call, self._absolute(call, call.strings[-1]))

    def _written(self, call: Call, path: str) -> None:
        if call.error in _NEVER_MADE or path.startswith(_HARMLESS) or not path.startswith("/"):
            return
        if not self._is_allowed(path):
            self.seen.stray[path] += 1

    def _is_allowed(self, path: str) -> bool:
        # A folder that is gone, or a link in it, is told by its name; one that is there by itself.
        names = {os.path.normpath(path), os.path.realpath(path)}
        return any(
            name == folder or name.startswith(folder + os.sep)
            for name in names
            for folder in self._allowed
        )

    def _folder(self, pid: int) -> str:
        return self._folders.get(pid, self._cwd)

    def _absolute(self, call: Call, path: str) -> str:
        return str(Path(call.folder or self._folder(call.pid)) / path)


def _is_loopback(name: str) -> bool:
    address = ip_address(name)
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def why_not() -> str:
    """Say why nothing can be watched here; empty where it can."""
    if sys.platform != "linux":
        return "strace, which watches the process, is Linux's"
    if shutil.which("strace") is None:
        return "strace is not installed: the process was NOT watched (apt-get install strace)"
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False)
    return "" if tried.returncode == 0 else "strace may not trace here: the process was NOT watched"


def traced(trace: Path, command: Sequence[str]) -> list[str]:
    """Return the command that runs `command` and writes down what it does."""
    watched = "trace=" + ",".join(sorted(f"?{name}" for name in _WATCHED))
    # --seccomp-bpf: the calls that nobody asks about run at full speed.
    options = ["-f", "--seccomp-bpf", "-y", "-qq", "-s", "256", "-e", watched, "-o", str(trace)]
    return ["strace", *options, "--", *command]


def judged(trace: Path, *, allowed: Iterable[Path], cwd: Path) -> Seen:
    """Read what was written down."""
    judge = Judge(allowed, cwd)
    with trace.open(encoding="utf-8", errors="surrogateescape") as lines:
        for call in calls(lines):
            judge.take(call)
    return judge.end()


def watch(
    command: Sequence[str], *, allowed: Iterable[Path] = (), env: Mapping[str, str] | None = None
) -> tuple[int, Seen]:
    """Run a command to its end in this folder; return its exit code and what was seen of it."""
    with tempfile.TemporaryDirectory(prefix="homeward-watch-") as folder:
        trace = Path(folder) / "trace"
        done = subprocess.run(traced(trace, command), env=env, check=False)
        return done.returncode, judged(trace, allowed=allowed, cwd=Path.cwd())


def main() -> int:
    """Watch a command and print the figures, and below them what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--allow", action="append", type=Path, default=[], metavar="FOLDER")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    if reason := why_not():
        sys.exit(f"watch: {reason}")
    home = os.environ.get("HOMEWARD_HOME")
    allowed = [*arguments.allow, Path(tempfile.gettempdir()), *([Path(home)] if home else [])]
    code, seen = watch(arguments.command, allowed=allowed)
    report(
        {
            "sockets": seen.sockets.total(),
            "lookups": seen.lookups.total(),
            "stray_files": len(seen.stray),
            "processes": seen.processes,
            "calls": seen.calls,
        },
        as_json=arguments.json,
    )
    for what in (seen.sockets, seen.lookups, seen.stray):
        for name, times in what.most_common(40):
            print(f"  {times} times {name!r}", file=sys.stderr)
    return code or (0 if seen.clean else 3)


if __name__ == "__main__":
    sys.exit(main())
