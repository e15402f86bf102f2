// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A terminal whose keys all go to somebody else.
 */
#pragma once

#include <memory>
#include <string>

namespace klass {

/** Columns and rows of a terminal; 0 when it does not say. */
struct WindowSize {
    unsigned columns = 0;
    unsigned rows = 0;

    bool operator==(const WindowSize &) const = default;
};

/** What a descriptor's terminal says of its size; nothing but zeroes when it is no terminal. */
WindowSize window_size(int fd);

/**
 * Switches a terminal to raw mode (cfmakeraw(3)): each key is there at once, Ctrl-C included, and
 * nothing is shown by itself. It is put back with this object, or, when this process is killed, by
 * a child that waits for nothing else.
 */
class RawTerminal {
  public:
    /**
     * @param parting  is written to the terminal when it is put back, e.g. to leave an alternate
     *                 screen
     * @throws GraderFault when @p fd is no terminal, or the child cannot be made
     */
    explicit RawTerminal(int fd, std::string parting = {});
    RawTerminal(const RawTerminal &) = delete;
    RawTerminal &operator=(const RawTerminal &) = delete;
    ~RawTerminal();

    [[nodiscard]] int fd() const { return fd_; }

    /**
     * What Ctrl-Z does where it is no key: puts the terminal back, stops this process, and takes
     * the terminal again when the shell has it go on (termios(3), job control).
     */
    void suspend();

  private:
    struct Guardian;
    void take() const;
    void give_back() const;

    int fd_;
    std::string parting_;
    std::unique_ptr<Guardian> guardian_;
};

/** A descriptor for poll(2), readable when a terminal's size may have changed (SIGWINCH). */
class WindowChanges {
  public:
    /** One at a time. @throws GraderFault when there is no descriptor left */
    WindowChanges();
    WindowChanges(const WindowChanges &) = delete;
    WindowChanges &operator=(const WindowChanges &) = delete;
    ~WindowChanges();

    [[nodiscard]] int fd() const;
    /** Whether there was a change since the last call. */
    bool take();
};

}  // namespace klass
