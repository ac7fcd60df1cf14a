// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Speakers: the three languages that are compared. Each says when it may be asked, sends what it is
// given as one request, and tells what was answered. What they have in common is what the
// measurements see.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "bench/relay/line.h"
#include "bench/relay/town.h"

namespace cercle::bench {

/// What the measurement hears. Called from within the reactor.
struct Hearing {
    std::function<void()> ready = [] {};
    /// The number that the answer carries; echoes and JetStream answer in order, and say 0.
    std::function<void(std::uint32_t)> answered = [](std::uint32_t) {};
    std::function<void(std::uint32_t)> refused = [](std::uint32_t) {};
    /// A log was opened; its last position.
    std::function<void(std::uint64_t)> opened = [](std::uint64_t) {};
    /// Unasked: a log has grown, or a message has come.
    std::function<void()> told = [] {};
};

/// Any of the three.
class Asker : public Speaker {
  public:
    /// Sends one append of 1 KiB.
    virtual void append(Line& line) = 0;

    Hearing hearing{};
};

/// Sends the frames of `device` and takes them back: TLS, and nothing in it.
[[nodiscard]] std::unique_ptr<Asker> speak_echo(const Town& town,
                                                std::uint32_t writer,
                                                Where where);

class RelayAsker : public Asker {
  public:
    /// Any frame, as one WebSocket message.
    virtual void say(Line& line, BytesView frame) = 0;
    virtual void open_log(Line& line, const protocol::LogId& log) = 0;
    virtual void read(Line& line, const protocol::LogId& log, protocol::Seq after) = 0;
};

/// A device's session on the relay: WebSocket, Hello, Post.
[[nodiscard]] std::unique_ptr<RelayAsker> speak_relay(const Town& town,
                                                      std::uint32_t writer,
                                                      Where where);
/// The same, but each append goes to another log, any of the first so many.
[[nodiscard]] std::unique_ptr<RelayAsker> speak_relay_anywhere(const Town& town,
                                                               std::uint32_t writer,
                                                               std::uint32_t logs);
/// The officer's, who has no log.
[[nodiscard]] std::unique_ptr<RelayAsker> speak_officer(const Town& town);

/// NATS: publishes into a stream and waits for its acknowledgement.
[[nodiscard]] std::unique_ptr<Asker> speak_nats(const Town& town,
                                                std::uint32_t writer,
                                                Where where);
/// NATS: makes the stream.
[[nodiscard]] std::unique_ptr<Asker> make_stream();
/// NATS: hears what is published in the shared conversation.
[[nodiscard]] std::unique_ptr<Asker> hear_nats();

}  // namespace cercle::bench
