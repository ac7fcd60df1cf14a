// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What lies in a device's inbox, and beside it: Welcomes and key packages, closed under a key that
// the members of the circle share with that device, so that the relay sees no key package
// reference, no suite and no size.

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "protocol/words.h"

namespace cercle::envelope {

/// An MLS Welcome, with where its conversation is found and from where on it is read.
struct WelcomeLetter {
    std::uint8_t version = 1;
    protocol::LogId log;
    protocol::Seq seq;  // of the bundle that adds the device
    protocol::ChainHash chain;
    Bytes welcome;  // an MLSMessage

    auto fields(this auto& self) {
        return std::tie(self.version, self.log, self.seq, self.chain, self.welcome);
    }
};

[[nodiscard]] Bytes close_letter(const Secret& closing_key,
                                 const WelcomeLetter& letter,
                                 Random& random);
/// How long that becomes.
[[nodiscard]] std::size_t closed_size(const WelcomeLetter& letter);
/// Errors: forged, malformed, unsupported.
[[nodiscard]] Result<WelcomeLetter> open_letter(const Secret& closing_key, BytesView closed);

/// A word of the officer's to a device, or of a device's to the officer: about a lost device
/// (docs/spec/revocation.md), a drawer report (docs/spec/report.md), a page of the directory for
/// that device alone (docs/spec/invitation.md), or about an office that has moved
/// (docs/spec/succession.md). What it says is none of this folder's affair.
enum class Word : std::uint8_t { Revocation, Report, Drawer, Page, Office, Account };

[[nodiscard]] Bytes close_word(const Secret& closing_key,
                               Word word,
                               BytesView says,
                               Random& random);
/// Errors: forged (also what is closed as another word), malformed.
[[nodiscard]] Result<Bytes> open_word(const Secret& closing_key, Word word, BytesView closed);

/// The same letter or word for another key, as it waits at its author's, who has closed it himself.
/// Errors: forged (it was closed under another key, or is neither).
[[nodiscard]] Result<Bytes> close_anew(const Secret& before,
                                       const Secret& now,
                                       BytesView closed,
                                       Random& random);

[[nodiscard]] Bytes close_package(const Secret& closing_key, BytesView key_package, Random& random);
/// Errors: forged, malformed.
[[nodiscard]] Result<Bytes> open_package(const Secret& closing_key, BytesView closed);

}  // namespace cercle::envelope
