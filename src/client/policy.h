// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Policy: what a conversation is, agreed by all of its members because it stands in the group's
// context (docs/spec/mls-profile.md). And the reader key that each leaf brings along.

#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "identity/words.h"
#include "mls/group.h"
#include "protocol/words.h"

namespace cercle::client {

/// Extension types of MLS's private range.
inline constexpr auto reader_extension = static_cast<mls::ExtensionType>(0xF0C1);
inline constexpr auto policy_extension = static_cast<mls::ExtensionType>(0xF0C2);

/// Directory: the officer writes, all read. Direct: two members, for good. Group: any member
/// adds and removes.
enum class ConversationKind : std::uint8_t { Directory = 0, Direct = 1, Group = 2 };

/// Whom a conversation listens to beside its members, and whether it may be closed in favour of
/// another group: nobody, and never (docs/spec/mls-profile.md). Said here, since mls would do it.
inline constexpr mls::Openness openness{
    .external_commits = mls::Openness::Refuse,
    .external_senders = mls::Openness::Refuse,
    .newcomers = mls::Openness::Refuse,
    .reinit = mls::Openness::Refuse,
};
/// Of a leaf: a certificate's year, and what clocks may be apart.
inline constexpr std::chrono::seconds longest_lifetime = std::chrono::days(366);

[[nodiscard]] mls::Surroundings surroundings(const mls::CredentialJudge& judge, WallTime now);

struct Policy {
    std::uint8_t version = 1;
    ConversationKind kind = ConversationKind::Group;
    std::string name;  // a group's

    auto fields(this auto& self) { return std::tie(self.version, self.kind, self.name); }
};

/// The suite of a circle's conversations. Errors: suite_unknown.
[[nodiscard]] Result<const mls::Suite*> suite_of(identity::GroupSuite policy);

[[nodiscard]] mls::Extensions policy_context(const Policy& policy);
/// Errors: policy_missing, unsupported, malformed, invalid_text.
[[nodiscard]] Result<Policy> policy_of(const mls::Extensions& context);

[[nodiscard]] mls::Profile leaf_profile(const mls::Credential& credential,
                                        const protocol::ReaderKey& reader);
/// Errors: policy_missing.
[[nodiscard]] Result<protocol::ReaderKey> reader_of(const mls::Member& member);

/// Of every member, in their order. Errors: as of reader_of.
[[nodiscard]] Result<std::vector<protocol::ReaderKey>> readers_of(
    const std::vector<mls::Member>& members);

}  // namespace cercle::client
