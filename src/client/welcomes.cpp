// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/welcomes.h"

#include <set>
#include <utility>

#include "client/judge.h"
#include "client/receive.h"
#include "client/witness.h"
#include "envelope/inbox_letter.h"

namespace cercle::client {
namespace {

/// So many of one conversation are kept: anybody in the circle can write letters.
constexpr std::int64_t most_kept = 16;

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

/// Joins, whatever is known of the conversation here.
Result<void> join(Core& core,
                  store::Transaction& transaction,
                  const protocol::Entry& entry,
                  const envelope::WelcomeLetter& letter) {
    // As entries are judged: a clock that is wrong here today must cost nobody his conversations.
    const WallTime now = time_of(entry);
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

struct Known {
    ConversationState state;
    protocol::Seq seq;
};

Result<std::optional<Known>> known_of(store::Transaction& transaction, protocol::LogId log) {
    TRY(const auto row,
        (transaction.one<ConversationState, protocol::Seq>(
            "SELECT state, seq FROM conversations WHERE log = ?1", log)));
    if (!row) return std::optional<Known>();
    return std::optional(Known{std::get<0>(*row), std::get<1>(*row)});
}

Result<void> keep(store::Transaction& transaction,
                  const protocol::Entry& entry,
                  const envelope::WelcomeLetter& letter) {
    return transaction.run(
        "INSERT OR IGNORE INTO kept_welcomes (seq, log, at, payload) SELECT ?1, ?2, ?3, ?4"
        " WHERE (SELECT count(*) FROM kept_welcomes WHERE log = ?2) < ?5",
        entry.seq,
        letter.log,
        entry.stamp,
        entry.payload,
        most_kept);
}

/// Of conversations that are closed by now.
Result<std::vector<protocol::Entry>> ripe(Core& core) {
    TRY(auto rows,
        (core.database.all<protocol::Seq, protocol::Stamp, Bytes>(
            "SELECT k.seq, k.at, k.payload FROM kept_welcomes k JOIN conversations c"
            " ON c.log = k.log WHERE c.state = ?1 ORDER BY k.seq",
            ConversationState::Closed)));
    std::vector<protocol::Entry> entries;
    for (auto& [seq, at, payload] : rows)
        entries.push_back({seq, protocol::EntryKind::Deposit, {}, at, std::move(payload), {}});
    return entries;
}

}  // namespace

Result<void> take_welcome(Core& core,
                          store::Transaction& transaction,
                          const protocol::Entry& entry) {
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    TRY(const auto letter, envelope::open_letter(keys.closing_key, entry.payload));
    TRY(const auto known, known_of(transaction, letter.log));
    if (!known || known->state == ConversationState::Closed) {
        return join(core, transaction, entry, letter);
    }
    // What we have read beyond is no news: the same letter twice.
    if (letter.seq <= known->seq) return {};
    return keep(transaction, entry, letter);
}

Result<Progress> take_kept_welcomes(Core& core) {
    TRY(const auto entries, ripe(core));
    if (entries.empty()) return Progress::Idle;
    TRY(auto transaction, core.database.begin());
    for (const protocol::Entry& entry : entries) {
        TRY_VOID(transaction.run("DELETE FROM kept_welcomes WHERE seq = ?1", entry.seq));
        TRY(auto savepoint, transaction.savepoint());
        // One that takes us in leaves those after it to be kept: we may have been put out again.
        if (const auto taken = take_welcome(core, transaction, entry); taken) {
            TRY_VOID(std::move(savepoint).keep());
        } else {
            if (is_of_the_disk(taken.error().code)) return std::unexpected(taken.error());
            core.world.diary.fault(taken.error());
        }
    }
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    return Progress::Moved;
}

Result<bool> are_welcomes_kept(Core& core) {
    TRY(const auto row, core.database.one<std::int64_t>("SELECT 1 FROM kept_welcomes LIMIT 1"));
    return row.has_value();
}

}  // namespace cercle::client
