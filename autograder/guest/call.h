// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief An operation to be asked of the agent: what it is called, and its request.
 */
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "protocol/frame.h"
#include "util/bytes.h"

namespace klass::guest {

/** An operation, not yet sent. */
struct Call {
    std::string what;  ///< as a reader would write it: "read(/dev/cicv, 64)"
    std::function<void(protocol::Request::Operation::Builder)> fill;
    std::uint32_t times = 1;
};

/** Memory for a system call; see Buffer in protocol/klass.capnp. */
struct Memory {
    /** A copy of these bytes. */
    static Memory of(Bytes bytes);
    /** Room for so many bytes. */
    static Memory room(std::size_t count);
    /** This very address in the guest, with the length that the call is told. */
    static Memory at(std::uint64_t address, std::size_t claimed);

    /** The same memory, but the call is told another length. */
    [[nodiscard]] Memory claiming(std::size_t length) const;
    /** The same bytes, the second half held back until Guest::open_gate(). */
    [[nodiscard]] Memory gated() const;

    /** How it reads in a call: "17 bytes", "a bad address, 17 bytes". */
    [[nodiscard]] std::string text() const;
    void fill(protocol::Buffer::Builder buffer) const;

  private:
    Bytes bytes_;
    std::size_t room_ = 0;
    std::optional<std::uint64_t> address_;
    std::size_t claimed_ = 0;
    bool gated_ = false;
};

}  // namespace klass::guest
