// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Unlock shares: what the relay keeps for a device that is opened with a short PIN, and gives out
// to who guesses that PIN, ten times at most (docs/spec/unlock-share.md).
//
// A device that is locked has no device key. It asks with its pre-unlock key, in an AsHolder
// session. A guess says nothing of the PIN to who does not have the device's disk.

#include <cstdint>
#include <optional>
#include <tuple>

#include "protocol/token.h"
#include "protocol/words.h"

namespace cercle::protocol {

/// So many guesses may be wrong, one after the other; with the last of them the share is gone.
inline constexpr std::uint8_t most_guesses = 10;

/// A device's session. Keeps its share, in place of an earlier one; no guess was made of it yet.
/// -> Done. Refusals: refused (the key is another one's), frozen, too_many.
struct PutShare {
    HolderKey key;  // the pre-unlock key
    TokenHash verifier;
    Token share;

    auto fields(this auto& self) { return std::tie(self.key, self.verifier, self.share); }
};

/// A device's session. -> Done, also if there is none.
struct DropShare {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// A holder's session, under the pre-unlock key. If the guess is right, the key and the verifier
/// that come with it stand in place of the old ones from then on. The same bytes again are the
/// same guess: it is not counted twice, and a right one answers again although its key is old.
/// -> Guessed. Refusals: refused (no share under this key), frozen.
struct Guess {
    Token guess;
    HolderKey next_key;
    TokenHash next_verifier;

    auto fields(this auto& self) { return std::tie(self.guess, self.next_key, self.next_verifier); }
};

enum class GuessOutcome : std::uint8_t {
    Right = 1,
    Wrong = 2,
    Early = 3,  // not looked at and not counted: `wait` is not over
    Spent = 4,  // the share is gone for good
};

struct Guessed {
    GuessOutcome outcome = GuessOutcome::Wrong;
    std::uint8_t wrong =
        0;  // guesses that were, since the last right one; of a right one: before it
    std::uint8_t left = 0;         // how many may be made still
    std::uint64_t wait = 0;        // milliseconds until the next may be made
    std::optional<Token> share{};  // of a right one

    auto fields(this auto& self) {
        return std::tie(self.outcome, self.wrong, self.left, self.wait, self.share);
    }
};

}  // namespace cercle::protocol
