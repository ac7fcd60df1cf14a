# SPDX-License-Identifier: AGPL-3.0-or-later
"""A terminal that only remembers: a program in a pseudo-terminal, and the screen that it draws."""
import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time

import pyte


class Terminal:
    """Keys go in as bytes; the screen is what a person would see."""

    def __init__(self, words, columns=100, rows=30):
        self.raw = b""
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = os.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=subprocess.PIPE,
                                        preexec_fn=take_terminal, env=environment)
        self.slave = slave

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def press(self, keys):
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def look(self, seconds=0.05):
        """Takes in what the program has drawn meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                return
            try:
                drawn = os.read(self.master, 65536)
            except OSError:  # nobody draws any more
                return
            self.raw += drawn
            self.stream.feed(drawn)

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def picture(self):
        return "\n".join(self.lines())

    def shows(self, text):
        return text in self.picture()

    def wait(self, condition, seconds=60):
        """Until the screen is so; False if it never is."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            self.look()
        return True

    def wait_for(self, text, seconds=60):
        return self.wait(lambda: self.shows(text), seconds)

    def column(self, number):
        """The characters of one column of cells, from above."""
        return [self.screen.buffer[row][number].data for row in range(self.screen.lines)]

    def restored(self):
        """Whether the terminal is as it was before the program."""
        return termios.tcgetattr(self.slave)[3] == self.before[3]

    def wait_for_end(self, seconds=60):
        self.wait(lambda: self.process.poll() is not None, seconds)
        return self.process.poll()

    def hang_up(self):
        """The window is closed."""
        os.close(self.slave)
        os.close(self.master)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            return None

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.wait_for_end(15)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
