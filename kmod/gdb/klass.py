# SPDX-License-Identifier: GPL-2.0-only
"""What `klass debug` adds to gdb: modules' symbols, and what the guest is to do.

The kernel's own helpers (lx-dmesg, lx-ps, lx-lsmod, ...) come from its scripts/gdb. Their
lx-symbols is not used: it drops all symbols to load them anew.
"""

import os

import gdb


class Modules(gdb.Breakpoint):
    """Loads a module's symbols when the kernel is about to call its init function.

    By then all of its sections lie where they stay, and nothing of it has run: so breakpoints in
    the module, the init function included, are in time.
    """

    def __init__(self, files):
        super().__init__("*do_init_module", internal=True)
        self.silent = True
        self.files = files
        self.texts = {}

    def stop(self):
        module = gdb.parse_and_eval("(struct module *)$rdi")
        self.place(module)
        return False

    def place(self, module):
        name = module["name"].string()
        if name not in self.files:
            return
        sections = self.sections(module)
        text = sections.pop(".text", None)
        if text is None:
            return
        if name in self.texts:
            gdb.execute("remove-symbol-file -a %#x" % self.texts[name], to_string=True)
        self.texts[name] = text
        command = "add-symbol-file %s %#x" % (self.files[name], text)
        for section, address in sections.items():
            command += " -s %s %#x" % (section, address)
        gdb.execute(command, to_string=True)
        gdb.write("%s.ko is at %#x\n" % (name, text))

    @staticmethod
    def sections(module):
        attributes = module["sect_attrs"]
        if attributes == 0:
            return {}
        found = {}
        for i in range(int(attributes["nsections"])):
            entry = attributes["attrs"][i]
            name = entry["battr"]["attr"]["name"].string()
            # What gdb makes no use of; its own names of sections come from the file.
            if name.startswith((".text", ".data", ".bss", ".rodata", ".init.", ".exit.")):
                found[name] = int(entry["address"])
        return found


class Request(gdb.Command):
    """A request to klass, which has the guest carry it out once it runs on."""

    channel = int(os.environ.get("KLASS_CHANNEL", "-1"))

    def __init__(self, word, documentation):
        self.__doc__ = documentation
        self.word = word
        super().__init__("klass-" + word, gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        if "\n" in argument or len(argument) > 4000:
            raise gdb.GdbError("one line of at most 4000 characters, please")
        if self.word != "run" and not argument.strip():
            raise gdb.GdbError("klass-%s NAME" % self.word)
        try:
            os.write(self.channel, ("%s %s\n" % (self.word, argument)).encode())
        except OSError as error:
            raise gdb.GdbError("klass does not listen: %s" % error)
        gdb.write("The guest does that as soon as it runs: continue\n")


def begin(modules):
    """Of modules: {"chardev": "/path/to/chardev.ko"}."""
    Modules(modules)
    Request("load", "klass-load NAME [PARAMETERS]: insmod of one of the submission's modules.")
    Request("unload", "klass-unload NAME: rmmod.")
    Request("run", "klass-run COMMAND: a line for the guest's shell; its output comes here.")


def stop_in_init():
    """Lets the guest run until the first module's init function begins.

    Every module's has this name besides its own: include/linux/module.h.
    """
    gdb.execute("tbreak init_module", to_string=True)
    gdb.execute("continue")
