"""Boots the virtual machine of `script/virtual-device`, does what its checks ask for, and tells how they ended.

`python tests/virtual/machine.py FOLDER`, FOLDER holding vmlinuz, initrd and disk, which stays as it is.
"""

import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

LONGEST = 900.0
"""Seconds for one life of the machine, which is emulated: a boot takes half a minute."""
PROJECT = Path(__file__).parents[2]


QEMU = """
qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1536 -M q35 -nodefaults -no-reboot -display none
-kernel vmlinuz -initrd initrd -drive file=overlay,if=virtio,format=qcow2 -serial file:serial
-append "root=/dev/vda rw console=ttyS0 quiet mitigations=off panic=-1"
-virtfs local,path=share,mount_tag=share,security_model=none
-monitor unix:monitor,server,nowait -device qemu-xhci,id=usb
-audiodev wav,id=sound,path=share/heard.wav -device usb-audio,audiodev=sound,id=speaker,bus=usb.0
"""


def told(place: Path, order: str) -> None:
    """To QEMU's monitor; returns when it was carried out."""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.settimeout(10.0)
        monitor.connect(str(place / "monitor"))
        until_prompt(monitor)
        monitor.sendall(order.encode() + b"\n")
        until_prompt(monitor)


def until_prompt(monitor: socket.socket) -> None:
    answer = b""
    while not answer.endswith(b"(qemu) "):
        if not (more := monitor.recv(4096)):
            raise ConnectionError("QEMU's monitor hung up")
        answer += more


def lived(place: Path) -> bool:
    """One life, printing what its checks print; False when its plug was pulled."""
    (place / "monitor").unlink(missing_ok=True)
    machine = subprocess.Popen(shlex.split(QEMU), cwd=place)
    share, until = place / "share", time.monotonic() + LONGEST
    shown = len(text(share))
    try:
        while machine.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
            shown += sys.stdout.write(text(share)[shown:])
            sys.stdout.flush()
            order = asked(share)
            if order == "cut":
                return False
            if order:
                told(place, order)
    finally:
        machine.kill()
        machine.wait()
    sys.stdout.write(text(share)[shown:])
    return True


def text(share: Path) -> str:
    log = share / "log"
    return log.read_text(errors="replace") if log.exists() else ""


def asked(share: Path) -> str:
    ask = share / "ask"
    if not ask.exists():
        return ""
    order = ask.read_text()
    ask.unlink()
    return order


def main() -> int:
    place = Path(sys.argv[1])
    share = place / "share"
    shutil.rmtree(share, ignore_errors=True)
    for name in ("companion", "methods", "audio", "systemd", "tests/virtual"):
        shutil.copytree(PROJECT / name, share / name, ignore=shutil.ignore_patterns("__pycache__"))
    disk = "qemu-img create -q -f qcow2 -F raw -b disk overlay"
    subprocess.run(disk.split(), cwd=place, check=True)
    while not lived(place):
        print("        (the plug was pulled)")
    if not (share / "ended").exists():
        print(f"The checks did not come to their end; see {place / 'serial'}.")
        return 1
    return text(share).count("\nFAILED ")


if __name__ == "__main__":
    sys.exit(main())
