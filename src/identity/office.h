// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Office: the authority's word on which machine is the officer's from now on, and what members'
// devices tell that machine of what it has missed (docs/spec/succession.md).
//
// A machine that was lost is followed by one that knows only what its backup knew. It may undo
// nothing that was said since: so it asks, and each device answers with the newest page that it has
// taken, which the root has signed, and with what has been said since the backup. The transparency
// log's head in that page proves all of it.

#include <cstdint>
#include <tuple>
#include <vector>

#include "base/secret.h"
#include "identity/directory.h"
#include "identity/passport.h"
#include "identity/revocation.h"
#include "identity/transparency.h"
#include "protocol/order.h"
#include "protocol/words.h"

namespace cercle::identity {

inline constexpr std::uint8_t office_version = 1;

/// Grows from office to office. By the clock, so that a machine that was restored from an old
/// backup has a higher one than a machine that it knows nothing of.
using OfficeNumber = Number<struct OfficeTag>;

/// How a machine came to the office.
enum class Succession : std::uint8_t { Restored = 1, HandedOver = 2 };

/// Whether the new machine may have missed something.
enum class Asks : std::uint8_t { Nothing = 0, WhatIsKnown = 1 };

struct OfficeWord {
    std::uint8_t version = office_version;
    OfficeNumber number;
    Succession how = Succession::Restored;
    Asks asks = Asks::Nothing;
    MemberId member;    // the officer from now on
    DeviceId device;    // his machine
    Bytes certificate;  // of that, as an officer's
    protocol::LogId inbox;
    Secret inbox_secret;
    protocol::LogId directory;  // the conversation in which he writes from now on
    merkle::TreeSize known;     // so much of the transparency log it has
    protocol::Stamp time;

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.number,
                        self.how,
                        self.asks,
                        self.member,
                        self.device,
                        self.certificate,
                        self.inbox,
                        self.inbox_secret,
                        self.directory,
                        self.known,
                        self.time);
    }
};

/// As it travels. It holds the inbox's secret, hence Secrets.
struct SignedOffice {
    Secret word;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.word, self.signature); }
};

[[nodiscard]] Secret sign_office(const OfficeWord& word, const Authority& authority);

/// Errors: forged, malformed, unsupported, certificate_* (none of an officer's device, or of
/// another than the word names).
[[nodiscard]] Result<OfficeWord> open_office(BytesView signed_office, const Root& root);

/// What one device knows of the circle.
struct Account {
    std::uint8_t version = office_version;
    OfficeNumber office;  // which it answers
    Bytes certificate;    // its own
    protocol::DeviceKey device_key;
    protocol::LogId inbox;
    Secret inbox_secret;
    /// The newest page that it has taken, as it was signed. Its log's head is what proves the rest.
    Secret page;
    /// Of whom something was said since.
    std::vector<DirectoryMember> members;
    std::vector<DirectoryDevice> devices;
    std::vector<SignedRevocation> revocations;
    /// From where the office knows the log, up to the page's head.
    merkle::LeafNumber first;
    std::vector<TransparencyLeaf> leaves;

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.office,
                        self.certificate,
                        self.device_key,
                        self.inbox,
                        self.inbox_secret,
                        self.page,
                        self.members,
                        self.devices,
                        self.revocations,
                        self.first,
                        self.leaves);
    }
};

struct SignedAccount {
    Secret account;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.account, self.signature); }
};

/// Under the key that the device's certificate certifies.
[[nodiscard]] Secret sign_account(const Account& account, const crypto::SigningKey& signature_key);

/// An account that a device of the circle has signed.
struct OpenedAccount {
    Account account;
    Passport author;
    /// What its page says: its number, and where the log stood.
    PageNumber page;
    TransparencyHead head;
};

/// The signatures are judged, of the device, of the page and of the revocations; whether the leaves
/// lead to the page's head is for whoever has the log before them. Errors: forged, malformed,
/// unsupported, not_canonical, certificate_*.
[[nodiscard]] Result<OpenedAccount> open_account(BytesView signed_account, const Root& root);

}  // namespace cercle::identity
