// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a relay keeps of a conversation's epochs, beside the logs and in the same transactions:
// who may write in each, and which readers are on their way out.
//
// Several bundles may claim to begin one epoch (contest.h); which of them does, only devices can
// tell. So an epoch has candidates, each with its own rights.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "protocol/bundle.h"

namespace cercle::relay {

using protocol::BundleKey;
using protocol::Epoch;
using protocol::LogId;
using protocol::ReaderKey;
using protocol::Seq;

/// One bundle that claims to begin an epoch, and what lets members write in it then.
struct Candidate {
    Epoch epoch;
    Seq position;  // the bundle's; 0: the log's founding
    protocol::Verifier verifier;
    std::optional<ReaderKey> author{};  // of the bundle
    Seq parent{};                       // the candidate that the bundle goes on from
    Seq ended{};                        // the last bundle that goes on from this one; 0: none does
};

/// A reader whom a bundle drops, until enough others follow that bundle.
struct Departure {
    Seq bundle;
    ReaderKey reader;

    friend bool operator==(const Departure&, const Departure&) = default;
};

class EpochTables {
  public:
    EpochTables() = default;
    EpochTables(const EpochTables&) = delete;
    EpochTables& operator=(const EpochTables&) = delete;
    virtual ~EpochTables() = default;

    /// Of one epoch, in the order of their positions.
    [[nodiscard]] virtual Result<std::vector<Candidate>> candidates(const LogId& log,
                                                                    Epoch epoch) = 0;
    /// The one that stands at a position, if a candidate does.
    [[nodiscard]] virtual Result<std::optional<Candidate>> candidate_at(const LogId& log,
                                                                        Seq position) = 0;
    virtual Result<void> insert_candidate(const LogId& log, const Candidate& candidate) = 0;
    /// A bundle goes on from all candidates of an epoch that have this key.
    virtual Result<void> end_candidates(const LogId& log,
                                        Epoch epoch,
                                        const BundleKey& key,
                                        Seq bundle) = 0;

    /// In the order of their bundles.
    [[nodiscard]] virtual Result<std::vector<Departure>> departures(const LogId& log) = 0;
    virtual Result<void> insert_departure(const LogId& log, const Departure& departure) = 0;
    /// Readers who were dropped by bundles behind a position.
    [[nodiscard]] virtual Result<std::uint64_t> count_dropped_after(const LogId& log,
                                                                    Seq position) = 0;
    /// All of one bundle's, with its followers.
    virtual Result<void> delete_departures(const LogId& log, Seq bundle) = 0;
    /// Notes who follows a bundle; how many do now, each counted once.
    [[nodiscard]] virtual Result<std::uint64_t> add_follower(const LogId& log,
                                                             Seq bundle,
                                                             const ReaderKey& reader) = 0;
};

}  // namespace cercle::relay
