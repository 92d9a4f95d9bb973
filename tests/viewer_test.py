#!/usr/bin/env python3
"""The viewer as a person meets it: keys, mouse and window of a virtual X server.

Usage: tests/viewer_test.py BINARY
"""
import ctypes
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = ""
WAIT_S = 60
SIZE = (240, 135)
FPS_CAP = 15  # frames that show nothing new are most of the work
SAVES_EVERY_S = 7  # and only where something has changed; with two seconds to spare
IDLE_CPU_S_PER_S = 3 / 60
MOVING = 0.1  # of a core, at least, for a picture that changes


def wait_for(what, seconds=WAIT_S):
    """What `what` returns, as soon as it is true."""
    deadline = time.monotonic() + seconds
    while True:
        value = what()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.05)


class Screen:
    """An X server without a screen, what its windows show, and a hand at its keys and mouse."""

    def __init__(self):
        reading, write = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24"],
                                       pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(reading) as pipe:
            self.name = ":" + pipe.readline().strip()
        self.x11 = ctypes.CDLL("libX11.so.6")
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XInternAtom.restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x11.XOpenDisplay(self.name.encode()))
        # A root in focus passes the repeats of a key on to what is pointed at.
        if not self.display:
            raise unittest.SkipTest("Xvfb does not start")
        self.x11.XAutoRepeatOff(self.display)
        self.x11.XFlush(self.display)

    def close(self):
        self.server.kill()
        self.server.wait()

    def do(self, *words):
        done = subprocess.run(["xdotool", *map(str, words)], env=dict(os.environ, DISPLAY=self.name), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=WAIT_S, check=False)
        return done.stdout.strip()

    def ask_to_close(self, window):
        """What a window manager sends when the cross is clicked."""
        protocols = self.x11.XInternAtom(self.display, b"WM_PROTOCOLS", 0)
        delete = self.x11.XInternAtom(self.display, b"WM_DELETE_WINDOW", 0)
        # XClientMessageEvent: type, serial, send_event, display, window, message_type, format, data.
        event = struct.pack("@iLiPLLi5l", 33, 0, 1, self.display.value, int(window), protocols, 32, delete, 0, 0, 0, 0)
        self.x11.XSendEvent(self.display, ctypes.c_ulong(int(window)), 0, ctypes.c_long(0), event.ljust(192, b"\0"))
        self.x11.XFlush(self.display)


