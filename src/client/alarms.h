// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Alarms: what a person must hear of, and which belongs to no conversation. One for each fact,
// however often it is seen; each is told once, by whatever the person does next.

#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "identity/words.h"
#include "store/transaction.h"

namespace cercle::client {

/// Another member bears another name than before.
inline constexpr std::string_view member_renamed = "member-renamed";

struct Alarm {
    std::int64_t ordinal = 0;
    /// directory-forked: `device` shows, or a page says (no device), another circle than was shown
    /// here. directory-withheld: others know more of the circle than has come here.
    /// device-unasked, fact-hidden, name-changed: of this device's own member. member-renamed: of
    /// another one. device-unlisted: in a conversation, and in no list (unlisted.h).
    std::string rule;
    identity::DeviceId device;  // zeros: of none
    identity::MemberId member;  // zeros: of none, or whom the device's page names
    WallTime at;
};

/// What makes one alarm another than the next of its rule.
struct AlarmSubject {
    identity::DeviceId device;
    identity::MemberId member;
    /// The leaf that is the matter, the head that was shown, or the one behind which this device
    /// stays.
    crypto::Digest fact;
};

class Alarms {
  public:
    explicit Alarms(store::Database& database)
        : database_(database) {}

    /// In the order in which they were raised.
    [[nodiscard]] Result<std::vector<Alarm>> all() const;

    /// Those that a person was not told of yet; he is by now.
    [[nodiscard]] Result<std::vector<Alarm>> take_untold();

    [[nodiscard]] static Result<void> raise(store::Transaction& transaction,
                                            std::string_view rule,
                                            const AlarmSubject& subject,
                                            WallTime at);

  private:
    store::Database& database_;
};

}  // namespace cercle::client
