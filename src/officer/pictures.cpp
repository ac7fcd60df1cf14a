// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/pictures.h"

#include <algorithm>
#include <utility>

#include "client/pictures.h"
#include "officer/halls.h"
#include "officer/journal.h"
#include "officer/pages.h"

namespace cercle::officer {

Result<void> portray(client::Core& core,
                     const AuthorityRow& authority,
                     identity::MemberId member,
                     const std::optional<Bytes>& picture) {
    TRY(const auto person, core.people.find(member));
    if (!person) return fail(Code::unknown, "nobody in the circle is called that");
    identity::Portrait portrait;
    if (picture) {
        // Once more: what is signed is refused by everybody if it is unfit.
        TRY_VOID(identity::judge_picture(*picture));
        portrait = *picture;
    }
    TRY(auto transaction, core.database.begin());
    TRY_VOID(client::pictures::take(transaction, member, portrait));
    TRY_VOID(
        transaction.run("INSERT OR REPLACE INTO portrayed (member, devices)"
                        " SELECT ?1, coalesce(max(rowid), 0) FROM devices",
                        member));
    TRY(const auto halls, halls::all(transaction));
    for (const Hall& hall : halls) {
        TRY(const auto pages, portrait_of(transaction, member, hall));
        TRY_VOID(halls::publish(core, transaction, authority.authority, hall, pages));
    }
    TRY_VOID(enter_in_journal(transaction,
                              authority.authority,
                              core.world.clock.wall(),
                              {.act = Act::Picture, .member = member, .name = person->name}));
    return std::move(transaction).commit();
}

namespace pictures {

Result<void> show(store::Transaction& transaction,
                  identity::DirectoryPage& page,
                  const Wanted& wanted) {
    for (identity::DirectoryMember& one : page.members) {
        const bool named = std::holds_alternative<crypto::Digest>(one.portrait);
        if (!named || !wanted(one.member)) continue;
        TRY(auto row,
            transaction.one<Bytes>("SELECT picture FROM pictures WHERE member = ?1", one.member));
        if (row) one.portrait = std::get<0>(*std::move(row));
    }
    return {};
}

void keep_shown(identity::DirectoryPage& whole, const identity::DirectoryPage& page) {
    for (identity::DirectoryMember& one : whole.members) {
        const auto same =
            std::ranges::find(page.members, one.member, &identity::DirectoryMember::member);
        if (same != page.members.end()) one.portrait = same->portrait;
    }
}

Result<std::set<identity::MemberId>> set_since(store::Transaction& transaction,
                                               std::int64_t number) {
    TRY(const auto rows,
        transaction.all<identity::MemberId>("SELECT member FROM portrayed WHERE devices >= ?1",
                                            number));
    std::set<identity::MemberId> members;
    for (const auto& [member] : rows)
        members.insert(member);
    return members;
}

}  // namespace pictures

}  // namespace cercle::officer