class Viewer(unittest.TestCase):
    def setUp(self):
        if not shutil.which("Xvfb") or not shutil.which("xdotool"):
            self.skipTest("needs Xvfb and xdotool")
        self.folder = tempfile.mkdtemp(prefix="arete_viewer_")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.position = self.folder + "/STATE/arete/position.ini"
        self.screen = Screen()
        self.addCleanup(self.screen.close)

    def start(self, *words):
        drop = ("WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "MESA_GL_VERSION_OVERRIDE")
        env = {name: value for name, value in os.environ.items() if name not in drop}
        env.update(DISPLAY=self.screen.name, HOME=self.folder, XDG_PICTURES_DIR=self.folder + "/pictures",
                   **{f"XDG_{kind}_HOME": f"{self.folder}/{kind}" for kind in ("CONFIG", "STATE", "CACHE")})
        self.process = subprocess.Popen([BINARY, "fly", "seed:7", "--tier", "0", "--scale", "1", "--width", str(SIZE[0]),
                                         "--height", str(SIZE[1]), "--fps-cap", str(FPS_CAP), *words], env=env, cwd=self.folder, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.process.communicate)
        self.addCleanup(self.process.kill)
        self.window = wait_for(lambda: self.screen.do("search", "--onlyvisible", "--name", "^Arete, seed:7$"))
        self.assertTrue(self.window, "no window")
        self.assertTrue(wait_for(lambda: os.path.exists(self.position)), "no flight")
        self.focus()

    def focus(self):
        self.screen.do("windowfocus", "--sync", self.window)
        time.sleep(2)  # SDL lets no click count that comes right after the focus

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cpu_share(self, seconds):
        before_s = self.cpu_s()
        time.sleep(seconds)
        return (self.cpu_s() - before_s) / seconds

    def wait_until_still(self):
        self.assertTrue(wait_for(lambda: self.cpu_share(3) < IDLE_CPU_S_PER_S, 2 * WAIT_S), "it never rests")

    def ended(self):
        self.process.wait(timeout=WAIT_S)
        return self.process.returncode

    def saved(self):
        """The last position, by name."""
        with open(self.position, encoding="utf-8") as file:
            return dict(line.split(" = ") for line in file.read().splitlines() if " = " in line)

    def until(self, name, least, *acts):
        """Acts above the window until that shows in the saved position: a busy machine may miss a click."""
        def grown():
            self.screen.do("mousemove", "--window", self.window, 120, 60)
            for act in acts:
                self.screen.do(*act)
            return wait_for(lambda: float(self.saved().get(name, 0)) > least, SAVES_EVERY_S + 2)
        self.assertTrue(any(grown() for _ in range(5)), name)

    def picture(self):
        """The name, the size and the bytes of the picture that F2 takes."""
        folder = self.folder + "/pictures"
        before = set(os.listdir(folder)) if os.path.isdir(folder) else set()
        self.screen.do("key", "F2")

        def taken():
            return os.path.isdir(folder) and {name for name in set(os.listdir(folder)) - before if name.endswith(".png")}
        names = wait_for(taken)
        self.assertTrue(names, "no picture")
        name = names.pop()
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        return name, struct.unpack(">II", data[16:24]), data

    def test_keys_and_mouse_fly_and_are_let_go(self):
        self.start("--at", "1000,-2000,300", "--look", "0,0")
        self.screen.do("keydown", "w")
        self.until("speed", 100, ("click", "4", "click", "4"))
        self.until("yaw", 5, ("click", "1"), *(("mousemove_relative", 40, 0),) * 5)
        # Without the focus it stops though the key is still down.
        self.screen.do("windowfocus", self.screen.do("search", "--maxdepth", "0", "").split()[0])
        self.assertTrue(wait_for(lambda: time.time() - os.path.getmtime(self.position) > SAVES_EVERY_S))
        self.screen.do("keyup", "w")
        self.focus()
        # Esc frees the mouse, and only then quits.
        turned = float(self.saved()["yaw"])
        self.until("yaw", turned + 5, ("click", "1"), *(("mousemove_relative", 40, 0),) * 5)
        self.screen.do("key", "Escape")
        time.sleep(0.5)
        self.assertIsNone(self.process.poll())
        self.screen.do("key", "Escape")
        self.assertEqual(self.ended(), 0)
        self.assertLess(float(self.saved()["z"]), -2010)

    def test_a_window_rests_shows_changes_and_closes(self):
        self.start("--at", "1000,-2000,300")
        self.wait_until_still()
        self.assertLess(self.cpu_share(20), IDLE_CPU_S_PER_S)
        name, size, data = self.picture()
        self.assertRegex(name, r"^arete-seed-7-x1000-z-2000-y\d+\.png$")
        self.assertEqual(size, SIZE)
        for text in (b"tEXtSeed\0seed:7", b"tEXtPosition\0x 1000.000 m, z -2000.000 m"):
            self.assertIn(text, data)
        self.screen.do("windowsize", "--sync", self.window, 320, 200)
        time.sleep(0.5)
        self.assertEqual(self.picture()[1], (320, 200))
        # An overlay moves all the time, but not out of sight.
        self.wait_until_still()
        self.screen.do("key", "F3")
        self.assertTrue(wait_for(lambda: self.cpu_share(0.5) > MOVING))
        self.screen.do("windowunmap", "--sync", self.window)
        self.wait_until_still()
        self.screen.do("windowmap", "--sync", self.window)
        self.assertTrue(wait_for(lambda: self.cpu_share(0.5) > MOVING))
        self.screen.ask_to_close(self.window)
        self.assertEqual(self.ended(), 0)
        self.assertEqual(self.saved()["world"], "seed:7")


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main()
