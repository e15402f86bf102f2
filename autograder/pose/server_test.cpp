// SPDX-License-Identifier: Apache-2.0
// The server over real sockets, with an estimator that a test can hold up.
#include "pose/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <condition_variable>
#include <cstring>
#include <future>
#include <optional>

#include "pose/figure.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::pose {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// How long a test waits for what must come; nothing is expected to take it.
constexpr auto for_ever = 60s;

/** Holds estimators up until it is opened. */
class Gate {
  public:
    explicit Gate(bool open = true) : open_(open) {}
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        ++arrived_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return open_; });
    }
    void wait_for_arrival() {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, for_ever, [&] { return arrived_ > 0; }));
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_;
    unsigned arrived_ = 0;
};

/** The first pixel of a frame that an estimator cannot bear. */
constexpr std::uint8_t hopeless = 66;

/** Answers with the frame's number and its first pixel. */
class Echo final : public Estimator {
  public:
    explicit Echo(Gate &gate) : gate_(gate) {}
    Keypoints estimate(const Frame &frame) override {
        gate_.pass();
        if (frame.pixels[0] == hopeless)
            throw GraderFault("no more");
        Keypoints keypoints{};
        keypoints[0] = {.y = static_cast<float>(frame.sequence),
                        .x = static_cast<float>(frame.pixels[0]),
                        .score = 1};
        return keypoints;
    }

  private:
    Gate &gate_;
};

/** A server in a thread of its own. */
class Running {
  public:
    explicit Running(Listener listener, Gate &gate, ServerSettings settings = {},
                     std::size_t threads = 1)
        : asks_(eventfd(0, EFD_CLOEXEC)) {
        settings.log = [this](const std::string &line) {
            const std::lock_guard lock(mutex_);
            lines_.push_back(line);
            changed_.notify_all();
        };
        settings.on_end = [this](const ClientMetrics &client) { ended_.push_back(client); };
        std::vector<std::unique_ptr<Estimator>> estimators;
        for (std::size_t i = 0; i < threads; ++i)
            estimators.push_back(std::make_unique<Echo>(gate));
        server_.emplace(std::move(listener), std::move(estimators), std::move(settings));
        server_->watch(asks_.get(), [this] {
            eventfd_t count = 0;
            eventfd_read(asks_.get(), &count);
            question_(*server_);
            answered_.set_value();
        });
        result_ = std::async(std::launch::async, [this] { server_->run(); });
    }
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;
    ~Running() {
        try {
            if (result_.valid() && result_.wait_for(0s) == std::future_status::timeout)
                stop();
        } catch (const std::exception &error) {
            ADD_FAILURE() << error.what();
        }
    }

    /** Calls @p question in the server's thread. */
    void ask(std::function<void(Server &)> question) {
        question_ = std::move(question);
        answered_ = {};
        auto answered = answered_.get_future();
        eventfd_write(asks_.get(), 1);
        ASSERT_EQ(answered.wait_for(for_ever), std::future_status::ready);
    }
    /** Ends the server. @throws what run() throws */
    void stop() {
        ask([](Server &server) { server.stop(); });
        result_.get();
    }
    /** The same for a server that ends by itself. */
    void wait_for_end() { result_.get(); }

