// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/posting.h"

#include <utility>

namespace cercle::client {
namespace {

using envelope::Word;

Word word_of(LetterKind kind) {
    switch (kind) {
        case LetterKind::Report:
            return Word::Report;
        case LetterKind::Drawer:
            return Word::Drawer;
        case LetterKind::Page:
            return Word::Page;
        case LetterKind::Account:
            return Word::Account;
        case LetterKind::Welcome:
        case LetterKind::Revocation:
            break;
    }
    return Word::Revocation;
}

}  // namespace

Result<std::vector<Addressee>> all_others(Core& core) {
    TRY(auto rows,
        (core.database.all<identity::DeviceId, Bytes, protocol::LogId, Secret>(
            "SELECT device, certificate, inbox, inbox_secret FROM devices"
            " WHERE revoked IS NULL AND device <> ?1 ORDER BY device",
            core.self.device)));
    std::vector<Addressee> others;
    for (auto& [device, certificate, inbox, secret] : rows)
        others.push_back({device, std::move(certificate), inbox, std::move(secret)});
    return others;
}

Result<std::vector<Addressee>> officers(Core& core) {
    TRY(auto others, all_others(core));
    std::vector<Addressee> found;
    for (Addressee& one : others) {
        TRY(const bool officer, is_officer(core, one.certificate));
        if (officer) found.push_back(std::move(one));
    }
    return found;
}

Result<bool> is_officer(const Core& core, BytesView certificate) {
    TRY(const auto passport, core.self.root.recognise(certificate));
    return passport.role == identity::Role::Officer;
}

Result<void> post(Core& core,
                  store::Transaction& transaction,
                  const Addressee& to,
                  LetterKind kind,
                  BytesView says) {
    const auto keys = identity::inbox_keys(to.inbox_secret);
    return transaction.run(
        "INSERT INTO deposits (inbox, token, entry, payload, kind) VALUES (?1, ?2, ?3, ?4, ?5)",
        to.inbox,
        keys.deposit_token,
        protocol::EntryId::random(core.world.random),
        envelope::close_word(keys.closing_key, word_of(kind), says, core.world.random),
        kind);
}

}  // namespace cercle::client
