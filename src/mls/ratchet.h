// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Ratchet: one sender's sequence of message keys within an epoch (RFC 9420 section 9.1).
//
// Looking for a key changes nothing: look_up() works on scratch, and only take(), called once a
// message has been opened *and* its signature verified, moves on and forgets. So nobody can
// destroy a key by sending garbage.

#include <map>

#include "mls/labels.h"

namespace cercle::mls {

/// A message may be this many generations ahead of its sender's last one.
inline constexpr std::uint32_t most_generations_ahead = 1000;
/// So many keys of messages that have not come yet are kept, the newest ones.
inline constexpr std::size_t most_skipped_keys = 64;
/// "2^32 - 1" would wrap: never sent, refused at once when received.
inline constexpr std::uint32_t last_generation = 0xffffffffU;

struct MessageKey {
    Secret key;
    Secret nonce;

    [[nodiscard]] MessageKey copy() const { return {key.copy(), nonce.copy()}; }

    auto fields(this auto& self) { return std::tie(self.key, self.nonce); }
};

class Ratchet {
  public:
    Ratchet() = default;

    explicit Ratchet(Secret secret)
        : secret_(std::move(secret)) {}

    /// The key of one generation, and what the ratchet becomes when it is taken.
    struct Found {
        std::uint32_t generation = 0;
        MessageKey key;

      private:
        friend class Ratchet;
        bool was_skipped = false;
        Secret secret_after;
        std::map<std::uint32_t, MessageKey> skipped_on_the_way;
    };

    /// Errors: generation_exhausted, already_received (or too long ago: the key is gone),
    /// generation_too_far.
    [[nodiscard]] Result<Found> look_up(const Suite& suite, std::uint32_t generation) const;
    /// What this ratchet found last, or before other finds were taken; never twice.
    void take(Found&& found);
    /// Drops the oldest skipped keys until no more than `most` are left.
    void forget_skipped(std::size_t most);

    [[nodiscard]] std::uint32_t next() const { return next_; }

    [[nodiscard]] std::size_t skipped() const { return skipped_.size(); }

    void encode_to(codec::Writer& writer) const;
    [[nodiscard]] static Result<Ratchet> decode_from(codec::Reader& reader);

  private:
    Secret secret_;
    std::uint32_t next_ = 0;
    std::map<std::uint32_t, MessageKey> skipped_;
};

}  // namespace cercle::mls
