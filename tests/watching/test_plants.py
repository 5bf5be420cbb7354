"""The watch can fail: what is planted is caught, however it is done."""

import sys
from pathlib import Path

import pytest
from benchmarks.strace import calls
from benchmarks.watch import Judge
from tests.watching.conftest import Place, clean

PLANTS = {
    "a look-up": (
        "import socket\ntry: socket.getaddrinfo('planted.invalid', 443)\nexcept OSError: 0"
    ),
    "a packet to a resolver": (
        "import socket; s = socket.socket(2, 2); s.sendto(b'x', ('127.0.0.53', 53)); s.close()"
    ),
    "a look-up in a thread of a child": (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', '''import threading, socket\n"
        "t = threading.Thread(target=socket.gethostbyname_ex, args=('planted.invalid',))\n"
        "threading.excepthook = print\nt.start(); t.join()'''])"
    ),
}
CONNECTIONS = {
    "a connection": (
        "import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('192.0.2.1', 9))"
    ),
    "one over IPv6": "import socket; socket.socket(10, 2).connect_ex(('2001:db8::1', 9))",
    "a mapped address": "import socket; socket.socket(10, 2).connect_ex(('::ffff:192.0.2.1', 9))",
    "a packet": "import socket; s = socket.socket(2, 2)\ntry: s.sendto(b'x', ('192.0.2.1', 9))\n"
    "except OSError: 0",
    "listening to everybody": "import socket; socket.socket().bind(('0.0.0.0', 0))",
    "a socket for nobody": "import socket; socket.socket()",
    "a service of the desktop": "import socket; socket.socket(1).connect_ex('/run/dbus/socket')",
    "an abstract name": "import socket; socket.socket(1).connect_ex('\\0planted')",
}
STRAYS = {
    "a file in the home": "open(HOME + '/.planted', 'w')",
    "one with an odd name": "open(HOME + '/pl \"= 3<ä>\\n', 'w')",
    "one in the current folder": "open('planted', 'w')",
    "one in a folder that it goes to": "import os; os.chdir(HOME); os.mkdir('planted')",
    "one that is moved out": (
        "import os; p = TMP + '/x'; open(p, 'w').close(); os.rename(p, HOME + '/x')"
    ),
    "one behind a link": "import os; os.symlink(HOME, TMP + '/l'); open(TMP + '/l/planted', 'w')",
    "one of a neighbour by name": "import os; os.mkdir(TMP + '-planted')",
    "one by a child": (
        "import os\nif not os.fork():\n    os.chdir(HOME); os.mkfifo('p'); os._exit(0)\nos.wait()"
    ),
    "one that is not created but changed": "open(HOME + '/there', 'r+')",
}


def plant(place: Place, code: str) -> None:
    names = f"HOME, TMP = {str(place.home)!r}, {str(place.temporary)!r}\n"
    place.run(sys.executable, "-W", "ignore", "-c", names + code)


@pytest.mark.parametrize("code", PLANTS.values(), ids=PLANTS)
def test_a_planted_look_up_is_caught(place: Place, code: str) -> None:
    plant(place, code)

    assert place.seen().lookups


@pytest.mark.parametrize("code", CONNECTIONS.values(), ids=CONNECTIONS)
def test_a_planted_connection_is_caught(place: Place, code: str) -> None:
    plant(place, code)

    assert place.seen().sockets


@pytest.mark.parametrize("code", STRAYS.values(), ids=STRAYS)
def test_a_planted_file_is_caught(place: Place, code: str) -> None:
    (place.home / "there").touch()

    plant(place, code)

    seen = place.seen()
    assert seen.stray
    assert not seen.sockets


def test_what_is_allowed_is_not_caught(place: Place) -> None:
    plant(
        place,
        "import os, socket, tempfile, subprocess\n"
        "open(TMP + '/x', 'w').close(); os.rename(TMP + '/x', TMP + '/y'); open('/dev/null', 'w')\n"
        "s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())\n"
        "socket.socketpair(); tempfile.TemporaryFile(); os.memfd_create('x')\n"
        "subprocess.run(['true'])",
    )

    clean(place)


def test_calls_that_others_interrupt_are_put_together(tmp_path: Path) -> None:
    lines = [
        '7 openat(AT_FDCWD</somewhere>, "planted", O_WRONLY|O_CREAT <unfinished ...>',
        "8 +++ exited with 0 +++",
        (
            "8 connect(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(53), "
            'sin_addr=inet_addr("192.0.2.1")}, 16 <unfinished ...>'
        ),
        "7 <... openat resumed>, 0666)       = 3</somewhere/planted>",
        '9 mkdir("sub", 0777 <unfinished ...>',
    ]
    judge = Judge([tmp_path], Path("/elsewhere"))
    for call in calls(lines):
        judge.take(call)
    seen = judge.end()

    assert set(seen.stray) == {"/somewhere/planted", "/elsewhere/sub"}
    assert set(seen.lookups) == {"192.0.2.1 port 53"}  # though it was killed within the call
