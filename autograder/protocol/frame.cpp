// SPDX-License-Identifier: Apache-2.0
#include "protocol/frame.h"

#include <kj/exception.h>

#include <cstring>

namespace klass::protocol {

namespace {

constexpr char mark[4] = {'K', 'L', 'S', '1'};

// Every word may be read a few times over; a message that makes us read more
// than that is built to make us read for ever.
capnp::ReaderOptions reader_options(std::size_t words) {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 4 * words + 64;
    options.nestingLimit = 8;
    return options;
}

}  // namespace

Frame::Frame(std::vector<capnp::word> words)
    : words_(std::move(words)),
      reader_(kj::ArrayPtr<const capnp::word>(words_.data(), words_.size()),
              reader_options(words_.size())) {}

void FrameSplitter::append(const std::uint8_t *bytes, std::size_t count) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ = 0;
    buffer_.insert(buffer_.end(), bytes, bytes + count);
}

std::optional<std::vector<capnp::word>> FrameSplitter::next() {
    const std::size_t there = buffer_.size() - used_;
    if (there < header_bytes)
        return std::nullopt;
    const std::uint8_t *header = buffer_.data() + used_;
    if (std::memcmp(header, mark, sizeof mark) != 0)
        throw ProtocolError("a frame does not begin with its mark");
    std::uint32_t words = 0;
    std::memcpy(&words, header + sizeof mark, sizeof words);
    if (words == 0 || words > limit_words)
        throw ProtocolError("a frame claims an impossible length");
    const std::size_t bytes = words * sizeof(capnp::word);
    if (there < header_bytes + bytes)
        return std::nullopt;
    std::vector<capnp::word> frame(words);
    std::memcpy(static_cast<void *>(frame.data()), header + header_bytes, bytes);
    used_ += header_bytes + bytes;
    return frame;
}

namespace {

std::vector<std::uint8_t> framed(kj::ArrayPtr<const capnp::word> words) {
    const auto count = static_cast<std::uint32_t>(words.size());
    std::vector<std::uint8_t> frame(header_bytes + words.asBytes().size());
    std::memcpy(frame.data(), mark, sizeof mark);
    std::memcpy(frame.data() + sizeof mark, &count, sizeof count);
    std::memcpy(frame.data() + header_bytes, words.asBytes().begin(), words.asBytes().size());
    return frame;
}

}  // namespace

std::vector<std::uint8_t> to_frame(const std::vector<capnp::word> &words) {
    return framed({words.data(), words.size()});
}

std::vector<std::uint8_t> to_frame(capnp::MessageBuilder &message) {
    return framed(capnp::messageToFlatArray(message));
}

ReplyData read_reply(std::vector<capnp::word> words) {
    ReplyData reply;
    const auto failure = kj::runCatchingExceptions([&] {
        Frame frame(std::move(words));
        const auto root = frame.message().getRoot<Reply>();
        const auto data = root.getData();
        if (data.size() > limit_reply_data)
            throw ProtocolError("a reply holds more data than was ever asked for");
        reply.id = root.getId();
        reply.result = root.getResult();
        reply.error = root.getError();
        reply.data.assign(data.begin(), data.end());
        reply.extra = root.getExtra();
        reply.times = root.getTimes();
        reply.nanoseconds = root.getNanoseconds();
    });
    KJ_IF_MAYBE (exception, failure) {
        throw ProtocolError(std::string("a reply is no message: ") +
                            exception->getDescription().cStr());
    }
    return reply;
}

}  // namespace klass::protocol