    void wait_for_line(const std::string &part) {
        std::unique_lock lock(mutex_);
        const auto is_there = [&] {
            return std::any_of(lines_.begin(), lines_.end(), [&](const std::string &line) {
                return line.find(part) != std::string::npos;
            });
        };
        ASSERT_TRUE(changed_.wait_for(lock, for_ever, is_there)) << part << " was not logged";
    }
    void wait_for_received(std::uint64_t count) {
        std::uint64_t received = 0;
        while (received < count)
            ask([&](Server &server) { received = server.total().received; });
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    /** To be called when the server has ended. */
    [[nodiscard]] const std::vector<ClientMetrics> &ended() const { return ended_; }
    Server &server() { return *server_; }

  private:
    ScopedFd asks_;
    std::function<void(Server &)> question_;
    std::promise<void> answered_;
    std::optional<Server> server_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
    std::vector<ClientMetrics> ended_;
    std::future<void> result_;
};

/** A camera's sender. */
class Sender {
  public:
    /** Connects to "127.0.0.1:PORT" or to a path. */
    explicit Sender(const std::string &where) {
        if (where.front() == '/') {
            sockaddr_un address{};
            address.sun_family = AF_UNIX;
            std::strcpy(address.sun_path, where.c_str());
            connect_to(address, AF_UNIX);
        } else {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            address.sin_port =
                htons(static_cast<std::uint16_t>(std::stoul(where.substr(where.rfind(':') + 1))));
            connect_to(address, AF_INET);
        }
    }
    /** False when the server has closed. */
    bool send(const Bytes &bytes) {
        for (std::size_t at = 0; at < bytes.size();) {
            const ssize_t count =
                ::send(socket_.get(), bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
            if (count <= 0)
                return false;
            at += static_cast<std::size_t>(count);
        }
        return true;
    }
    bool send(const Frame &frame) { return send(to_wire(frame)); }
    /** The next answer; nothing when the server has closed. */
    std::optional<Answer> receive() {
        while (true) {
            const auto room = reader_.room();
            const ssize_t count = recv(socket_.get(), room.data(), room.size(), 0);
            if (count <= 0)
                return std::nullopt;
            if (auto answer = reader_.filled(static_cast<std::size_t>(count)))
                return answer;
        }
    }
    /** The numbers of all answers until the server closes. */
    std::vector<std::uint32_t> numbers_to_end() {
        std::vector<std::uint32_t> numbers;
        while (const auto answer = receive())
            numbers.push_back(answer->sequence);
        return numbers;
    }
    void shut_down() { shutdown(socket_.get(), SHUT_WR); }
    void close() { socket_.reset(); }
    /** Ends as a machine does that lost its power: no farewell, but a reset. */
    void vanish() {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        socket_.reset();
    }

  private:
    template <class Address>
    void connect_to(const Address &address, int family) {
        socket_.reset(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const timeval patience{.tv_sec = 60, .tv_usec = 0};
        setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (connect(socket_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) !=
            0)
            throw std::runtime_error("cannot connect");
    }

    ScopedFd socket_;
    AnswerReader reader_;
};

Frame frame(std::uint32_t sequence, std::uint8_t pixel = 0) {
    return {.sequence = sequence,
            .timestamp_ns = 1000 + sequence,
            .width = 16,
            .height = 16,
            .pixels = Bytes(512, pixel)};
}

Listener any_port() {
    return Listener::tcp("127.0.0.1:0");
}

class ServerTest : public testing::Test {
  protected:
    Gate open;
    Gate shut{false};
    TemporaryFolder folder{"pose-test"};
};

TEST_F(ServerTest, AnswersWithTheFramesNumberAndTime) {
    Running running(any_port(), open);
    Sender sender(running.server().where());
    ASSERT_TRUE(sender.send(frame(41, 17)));
    const auto answer = sender.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->sequence, 41U);
    EXPECT_EQ(answer->timestamp_ns, 1041U);
    EXPECT_EQ(answer->keypoints[0].x, 17.0F);
    EXPECT_EQ(answer->keypoints[0].y, 41.0F);
}

// Over both kinds of sockets, with two threads, frames that are mixed as badly as can be.
TEST_F(ServerTest, TwoClientsAtOnceHaveTheirOwnAnswers) {
    for (const bool is_unix : {false, true}) {
        Running running(is_unix ? Listener::unix_socket(folder.path() / "two") : any_port(), open,
                        {.queue = 100}, 2);
        const auto converse = [&](std::uint8_t pixel) {
            Sender sender(running.server().where());
            std::vector<std::uint32_t> numbers;
            for (std::uint32_t sequence = 0; sequence < 50; ++sequence)
                EXPECT_TRUE(sender.send(frame(sequence, pixel)));
            for (int i = 0; i < 50; ++i) {
                const auto answer = sender.receive();
                EXPECT_TRUE(answer.has_value());
                if (!answer)
                    break;
                EXPECT_EQ(answer->keypoints[0].x, static_cast<float>(pixel));
                EXPECT_EQ(answer->keypoints[0].y, static_cast<float>(answer->sequence));
                numbers.push_back(answer->sequence);
            }
            std::sort(numbers.begin(), numbers.end());
            EXPECT_EQ(std::unique(numbers.begin(), numbers.end()), numbers.end());
            return numbers.size();
        };
        auto first = std::async(std::launch::async, converse, 1);
        auto second = std::async(std::launch::async, converse, 2);
        EXPECT_EQ(first.get(), 50U);
        EXPECT_EQ(second.get(), 50U);
        running.stop();
        EXPECT_EQ(running.server().total().answered, 100U);
        EXPECT_EQ(running.server().total().dropped, 0U);
        EXPECT_EQ(running.server().total().latency.count(), 100U);
    }
}

/** What one client does wrong costs another nothing. */
class BadClientTest : public ServerTest {
  protected:
    void expect_other_is_served() {
        ASSERT_TRUE(other.send(frame(7)));
        const auto answer = other.receive();
        ASSERT_TRUE(answer.has_value());
        EXPECT_EQ(answer->sequence, 7U);
    }

