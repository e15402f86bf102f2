#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A newcomer's way through stage 04, in a real terminal: walk_test.py BUILD_FOLDER

tmux is the terminal. What stood on its screen at each step is kept in
BUILD_FOLDER/walk, to be looked at.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
SOURCE = Path(__file__).resolve().parents[2]
REFERENCE = SOURCE / "solutions" / "04-chardev"
SCREENS = BUILD / "walk"
# A grading takes seconds; a machine that does much else at a time takes longer.
PATIENCE = 240


class Terminal:
    """A terminal of 100 columns and 40 rows with a shell in it."""

    def __init__(self, home):
        self.socket = home / "tmux"
        self.shots = 0
        self.commands = 0
        cache = os.environ.get("KLASS_CACHE") or str(
            Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "klass"
        )
        environment = {
            "HOME": str(home),
            "KLASS_CACHE": cache,
            "KLASS_WALK": str(home),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{BUILD / 'bin'}:{os.environ['PATH']}",
            "PS1": "$ ",
            "SHELL": "/bin/sh",
        }
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "40", "-c", str(home),
            "env", "-i", *(f"{name}={value}" for name, value in environment.items()),
            "TERM=screen-256color", "bash", "--norc", "--noprofile",
        )
        self.see(r"^\$")

    def tmux(self, *words):
        return subprocess.run(
            ["tmux", "-S", str(self.socket), *words],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, line):
        self.tmux("send-keys", "-l", line)
        self.press("Enter")

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def see(self, *patterns):
        """Waits until all patterns are on the screen at once, and returns the screen."""
        deadline = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            missing = [each for each in patterns if not re.search(each, screen, re.M)]
            if not missing:
                return screen
            if time.monotonic() > deadline:
                sys.exit(f"not on the screen: {missing}\n{screen}")
            time.sleep(0.1)

    def keep(self, name):
        self.shots += 1
        (SCREENS / f"{self.shots:02}-{name}.txt").write_text(self.screen())

    def run(self, line, *patterns):
        """Types a command at the prompt and waits for its end."""
        self.commands += 1
        self.type(f"clear; {line}; echo {self.commands} ended")
        screen = self.see(rf"^{self.commands} ended$")
        missing = [each for each in patterns if not re.search(each, screen, re.M)]
        if missing:
            sys.exit(f"{line} does not print {missing}\n{screen}")

    def close(self):
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], check=False)


