// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/circle_policy.h"

#include <algorithm>
#include <utility>

#include "client/alarms.h"
#include "client/receive.h"
#include "codec/tls.h"

namespace cercle::client::circle_policy {
namespace {

WallTime time_of(const identity::CirclePolicy& policy) {
    return WallTime{Duration{static_cast<std::int64_t>(policy.time.value)}};
}

/// As the directory calls this device's member. Who is not in it has none.
Result<std::string> own_role(Core& core) {
    TRY(auto person, core.people.find(core.self.member));
    return person ? std::move(person->role) : std::string();
}

Result<identity::CirclePolicy> decoded(BytesView encoded) {
    TRY(const auto signed_policy, codec::decode<identity::SignedPolicy>(encoded));
    return codec::decode<identity::CirclePolicy>(signed_policy.policy);
}

}  // namespace

Result<Held> held(store::Database& database) {
    Held held;
    TRY(const auto row,
        (database.one<Bytes, std::optional<WallTime>>(
            "SELECT signed, reporting_since FROM circle_policy")));
    if (!row) return held;
    TRY(held.policy, decoded(std::get<0>(*row)));
    held.rules = rules_of(held.policy.rules);
    held.reporting_since = std::get<1>(*row);
    return held;
}

Result<std::optional<identity::SignedPolicy>> newest(store::Transaction& transaction) {
    TRY(const auto row, transaction.one<Bytes>("SELECT signed FROM circle_policy"));
    if (!row) return std::optional<identity::SignedPolicy>();
    TRY(auto policy, codec::decode<identity::SignedPolicy>(std::get<0>(*row)));
    return std::optional(std::move(policy));
}

Result<void> take(store::Transaction& transaction,
                  const identity::SignedPolicy& signed_policy,
                  const identity::Root& root,
                  WallTime at) {
    const auto opened = identity::open_policy(signed_policy, root);
    if (!opened) {
        const Code code = opened.error().code;
        if (code == Code::forged || is_of_the_disk(code)) return std::unexpected(opened.error());
        // The officer's, and of a later version or no use: this device goes on keeping to what it
        // has, and takes the rest of the page.
        return {};
    }
    const identity::CirclePolicy& policy = *opened;
    TRY(const auto before, newest(transaction));
    std::optional<WallTime> since;
    if (before) {
        TRY(const auto old, codec::decode<identity::CirclePolicy>(before->policy));
        if (policy.number < old.number) return {};
        if (policy.number == old.number) {
            if (before->policy == signed_policy.policy) return {};
            const auto fact = identity::leaf_of_policy(signed_policy.policy).fact;
            return Alarms::raise(transaction, rule_name(Code::policy_forked), {{}, {}, fact}, at);
        }
        TRY(const auto row,
            transaction.one<std::optional<WallTime>>("SELECT reporting_since FROM circle_policy"));
        if (row) since = std::get<0>(*row);
    }
    const bool reports = rules_of(policy.rules).report == Allowed::Yes;
    if (!reports) {
        // What was kept for the report's sake goes with it; what was told stays to be seen.
        since.reset();
        TRY_VOID(transaction.run("UPDATE self SET opened = 0"));
        TRY_VOID(transaction.run("DELETE FROM drawer_openings"));
    }
    if (reports && !since) since = time_of(policy);
    return transaction.run(
        "INSERT OR REPLACE INTO circle_policy (one, number, signed, reporting_since)"
        " VALUES (1, ?1, ?2, ?3)",
        policy.number,
        codec::encode(signed_policy),
        since);
}

Result<void> check_card(Core& core, protocol::Tier tier) {
    TRY(const Held now, held(core.database));
    TRY(const std::string role, own_role(core));
    if (!now.rules.cards.includes(role)) {
        return fail(Code::policy_cards,
                    "the circle's policy lets nobody of your role make cards; see: cercle policy");
    }
    TRY_VOID(check_guest(core));
    // The further a card reaches, the lower its number.
    if (tier < now.rules.highest_tier) {
        return fail(Code::policy_tier,
                    "the circle's policy lets no card reach as far as that; see: cercle policy");
    }
    return {};
}

Result<void> check_guest(Core& core) {
    TRY(const Held now, held(core.database));
    if (now.rules.guests == Allowed::Yes) return {};
    return fail(Code::policy_guests,
                "by the circle's policy nobody from outside is taken on; see: cercle policy");
}

Result<void> check_file(Core& core, std::uint64_t size) {
    TRY(const Held now, held(core.database));
    if (size <= now.rules.largest_file) return {};
    return fail(Code::policy_file_size,
                "the circle's policy lets no file be sent that is as large; see: cercle policy");
}

Result<void> check_group(Core& core) {
    TRY(const Held now, held(core.database));
    TRY(const std::string role, own_role(core));
    if (now.rules.groups.includes(role)) return {};
    return fail(Code::policy_groups,
                "the circle's policy lets nobody of your role create groups; see: cercle policy");
}

Result<protocol::Tier> capped(Core& core, protocol::Tier tier) {
    TRY(const Held now, held(core.database));
    return std::max(tier, now.rules.highest_tier);
}

}  // namespace cercle::client::circle_policy
