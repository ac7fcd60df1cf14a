// SPDX-License-Identifier: AGPL-3.0-or-later
#include <bit>
#include <optional>

#include "access/label.h"
#include "bench/relay/frame.h"
#include "bench/relay/speakers.h"

// A device of the relay, by docs/spec/wire.md: the upgrade to WebSocket, Greeting and Hello, and
// then one binary message a frame.

namespace cercle::bench {
namespace {

constexpr std::string_view upgrade =
    "GET / HTTP/1.1\r\nHost: cercle\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
constexpr std::uint8_t binary = 2;
constexpr std::uint8_t goodbye = 8;
constexpr std::uint8_t ping = 9;
constexpr std::uint8_t pong = 10;

class Session final : public RelayAsker {
  public:
    Session(const Town& town,
            std::optional<std::uint32_t> writer,
            std::optional<PostFrame> frame,
            std::uint32_t logs = 0)
        : town_(town),
          writer_(writer),
          frame_(std::move(frame)),
          logs_(logs) {}

    void begin(Line& line) override { line.send(to_bytes(upgrade)); }

    void append(Line& line) override {
        if (logs_ == 0) return say(line, frame_->next());
        std::array<std::uint8_t, sizeof(std::uint32_t)> dice{};
        fill_randomly(dice);
        const std::uint32_t log = std::bit_cast<std::uint32_t>(dice) % logs_;
        say(line, frame_->next_to(town_.log(log, Where::Own), town_.token(log)));
    }

    void open_log(Line& line, const protocol::LogId& log) override {
        const auto reader = town_.reader(*writer_);
        const Bytes statement = codec::encode(protocol::ReaderStatement{line.binding(), log});
        say(line,
            codec::encode(protocol::Request{
                {1},
                protocol::OpenLog{log,
                                  *protocol::ReaderKey::from(reader.public_key()),
                                  access::sign(reader, access::Label::Reader, statement)}}));
    }

    void read(Line& line, const protocol::LogId& log, protocol::Seq after) override {
        say(line, codec::encode(protocol::Request{{1}, protocol::Read{log, after}}));
    }

    void say(Line& line, BytesView frame) override { send(line, binary, frame); }

    void hear(Line& line, BytesView bytes) override {
        heard_.insert(heard_.end(), bytes.begin(), bytes.end());
        std::size_t at = 0;
        if (state_ == State::Upgrading) {
            const std::string_view text(reinterpret_cast<const char*>(heard_.data()),
                                        heard_.size());
            const std::size_t end = text.find("\r\n\r\n");
            if (end == std::string_view::npos) return;
            if (!text.starts_with("HTTP/1.1 101")) return line.hang_up();
            at = end + 4;
            state_ = State::Greeted;
        }
        while (const std::size_t size = message(line, BytesView(heard_).subspan(at)))
            at += size;
        heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(at));
    }

  private:
    enum class State : std::uint8_t { Upgrading, Greeted, Introduced, Admitted };

    // How many bytes the first message takes, once it is whole.
    std::size_t message(Line& line, BytesView bytes) {
        constexpr std::uint8_t two_bytes = 126;
        constexpr std::uint8_t eight_bytes = 127;
        if (bytes.size() < 2 || line.is_lost()) return 0;
        std::size_t head = 2;
        std::size_t size = bytes[1];
        const std::size_t digits = size == two_bytes ? 2U : size == eight_bytes ? 8U : 0U;
        if (bytes.size() < head + digits) return 0;
        if (digits != 0) size = 0;
        for (std::size_t at = 0; at < digits; ++at)
            size = size << 8U | bytes[head + at];
        head += digits;
        if (bytes.size() < head + size) return 0;
        const BytesView body = bytes.subspan(head, size);
        switch (bytes[0] & 0xfU) {
            case binary:
                frame(line, body);
                break;
            case ping:
                send(line, pong, body);
                break;
            case goodbye:
                line.hang_up();
                return 0;
            default:
                break;
        }
        return head + size;
    }

