// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/sight.h"

#include <optional>
#include <utility>

#include "client/judge.h"

namespace cercle::client::sight {
namespace {

using identity::MemberId;
using identity::Sections;
using identity::Sight;

/// Of a member whom this device sees.
Result<std::optional<Sections>> sections_of(Core& core, MemberId member) {
    TRY(const auto row,
        core.database.one<std::string>(
            "SELECT sections FROM members WHERE member = ?1 AND seen = 1", member));
    return row ? std::optional(sections_from(std::get<0>(*row))) : std::nullopt;
}

}  // namespace

std::string to_text(const Sections& sections) {
    std::string text;
    for (const std::string& section : sections)
        text += section + "\n";
    return text;
}

Sections sections_from(std::string_view text) {
    Sections sections;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end != 0) sections.emplace(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return sections;
}

Result<void> take(store::Transaction& transaction, const std::vector<Sight>& sights) {
    TRY_VOID(transaction.run("DELETE FROM sights"));
    for (const Sight& sight : sights) {
        TRY_VOID(transaction.run(
            "INSERT OR IGNORE INTO sights (one, other) VALUES (?1, ?2)", sight.one, sight.other));
    }
    return {};
}

Result<std::vector<Sight>> all(store::Database& database) {
    TRY(auto rows,
        (database.all<std::string, std::string>(
            "SELECT one, other FROM sights ORDER BY one, other")));
    std::vector<Sight> sights;
    for (auto& [one, other] : rows)
        sights.push_back({std::move(one), std::move(other)});
    return sights;
}

Result<void> check_meeting(Core& core,
                           const std::set<MemberId>& there,
                           const std::set<MemberId>& coming) {
    TRY(const auto sights, all(core.database));
    std::set<MemberId> together = there;
    together.insert(coming.begin(), coming.end());
    for (const MemberId& one : coming) {
        TRY(const auto sections, sections_of(core, one));
        for (const MemberId& other : together) {
            if (one == other) continue;
            TRY(const auto others, sections_of(core, other));
            if (sections && others && identity::see_each_other(*sections, *others, sights)) {
                continue;
            }
            return fail(Code::unseen,
                        "two of them do not see each other in this circle, by its officer's rules;"
                        " nobody is brought together with somebody whose name he is not to know");
        }
    }
    return {};
}

Result<std::set<MemberId>> members_in(Core& core, protocol::LogId log) {
    TRY(const Conversation* conversation, core.conversations.load(log));
    const Judge judge(core.self.root, core.world.clock.wall());
    std::set<MemberId> members;
    for (const mls::Member& member : conversation->group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        members.insert(passport.member);
    }
    return members;
}

}  // namespace cercle::client::sight
