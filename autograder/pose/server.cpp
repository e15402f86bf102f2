// SPDX-License-Identifier: Apache-2.0
#include "pose/server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

#include "util/error.h"

namespace klass::pose {

namespace {

// One client's reads before the others have their turn: some frames of a camera.
constexpr int reads_at_once = 64;

/** The fitting options of a new connection. On a UNIX socket none of them exists, nor is needed. */
void tune(int socket) {
    const int on = 1;
    // An answer is small, and the next one may be long in coming: never hold it back.
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A peer that vanished without a word is noticed after two minutes.
    const int idle = 60;
    const int between = 15;
    const int probes = 4;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof between);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

bool is_for_later(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

Server::Server(Listener listener, std::vector<std::unique_ptr<Estimator>> estimators,
               ServerSettings settings)
    : listener_(std::move(listener)),
      estimators_(std::move(estimators)),
      settings_(std::move(settings)),
      queues_(settings_.queue),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_.valid())
        throw GraderFault("no descriptor for a pose server: " + errno_text(errno));
    if (estimators_.empty())
        throw GraderFault("a pose server without an estimator");
}

Server::~Server() {
    queues_.close();
    for (std::thread &worker : workers_)
        worker.join();
}

void Server::watch(int fd, std::function<void()> readable) {
    watches_.push_back({fd, std::move(readable)});
}

void Server::stop() {
    stopping_ = true;
    queues_.close();
}

void Server::run() {
    for (const auto &estimator : estimators_)
        workers_.emplace_back([this, &estimator] { work(*estimator); });
    while (!stopping_)
        wait_and_serve();
    finish();
    if (failure_)
        std::rethrow_exception(failure_);
}

// --- the estimators' threads

void Server::work(Estimator &estimator) {
    while (auto job = queues_.pop()) {
        try {
            const Done done{.client = job->client,
                            .answer = {.sequence = job->frame.sequence,
                                       .timestamp_ns = job->frame.timestamp_ns,
                                       .keypoints = estimator.estimate(job->frame)},
                            .arrived = job->arrived};
            const std::lock_guard lock(mutex_);
            done_.push_back(done);
        } catch (...) {
            const std::lock_guard lock(mutex_);
            failure_ = std::current_exception();
        }
        // It fails only when the counter is full, and then the descriptor is readable already.
        eventfd_write(wake_.get(), 1);
    }
}

// --- the thread of the sockets

void Server::wait_and_serve() {
    std::vector<pollfd> polled{{listener_.fd(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    for (const Watch &watch : watches_)
        polled.push_back({watch.fd, POLLIN, 0});
    std::vector<Client *> clients;
    for (auto &[number, client] : clients_) {
        const int events = (client.sends ? POLLIN : 0) | (client.unsent.empty() ? 0 : POLLOUT);
        polled.push_back({client.socket.get(), static_cast<short>(events), 0});
        clients.push_back(&client);
    }
    if (poll(polled.data(), polled.size(), time_left()) < 0 && errno != EINTR)
        throw GraderFault("poll: " + errno_text(errno));

    std::size_t at = 2 + watches_.size();
    for (Client *client : clients) {
        const short events = polled[at++].revents;
        if ((events & POLLOUT) != 0)
            send_unsent(*client);
        if (client->sends && (events & (POLLIN | POLLHUP | POLLERR)) != 0)
            hear(*client);
        else if (!client->sends && (events & (POLLHUP | POLLERR)) != 0)
            end(*client, "went without waiting for its answers");
    }
    if (polled[1].revents != 0)
        deliver();
    close_silent();
    say_goodbye();
    remove_ended();
    if (polled[0].revents != 0)
        accept_clients();
    for (std::size_t i = 0; i < watches_.size(); ++i)
        if (polled[2 + i].revents != 0)
            watches_[i].readable();
}

/** Milliseconds until a client that is silent in the middle of a frame has had its time. */
int Server::time_left() const {
    auto least = std::chrono::milliseconds::max();
    for (const auto &[number, client] : clients_)
        if (client.reader.within_message())
            least = std::min(least, std::chrono::ceil<std::chrono::milliseconds>(
                                        client.heard + settings_.patience - Clock::now()));
    if (least == std::chrono::milliseconds::max())
        return -1;
    return static_cast<int>(std::clamp<std::int64_t>(least.count(), 0, 60'000));
}

void Server::accept_clients() {
    while (true) {
        ScopedFd socket(accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket.valid()) {
            // One that went before its turn is nobody's fault.
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            if (is_for_later(errno))
                return;
            throw GraderFault("accept: " + errno_text(errno));
        }
        const std::string peer = peer_of(socket.get());
        if (clients_.size() >= settings_.most_clients) {
            settings_.log(
                fmt::format("{} is turned away: {} clients are here", peer, clients_.size()));
            continue;
        }
        tune(socket.get());
        Client &client = clients_[++clients_so_far_];
        client.metrics.number = clients_so_far_;
        client.metrics.peer = peer;
        client.socket = std::move(socket);
        client.heard = Clock::now();
        log(client, "is here");
    }
}

void Server::hear(Client &client) {
    for (int i = 0; i < reads_at_once && client.metrics.ended.empty(); ++i) {
        const auto room = client.reader.room();
        const ssize_t count = recv(client.socket.get(), room.data(), room.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && is_for_later(errno))
            return;
        if (count < 0)
            return end(client, "went: " + errno_text(errno));
        if (count == 0) {
            client.sends = false;
            if (client.reader.within_message())
                end(client, "went in the middle of a frame");
            return;
        }
        client.heard = Clock::now();
        try {
            if (auto frame = client.reader.filled(static_cast<std::size_t>(count)))
                take(client, std::move(*frame));
        } catch (const WireError &error) {
            end(client, std::string("is closed: ") + error.what());
        }
    }
}

void Server::take(Client &client, Frame frame) {
    ClientMetrics &metrics = client.metrics;
    ++metrics.received;
    ++client.in_hand;
    if (!queues_.push({metrics.number, std::move(frame), client.heard}))
        return;
    ++metrics.dropped;
    --client.in_hand;
    // The first, the second, the fourth: a flood of frames is no flood of lines.
    if (std::has_single_bit(metrics.dropped))
        log(client, fmt::format("sends faster than the network looks: {} of {} frames dropped",
                                metrics.dropped, metrics.received));
}

void Server::deliver() {
    eventfd_t count = 0;
    eventfd_read(wake_.get(), &count);
    std::vector<Done> all;
    {
        const std::lock_guard lock(mutex_);
        all.swap(done_);
        stopping_ = stopping_ || failure_ != nullptr;
    }
    for (const Done &done : all)
        if (const auto client = clients_.find(done.client); client != clients_.end())
            answer(client->second, done);
}

void Server::answer(Client &client, const Done &done) {
    --client.in_hand;
    if (!client.metrics.ended.empty())
        return;
    const Bytes bytes = to_wire(done.answer);
    client.unsent.insert(client.unsent.end(), bytes.begin(), bytes.end());
    ++client.metrics.answered;
    client.metrics.latency.add(Clock::now() - done.arrived);
    send_unsent(client);
    if (client.unsent.size() > settings_.most_unread * bytes.size())
        end(client, "is closed: it does not read its answers");
}

void Server::send_unsent(Client &client) {
    while (!client.unsent.empty() && client.metrics.ended.empty()) {
        const ssize_t count = send(client.socket.get(), client.unsent.data(), client.unsent.size(),
                                   MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && is_for_later(errno))
            return;
        if (count < 0)
            return end(client, "went before its answer: " + errno_text(errno));
        client.unsent.erase(client.unsent.begin(), client.unsent.begin() + count);
    }
}

void Server::close_silent() {
    for (auto &[number, client] : clients_)
        if (client.metrics.ended.empty() && client.reader.within_message() &&
            Clock::now() - client.heard >= settings_.patience)
            end(client, fmt::format("is closed: half a frame came, and then nothing for {:.1f} s",
                                    std::chrono::duration<double>(settings_.patience).count()));
}

/** Closes those who have sent all they wanted, and have all their answers. */
void Server::say_goodbye() {
    for (auto &[number, client] : clients_)
        if (!client.sends && client.in_hand == 0 && client.unsent.empty() &&
            client.metrics.ended.empty())
            end(client, "has left");
}

void Server::finish() {
    queues_.close();
    for (std::thread &worker : workers_)
        worker.join();
    workers_.clear();
    deliver();
    for (auto &[number, client] : clients_)
        if (client.metrics.ended.empty())
            end(client, "is closed: the server ends");
    remove_ended();
}

/** The client itself stays until remove_ended(): somebody may be in the middle of serving it. */
void Server::end(Client &client, const std::string &why) {
    if (!client.metrics.ended.empty())
        return;
    client.metrics.ended = why;
    queues_.forget(client.metrics.number);
    client.socket.reset();
    log(client, fmt::format("{}. {} frames, {} answered, {} dropped", why, client.metrics.received,
                            client.metrics.answered, client.metrics.dropped));
    settings_.on_end(client.metrics);
}

void Server::remove_ended() {
    std::erase_if(clients_, [&](const auto &each) {
        const ClientMetrics &metrics = each.second.metrics;
        if (metrics.ended.empty())
            return false;
        gone_ = total_of({gone_, metrics});
        return true;
    });
}

void Server::log(const Client &client, const std::string &what) {
    settings_.log(
        fmt::format("client {} ({}) {}", client.metrics.number, client.metrics.peer, what));
}

std::vector<ClientMetrics> Server::connected() const {
    std::vector<ClientMetrics> all;
    for (const auto &[number, client] : clients_)
        all.push_back(client.metrics);
    return all;
}

ClientMetrics Server::total() const {
    std::vector<ClientMetrics> all = connected();
    all.push_back(gone_);
    ClientMetrics total = total_of(all);
    total.peer = fmt::format("{} client{}", clients_so_far_, clients_so_far_ == 1 ? "" : "s");
    return total;
}

}  // namespace klass::pose
