// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Office: the authority's word on which machine is the officer's from now on, and what members'
// devices tell that machine of what it has missed (docs/spec/succession.md).
//
// A machine that was lost is followed by one that knows only what its backup knew. It may undo
// nothing that was said since: so it asks, and each device answers with the pages that it has taken
// since, as the root has signed them. No device sees all of the circle, and none is believed: what
// it tells is the root's own word, and the transparency log's head in it holds all of them
// together.

#include <cstdint>
#include <tuple>
#include <vector>

#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "identity/directory.h"
#include "identity/passport.h"
#include "identity/revocation.h"
#include "identity/transparency.h"
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
    /// To which answers are encrypted: whoever has stolen the inbox secrets of earlier days can
    /// read this word, if the relay helps him, and none of what is answered.
    Bytes answer_key;
    PageNumber page;         // the last that it has
    merkle::TreeSize known;  // so much of the transparency log it has
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
                        self.answer_key,
                        self.page,
                        self.known,
                        self.time);
    }
};

/// As it travels. It holds the inbox's secret, hence Secrets.
struct SignedOffice {
    Secret word;
    RootSignature signature;

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
    DeviceId device;      // its own
    protocol::DeviceKey device_key;
    protocol::LogId inbox;
    Secret inbox_secret;
    InboxTurn turn;
    /// Those that it has taken after the office's last and that say something which no later one
    /// does, as they were signed, by their numbers. The furthest head among theirs proves the log.
    /// No Secrets: their number is whatever was told, and locked memory is little.
    std::vector<Bytes> pages;
    std::vector<SignedRevocation> revocations;
    /// From where the office knows the log, up to that head.
    merkle::LeafNumber first;
    std::vector<TransparencyLeaf> leaves;

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.office,
                        self.device,
                        self.device_key,
                        self.inbox,
                        self.inbox_secret,
                        self.turn,
                        self.pages,
                        self.revocations,
                        self.first,
                        self.leaves);
    }
};

/// An account may be longer than a letter: it travels encrypted, and in parts.
struct AccountPart {
    std::uint8_t version = office_version;
    OfficeNumber office;
    Bytes certificate;  // of the device that signs
    std::uint16_t place = 0;
    std::uint16_t parts = 1;
    crypto::Digest whole{};  // SHA-256 of all of them together
    Bytes bytes;

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.office,
                        self.certificate,
                        self.place,
                        self.parts,
                        self.whole,
                        self.bytes);
    }
};

struct SignedAccountPart {
    Bytes part;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.part, self.signature); }
};

/// One device's account has no more: some 10,000 leaves of the log.
inline constexpr std::uint16_t most_account_parts = 4;

/// Letters, each under the key that the device's certificate certifies. Errors: invalid_key (the
/// word's, to which it is encrypted), too_large.
[[nodiscard]] Result<std::vector<Bytes>> sign_account(const Account& account,
                                                      BytesView certificate,
                                                      const crypto::SigningKey& signature_key,
                                                      BytesView answer_key,
                                                      Random& random);

struct OpenedPart {
    AccountPart part;
    Passport author;
};

/// Errors: forged, malformed, unsupported, certificate_*.
[[nodiscard]] Result<OpenedPart> open_account_part(BytesView signed_part, const Root& root);

/// A key for answers.
[[nodiscard]] crypto::KemKey make_answer_key(Random& random);
/// Errors: invalid_key.
[[nodiscard]] Result<crypto::KemKey> load_answer_key(const Secret& secret);

/// An account whose pages and revocations the root has signed.
struct OpenedAccount {
    Account account;
    std::vector<DirectoryPage> pages;
    /// The furthest of the log on a page; of size 0 if there is none.
    TransparencyHead head;
};

/// All parts of one device's, put together. Whether the leaves lead to the head, and everything on
/// the pages is in the log, is for whoever has the log before them. Errors: forged, malformed,
/// misdeclared (another device's), unsupported, not_canonical, certificate_*.
[[nodiscard]] Result<OpenedAccount> open_account(BytesView parts,
                                                 const crypto::KemKey& answer_key,
                                                 DeviceId author,
                                                 const Root& root,
                                                 WallTime now);

}  // namespace cercle::identity
