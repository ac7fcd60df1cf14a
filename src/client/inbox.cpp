// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/inbox.h"

#include <set>
#include <utility>

#include "client/judge.h"
#include "client/receive.h"
#include "client/witness.h"
#include "codec/tls.h"
#include "envelope/inbox_letter.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

// As long as the certificate in it: until renewal comes, a shorter life would only lock people out.
constexpr auto package_lifetime = 24h * 365;
constexpr auto tolerated_lag = 24h;

struct Joined {
    mls::Group group;
    crypto::SigningKey reader;
    Bytes ref;
};

/// Tries the key packages that are out; a Welcome names the one it is for.
Result<Joined> join_with_any(Core& core, BytesView welcome, WallTime now) {
    const Judge judge(core.self.root, now);
    TRY(auto rows,
        (core.database.all<Bytes, Bytes, Secret, Secret>(
            "SELECT ref, public, secret, reader FROM key_packages")));
    for (auto& [ref, public_part, secret_part, reader] : rows) {
        TRY(const auto bundle, mls::KeyPackageBundle::load(public_part, secret_part));
        auto group =
            mls::Group::join(welcome, bundle, core.self.signature_key, surroundings(judge, now));
        if (!group && group.error().code == Code::welcome_not_for_us) continue;
        if (!group) return std::unexpected(group.error());
        TRY(auto reader_key,
            crypto::SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519, reader.reveal()));
        return Joined{*std::move(group), std::move(reader_key), std::move(ref)};
    }
    return fail(Code::welcome_not_for_us, "a Welcome for a key package that is not ours");
}

/// The other member of a direct conversation. Errors: policy_violated.
Result<std::optional<identity::MemberId>> peer_in(Core& core,
                                                  const mls::Group& group,
                                                  ConversationKind kind,
                                                  WallTime now) {
    const Judge judge(core.self.root, now);
    std::set<identity::MemberId> others;
    bool officer = false;
    for (const mls::Member& member : group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        officer = officer || passport.role == identity::Role::Officer;
        if (passport.member != core.self.member) others.insert(passport.member);
    }
    if (kind == ConversationKind::Directory && !officer) {
        return fail(Code::policy_violated, "a directory without an officer");
    }
    if (kind != ConversationKind::Direct) return std::optional<identity::MemberId>();
    if (others.size() != 1) {
        return fail(Code::policy_violated, "a direct conversation has two members");
    }
    return std::optional(*others.begin());
}

Result<void> take_letter(Core& core,
                         store::Transaction& transaction,
                         const protocol::Entry& entry) {
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    TRY(const auto letter, envelope::open_letter(keys.closing_key, entry.payload));
    TRY(const auto there,
        transaction.one<ConversationState>("SELECT state FROM conversations WHERE log = ?1",
                                           letter.log));
    // The same letter twice; but who was out of a conversation may be taken in again.
    if (there && std::get<0>(*there) != ConversationState::Closed) return {};
    const WallTime now = core.world.clock.wall();
    TRY(auto joined, join_with_any(core, letter.welcome, now));
    if (!std::ranges::equal(joined.group.group_id(), letter.log.view())) {
        return fail(Code::misdeclared, "a Welcome to another conversation than its letter says");
    }
    TRY(auto policy, policy_of(joined.group.context_extensions()));
    TRY(const auto peer, peer_in(core, joined.group, policy.kind, now));
    // There is one directory, and the officer said which when this device joined.
    TRY(const auto directory,
        transaction.one<std::int64_t>("SELECT 1 FROM self WHERE directory = ?1", letter.log));
    if ((policy.kind == ConversationKind::Directory) != directory.has_value()) {
        return fail(Code::policy_violated,
                    "a conversation that passes itself off as the directory");
    }
    TRY_VOID(transaction.run("DELETE FROM conversations WHERE log = ?1", letter.log));
    TRY_VOID(witness::begin(transaction, letter.log));
    TRY_VOID(witness::note_position(transaction, letter.log, letter.seq, letter.chain));
    core.conversations.forget(letter.log);
    TRY_VOID(transaction.run("DELETE FROM key_packages WHERE ref = ?1", joined.ref));
    Line line;
    line.log = letter.log;
    line.kind = LineKind::Added;
    line.seq = letter.seq;
    line.epoch = {joined.group.epoch().value};
    line.subject = core.self.member;
    line.at = time_of(entry);
    if (policy.kind != ConversationKind::Directory) TRY_VOID(Timeline::add(transaction, line));
    TRY_VOID(core.conversations.add(
        transaction,
        {{letter.log, policy.kind, ConversationState::Open, std::move(policy.name), peer},
         std::move(joined.group),
         std::move(joined.reader),
         letter.seq,
         letter.chain,
         0,
         std::nullopt}));
    return {};
}

