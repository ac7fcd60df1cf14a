// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What the tests of net and of its networks share: seeded randomness, and short tasks to spawn.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/random.h"
#include "net/channel.h"
#include "net/loop.h"

namespace cercle::net::trial {

/// The same bytes for the same seed (splitmix64). For tests only.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed)
        : state_(seed) {}

    void fill(std::span<std::uint8_t> target) override {
        for (std::uint8_t& byte : target)
            byte = static_cast<std::uint8_t>(next() >> 56U);
    }

  private:
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ mixed >> 30U) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ mixed >> 27U) * 0x94d049bb133111ebU;
        return mixed ^ mixed >> 31U;
    }

    std::uint64_t state_;
};

/// A frame of `size` bytes that says which one it is.
inline Bytes frame_of(std::size_t size, std::size_t number) {
    Bytes frame(size);
    for (std::size_t at = 0; at < size; ++at) {
        frame[at] = static_cast<std::uint8_t>(number * 131 + at * 7);
    }
    return frame;
}

/// Compared here, so that a failing test does not print a megabyte.
inline bool is_frame(const Bytes& frame, std::size_t size, std::size_t number) {
    return frame == frame_of(size, number);
}

/// Sends back whatever it receives.
inline Task<void> echo(Channel& channel, Loop& loop) {
    while (true) {
        CO_TRY(auto frame, co_await channel.receive(loop.in(std::chrono::hours{1})));
        CO_TRY_VOID(co_await channel.send(std::move(frame), loop.in(std::chrono::hours{1})));
    }
}

/// The frames of these sizes, out and back.
inline Task<void> exchange(Channel& channel, Loop& loop, std::vector<std::size_t> sizes) {
    for (std::size_t number = 0; number < sizes.size(); ++number) {
        const Deadline deadline = loop.in(std::chrono::seconds{60});
        CO_TRY_VOID(co_await channel.send(frame_of(sizes[number], number), deadline));
        CO_TRY(const auto back, co_await channel.receive(deadline));
        if (back != frame_of(sizes[number], number)) {
            co_return fail(Code::malformed, "another frame came back");
        }
    }
    co_return Result<void>{};
}

inline Task<void> send_all(Channel& channel, Loop& loop, std::vector<std::size_t> sizes) {
    for (std::size_t number = 0; number < sizes.size(); ++number) {
        CO_TRY_VOID(co_await channel.send(frame_of(sizes[number], number),
                                          loop.in(std::chrono::seconds{60})));
    }
    co_return Result<void>{};
}

inline Task<std::vector<Bytes>> receive_all(Channel& channel, Loop& loop, std::size_t count) {
    std::vector<Bytes> frames;
    while (frames.size() < count) {
        CO_TRY(auto frame, co_await channel.receive(loop.in(std::chrono::seconds{60})));
        frames.push_back(std::move(frame));
    }
    co_return frames;
}

/// Both ends of one connection.
struct Pair {
    std::unique_ptr<Channel> caller;
    std::unique_ptr<Channel> called;
};

inline Task<Pair> meet(Network& network, Listener& listener, RelayKey key, Loop& loop) {
    CO_TRY(auto caller,
           co_await network.dial(listener.address(), key, loop.in(std::chrono::seconds{60})));
    CO_TRY(auto called, co_await listener.accept());
    co_return Pair{std::move(caller), std::move(called)};
}

}  // namespace cercle::net::trial
