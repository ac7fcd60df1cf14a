// SPDX-License-Identifier: AGPL-3.0-or-later
#include <format>

#include "bench/relay/frame.h"
#include "bench/relay/speakers.h"

// NATS, by its published client protocol: lines of text, TLS first. A publisher subscribes to an
// inbox of its own, publishes with that as the address of the reply, and JetStream acknowledges
// there once the message is stored (with sync_interval: always, once it is synced).

namespace cercle::bench {
namespace {

std::string subject(std::uint32_t writer, Where where) {
    return where == Where::Shared ? "c.shared" : std::format("c.{}", writer);
}

/// What all three have: INFO is read, CONNECT and `opening` are said, PING is answered, and each
/// MSG is counted.
class Nats : public Asker {
  public:
    explicit Nats(std::string opening)
        : opening_(std::move(opening)) {}

    void begin(Line& /*line*/) override {}

    void append(Line& /*line*/) override {}

    void hear(Line& line, BytesView bytes) override {
        heard_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        std::size_t at = 0;
        while (const std::size_t size = command(line, std::string_view(heard_).substr(at)))
            at += size;
        heard_.erase(0, at);
    }

  protected:
    virtual void message(std::string_view body) = 0;

  private:
    std::size_t command(Line& line, std::string_view text) {
        const std::size_t end = text.find("\r\n");
        if (end == std::string_view::npos || line.is_lost()) return 0;
        const std::string_view first = text.substr(0, end);
        const std::size_t next = end + 2;
        if (first.starts_with("MSG ") || first.starts_with("HMSG ")) {
            const std::size_t size = std::stoul(std::string(first.substr(first.rfind(' ') + 1)));
            if (text.size() < next + size + 2) return 0;
            message(text.substr(next, size));
            return next + size + 2;
        }
        if (first.starts_with("INFO ") && !connected_) {
            connected_ = true;
            line.send(to_bytes(
                "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
                "\"no_responders\":false,\"lang\":\"c++\",\"version\":\"1\",\"protocol\":1}\r\n" +
                opening_ + "PING\r\n"));
        } else if (first == "PONG") {
            hearing.ready();
        } else if (first == "PING") {
            line.send(to_bytes("PONG\r\n"));
        } else if (first.starts_with("-ERR")) {
            line.hang_up();
            return 0;
        }
        return next;
    }

    std::string opening_;
    std::string heard_{};
    bool connected_ = false;
};

class Publisher final : public Nats {
  public:
    Publisher(const Town& town, std::uint32_t writer, Where where)
        : Nats(std::format("SUB in.{} 1\r\n", writer)),
          frame_(town.post(writer, where)) {
        // The payload alone: tokens and ids, which the relay's frame carries too, are spared it.
        head_ = std::format("PUB {} in.{} 1024\r\n", subject(writer, where), writer);
    }

    void append(Line& line) override {
        constexpr std::size_t payload = 1024;
        const BytesView frame = frame_.next();
        Bytes message = to_bytes(head_);
        message.reserve(head_.size() + payload + 2);
        message.insert(message.end(), frame.end() - payload, frame.end());
        message.push_back('\r');
        message.push_back('\n');
        line.send(message);
    }

  protected:
    void message(std::string_view body) override {
        if (body.contains("\"error\"")) return hearing.refused(0);
        hearing.answered(0);
    }

  private:
    PostFrame frame_;
    std::string head_;
};

class StreamMaker final : public Nats {
  public:
    StreamMaker()
        : Nats("SUB in.make 1\r\n") {}

    void append(Line& line) override {
        const std::string wanted =
            R"({"name":"C","subjects":["c.>"],"retention":"limits","storage":"file",)"
            R"("max_consumers":-1,"max_msgs":-1,"max_bytes":-1,"max_age":0,"num_replicas":1,)"
            R"("discard":"old"})";
        line.send(to_bytes(std::format(
            "PUB $JS.API.STREAM.CREATE.C in.make {}\r\n{}\r\n", wanted.size(), wanted)));
    }

  protected:
    void message(std::string_view body) override {
        if (body.contains("\"error\"")) return hearing.refused(0);
        hearing.answered(0);
    }
};

class Subscriber final : public Nats {
  public:
    Subscriber()
        : Nats("SUB c.shared 1\r\n") {}

  protected:
    void message(std::string_view /*body*/) override { hearing.told(); }
};

}  // namespace

std::unique_ptr<Asker> speak_nats(const Town& town, std::uint32_t writer, Where where) {
    return std::make_unique<Publisher>(town, writer, where);
}

std::unique_ptr<Asker> make_stream() {
    return std::make_unique<StreamMaker>();
}

std::unique_ptr<Asker> hear_nats() {
    return std::make_unique<Subscriber>();
}

}  // namespace cercle::bench