class Walk:
    def __init__(self, home):
        self.home = home
        self.folder = home / "chardev"
        self.terminal = Terminal(home)

    def save(self, text):
        """As an editor saves: a new file, renamed over the old one."""
        new = self.folder / ".chardev.c.new"
        new.write_text(text)
        new.rename(self.folder / "chardev.c")

    def mutant(self, name):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(REFERENCE / "chardev.c", folder)
            subprocess.run(
                ["patch", "--quiet", "-p1", "-d", folder, "-i", REFERENCE / "mutants" / f"{name}.patch"],
                check=True,
            )
            return (Path(folder) / "chardev.c").read_text()

    def reference(self):
        return (REFERENCE / "chardev.c").read_text()

    def machines(self):
        """The QEMU processes that were started from this terminal."""
        mine = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                variables = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"qemu-system" in words[0] and f"KLASS_WALK={self.home}".encode() in variables:
                mine.append(int(folder.name))
        return mine

    # --- the steps

    def look_around(self):
        self.terminal.run("klass list", r"04-chardev +A character device +0/100  not begun")
        self.terminal.keep("list")

    def start(self):
        self.terminal.run("klass start 04-chardev chardev", r"a git repository with a first commit",
                          r"one with clangd understands kernel code here")
        self.terminal.keep("start")
        self.terminal.run("cd chardev && git log --oneline", r"The skeleton of 04-chardev")

    def edit_wrong_and_watch(self):
        self.save(self.mutant("no-end-of-file"))
        self.terminal.type("clear; klass watch .")
        self.terminal.see(r"\d+ of 19 checks done")
        self.terminal.keep("watch-at-work")
        self.terminal.see(r"✗ A reader reaches the end: cat stops", r"gives end of file",
                          r"waiting for a save", r"^partial +\d+ of 100 points")
        self.terminal.keep("watch-red")
        if not self.machines():
            sys.exit("no machine is kept ready for the next grading")

    def take_hints(self):
        self.terminal.press("h")
        self.terminal.see(r"1\. cat goes on reading", r"Hint 1 of 3; they cost no points")
        self.terminal.press("h")
        self.terminal.see(r"2\. At or beyond the length read returns 0")
        self.terminal.keep("hint")
        self.terminal.press("?")
        self.terminal.see(r"Save a file, and it is graded again")
        self.terminal.keep("help")
        self.terminal.press("?")
        self.terminal.see(r"Hint 2 of 3")

    def change_a_comment(self):
        self.save("/* I do not see it yet. */\n" + self.mutant("no-end-of-file"))
        self.terminal.see(r"only comments have changed; waiting for a save")
        self.terminal.keep("comment")

    def resize(self):
        self.terminal.resize(70, 20)
        self.terminal.see(r"^04-chardev", r"^only comments have changed", r"more lines")
        self.terminal.keep("narrow")
        self.terminal.press("End")
        self.terminal.see(r"✓ ")
        self.terminal.press("Home")
        self.terminal.resize(100, 40)
        self.terminal.see(r"Hint 2 of 3", r"^q quit")

    def put_aside(self):
        self.terminal.press("C-z")
        self.terminal.see(r"^\[1\]\+ +Stopped +klass watch")
        self.terminal.run("stty | grep -c -- -icanon", r"^0$")
        self.terminal.type("fg")
        self.terminal.see(r"^04-chardev", r"Hint 2 of 3", r"^q quit")

    def crash(self):
        self.save(self.mutant("null-private-data"))
        # The oops, decoded: what it means, and the line of the student's source with its text.
        self.terminal.see(r"null-ptr-deref in cicv_read", r"waiting for a save",
                          r"used a null pointer", r"chardev\.c:\d+, in cicv_read",
                          r"simple_read_from_buffer")
        self.terminal.keep("crash")

    def look_closer(self):
        self.terminal.press("q")
        self.terminal.see(r"^\$$")
        self.terminal.run("klass grade . --check reads-back -q --format json --output ../report.json; echo status $?",
                          r"^status 1$")
        self.terminal.run("klass replay ../report.json reads-back | tail -n 30", r"null-ptr-deref",
                          r"^failed  0 of \d+ points")
        self.terminal.keep("replay")
        (self.home / "commands").write_text("backtrace\n")
        self.terminal.run("klass debug . --batch --command ../commands 2>&1 | tail -n 20",
                          r"cicv_init \(\) at chardev\.c:\d+")
        self.terminal.keep("debug")
        self.terminal.type("clear; klass watch .")
        self.terminal.see(r"null-ptr-deref in cicv_read", r"waiting for a save")

    def mend(self):
        # A save in the midst of a grading: that one is given up, and nothing of it stays.
        self.save(self.mutant("no-end-of-file"))
        self.terminal.see(r"\d+ of 19 checks done, running")
        self.save(self.reference())
        self.terminal.see(r"^accepted +100 of 100 points", r"waiting for a save")
        self.terminal.keep("full-marks")
        machines = self.machines()
        if len(machines) > os.cpu_count():
            sys.exit(f"machines of a grading that was given up: {machines}")

    def quit(self):
        self.terminal.press("q")
        # The shell's screen is back as it was.
        self.terminal.see(r"^\$$")
        if "q quit" in self.terminal.screen():
            sys.exit("the picture of the watch is still there:\n" + self.terminal.screen())
        self.terminal.run("stty | grep -c -- -icanon", r"^0$")
        for _ in range(100):
            if not self.machines():
                return
            time.sleep(0.1)
        sys.exit(f"machines are left: {self.machines()}")

    def look_back(self):
        self.terminal.run("klass grade .", r"^accepted  100 of 100 points")
        self.terminal.run("klass list", r"✓ 04-chardev +A character device +100/100  done",
                          r"^Next: klass start 01-kernel-build")
        self.terminal.keep("list-again")
        self.terminal.run("klass status 04-chardev", r"2 taken, of 1 check; they cost no points",
                          r"No check is open")
        self.terminal.keep("status")

    def walk(self):
        self.look_around()
        self.start()
        self.edit_wrong_and_watch()
        self.take_hints()
        self.change_a_comment()
        self.resize()
        self.put_aside()
        self.crash()
        self.look_closer()
        self.mend()
        self.quit()
        self.look_back()


def main():
    # The terminal goes with us also when a time limit ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir()
    with tempfile.TemporaryDirectory(prefix="newcomer-", ignore_cleanup_errors=True) as home:
        walk = Walk(Path(home))
        try:
            walk.walk()
        finally:
            walk.terminal.close()


if __name__ == "__main__":
    main()
