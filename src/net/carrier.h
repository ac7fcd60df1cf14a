// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Carrier: what moves whole frames over one connection, by callbacks. carry() makes a Channel of
// one, which adds what all channels share: deadlines, turns, cancellation, goodbye.
//
// Private to this folder.

#include <cstddef>
#include <functional>
#include <memory>

#include "net/channel.h"
#include "net/loop.h"

namespace cercle::net {

class Carrier {
  public:
    template <class T>
    using Done = std::move_only_function<void(Result<T>)>;

    Carrier() = default;
    Carrier(const Carrier&) = delete;
    Carrier& operator=(const Carrier&) = delete;
    virtual ~Carrier() = default;

    // One read, one write and one goodbye at a time. `done` is called later, never inside the call;
    // the carrier keeps it only within operations of the loop, so that they are freed with it.

    virtual void read(Done<Bytes> done) = 0;
    /// `frame` lives until `done`.
    virtual void write(BytesView frame, Done<void> done) = 0;
    virtual void say_goodbye(Done<void> done) = 0;

    /// Writes a frame within the call, if nothing is in its way, least of all a write(). False: it
    /// is to be written by write(), or the connection is lost, which a read() tells.
    [[nodiscard]] virtual bool write_now(BytesView /*frame*/) { return false; }

    /// Of frames that begin to arrive from now on.
    virtual void limit_frames(std::size_t largest) noexcept = 0;

    /// Ends the connection: what is under way ends in an error, soon.
    virtual void drop() noexcept = 0;
};

struct Carriage {
    std::size_t largest_frame;
    Duration close_patience;
    crypto::Digest binding;
    std::optional<RelayKey> successor{};
};

/// The carrier is shared with whatever made the connection, until that has ended.
[[nodiscard]] std::unique_ptr<Channel> carry(Loop& loop,
                                             std::shared_ptr<Carrier> carrier,
                                             Carriage carriage);

}  // namespace cercle::net
