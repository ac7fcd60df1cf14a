// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Answering word: what the devices of a card's owner and of the member who answers it say to each
// other, in the direct conversation of the two (docs/spec/cards.md). No timeline shows it.

#include <cstdint>
#include <string>
#include <tuple>
#include <variant>

#include "base/secret.h"
#include "identity/card_answering.h"
#include "protocol/card.h"

namespace cercle::client {

inline constexpr std::uint8_t answering_word_version = 1;

/// Names one asking: drawn by the owner's device, known to the two alone.
using AskingId = Id<struct AskingTag>;

/// Where a card stands that another member answers, as he tells its owner.
enum class Standing : std::uint8_t {
    Asked = 0,  // never told: nothing was told yet
    Open = 1,
    Claimed = 2,
    Frozen = 3,
    Bound = 4,
    Closed = 5,
    Declined = 6,
};

/// The owner: answer a card on these terms in my name.
struct Ask {
    AskingId asking;
    AskingId instead;  // an earlier asking, which ends with this one; zeros: none
    std::string label;
    protocol::Tier tier = protocol::Tier::Knock;
    std::string hours;
    std::uint32_t budget = 0;

    auto fields(this auto& self) {
        return std::tie(self.asking, self.instead, self.label, self.tier, self.hours, self.budget);
    }
};

/// The other: this is the card.
struct Made {
    AskingId asking;
    Secret secret;  // of its code
    identity::AnsweringKey key;

    auto fields(this auto& self) { return std::tie(self.asking, self.secret, self.key); }
};

/// The owner: and this is my word for it, under the key that I have put into its code.
struct Attested {
    AskingId asking;
    identity::CardKey card_key;
    identity::SignedAnswering answering;
    std::string answerer;
    std::string owner;
    identity::NamesSalt salt;

    auto fields(this auto& self) {
        return std::tie(
            self.asking, self.card_key, self.answering, self.answerer, self.owner, self.salt);
    }
};

/// The other: so it stands.
struct StandingTold {
    AskingId asking;
    Standing standing = Standing::Closed;
    std::uint64_t leaked = 0;

    auto fields(this auto& self) { return std::tie(self.asking, self.standing, self.leaked); }
};

/// The owner: close it.
struct EndOfAsking {
    AskingId asking;

    auto fields(this auto& self) { return std::tie(self.asking); }
};

struct AnsweringWord {
    std::uint8_t version = answering_word_version;
    std::variant<Ask, Made, Attested, StandingTold, EndOfAsking> says;

    /// Errors: unsupported, malformed, invalid_text (a label or name that may not stand).
    [[nodiscard]] Result<void> check() const;

    auto fields(this auto& self) { return std::tie(self.version, self.says); }
};

}  // namespace cercle::client