    void frame(Line& line, BytesView body) {
        switch (state_) {
            case State::Upgrading:
                return;
            case State::Greeted:
                state_ = State::Introduced;
                return introduce(line);
            case State::Introduced:
                state_ = State::Admitted;
                // Response 0, Done.
                if (body.size() >= 6 && body[5] == 0) return hearing.ready();
                return line.hang_up();
            case State::Admitted:
                break;
        }
        // FromRelay: 0 is a Response, with a number and then the body's kind.
        if (body.size() < 6) return;
        if (body[0] != 0) return hearing.told();
        const std::uint32_t number = std::uint32_t{body[1]} << 24U | std::uint32_t{body[2]} << 16U |
                                     std::uint32_t{body[3]} << 8U | body[4];
        constexpr std::uint8_t refused = 1;
        constexpr std::uint8_t opened = 3;
        if (body[5] == refused) return hearing.refused(number);
        if (body[5] == opened) {
            std::uint64_t head = 0;
            for (const std::uint8_t digit : body.last(sizeof(head)))
                head = head << 8U | digit;
            return hearing.opened(head);
        }
        hearing.answered(number);
    }

    void introduce(Line& line) {
        const auto key = writer_ ? town_.device(*writer_) : town_.officer();
        const Bytes statement =
            codec::encode(protocol::SessionStatement{line.binding(), key.public_key()});
        protocol::Hello hello{};
        if (writer_) {
            hello.who =
                protocol::AsDevice{*protocol::DeviceKey::from(key.public_key()),
                                   access::sign(key, access::Label::DeviceSession, statement)};
        } else {
            hello.who =
                protocol::AsOfficer{*protocol::OfficerKey::from(key.public_key()),
                                    access::sign(key, access::Label::OfficerSession, statement)};
        }
        say(line, codec::encode(hello));
    }

    void send(Line& line, std::uint8_t kind, BytesView body) {
        constexpr std::size_t longest_head = 14;
        constexpr std::size_t short_size = 125;
        constexpr std::size_t middle_size = 0xffff;
        Bytes message;
        message.reserve(body.size() + longest_head);
        message.push_back(0x80U | kind);
        const std::size_t digits = body.size() <= short_size    ? 0U
                                   : body.size() <= middle_size ? 2U
                                                                : 8U;
        message.push_back(static_cast<std::uint8_t>(0x80U | (digits == 0   ? body.size()
                                                             : digits == 2 ? 126U
                                                                           : 127U)));
        for (std::size_t at = 0; at < digits; ++at) {
            message.push_back(static_cast<std::uint8_t>(body.size() >> (8 * (digits - 1 - at))));
        }
        std::array<std::uint8_t, 4> mask{};
        fill_randomly(mask);
        message.insert(message.end(), mask.begin(), mask.end());
        const std::size_t begin = message.size();
        message.insert(message.end(), body.begin(), body.end());
        std::uint8_t* const target = message.data() + begin;
        for (std::size_t at = 0; at < body.size(); ++at)
            target[at] ^= mask[at & 3U];
        line.send(message);
    }

    const Town& town_;
    std::optional<std::uint32_t> writer_;
    std::optional<PostFrame> frame_;
    std::uint32_t logs_;
    State state_ = State::Upgrading;
    Bytes heard_{};
};

}  // namespace

std::unique_ptr<RelayAsker> speak_relay(const Town& town, std::uint32_t writer, Where where) {
    return std::make_unique<Session>(town, writer, PostFrame(town.post(writer, where)));
}

std::unique_ptr<RelayAsker> speak_relay_anywhere(const Town& town,
                                                 std::uint32_t writer,
                                                 std::uint32_t logs) {
    return std::make_unique<Session>(town, writer, PostFrame(town.post(writer, Where::Own)), logs);
}

std::unique_ptr<RelayAsker> speak_officer(const Town& town) {
    return std::make_unique<Session>(town, std::nullopt, std::nullopt);
}

}  // namespace cercle::bench
