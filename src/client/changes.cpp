// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/changes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "client/commits.h"
#include "client/contest.h"
#include "client/judge.h"
#include "client/lost.h"
#include "client/renewal.h"
#include "codec/tls.h"
#include "crypto/hash.h"
#include "envelope/inbox_letter.h"
#include "envelope/seen.h"

namespace cercle::client {
namespace {

using identity::Passport;

/// Who is in the group now, leaf by leaf.
struct Present {
    std::vector<std::pair<mls::LeafIndex, Passport>> leaves;

    [[nodiscard]] bool has(identity::DeviceId device) const {
        return std::ranges::any_of(leaves,
                                   [&](const auto& leaf) { return leaf.second.device == device; });
    }

    [[nodiscard]] std::vector<Passport> passports() const {
        std::vector<Passport> all;
        for (const auto& [index, passport] : leaves)
            all.push_back(passport);
        return all;
    }
};

Result<Present> present_in(const mls::Group& group, const Judge& judge) {
    Present present;
    for (const mls::Member& member : group.roster()) {
        TRY(const Passport passport, judge.passport(member.credential));
        present.leaves.emplace_back(member.index, passport);
    }
    return present;
}

/// The same for the same change and device, so that a retry takes the same key package, unless
/// so many of them were of no use.
protocol::EntryId take_id(const Change& change, identity::DeviceId device, std::uint32_t spoiled) {
    const BytesView label = view_of("Cercle 1 key package taking");
    auto digest = crypto::sha256({label, change.take.view(), device.view()});
    for (std::uint32_t at = 0; at < spoiled; ++at)
        digest = crypto::sha256({label, digest});
    return *protocol::EntryId::from(BytesView(digest).first(protocol::EntryId::size));
}

/// So many key packages of one device are given up for one change.
constexpr std::uint32_t most_spoiled = 3;

struct Addition {
    mls::VerifiedKeyPackage package;
    Passport passport;
};

Result<Addition> verify_package(BytesView message, const Judge& judge, WallTime now) {
    TRY(auto package, mls::VerifiedKeyPackage::from_message(message, surroundings(judge, now)));
    TRY(const Passport passport, judge.passport(package.credential()));
    return Addition{std::move(package), passport};
}

Result<Addition> open_package(const identity::InboxKeys& keys,
                              const protocol::Package& answer,
                              const Judge& judge,
                              identity::DeviceId device,
                              WallTime now) {
    TRY(const Bytes message, envelope::open_package(keys.closing_key, answer.package));
    TRY(auto addition, verify_package(message, judge, now));
    if (addition.passport.device != device) {
        return fail(Code::certificate_invalid, "a key package of another device");
    }
    return addition;
}

net::Task<Addition> take_package(Core& core,
                                 Session& session,
                                 const Change& change,
                                 const PersonDevice& device) {
    const auto keys = identity::inbox_keys(device.inbox_secret);
    const auto first = take_id(change, device.device, 0);
    const auto found = core.spoiled_packages.find(first);
    const std::uint32_t spoiled = found == core.spoiled_packages.end() ? 0 : found->second;
    const auto answer = co_await session.ask<protocol::Package>(
        protocol::TakeKeyPackage{
            device.inbox, keys.deposit_token.copy(), take_id(change, device.device, spoiled)},
        core.world.loop.in(request_patience));
    if (!answer && answer.error().code != Code::id_reused) {
        co_return std::unexpected(answer.error());
    }
    const WallTime now = core.world.clock.wall();
    auto addition =
        answer ? open_package(keys, *answer, Judge(core.self.root, now), device.device, now)
               : Result<Addition>(std::unexpected(answer.error()));
    if (!addition) {
        const Code code = addition.error().code;
        core.world.diary.fault(addition.error());
        // A wrong clock of ours makes none of them better, and each try takes one from those left.
        const bool of_a_date = code == Code::lifetime || code == Code::certificate_expired;
        if (!of_a_date && spoiled < most_spoiled) {
            core.spoiled_packages.insert_or_assign(first, spoiled + 1);
        }
        co_return fail(Code::no_key_package, "the relay gave no key package that can be used");
    }
    co_return std::move(*addition);
}

/// Of everybody who is to come in and is not there. Errors: all of them pass with time: they are
/// the relay's words, and no reason to give a change up.
net::Task<std::vector<Addition>> take_packages(Core& core,
                                               Session& session,
                                               protocol::LogId log,
                                               const Change& change) {
    const Judge judge(core.self.root, core.world.clock.wall());
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    CO_TRY(const Present present, present_in(conversation->group, judge));
    std::vector<Addition> taken;
    for (const identity::MemberId& member : change.add) {
        CO_TRY(const auto devices, core.people.devices_of(member));
        for (const PersonDevice& device : devices) {
            if (device.revoked || present.has(device.device)) continue;
            CO_TRY(auto addition, co_await take_package(core, session, change, device));
            taken.push_back(std::move(addition));
        }
    }
    co_return std::move(taken);
}

struct Plan {
    mls::Intents intents;
    std::vector<Passport> added;
    std::vector<Passport> removed;
};

/// Whoever cannot come in at present keeps no other out. Errors: unknown, if nobody can.
Result<void> check_additions(Core& core, const Change& change) {
    std::size_t lost = 0;
    for (const identity::MemberId& member : change.add) {
        TRY(const auto devices, core.people.devices_of(member));
        if (devices.empty()) return fail(Code::unknown, "that member has no device");
        const auto is_lost = [](const PersonDevice& one) { return one.revoked.has_value(); };
        if (std::ranges::all_of(devices, is_lost)) ++lost;
    }
    const bool adds_alone = change.remove.empty() && change.packages.empty();
    if (lost == 0 || lost < change.add.size() || !adds_alone) return {};
    return fail(Code::unknown, "that member's device was reported lost; there is no other");
}

/// Errors: why the change is none that may be made.
Result<Plan> plan_change(Core& core,
                         const Conversation& conversation,
                         const Change& change,
                         std::vector<Addition> taken) {
    const WallTime now = core.world.clock.wall();
    const Judge judge(core.self.root, now);
    TRY(const Present present, present_in(conversation.group, judge));
    TRY_VOID(check_additions(core, change));
    for (const Bytes& message : change.packages) {
        TRY(auto addition, verify_package(message, judge, now));
        TRY(const auto revoked, lost::revoked_at(core.database, addition.passport.device));
        if (revoked) return fail(Code::revoked, "a key package of a device that was reported lost");
        taken.push_back(std::move(addition));
    }
    Plan plan;
    for (Addition& addition : taken) {
        if (present.has(addition.passport.device)) continue;
        plan.added.push_back(addition.passport);
        plan.intents.adds.push_back(std::move(addition.package));
    }
    for (const auto& [index, passport] : present.leaves) {
        const bool wanted = std::ranges::contains(change.remove, passport.member);
        if (!wanted || passport.member == core.self.member) continue;
        plan.removed.push_back(passport);
        plan.intents.removes.push_back(index);
    }
    Passport author;
    for (const auto& [index, passport] : present.leaves) {
        if (passport.device == core.self.device) author = passport;
    }
    TRY_VOID(
        check_policy(conversation.row.kind, author, present.passports(), plan.added, plan.removed));
    return plan;
}

/// What a relay takes, of a bundle and of a letter about it: known here, so that nothing that is
/// too long is made and then refused for ever.
Result<void> check_length(const Bytes& bundle, const mls::StagedCommit& staged) {
    const std::size_t letter = envelope::closed_size({1, {}, {}, {}, staged.welcome});
    if (bundle.size() > protocol::longest_payload || letter > protocol::longest_payload) {
        return fail(Code::too_large, "too many at once, or too many in it");
    }
    return {};
}

/// Stages the commit and stores it with the group, before its bytes may leave. `item` is what it is
/// to bring about, if that stands in the outbox.
Result<void> stage(Core& core,
                   Conversation& conversation,
                   std::optional<std::int64_t> item,
                   mls::Intents intents) {
    const envelope::Seen seen = conversation.seen();
    // Whatever else it is for, it shows who we are by now (renewal.h).
    const Judge judge(core.self.root, core.world.clock.wall());
    const mls::NewIdentity identity{core.self.signature_key, core.self.credential(), judge};
    if (shows_old_certificate(core, conversation.group)) intents.leaf.identity = &identity;
    TRY(auto staged,
        conversation.group.stage_commit(intents, codec::encode(seen), core.world.random));
    TRY_VOID(check_readers(conversation.group, staged.changes));
    conversation.group.spend_key_of(staged);
    TRY(const auto bundle, make_bundle(conversation, staged));
    Bytes encoded = codec::encode(bundle);
    TRY_VOID(check_length(encoded, staged));
    const auto id = protocol::EntryId::random(core.world.random);
    const protocol::Epoch epoch{conversation.group.epoch().value};
    conversation.pending = PendingCommit{std::move(staged), id, std::move(encoded)};
    TRY(auto transaction, core.database.begin());
    if (item) TRY_VOID(Outbox::set_closed(transaction, *item, id, epoch, {}));
    TRY_VOID(Conversations::store(transaction, conversation));
    return std::move(transaction).commit();
}

Result<void> store_finished(Core& core,
                            Conversation& conversation,
                            const OutboxItem& item,
                            const Error* failure) {
    const bool alone = conversation.group.roster().size() == 1 &&
                       conversation.row.kind != ConversationKind::Directory;
    TRY(auto transaction, core.database.begin());
    TRY_VOID(Outbox::remove(transaction, item.ordinal));
    if (failure != nullptr && alone) {
        conversation.row.state = ConversationState::Closed;
        TRY_VOID(Outbox::abandon(transaction, conversation.row.log));
        TRY_VOID(Conversations::store(transaction, conversation));
    }
    return std::move(transaction).commit();
}

/// Takes a change out of the outbox: done, or impossible. A conversation that never got a second
/// member because of it is closed, so that nothing is ever said into an empty room.
Result<void> finish(Core& core, protocol::LogId log, const OutboxItem& item, const Error* failure) {
    TRY(Conversation * conversation, core.conversations.load(log));
    auto stored = store_finished(core, *conversation, item, failure);
    if (!stored) {
        core.conversations.forget(log);
        return stored;
    }
    if (failure != nullptr) core.failed_changes.emplace(item.ordinal, *failure);
    core.changed.notify_all();
    return {};
}

/// The relay has put something else under the commit's id.
Result<void> give_another_id(Core& core, protocol::LogId log) {
    TRY(Conversation * conversation, core.conversations.load(log));
    TRY(auto transaction, core.database.begin());
    const protocol::EntryId before = conversation->pending->id;
    conversation->pending->id = protocol::EntryId::random(core.world.random);
    auto done =
        transaction.run("UPDATE outbox SET entry = ?3 WHERE log = ?1 AND kind = 1 AND entry = ?2",
                        log,
                        before,
                        conversation->pending->id);
    if (done) done = Conversations::store(transaction, *conversation);
    if (done) done = std::move(transaction).commit();
    if (!done) core.conversations.forget(log);
    return done;
}

/// A disk that failed may work again; anything else of our own is as it is.
bool may_pass(Code code) {
    return code == Code::disk_fault || code == Code::disk_full;
}

}  // namespace

Result<identity::Passport> owner_of_package(Core& core, BytesView message) {
    const WallTime now = core.world.clock.wall();
    TRY(const auto addition, verify_package(message, Judge(core.self.root, now), now));
    return addition.passport;
}

net::Task<Progress> stage_change(Core& core,
                                 Session& session,
                                 protocol::LogId log,
                                 OutboxItem item) {
    CO_TRY(const auto change, codec::decode<Change>(item.body));
    CO_TRY(auto taken, co_await take_packages(core, session, log, change));
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    auto plan = plan_change(core, *conversation, change, std::move(taken));
    if (!plan) {
        if (may_pass(plan.error().code)) co_return std::unexpected(plan.error());
        CO_TRY_VOID(finish(core, log, item, &plan.error()));
        co_return Progress::Moved;
    }
    const bool renews = shows_old_certificate(core, conversation->group);
    if (plan->added.empty() && plan->removed.empty() && !renews) {
        CO_TRY_VOID(finish(core, log, item, nullptr));
        co_return Progress::Moved;
    }
    auto staged = stage(core, *conversation, item.ordinal, std::move(plan->intents));
    if (!staged) {
        core.conversations.forget(log);
        if (may_pass(staged.error().code)) co_return std::unexpected(staged.error());
        CO_TRY(conversation, core.conversations.load(log));
        CO_TRY_VOID(finish(core, log, item, &staged.error()));
    }
    co_return Progress::Moved;
}

Result<void> stage_renewal(Core& core, protocol::LogId log) {
    TRY(Conversation * conversation, core.conversations.load(log));
    auto staged = stage(core, *conversation, std::nullopt, {});
    if (!staged) core.conversations.forget(log);
    return staged;
}

Result<Progress> stage_eviction(Core& core, protocol::LogId log) {
    TRY(Conversation * conversation, core.conversations.load(log));
    mls::Intents intents;
    TRY(intents.removes, lost::leaves_to_remove(core, *conversation));
    if (intents.removes.empty()) {
        return fail(Code::store_corrupt, "a lost device's leaf that is not in its conversation");
    }
    // The officer's alone, by the conversation's rules: the others wait for his commit.
    if (conversation->row.kind == ConversationKind::Directory) {
        const Judge judge(core.self.root, core.world.clock.wall());
        TRY(const auto own, judge.passport(core.self.credential()));
        if (own.role != identity::Role::Officer) return Progress::Idle;
    }
    auto staged = stage(core, *conversation, std::nullopt, intents);
    if (!staged) {
        core.conversations.forget(log);
        return std::unexpected(staged.error());
    }
    return Progress::Moved;
}

Result<void> withdraw_pending(Core& core, protocol::LogId log) {
    TRY(Conversation * conversation, core.conversations.load(log));
    TRY(auto transaction, core.database.begin());
    auto done = drop_pending(transaction, *conversation);
    if (done) done = Conversations::store(transaction, *conversation);
    if (done) done = std::move(transaction).commit();
    if (!done) core.conversations.forget(log);
    return done;
}

net::Task<Progress> post_pending(Core& core, Session& session, protocol::LogId log) {
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    const protocol::EntryId id = conversation->pending->id;
    const protocol::Seq passed_over = conversation->contest.passed_over;
    CO_TRY(auto bundle, codec::decode<protocol::SignedBundle>(conversation->pending->bundle));
    const auto answer = co_await session.ask<protocol::Posted>(
        protocol::PostBundle{id, std::move(bundle), passed_over},
        core.world.loop.in(request_patience));
    const bool definite = answer.has_value() || answer.error().code == Code::stale ||
                          answer.error().code == Code::refused;
    // Whatever else it says, it may say it untruly, and have taken the commit: giving that up would
    // part us from a group that has gone on with it.
    if (!definite && answer.error().code == Code::id_reused) {
        CO_TRY_VOID(give_another_id(core, log));
    }
    if (!definite) co_return std::unexpected(answer.error());
    // The log tells who has won: we, or another whose commit makes us plan anew, or remove us.
    CO_TRY(const Progress progress, co_await catch_up(core, session, log));
    CO_TRY(conversation, core.conversations.load(log));
    const bool undecided = conversation->pending && conversation->pending->id == id;
    const bool seen_more = conversation->contest.passed_over > passed_over;
    if (undecided && progress == Progress::Idle && !seen_more) {
        if (!answer && answer.error().code == Code::stale) CO_TRY_VOID(note_stale(core, log));
        if (!answer) co_return std::unexpected(answer.error());
        co_return fail(Code::chain_broken, "the relay took a commit and does not show it");
    }
    co_return Progress::Moved;
}

}  // namespace cercle::client
