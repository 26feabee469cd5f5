"""A switch for hosts that are network namespaces, between which frames take a while.

    relay.py OUTSIDE HOST ...

makes a TAP device of each name, and says ``ready``. Frames that hosts send are delivered after a
delay, in seconds, of which each line of stdin sets a new one; those of the first device are not
delayed. It ends with its stdin. (Kernels without netem can delay nothing themselves.)
"""

import fcntl
import os
import select
import struct
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter

#: Source: linux/if_tun.h
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
_LONGEST = 1 << 16
#: A sleep is longer than asked by less than this, so the rest of a delay is spent looking.
_SLEEP_S = 0.0002


def tap(name: str) -> int:
    """Return a file whose reads are the frames that the device sends."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
    return device


class Switch:
    """Knows behind which device an address is; frames for others go to all."""

    def __init__(self, devices: Sequence[int]) -> None:
        self.devices, self.outside = devices, devices[0]
        self.delay_s = 0.0
        self._known: dict[bytes, int] = {}
        self._waiting: deque[tuple[float, int, bytes]] = deque()

    def run(self) -> None:
        """Relay frames until stdin ends."""
        while True:
            ready, _, _ = select.select([0, *self.devices], [], [], self._until_next())
            if 0 in ready and not self._obey():
                return
            for device in self.devices:
                if device in ready:
                    self._read(device)
            while self._waiting and self._waiting[0][0] <= perf_counter():
                _, device, frame = self._waiting.popleft()
                self._deliver(device, frame)

    def _until_next(self) -> float | None:
        if not self._waiting:
            return None
        return max(0.0, self._waiting[0][0] - perf_counter() - _SLEEP_S)

    def _obey(self) -> bool:
        line = os.read(0, 100)
        if line:
            self.delay_s = float(line.split()[-1])
        return bool(line)

    def _read(self, device: int) -> None:
        with suppress(OSError):  # there are no more, or it is down
            while True:
                frame = os.read(device, _LONGEST)
                self._known[frame[6:12]] = device
                if self.delay_s and device != self.outside:
                    self._waiting.append((perf_counter() + self.delay_s, device, frame))
                else:
                    self._deliver(device, frame)

    def _deliver(self, source: int, frame: bytes) -> None:
        known = self._known.get(frame[:6])
        for device in self.devices if known is None else (known,):
            if device != source:
                with suppress(OSError):  # it is down
                    os.write(device, frame)


if __name__ == "__main__":
    with suppress(OSError):  # a switch waits for no processor
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    switch = Switch([tap(name) for name in sys.argv[1:]])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    switch.run()
