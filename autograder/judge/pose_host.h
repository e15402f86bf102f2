// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The host as the pose server of one check: it sees each byte, and answers as it likes.
 *
 *     PoseHost host(t);
 *     ... the guest connects to host.address() ...
 *     PoseConnection connection = host.accept();
 *     const pose::Frame frame = connection.frame();
 *     connection.answer(frame, host.random_keypoints());
 *
 * What counts is what came over the connection. A method whose name begins with "expect", and
 * accept() and frame(), fail the check when what they wait for does not come.
 */
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "judge/trial.h"
#include "pose/wire.h"
#include "util/scoped_fd.h"
#include "vm/own_network.h"

namespace klass::judge {

/** A connection that the guest made. */
class PoseConnection {
  public:
    PoseConnection(Trial &trial, ScopedFd socket);

    /** The next frame. */
    pose::Frame frame();
    /** The next frame, if there is one within this time of the guest's. */
    std::optional<pose::Frame> frame_within(std::chrono::milliseconds patience);
    /** So many bytes of what comes, whatever they are. */
    void expect_bytes(std::size_t count);
    /** The guest closes the connection, within this time of its own. */
    void expect_end(std::chrono::milliseconds patience);

    void answer(const pose::Frame &frame, const pose::Keypoints &keypoints);
    /** Any bytes. */
    void send(const Bytes &bytes);
    /** From now on little more is taken in than is read: soon the guest has to wait. */
    void hold_little();
    /** We close it, in order. */
    void close() { socket_.reset(); }
    /** We throw it away, and the guest is told so: a reset (RFC 9293, 3.5.2). */
    void reset();

  private:
    bool readable_within(std::chrono::milliseconds patience);

    Trial &trial_;
    ScopedFd socket_;
    std::unique_ptr<pose::FrameReader> reader_ = std::make_unique<pose::FrameReader>();
    std::size_t frames_ = 0;
};

/** Of a machine with a camera: MachineWish::camera. */
class PoseHost {
  public:
    /** Brings the guest's network up, and listens. */
    explicit PoseHost(Trial &trial);

    /** Where the guest finds us. */
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string address() const;

    /** The connection that the guest makes, or has made. */
    PoseConnection accept();
    std::optional<PoseConnection> accept_within(std::chrono::milliseconds patience);
    /** From now on, who connects is refused; and then no longer, at the same address. */
    void leave() { listener_.reset(); }
    void come_back();

    /** Key points that only we know. */
    pose::Keypoints random_keypoints();

  private:
    void connect_once();

    Trial &trial_;
    vm::OwnNetwork &network_;
    ScopedFd listener_;
    std::uint16_t port_;
};

}  // namespace klass::judge