Result<void> take_letters(Core& core,
                          protocol::Seq seq,
                          protocol::ChainHash chain,
                          const std::vector<protocol::Entry>& entries) {
    TRY(auto transaction, core.database.begin());
    for (const protocol::Entry& entry : entries) {
        TRY_VOID(check_next(seq, chain, core.self.inbox, entry));
        seq = entry.seq;
        chain = entry.chain;
        TRY(auto savepoint, transaction.savepoint());
        if (auto taken = take_letter(core, transaction, entry); taken) {
            TRY_VOID(std::move(savepoint).keep());
        } else {
            if (is_of_the_disk(taken.error().code)) return taken;
            // Anybody in the circle may put anything here; what does not open is passed over.
            core.world.diary.fault(taken.error());
        }
    }
    TRY_VOID(transaction.run("UPDATE self SET inbox_seq = ?1, inbox_chain = ?2", seq, chain));
    return std::move(transaction).commit();
}

}  // namespace

net::Task<Progress> read_inbox(Core& core, Session& session) {
    CO_TRY(const auto row,
           (core.database.one<protocol::Seq, protocol::ChainHash>(
               "SELECT inbox_seq, inbox_chain FROM self")));
    if (!row) co_return fail(Code::home_missing, "this device has not joined");
    const auto [seq, chain] = *row;
    CO_TRY(const auto entries,
           co_await session.ask<protocol::Entries>(protocol::Read{core.self.inbox, seq},
                                                   core.world.loop.in(request_patience)));
    CO_TRY_VOID(check_head(seq, entries.head));
    if (entries.entries.empty()) co_return Progress::Idle;
    CO_TRY_VOID(take_letters(core, seq, chain, entries.entries));
    core.changed.notify_all();
    core.work.set();
    co_return Progress::Moved;
}

Result<Bytes> make_package(Core& core, store::Transaction& transaction) {
    auto& random = core.world.random;
    const WallTime now = core.world.clock.wall();
    const auto reader = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    TRY(const mls::Suite* suite, suite_of(core.self.suite));
    const auto bundle = mls::make_key_package(
        *suite,
        core.self.signature_key,
        leaf_profile(core.self.credential(), public_id<protocol::ReaderKey>(reader)),
        mls::Lifetime::of(now - tolerated_lag, now + package_lifetime),
        random);
    const mls::Saved saved = bundle.save();
    TRY_VOID(transaction.run(
        "INSERT INTO key_packages (ref, public, secret, reader) VALUES (?1, ?2, ?3, ?4)",
        bundle.ref(),
        saved.public_part,
        saved.secret_part,
        reader.secret()));
    return bundle.message();
}

net::Task<void> top_up_packages(Core& core, Session& session) {
    CO_TRY(const auto count,
           co_await session.ask<protocol::Count>(protocol::CountKeyPackages{core.self.inbox},
                                                 core.world.loop.in(request_patience)));
    if (count.left >= enough_packages / 2) co_return Result<void>();
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    protocol::PutKeyPackages request;
    request.inbox = core.self.inbox;
    CO_TRY(auto transaction, core.database.begin());
    for (std::uint32_t made = count.left; made < enough_packages; ++made) {
        CO_TRY(const Bytes message, make_package(core, transaction));
        request.packages.push_back(
            envelope::close_package(keys.closing_key, message, core.world.random));
    }
    CO_TRY_VOID(std::move(transaction).commit());
    CO_TRY_VOID(co_await session.ask<protocol::Count>(std::move(request),
                                                      core.world.loop.in(request_patience)));
    co_return Result<void>();
}

}  // namespace cercle::client
