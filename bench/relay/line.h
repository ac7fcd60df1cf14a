// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Line: one TLS connection of the client that measures, and Reactor, which moves many of them on
// one thread. It knows epoll and libssl and nothing else, so that every peer is driven by the same
// code and costs the client the same.

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "crypto/hash.h"

struct ssl_ctx_st;
struct ssl_st;

namespace cercle::bench {

class Line;

/// What is spoken on a line. One object a line.
class Speaker {
  public:
    Speaker() = default;
    Speaker(const Speaker&) = delete;
    Speaker& operator=(const Speaker&) = delete;
    virtual ~Speaker() = default;

    /// The handshake is done.
    virtual void begin(Line& line) = 0;
    /// The peer has sent these bytes, wherever they begin and end.
    virtual void hear(Line& line, BytesView bytes) = 0;
};

class Reactor {
  public:
    Reactor();
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;
    ~Reactor();

    /// Moves everything until `done()` says so.
    void run_until(const std::function<bool()>& done);

    /// For lines.
    [[nodiscard]] int number() const { return epoll_; }

    [[nodiscard]] ssl_ctx_st* context() const { return context_; }

    /// Lines that were lost since the beginning.
    std::size_t lost = 0;

  private:
    int epoll_;
    ssl_ctx_st* context_;
};

class Line {
  public:
    /// Calls 127.0.0.1. The speaker hears when the line stands.
    Line(Reactor& reactor, std::uint16_t port, std::unique_ptr<Speaker> speaker);
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    ~Line();

    /// Sent at once if the system takes it, else as soon as it does.
    void send(BytesView bytes);

    /// Reads nothing more from now on: a peer that does not listen.
    void stop_reading();

    /// RFC 8446 section 7.5, with the label of the house.
    [[nodiscard]] crypto::Digest binding() const;

    [[nodiscard]] bool stands() const { return stands_; }

    [[nodiscard]] bool is_lost() const { return socket_ < 0; }

    void hang_up();

    /// For the reactor.
    void move();

  private:
    void flush();
    void read();
    void lose();
    void watch(bool writing);

    Reactor& reactor_;
    std::unique_ptr<Speaker> speaker_;
    ssl_st* session_ = nullptr;
    int socket_ = -1;
    Bytes unsent_{};
    bool stands_ = false;
    bool reads_ = true;
    bool waits_to_write_ = false;
};

}  // namespace cercle::bench
