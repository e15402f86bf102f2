// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The pose server: takes frames from several clients, and answers with key points.
 *
 * One thread has all sockets, in a poll(2) loop; each estimator has a thread of its own. That is
 * all there is to wait for, so no library for it: Boost.Asio, the next choice, is 140 MB of
 * headers.
 *
 * A client is a stranger. One that sends nonsense, half a frame, or does not read its answers is
 * closed with a line in the log, and the others notice nothing.
 */
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pose/estimator.h"
#include "pose/frame_queues.h"
#include "pose/listener.h"
#include "pose/metrics.h"
#include "pose/wire.h"
#include "util/scoped_fd.h"

namespace klass::pose {

/** How a server behaves. */
struct ServerSettings {
    std::size_t queue = 4;  ///< frames of one client that may wait; beyond, its oldest is dropped
    std::size_t most_clients = 16;  ///< more are turned away
    /** Answers that a client leaves unread beyond what its socket holds, before it is closed. */
    std::size_t most_unread = 64;
    /** How long the rest of a frame may take to come, in silence. */
    std::chrono::milliseconds patience{10'000};
    /** A line for people, without its line end. Called in the thread of run(). */
    std::function<void(const std::string &line)> log = [](const std::string &) {};
    /** The last account of a client that went. Called in the thread of run(). */
    std::function<void(const ClientMetrics &client)> on_end = [](const ClientMetrics &) {};
};

/** A server at one listening socket. All of it belongs to the thread that calls run(). */
class Server {
  public:
    /** @param estimators  one for each thread; at least one */
    Server(Listener listener, std::vector<std::unique_ptr<Estimator>> estimators,
           ServerSettings settings);
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;
    ~Server();

    /** Where clients find it. */
    [[nodiscard]] const std::string &where() const { return listener_.where(); }

    /**
     * Calls @p readable from run() whenever @p fd is. It must read what is there, or stop().
     * @param fd  stays the caller's; -1 is passed over
     */
    void watch(int fd, std::function<void()> readable);

    /**
     * Serves until stop(). Frames that are being looked at then are still answered; those that
     * wait are not. Once only.
     * @throws GraderFault when an estimator gave up, or the machine has no descriptors left
     */
    void run();
    /** Makes run() return; no frame that waits is begun any more. To be called by a watch. */
    void stop();

    /** The accounts of those who are connected now. */
    [[nodiscard]] std::vector<ClientMetrics> connected() const;
    /** The sum of all there ever were. */
    [[nodiscard]] ClientMetrics total() const;

  private:
    using Clock = std::chrono::steady_clock;

    struct Client {
        ClientMetrics metrics;
        ScopedFd socket;
        FrameReader reader;
        Clock::time_point heard;  ///< when its last byte came
        bool sends = true;        ///< until it shut down its direction
        std::size_t in_hand = 0;  ///< frames that wait, or are being looked at
        Bytes unsent;
    };
    struct Done {
        std::uint64_t client = 0;
        Answer answer;
        Clock::time_point arrived;
    };
    struct Watch {
        int fd = -1;
        std::function<void()> readable;
    };

    void work(Estimator &estimator);
    void wait_and_serve();
    [[nodiscard]] int time_left() const;
    void accept_clients();
    void hear(Client &client);
    void take(Client &client, Frame frame);
    void deliver();
    void answer(Client &client, const Done &done);
    void send_unsent(Client &client);
    void close_silent();
    void say_goodbye();
    void finish();
    void end(Client &client, const std::string &why);
    void remove_ended();
    void log(const Client &client, const std::string &what);

    Listener listener_;
    std::vector<std::unique_ptr<Estimator>> estimators_;
    ServerSettings settings_;
    FrameQueues queues_;
    ScopedFd wake_;  ///< eventfd(2): an estimator has something done
    std::vector<Watch> watches_;
    std::map<std::uint64_t, Client> clients_;
    ClientMetrics gone_;  ///< the sum of those who went
    std::uint64_t clients_so_far_ = 0;
    bool stopping_ = false;

    std::mutex mutex_;  ///< for the two below
    std::vector<Done> done_;
    std::exception_ptr failure_;
    std::vector<std::thread> workers_;
};

}  // namespace klass::pose
