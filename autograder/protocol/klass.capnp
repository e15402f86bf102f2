# SPDX-License-Identifier: Apache-2.0
#
# What the host and the guest's agent say to each other, over one virtio port.
#
# The agent offers system calls, not tests. Nothing here names a stage, an
# expected value or a verdict: the host asks for one operation at a time and
# judges what comes back. Everything that the guest sends is hostile: a
# submission runs in the guest's kernel and can write to this port itself.
#
# Each message is one frame (protocol/frame.h). The host numbers its requests
# at random; a reply bears the number of its request, once.

@0xd3f8a5c1b2e94a07;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("klass::protocol");

const version :UInt32 = 1;

struct Request {
  id @0 :UInt64;

  # The process that carries the operation out. 0 is the agent itself, which
  # never touches what a module offers, so that nothing can block it.
  actor @1 :UInt32;

  # How many times the operation is carried out before the reply; at least 1.
  # It stops early at the first result that is an error.
  times @2 :UInt32 = 1;

  operation :union {
    # --- of the agent itself (actor 0)
    hello @3 :Void;                 # data: uname -r
    spawn @4 :Void;                 # result: the new actor's number; also its pid, in `extra`
    signal :group { target @5 :UInt32; number @6 :Int32; }  # kill(2)
    inspect @7 :UInt32;             # data: /proc/PID/{stat,wchan,syscall,stack} of an actor
    readLog @8 :Void;               # data: /dev/kmsg records since the last, each ended by a zero
    setClock @9 :UInt64;            # clock_settime(2) CLOCK_REALTIME, nanoseconds
    openGate @10 :UInt32;           # lets an actor's held call go on (see Buffer.gated)
    # Starts calls of several actors at exact times of the guest's clock: each `after` nanoseconds
    # behind an instant that lies `lead` nanoseconds ahead. Who starts later has the higher
    # real-time priority, and so interrupts the others wherever they are. Each is answered for
    # itself; the race's own result is how many were started.
    race :group { lead @72 :UInt64; calls @73 :List(Racer); }

    # --- of an actor
    open :group { path @11 :Text; flags @12 :Int32; mode @13 :UInt32; }
    close @14 :Int32;
    read :group { fd @15 :Int32; buffer @16 :Buffer; }
    pread :group { fd @17 :Int32; buffer @18 :Buffer; offset @19 :Int64; }
    write :group { fd @20 :Int32; buffer @21 :Buffer; }
    pwrite :group { fd @22 :Int32; buffer @23 :Buffer; offset @24 :Int64; }
    lseek :group { fd @25 :Int32; offset @26 :Int64; whence @27 :Int32; }
    ioctl :group { fd @28 :Int32; request @29 :UInt64; buffer @30 :Buffer; }
    ioctlValue :group { fd @31 :Int32; request @32 :UInt64; value @33 :UInt64; }
    mmap :group { fd @34 :Int32; length @35 :UInt64; protection @36 :Int32; flags @37 :Int32;
                  offset @38 :Int64; }           # result: a handle for peek, poke and munmap
    munmap @39 :UInt32;
    # Two or four bytes at a multiple of that are one access, as a device's registers want it.
    peek :group { mapping @40 :UInt32; offset @41 :UInt64; length @42 :UInt64; }
    poke :group { mapping @43 :UInt32; offset @44 :UInt64; data @45 :Data; }
    poll :group { fd @46 :Int32; events @47 :Int16; timeout @48 :Int32; }  # result: revents
    # init_module(2). With failNth, the n-th allocation made under it that the kernel's fault
    # injection covers fails (/proc/PID/fail-nth); extra: how many were left to go, 0 when it failed.
    loadModule :group { image @49 :Data; parameters @50 :Text; failNth @71 :UInt32; }
    unloadModule :group { name @51 :Text; flags @52 :UInt32; }   # delete_module(2)
    stat @53 :Text;                 # result: st_mode; extra: st_rdev
    mkdir :group { path @54 :Text; mode @55 :UInt32; }
    mount :group { source @56 :Text; target @57 :Text; type @58 :Text; }
    unlink @59 :Text;
    run :group { argv @60 :List(Text); input @61 :Data; }  # result: wait status; data: its output
    readFile @62 :Text;             # open, read to the end, close
    writeFile :group { path @63 :Text; data @64 :Data; }  # one write(2)
    listFolder @65 :Text;           # data: the names, sorted, each ended by a zero
    ftruncate :group { fd @66 :Int32; length @67 :Int64; }
    fsync @68 :Int32;
    sleep @69 :UInt64;              # nanoseconds of the guest
    uid @70 :UInt32;                # setresuid(2) of the actor, for ever
    socket :group { domain @74 :Int32; type @75 :Int32; protocol @76 :Int32; }  # socket(2)
    bind :group { socket @77 :Int32; address @78 :Data; }     # bind(2): a struct sockaddr
    connect :group { socket @79 :Int32; address @80 :Data; }  # connect(2), likewise
  }
}

struct Racer {
  after @0 :UInt64;
  request @1 :Request;
  # The call is made so often, `period` nanoseconds apart. It stops early at an error, and with
  # ETIME when a call ended only after the next one should have begun; the reply's `times` tells
  # in which round.
  rounds @2 :UInt32 = 1;
  period @3 :UInt64;
}

# Memory that a system call is given.
struct Buffer {
  union {
    data @0 :Data;      # a copy of these bytes (write), in memory of its own
    room @1 :UInt64;    # so many bytes, filled with 0xA5; comes back as the reply's data (read)
    address @2 :UInt64; # this very address: for pointers that are no good
  }
  # The length that the system call is told; when 0, that of the data or room.
  claimed @3 :UInt64;
  # Holds the system call half way: the second half of the data lies in a page
  # that is not there until openGate (userfaultfd(2)).
  gated @4 :Bool;
}

struct Reply {
  id @0 :UInt64;
  result @1 :Int64;    # of the system call; -1 on error
  error @2 :Int32;     # errno, 0 when there was none
  data @3 :Data;
  extra @4 :Int64;
  times @5 :UInt32;    # how often the operation was carried out
  nanoseconds @6 :UInt64;  # CLOCK_MONOTONIC_RAW of the guest over all of them
}
