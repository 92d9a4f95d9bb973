#!/usr/bin/env python3
"""The viewer as a person meets it: keys, mouse and window of a virtual X server.

Usage: tests/viewer_test.py BINARY
"""
import collections
import ctypes
import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = ""
WAIT_S = 60
SCREEN = (704, 396)
SIZE = (240, 135)
WIDE = (660, 300)  # room for the overlay beside nothing else
FPS_CAP = 15  # frames that show nothing new are most of the work
SAVES_EVERY_S = 7  # and only where something has changed; with two seconds to spare
IDLE_CPU_S_PER_S = 3 / 60
MOVING = 0.1  # of a core, at least, for a picture that changes
CARD = (13, 15, 20)  # the ground of the help card, which lets nothing through
ACCENT = (122, 178, 232)  # the words of the open page's tab
BAD = (244, 112, 104)  # the overlay's red: figures that break a promise
GOOD = (126, 208, 140)  # its green: figures that keep one
JUDGED = range(130, 180)  # rows of the memory page with what is judged after the warm-up
PAGE = range(16, 180)  # rows with the overlay in a window of 340; below it is the frame rate
TABS = range(16, 44)  # rows of the window with the overlay's tabs

# Every key of the help card, by its name in app/fly_input.h, as xdotool calls it.
KEYS = {
    "FORWARD": "w", "BACK": "s", "LEFT": "a", "RIGHT": "d", "UP": "space e", "DOWN": "c q",
    "LOOK_LEFT": "Left", "LOOK_RIGHT": "Right", "LOOK_UP": "Up", "LOOK_DOWN": "Down",
    "BOOST": "Shift_L Shift_R", "SLOW": "Control_L Control_R", "FASTER": "equal KP_Add", "SLOWER": "minus KP_Subtract",
    "FOLLOW": "g", "PAUSE": "p", "TIME_SLOWER": "bracketleft", "TIME_FASTER": "bracketright",
    "EARLIER": "comma", "LATER": "period", "HELP": "F1", "SCREENSHOT": "F2", "OVERLAY": "F3", "NEXT_PAGE": "Tab",
    "WIREFRAME": "F4", "LOD_TINT": "F5", "BOUNDS": "F6", "NORMALS": "F7", "FREEZE": "F8", "FULLSCREEN": "F11",
    "LOSE_GPU": "ctrl+F12", "ESCAPE": "Escape",
}
# What grows while a key of movement is held, and with which sign: x goes east, z south.
GROWS = {
    "FORWARD": ("z", -1), "BACK": ("z", 1), "LEFT": ("x", -1), "RIGHT": ("x", 1), "UP": ("y", 1), "DOWN": ("y", -1),
    "LOOK_LEFT": ("yaw", -1), "LOOK_RIGHT": ("yaw", 1), "LOOK_UP": ("pitch", 1), "LOOK_DOWN": ("pitch", -1),
}
# What a picture says of the flight.
Note = collections.namedtuple("Note", "x z y yaw pitch minute at_s")


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

    def __init__(self, home):
        reading, write = os.pipe()
        size = f"{SCREEN[0]}x{SCREEN[1]}x24"
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", size],
                                       pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(reading) as pipe:
            self.name = ":" + pipe.readline().strip()
        self.x11 = ctypes.CDLL("libX11.so.6")
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XInternAtom.restype = self.x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self.x11.XGetImage.restype = ctypes.c_void_p
        self.display = ctypes.c_void_p(self.x11.XOpenDisplay(self.name.encode()))
        # A root in focus passes the repeats of a key on to what is pointed at.
        if not self.display:
            raise unittest.SkipTest("Xvfb does not start")
        self.x11.XAutoRepeatOff(self.display)
        self.x11.XFlush(self.display)
        # Without a window manager nothing is ever fullscreen. While it starts, a window that asks to be shown may be
        # forgotten, and then waits for ever: what it runs last says that it has started.
        env = dict(os.environ, DISPLAY=self.name, HOME=home, XDG_CONFIG_HOME=home)
        ready = home + "/managed"
        self.manager = subprocess.Popen(["openbox", "--startup", "touch " + ready], env=env,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not wait_for(lambda: os.path.exists(ready)):
            raise unittest.SkipTest("openbox does not start")

    def close(self):
        for process in (self.manager, self.server):
            process.kill()
            process.wait()

    def do(self, *words):
        done = subprocess.run(["xdotool", *map(str, words)], env=dict(os.environ, DISPLAY=self.name), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=WAIT_S, check=False)
        return done.stdout.strip()

    def size(self, window):
        words = dict(line.split("=") for line in self.do("getwindowgeometry", "--shell", window).splitlines())
        return int(words["WIDTH"]), int(words["HEIGHT"])

    def places(self, window, colour, rows=None):
        """Where in the window, within some of its rows, that colour is seen, almost."""
        width, height = self.size(window)
        root = ctypes.c_ulong(self.x11.XDefaultRootWindow(self.display))
        corner, child = (ctypes.c_int * 2)(), ctypes.c_ulong()
        self.x11.XTranslateCoordinates(self.display, ctypes.c_ulong(int(window)), root, 0, 0, ctypes.byref(corner),
                                       ctypes.byref(corner, 4), ctypes.byref(child))
        left, top = corner
        image = self.x11.XGetImage(self.display, root, 0, 0, *SCREEN, ctypes.c_ulong(0xFFFFFFFF), 2)
        # XImage: width, height, offset, format, data, four of its layout, depth, bytes per line.
        data, stride = struct.unpack("@4iP6i", ctypes.string_at(image, 48))[4::6]
        pixels = ctypes.string_at(data, stride * SCREEN[1])
        self.x11.XDestroyImage(ctypes.c_void_p(image))
        found = []
        for y in rows or range(height):
            for x in range(width):
                at = (top + y) * stride + (left + x) * 4
                blue, green, red = pixels[at:at + 3]
                if max(abs(red - colour[0]), abs(green - colour[1]), abs(blue - colour[2])) <= 6:
                    found.append((x, y))
        return found

    def ask_to_close(self, window):
        """What a window manager sends when the cross is clicked."""
        protocols = self.x11.XInternAtom(self.display, b"WM_PROTOCOLS", 0)
        delete = self.x11.XInternAtom(self.display, b"WM_DELETE_WINDOW", 0)
        # XClientMessageEvent: type, serial, send_event, display, window, message_type, format, data.
        event = struct.pack("@iLiPLLi5l", 33, 0, 1, self.display.value, int(window), protocols, 32, delete, 0, 0, 0, 0)
        self.x11.XSendEvent(self.display, ctypes.c_ulong(int(window)), 0, ctypes.c_long(0), event.ljust(192, b"\0"))
        self.x11.XFlush(self.display)


class Card(unittest.TestCase):
    def test_the_card_is_tried(self):
        with open(os.path.join(os.path.dirname(__file__), "../app/fly_input.h"), encoding="utf-8") as file:
            self.assertEqual(set(re.findall(r"X\(FLY_KEY_(\w+),", file.read())), set(KEYS))


class Viewer(unittest.TestCase):
    def setUp(self):
        for program in ("Xvfb", "xdotool", "openbox"):
            if not shutil.which(program):
                self.skipTest("needs " + program)
        self.folder = tempfile.mkdtemp(prefix="arete_viewer_")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.position = self.folder + "/STATE/arete/position.ini"
        self.screen = Screen(self.folder)
        self.addCleanup(self.screen.close)

    def start(self, *words, size=SIZE, scale=1):
        drop = ("WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "MESA_GL_VERSION_OVERRIDE")
        env = {name: value for name, value in os.environ.items() if name not in drop}
        env.update(DISPLAY=self.screen.name, HOME=self.folder, XDG_PICTURES_DIR=self.folder + "/pictures",
                   **{f"XDG_{kind}_HOME": f"{self.folder}/{kind}" for kind in ("CONFIG", "STATE", "CACHE")})
        words = ("--width", size[0], "--height", size[1], "--scale", scale, "--fps-cap", FPS_CAP, *words)
        self.process = subprocess.Popen([BINARY, "fly", "seed:7", "--tier", "0", *map(str, words)], env=env, text=True,
                                        cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.process.communicate)
        self.addCleanup(self.process.kill)
        self.window = wait_for(lambda: self.screen.do("search", "--onlyvisible", "--name", "^Arete, seed:7$"))
        if not self.window:
            self.process.kill()
            self.fail("no window: " + self.process.communicate()[1])
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
        self.assertTrue(wait_for(lambda: self.cpu_share(1.5) < IDLE_CPU_S_PER_S, 2 * WAIT_S), "it never rests")

    def ended(self):
        self.process.wait(timeout=WAIT_S)
        return self.process.returncode

    def saved(self):
        """The last position, by name."""
        with open(self.position, encoding="utf-8") as file:
            return dict(line.split(" = ") for line in file.read().splitlines() if " = " in line)

    def until(self, holds, *acts):
        """Acts above the window until that holds: a busy machine may miss a click."""
        def act():
            self.screen.do("mousemove", "--window", self.window, 120, 60)
            for words in acts:
                self.screen.do(*words)
            return wait_for(holds, SAVES_EVERY_S + 2)
        self.assertTrue(any(act() for _ in range(5)), acts)

    def until_turned(self):
        yaw = self.note().yaw
        self.until(lambda: self.note().yaw > yaw + 5, ("click", "1"), *(("mousemove_relative", 40, 0),) * 5)

    def picture(self):
        """The name, the size and the bytes of the picture that F2 takes."""
        folder = self.folder + "/pictures"
        before = set(os.listdir(folder)) if os.path.isdir(folder) else set()
        self.screen.do("key", "F2")

        def taken():
            return os.path.isdir(folder) and {name for name in os.listdir(folder) if name.endswith(".png")} - before
        names = wait_for(taken)
        self.assertTrue(names, "no picture")
        name = names.pop()
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        return name, struct.unpack(">II", data[16:24]), data

    def press(self, name):
        self.screen.do("key", KEYS[name].split()[0])

    def note(self):
        """What the picture that F2 takes says."""
        name, _, data = self.picture()
        said = [float(number) for number in re.search(
            rb"x (\S+) m, z (\S+) m, (\S+) m above sea,.*yaw (\S+) degrees, pitch (\S+) degrees",
            data, re.DOTALL).groups()]
        hour, minute = re.search(rb"--time (\d\d):(\d\d)", data).groups()
        at_s = os.stat(os.path.join(self.folder, "pictures", name)).st_mtime
        return Note(*said, int(hour) * 60 + int(minute), at_s)

    def two_notes(self):
        first = self.note()
        time.sleep(0.5)
        return first, self.note()

    def pace(self):
        """Metres a second over the ground."""
        first, last = self.two_notes()
        return math.hypot(last.x - first.x, last.z - first.z) / (last.at_s - first.at_s)

    def check(self, what, words):
        self.assertTrue(wait_for(what), words)

    def climb(self):
        """Metres up or down: a level flight stays as high as it is, except over ground that it follows."""
        first, last = self.two_notes()
        return abs(last.y - first.y)

    def check_growth(self, *names):
        def grown(field, before):
            by = getattr(self.note(), field) - before
            return math.remainder(by, 360) if field == "yaw" else by
        for name in names:
            field, sign = GROWS[name]
            for key in KEYS[name].split():
                before = getattr(self.note(), field)
                self.screen.do("keydown", key)
                self.check(lambda: grown(field, before) * sign > 1, key)
                self.screen.do("keyup", key)

    def check_pace_of_pictures(self, trace):
        with open(trace, encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
        shown_s = sorted(event["ts"] * 1e-6 for event in events if event.get("name") == "present")
        self.assertGreater(len(shown_s), 100)
        # One more than the cap for the ends of two seconds.
        most = max(sum(at_s <= other_s < at_s + 2 for other_s in shown_s[i:i + 200]) for i, at_s in enumerate(shown_s))
        self.assertLessEqual(most, 2 * FPS_CAP + 1)

    def test_every_key_flies(self):
        trace = self.folder + "/trace.json"
        self.start("--at", "1000,-2000,300", "--look", "0,0", "--trace", trace)
        self.check_growth("FORWARD", "BACK", "LEFT", "RIGHT", "UP", "DOWN")
        self.screen.do("keydown", KEYS["FORWARD"])
        for name, holds in (("BOOST", lambda: self.pace() > 200), ("SLOW", lambda: self.pace() < 50)):
            for key in KEYS[name].split():
                self.screen.do("keydown", key)
                self.check(holds, key)
                self.screen.do("keyup", key)
        for name, holds in (("FOLLOW", lambda: self.climb() > 1), ("FOLLOW", lambda: self.climb() == 0),
                            ("PAUSE", lambda: self.pace() == 0), ("PAUSE", lambda: self.pace() > 0)):
            self.press(name)
            self.check(holds, name)
        # Each press doubles or halves, up to eight times; two within one frame are one.
        self.check(lambda: self.press("TIME_FASTER") or self.pace() > 200, "TIME_FASTER")
        self.check(lambda: self.press("TIME_SLOWER") or self.pace() < 50, "TIME_SLOWER")
        self.screen.do("keyup", KEYS["FORWARD"])
        self.check_growth("LOOK_LEFT", "LOOK_RIGHT", "LOOK_UP", "LOOK_DOWN")
        noon = self.note().minute
        self.press("EARLIER")
        self.check(lambda: self.note().minute == noon - 15, "EARLIER")
        self.press("LATER")
        self.check(lambda: self.note().minute == noon, "LATER")
        for key in (KEYS["FASTER"] + " " + KEYS["FASTER"] + " " + KEYS["SLOWER"] + " g").split():
            self.screen.do("key", key)
        self.note()
        self.press("ESCAPE")
        self.assertEqual(self.ended(), 0)
        self.assertAlmostEqual(float(self.saved()["speed"]), 100 * 1.25 ** 2)
        self.assertEqual(self.saved()["follow"], "on")
        self.check_pace_of_pictures(trace)

    def tab(self):
        """How far to the east the open page's tab is; 0 without an overlay."""
        places = [x for x, _ in self.screen.places(self.window, ACCENT, TABS)]
        return sum(places) / len(places) if places else 0

    def next_page(self, holds):
        # As long as a finger holds it: through several frames.
        self.screen.do("keydown", KEYS["NEXT_PAGE"])
        self.check(holds, "NEXT_PAGE")
        self.screen.do("keyup", KEYS["NEXT_PAGE"])

    def test_the_overlay_turns_its_pages(self):
        self.start(size=WIDE, scale=0.25)
        self.assertEqual(self.tab(), 0)
        self.press("OVERLAY")
        self.check(self.tab, "OVERLAY")
        first = self.tab()
        x, y = self.screen.places(self.window, ACCENT, TABS)[0]
        for _ in range(5):
            last = self.tab()
            self.next_page(lambda: self.tab() > last)
        self.next_page(lambda: self.tab() == first)
        self.next_page(lambda: self.tab() > first)
        self.screen.do("mousemove", "--window", self.window, x + 2, y + 2)
        # A click on it brings the first page back, and the keys stay the viewer's, through all pages.
        self.check(lambda: self.screen.do("click", "1") or wait_for(lambda: abs(self.tab() - first) < 5, 2), "a click")
        for _ in range(5):
            last = self.tab()
            self.next_page(lambda: self.tab() > last)
        self.press("OVERLAY")
        self.check(lambda: self.tab() == 0, "OVERLAY")

    def test_what_is_asked_for_is_no_fault(self):
        """A picture takes memory, another size of the window takes objects: neither turns the memory page red."""
        def red():
            time.sleep(1)  # some frames later
            return self.screen.places(self.window, BAD, PAGE)
        self.start("--overlay", "memory", size=(660, 340), scale=0.25)
        # Nothing is judged before the end of the warm-up.
        self.check(lambda: self.screen.places(self.window, GOOD, JUDGED), "warm-up")
        self.picture()
        self.assertEqual(red(), [], "a picture")
        self.screen.do("windowsize", "--sync", self.window, 664, 344)
        self.assertEqual(red(), [], "another size")
        # What a driver takes back nobody asked for: its objects are made anew, and that is seen.
        self.press("LOSE_GPU")
        self.check(red, "LOSE_GPU")

    def test_keys_and_mouse_fly_and_are_let_go(self):
        self.start("--at", "1000,-2000,300", "--look", "0,0")
        self.screen.do("keydown", "w")
        self.until(lambda: self.pace() > 120, ("click", "4", "click", "4"))
        self.until_turned()
        # Without the focus it stops though the key is still down.
        self.screen.do("windowfocus", self.screen.do("search", "--maxdepth", "0", "").split()[0])
        self.assertTrue(wait_for(lambda: time.time() - os.path.getmtime(self.position) > SAVES_EVERY_S))
        self.screen.do("keyup", "w")
        self.focus()
        # Esc frees the mouse, and only then quits.
        self.until_turned()
        self.screen.do("key", "Escape")
        time.sleep(0.5)
        self.assertIsNone(self.process.poll())
        self.screen.do("key", "Escape")
        self.assertEqual(self.ended(), 0)
        self.assertLess(float(self.saved()["z"]), -2010)

    def check_pictures(self):
        """Ways to show the scene: each changes the picture, and changes it back."""
        def body():
            data = self.picture()[2]
            return data[data.index(b"IDAT"):]

        def changes_and_returns(name):
            plain = body()
            self.press(name)
            changed = wait_for(lambda: body() != plain)
            self.press(name)
            # Ground that came meanwhile is no fault: once more.
            return changed and wait_for(lambda: body() == plain, 5)

        def is_lost_and_returns():
            plain = body()
            self.press("LOSE_GPU")
            self.picture()  # may be of the same frame as the key
            return wait_for(lambda: body() == plain, 20)

        def turn():
            self.screen.do("keydown", KEYS["LOOK_RIGHT"])
            self.check(lambda: 90 < self.note().yaw % 360 < 270, "LOOK_RIGHT")
            self.screen.do("keyup", KEYS["LOOK_RIGHT"])
            return wait_for(lambda: body() == body())

        def freezes():
            self.press("FREEZE")
            turn()
            behind = body()  # where no tiles were chosen
            self.press("FREEZE")
            return wait_for(lambda: body() != behind)
        self.press("PAUSE")  # clouds would move on
        for name in ("WIREFRAME", "LOD_TINT", "BOUNDS", "NORMALS"):
            self.check(lambda: changes_and_returns(name), name)
        self.check(is_lost_and_returns, "LOSE_GPU")
        self.check(freezes, "FREEZE")

    def check_screen(self):
        """What is shown over the scene and by the window itself."""
        width, height = self.screen.size(self.window)
        for shown in (True, False):
            self.press("HELP")
            self.check(lambda: (len(self.screen.places(self.window, CARD)) > width * height / 4) == shown, "HELP")
        for size in (SCREEN, (width, height)):
            self.press("FULLSCREEN")
            self.check(lambda: self.screen.size(self.window) == size, "FULLSCREEN")
            self.check(lambda: self.picture()[1] == size, "a picture as large as the window")

    def test_a_window_rests_shows_changes_and_closes(self):
        self.start("--at", "1000,-2000,300")
        self.wait_until_still()
        self.assertLess(self.cpu_share(10), IDLE_CPU_S_PER_S)
        name, size, data = self.picture()
        self.assertRegex(name, r"^arete-seed-7-x1000-z-2000-y\d+\.png$")
        self.assertEqual(size, SIZE)
        for text in (b"tEXtSeed\0seed:7", b"tEXtPosition\0x 1000.000 m, z -2000.000 m"):
            self.assertIn(text, data)
        self.screen.do("windowsize", "--sync", self.window, 320, 200)
        time.sleep(0.5)
        self.assertEqual(self.picture()[1], (320, 200))
        self.check_pictures()
        self.check_screen()
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