    Running running{any_port(), open, {.most_unread = 8, .patience = 300ms}};
    Sender other{running.server().where()};
    Sender bad{running.server().where()};
};

TEST_F(BadClientTest, Garbage) {
    bad.send(to_bytes("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_FALSE(bad.receive().has_value());
    running.wait_for_line("client 2");
    running.wait_for_line("is closed: what came does not begin as a message does: GET ");
    expect_other_is_served();
}

TEST_F(BadClientTest, GarbageAfterAGoodFrame) {
    Bytes bytes = to_wire(frame(1));
    bytes[12] = 15;  // its width
    ASSERT_TRUE(bad.send(frame(1)));
    EXPECT_TRUE(bad.receive().has_value());
    bad.send(bytes);
    EXPECT_FALSE(bad.receive().has_value());
    running.wait_for_line("is closed: a frame of 15x16, which has to be from 16x16 to 1920x1080");
    expect_other_is_served();
}

TEST_F(BadClientTest, HalfAFrameAndTheEnd) {
    const Bytes bytes = to_wire(frame(1));
    bad.send(Bytes(bytes.begin(), bytes.begin() + 100));
    bad.close();
    running.wait_for_line("went in the middle of a frame. 0 frames, 0 answered, 0 dropped");
    expect_other_is_served();
}

TEST_F(BadClientTest, HalfAFrameAndSilence) {
    const Bytes bytes = to_wire(frame(1));
    bad.send(Bytes(bytes.begin(), bytes.begin() + 20));
    EXPECT_FALSE(bad.receive().has_value());
    running.wait_for_line("is closed: half a frame came, and then nothing for 0.3 s");
    // One that is silent between frames may be so for as long as it likes.
    expect_other_is_served();
}

TEST_F(BadClientTest, DoesNotReadItsAnswers) {
    for (std::uint32_t sequence = 0; bad.send(frame(sequence)); ++sequence)
        ASSERT_LT(sequence, 1000000U);
    running.wait_for_line("is closed: it does not read its answers");
    expect_other_is_served();
}

TEST_F(ServerTest, AClientThatVanishesWhileItsFrameIsLookedAt) {
    Running running(any_port(), shut);
    Sender other(running.server().where());
    Sender bad(running.server().where());
    ASSERT_TRUE(bad.send(frame(1)));
    shut.wait_for_arrival();
    bad.vanish();
    running.wait_for_line("client 2");
    running.wait_for_line("went: Connection reset by peer. 1 frames, 0 answered");
    shut.open();
    ASSERT_TRUE(other.send(frame(2)));
    EXPECT_TRUE(other.receive().has_value());
    running.stop();
    EXPECT_EQ(running.server().total().unanswered(), 1U);
}

TEST_F(ServerTest, UnderLoadTheOldestIsDropped) {
    Running running(any_port(), shut, {.queue = 2});
    Sender sender(running.server().where());
    ASSERT_TRUE(sender.send(frame(0)));
    shut.wait_for_arrival();
    for (std::uint32_t sequence = 1; sequence < 10; ++sequence)
        ASSERT_TRUE(sender.send(frame(sequence)));
    running.wait_for_received(10);
    shut.open();
    sender.shut_down();
    EXPECT_THAT(sender.numbers_to_end(), ElementsAre(0, 8, 9));
    running.stop();
    EXPECT_THAT(running.lines(),
                AllOf(Contains(HasSubstr("network looks: 1 of 4 frames dropped")),
                      Contains(HasSubstr("network looks: 4 of 7 frames dropped")),
                      Contains(HasSubstr("has left. 10 frames, 3 answered, 7 dropped"))));
    ASSERT_EQ(running.ended().size(), 1U);
    EXPECT_EQ(running.ended()[0].unanswered(), 0U);
}

TEST_F(ServerTest, OneWhoHasSentAllStillHasItsAnswers) {
    Running running(any_port(), shut, {.queue = 8});
    Sender sender(running.server().where());
    for (std::uint32_t sequence = 0; sequence < 5; ++sequence)
        ASSERT_TRUE(sender.send(frame(sequence)));
    sender.shut_down();
    running.wait_for_received(5);
    shut.open();
    EXPECT_THAT(sender.numbers_to_end(), ElementsAre(0, 1, 2, 3, 4));
    running.wait_for_line("has left. 5 frames, 5 answered, 0 dropped");
}

TEST_F(ServerTest, StopAnswersWhatIsBeingLookedAt) {
    Running running(any_port(), shut);
    Sender sender(running.server().where());
    ASSERT_TRUE(sender.send(frame(1)));
    shut.wait_for_arrival();
    ASSERT_TRUE(sender.send(frame(2)));
    running.wait_for_received(2);
    running.ask([](Server &server) { server.stop(); });
    shut.open();
    EXPECT_THAT(sender.numbers_to_end(), ElementsAre(1));
    running.wait_for_end();
    EXPECT_THAT(running.lines().back(), HasSubstr("is closed: the server ends"));
    EXPECT_EQ(running.server().total().unanswered(), 1U);
}

TEST_F(ServerTest, MoreClientsThanThereMayBeAreTurnedAway) {
    Running running(any_port(), open, {.most_clients = 1});
    Sender first(running.server().where());
    running.wait_for_line("client 1");
    Sender second(running.server().where());
    EXPECT_FALSE(second.receive().has_value());
    running.wait_for_line("is turned away: 1 clients are here");
    first.close();
    running.wait_for_line("has left");
    Sender third(running.server().where());
    ASSERT_TRUE(third.send(frame(3)));
    EXPECT_TRUE(third.receive().has_value());
}

TEST_F(ServerTest, AnEstimatorThatGivesUpEndsTheServer) {
    Running running(any_port(), open);
    Sender sender(running.server().where());
    ASSERT_TRUE(sender.send(frame(1, hopeless)));
    EXPECT_THROW(running.wait_for_end(), GraderFault);
}

TEST_F(ServerTest, TellsWhoIsConnected) {
    Running running(any_port(), open);
    Sender sender(running.server().where());
    ASSERT_TRUE(sender.send(frame(1)));
    ASSERT_TRUE(sender.receive().has_value());
    running.ask([](Server &server) {
        const auto connected = server.connected();
        ASSERT_EQ(connected.size(), 1U);
        EXPECT_EQ(connected[0].number, 1U);
        EXPECT_THAT(connected[0].peer, HasSubstr("127.0.0.1:"));
        EXPECT_EQ(connected[0].answered, 1U);
        EXPECT_EQ(server.total().peer, "1 client");
    });
}

TEST_F(ServerTest, NoEstimatorIsAFault) {
    EXPECT_THROW(Server(any_port(), {}, {}), GraderFault);
}

TEST(ListenerTest, SaysWhereItIs) {
    EXPECT_THAT(Listener::tcp("127.0.0.1:0").where(), testing::MatchesRegex("127.0.0.1:[0-9]+"));
    EXPECT_THROW(Listener::tcp("127.0.0.1"), UsageError);
    EXPECT_THROW(Listener::tcp(":7707"), UsageError);
    EXPECT_THROW(Listener::tcp("127.0.0.1:"), UsageError);
    EXPECT_THROW(Listener::tcp("example.org:7707"), UsageError);
    EXPECT_THROW(Listener::tcp("127.0.0.1:http"), UsageError);
    EXPECT_THROW(Listener::tcp("192.0.2.1:7707"), UsageError);
}

TEST(ListenerTest, TwoAtOnePlaceAreOneTooMany) {
    const Listener listener = any_port();
    EXPECT_THAT([&] { Listener::tcp(listener.where()); },
                testing::ThrowsMessage<UsageError>(HasSubstr("Address already in use")));
}

TEST(ListenerTest, UnixSocketGoesWithItsOwner) {
    const TemporaryFolder folder("listener-test");
    const auto path = folder.path() / "socket";
    {
        const Listener listener = Listener::unix_socket(path);
        EXPECT_TRUE(std::filesystem::is_socket(path));
        EXPECT_THAT([&] { Listener::unix_socket(path); },
                    testing::ThrowsMessage<UsageError>(HasSubstr("somebody listens")));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_THROW(Listener::unix_socket(folder.path() / std::string(200, 'x')), UsageError);
    EXPECT_THROW(Listener::unix_socket(""), UsageError);
}

TEST(ListenerTest, ReplacesWhatADeadServerLeft) {
    const TemporaryFolder folder("listener-test");
    const auto path = folder.path() / "socket";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    {
        const ScopedFd dead(socket(AF_UNIX, SOCK_STREAM, 0));
        ASSERT_EQ(bind(dead.get(), reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    }
    ASSERT_TRUE(std::filesystem::exists(path));
    const Listener listener = Listener::unix_socket(path);
    EXPECT_EQ(listener.where(), path.string());
    write_file_atomically(folder.path() / "file", "mine");
    EXPECT_THROW(Listener::unix_socket(folder.path() / "file"), UsageError);
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "file"));
}

}  // namespace
}  // namespace klass::pose
