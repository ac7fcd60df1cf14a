// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/welcomes.h"

#include <set>
#include <utility>

#include "client/acknowledgement.h"
#include "client/judge.h"
#include "client/lost.h"
#include "client/receive.h"
#include "client/renewal.h"
#include "client/rotation.h"
#include "client/unlisted.h"
#include "client/witness.h"
#include "codec/tls.h"
#include "crypto/hash.h"
#include "envelope/inbox_letter.h"

namespace cercle::client {
namespace {

/// So many are kept, of one conversation and of all: anybody in the circle can write letters.
constexpr std::int64_t most_kept_of_one = 16;
constexpr std::int64_t most_kept = 256;

struct Joined {
    mls::Group group;
    crypto::SigningKey reader;
    Bytes ref;
};

/// Tries the key packages that are out; a Welcome names the one it is for.
Result<Joined> join_with_any(Core& core, BytesView welcome, WallTime now) {
    const Judge judge = Judge::of_those_present(core.self.root);
    TRY(auto rows,
        (core.database.all<Bytes, Bytes, Secret, Secret>(
            "SELECT ref, public, secret, reader FROM key_packages")));
    for (auto& [ref, public_part, secret_part, reader] : rows) {
        const auto bundle = mls::KeyPackageBundle::load(public_part, secret_part);
        if (!bundle) {
            core.world.diary.fault(bundle.error());
            continue;
        }
        auto group =
            mls::Group::join(welcome, *bundle, core.self.signature_key, surroundings(judge, now));
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
    TRY_VOID(lost::begin(core, transaction, letter.log, joined.group));
    TRY_VOID(witness::begin(transaction, letter.log));
    TRY_VOID(acknowledgement::begin(transaction, letter.log, letter.seq));
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
    const bool shown_is_old = shows_old_certificate(core, joined.group);
    ConversationRow row{
        letter.log, policy.kind, ConversationState::Open, std::move(policy.name), peer};
    TRY_VOID(unlisted::look_in(core, transaction, row, joined.group));
    TRY_VOID(core.conversations.add(transaction,
                                    {std::move(row),
                                     std::move(joined.group),
                                     std::move(joined.reader),
                                     letter.seq,
                                     letter.chain,
                                     0,
                                     std::nullopt}));
    if (shown_is_old) TRY_VOID(show_certificate(core, transaction, letter.log));
    if (policy.kind == ConversationKind::Directory) {
        TRY_VOID(rotation::announce_again(core, transaction, letter.log));
    }
    // Read from the vault when it is needed: all this may still be rolled back.
    core.conversations.forget(letter.log);
    return {};
}

struct Known {
    ConversationState state;
    protocol::Seq seq;
    bool left_behind = false;  // it goes nowhere from here (contest.h)
};

Result<std::optional<Known>> known_of(store::Transaction& transaction, protocol::LogId log) {
    TRY(const auto row,
        (transaction.one<ConversationState, protocol::Seq, std::optional<Bytes>>(
            "SELECT state, seq, doubt FROM conversations WHERE log = ?1", log)));
    if (!row) return std::optional<Known>();
    const auto& [state, seq, encoded] = *row;
    Known known{state, seq};
    if (encoded) {
        TRY(const auto doubt, codec::decode<Doubt>(*encoded));
        known.left_behind = doubt.left_behind != 0;
    }
    return std::optional(known);
}

Result<std::int64_t> number_of(store::Transaction& transaction, protocol::LogId log) {
    TRY(const auto row,
        transaction.one<std::int64_t>("SELECT count(*) FROM kept_welcomes WHERE log = ?1", log));
    return row ? std::get<0>(*row) : 0;
}

Result<void> keep(Core& core,
                  store::Transaction& transaction,
                  const protocol::Entry& entry,
                  const envelope::WelcomeLetter& letter) {
    TRY(const std::int64_t kept, number_of(transaction, letter.log));
    TRY(const auto all, transaction.one<std::int64_t>("SELECT count(*) FROM kept_welcomes"));
    if (kept >= most_kept_of_one || (all && std::get<0>(*all) >= most_kept)) {
        core.world.diary.fault(
            fail(Code::too_many, "a Welcome that comes too early, and one too many").error());
        return {};
    }
    // The relay may hand out the same letter at several places.
    return transaction.run(
        "INSERT OR IGNORE INTO kept_welcomes (seq, log, place, at, digest, payload)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        entry.seq,
        letter.log,
        letter.seq,
        entry.stamp,
        crypto::sha256(entry.payload),
        entry.payload);
}

/// Those to which no conversation is open here by now.
Result<std::vector<protocol::Entry>> ripe(Core& core) {
    TRY(auto rows,
        (core.database.all<protocol::Seq, protocol::Stamp, Bytes>(
            "SELECT seq, at, payload FROM kept_welcomes k WHERE NOT EXISTS"
            " (SELECT 1 FROM conversations c WHERE c.log = k.log AND c.state <> ?1 AND"
            "  c.seq < k.place) ORDER BY seq",
            ConversationState::Closed)));
    std::vector<protocol::Entry> entries;
    for (auto& [seq, at, payload] : rows)
        entries.push_back({seq, protocol::EntryKind::Deposit, {}, at, std::move(payload), {}});
    return entries;
}

}  // namespace

Result<Progress> take_welcome(Core& core,
                              store::Transaction& transaction,
                              const protocol::Entry& entry) {
    TRY(const auto letter, rotation::with_any_key(core, [&entry](const Secret& key) {
            return envelope::open_letter(key, entry.payload);
        }));
    TRY(const auto known, known_of(transaction, letter.log));
    // What we have read beyond is no news: the same letter twice, or one that leads back.
    const bool goes_on = known && !known->left_behind;
    if (goes_on && letter.seq <= known->seq) return Progress::Idle;
    if (goes_on && known->state != ConversationState::Closed) {
        TRY_VOID(keep(core, transaction, entry, letter));
        return Progress::Idle;
    }
    Result<void> joined;
    {
        TRY(auto savepoint, transaction.savepoint());
        joined = join(core, transaction, entry, letter);
        if (joined) TRY_VOID(std::move(savepoint).keep());
    }
    // Nothing of it is a matter of this machine's clock, which may be wrong today.
    if (!joined) return std::unexpected(joined.error());
    return Progress::Moved;
}

Result<Progress> take_kept_welcomes(Core& core) {
    TRY(const auto entries, ripe(core));
    if (entries.empty()) return Progress::Idle;
    TRY(auto transaction, core.database.begin());
    Progress progress = Progress::Idle;
    for (const protocol::Entry& entry : entries) {
        TRY_VOID(transaction.run("DELETE FROM kept_welcomes WHERE seq = ?1", entry.seq));
        TRY(auto savepoint, transaction.savepoint());
        // One that takes us in leaves those after it to be kept: we may have been put out again.
        if (const auto taken = take_welcome(core, transaction, entry); taken) {
            TRY_VOID(std::move(savepoint).keep());
            if (*taken == Progress::Moved) progress = Progress::Moved;
        } else {
            if (is_of_the_disk(taken.error().code)) return std::unexpected(taken.error());
            core.world.diary.fault(taken.error());
        }
    }
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    return progress;
}

Result<bool> are_welcomes_kept(Core& core) {
    TRY(const auto row, core.database.one<std::int64_t>("SELECT 1 FROM kept_welcomes LIMIT 1"));
    return row.has_value();
}

}  // namespace cercle::client
