// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Contest: several bundles may claim to begin one epoch, and a relay, which reads no commit, cannot
// tell which of them does. It orders them, and sees to it that a member's garbage locks nobody out
// (decision 40):
//
//     a bundle goes on from a candidate, and is stale while its author has not read the last one
//     that does; so whoever has found that one to be garbage goes on from the same candidate
//     each reader has one bundle an epoch, and goes on from nothing that was there before him
//     an epoch's rights are one candidate's alone
//     entries are taken under every candidate that nothing goes on from
//     a reader whom a bundle drops goes when enough others follow that bundle
//
// Private to this folder.

#include <vector>

#include "protocol/bundle.h"
#include "relay/decide_parts.h"

namespace cercle::relay {

/// The candidates that a bundle goes on from: one, unless somebody has copied another's key.
/// Errors: refused; stale, when another bundle goes on from there behind `passed_over`.
[[nodiscard]] Result<std::vector<Candidate>> check_turn(const Bench& bench,
                                                        const protocol::SignedBundle& letter,
                                                        const protocol::Bundle& bundle,
                                                        Seq passed_over);

/// Whether a bundle may be appended: in its turn, and signed by its author. The candidates that it
/// goes on from. Errors: as check_turn; malformed, too_many.
[[nodiscard]] Result<std::vector<Candidate>> check_bundle(const Bench& bench,
                                                          const protocol::SignedBundle& letter,
                                                          const protocol::Bundle& bundle,
                                                          Seq passed_over);
/// What a bundle does that was appended to `log` at its head.
[[nodiscard]] Result<std::vector<Effect>> follow_bundle(const Bench& bench,
                                                        const Log& log,
                                                        const protocol::Bundle& bundle,
                                                        const std::vector<Candidate>& parents);

/// After a bundle was appended at `seq`: it is a candidate now.
Result<void> begin_candidate(const Bench& bench,
                             const protocol::Bundle& bundle,
                             Seq seq,
                             const std::vector<Candidate>& parents);

/// Readers whom the bundle drops: at once in a log of two, otherwise when as many others follow it
/// as were dropped since those whom it drops have last acknowledged anything, by it and by what it
/// goes on from. Only who was there then has a say. So those who lock others out by garbage have to
/// be as many as they, and no keys that they bring in help them.
[[nodiscard]] Result<std::vector<Effect>> drop_readers(const Bench& bench,
                                                       const protocol::Bundle& bundle,
                                                       Seq seq);

/// A reader says that he follows the candidate at that position, and so all that it goes on from.
[[nodiscard]] Result<std::vector<Effect>> note_follower(const Bench& bench,
                                                        const LogId& log,
                                                        const ReaderKey& reader,
                                                        Seq candidate);

}  // namespace cercle::relay
