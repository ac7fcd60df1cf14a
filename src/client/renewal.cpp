// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/renewal.h"

#include <algorithm>

#include "client/dispatch.h"
#include "client/inbox.h"
#include "client/outbox.h"
#include "codec/tls.h"
#include "crypto/certificate.h"

namespace cercle::client {
namespace {

/// Of the column `stale`: made under the newest certificate; under an older one, and perhaps at the
/// relay; under an older one, and taken back or handed out.
enum class Staleness : std::uint8_t { Fresh = 0, Stale = 1, Withdrawn = 2 };

Result<WallTime> end_of(BytesView certificate) {
    TRY(const auto parsed, crypto::Certificate::parse(certificate));
    return parsed.validity.until;
}

}  // namespace

Result<WallTime> certified_until(const Self& self) {
    return end_of(self.certificate);
}

Result<void> take_certificate(Core& core, store::Transaction& transaction, BytesView certificate) {
    // As the vault has it: memory is ahead of one whose transaction was not committed.
    TRY(const auto kept, transaction.one<Bytes>("SELECT certificate FROM self"));
    if (!kept) return fail(Code::home_missing, "this device has not joined");
    const Bytes& current = std::get<0>(*kept);
    if (std::ranges::equal(certificate, current)) return {};
    TRY(const auto passport, core.self.root.recognise(certificate));
    const bool ours = passport.member == core.self.member && passport.device == core.self.device &&
                      passport.signature_key == core.self.signature_key.public_key();
    if (!ours) return fail(Code::certificate_invalid, "a certificate that makes another of us");
    TRY(const WallTime until, end_of(certificate));
    TRY(const WallTime before, end_of(current));
    if (until <= before) return {};
    TRY_VOID(transaction.run("UPDATE self SET certificate = ?1", certificate));
    TRY_VOID(transaction.run(
        "UPDATE key_packages SET stale = ?1 WHERE stale = ?2", Staleness::Stale, Staleness::Fresh));
    TRY(const auto logs,
        transaction.all<protocol::LogId>("SELECT log FROM conversations WHERE state = ?1",
                                         ConversationState::Open));
    for (const auto& [log] : logs)
        TRY_VOID(show_certificate(core, transaction, log));
    core.self.certificate = to_bytes(certificate);
    return {};
}

bool shows_old_certificate(const Core& core, const mls::Group& group) {
    const auto own = group.member(group.own_index());
    return own && own->credential != core.self.credential();
}

Result<void> show_certificate(Core& core, store::Transaction& transaction, protocol::LogId log) {
    Change change;
    change.take = protocol::EntryId::random(core.world.random);
    TRY_VOID(
        Outbox::add(transaction, log, OutboxKind::Change, codec::encode(change), std::nullopt));
    core.work.set();
    return {};
}

net::Task<void> take_back_packages(Core& core, Session& session) {
    CO_TRY(const auto stale,
           core.database.one<std::int64_t>("SELECT 1 FROM key_packages WHERE stale = ?1 LIMIT 1",
                                           Staleness::Stale));
    if (!stale) co_return Result<void>();
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    CO_TRY(const auto count,
           co_await session.ask<protocol::Count>(protocol::CountKeyPackages{core.self.inbox},
                                                 core.world.loop.in(request_patience)));
    // However many a relay says that it has, no more of ours can be there.
    const std::uint32_t most = std::min<std::uint32_t>(count.left, most_kept_packages);
    for (std::uint32_t taken = 0; taken < most; ++taken) {
        const auto package = co_await session.ask<protocol::Package>(
            protocol::TakeKeyPackage{core.self.inbox,
                                     keys.deposit_token.copy(),
                                     protocol::EntryId::random(core.world.random)},
            core.world.loop.in(request_patience));
        // Somebody else was faster: there are none left.
        if (!package && package.error().code == Code::refused) break;
        CO_TRY_VOID(package);
        CO_TRY(auto transaction, core.database.begin());
        CO_TRY_VOID(
            transaction.run("DELETE FROM key_packages WHERE closed = ?1", package->package));
        CO_TRY_VOID(std::move(transaction).commit());
    }
    // Who was handed one may still bring us in by it: its secret stays.
    CO_TRY(auto transaction, core.database.begin());
    CO_TRY_VOID(transaction.run("UPDATE key_packages SET stale = ?1 WHERE stale = ?2",
                                Staleness::Withdrawn,
                                Staleness::Stale));
    co_return std::move(transaction).commit();
}

}  // namespace cercle::client
