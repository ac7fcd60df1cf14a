// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/policy.h"

#include <algorithm>
#include <utility>

#include "client/circle_policy.h"
#include "client/transparency.h"
#include "officer/halls.h"
#include "officer/journal.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

using identity::PolicyRule;

/// As the journal tells it: the number, and each rule that is another one than before.
std::string told(const identity::CirclePolicy& before, const identity::CirclePolicy& now) {
    std::string text = "policy " + std::to_string(now.number.value);
    for (const PolicyRule& rule : now.rules) {
        if (!std::ranges::contains(before.rules, rule)) text += "; " + rule.name + "=" + rule.value;
    }
    for (const PolicyRule& rule : before.rules) {
        if (!std::ranges::contains(now.rules, rule.name, &PolicyRule::name))
            text += "; " + rule.name + "=";
    }
    return text;
}

}  // namespace

Result<void> set_policy(client::Core& core,
                        const AuthorityRow& authority,
                        const std::vector<std::string>& changes) {
    TRY(const auto halls, halls::all(core.database));
    if (halls.empty())
        return fail(Code::not_found, "the directory's conversation is not there yet");
    TRY(const auto held, client::circle_policy::held(core.database));
    const WallTime now = core.world.clock.wall();
    identity::CirclePolicy policy;
    policy.number = held.policy.number.next();
    policy.time = {static_cast<std::uint64_t>(now.time_since_epoch().count())};
    TRY(policy.rules, client::with_changes(held.policy.rules, changes));
    if (policy.rules == held.policy.rules) return {};
    const auto signed_policy = identity::sign_policy(policy, authority.authority);
    TRY(auto transaction, core.database.begin());
    TRY_VOID(
        client::circle_policy::take(transaction, signed_policy, authority.authority.root(), now));
    TRY_VOID(
        client::transparency::append(transaction, identity::leaf_of_policy(signed_policy.policy)));
    TRY_VOID(enter_in_journal(transaction,
                              authority.authority,
                              now,
                              {.act = Act::Policy, .name = told(held.policy, policy)}));
    for (const Hall& hall : halls) {
        TRY(const auto pages, revocations_alone(transaction, hall));
        TRY_VOID(halls::publish(core, transaction, authority.authority, hall, pages));
    }
    return std::move(transaction).commit();
}

}  // namespace cercle::officer
