// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/changes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "client/commits.h"
#include "client/judge.h"
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

/// The same for the same change and device, so that a retry takes the same key package.
protocol::EntryId take_id(const Change& change, identity::DeviceId device) {
    const auto digest =
        crypto::sha256({view_of("Cercle 1 key package taking"), change.take.view(), device.view()});
    return *protocol::EntryId::from(BytesView(digest).first(protocol::EntryId::size));
}

struct Addition {
    mls::VerifiedKeyPackage package;
    Passport passport;
};

Result<Addition> verify_package(BytesView message, const Judge& judge, WallTime now) {
    TRY(auto package, mls::VerifiedKeyPackage::from_message(message, surroundings(judge, now)));
    TRY(const Passport passport, judge.passport(package.credential()));
    return Addition{std::move(package), passport};
}

net::Task<Addition> take_package(Core& core,
                                 Session& session,
                                 const Change& change,
                                 const PersonDevice& device) {
    auto keys = identity::inbox_keys(device.inbox_secret);
    CO_TRY(const auto answer,
           co_await session.ask<protocol::Package>(
               protocol::TakeKeyPackage{
                   device.inbox, std::move(keys.deposit_token), take_id(change, device.device)},
               core.world.loop.in(request_patience)));
    CO_TRY(const Bytes message, envelope::open_package(keys.closing_key, answer.package));
    const WallTime now = core.world.clock.wall();
    CO_TRY(auto addition, verify_package(message, Judge(core.self.root, now), now));
    if (addition.passport.device != device.device) {
        co_return fail(Code::certificate_invalid, "a key package of another device");
    }
    co_return std::move(addition);
}

struct Plan {
    mls::Intents intents;
    std::vector<Passport> added;
    std::vector<Passport> removed;
};

net::Task<Plan> plan_change(Core& core,
                            Session& session,
                            protocol::LogId log,
                            const Change& change) {
    const WallTime now = core.world.clock.wall();
    const Judge judge(core.self.root, now);
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    CO_TRY(const Present present, present_in(conversation->group, judge));
    Plan plan;
    const auto add = [&plan, &present](Addition addition) {
        if (present.has(addition.passport.device)) return;
        plan.added.push_back(addition.passport);
        plan.intents.adds.push_back(std::move(addition.package));
    };
    for (const Bytes& message : change.packages) {
        CO_TRY(auto addition, verify_package(message, judge, now));
        add(std::move(addition));
    }
    for (const identity::MemberId& member : change.add) {
        CO_TRY(const auto devices, core.people.devices_of(member));
        if (devices.empty()) co_return fail(Code::unknown, "that member has no device");
        for (const PersonDevice& device : devices) {
            if (device.revoked || present.has(device.device)) continue;
            CO_TRY(auto addition, co_await take_package(core, session, change, device));
            add(std::move(addition));
        }
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
    CO_TRY_VOID(check_policy(
        conversation->row.kind, author, present.passports(), plan.added, plan.removed));
    co_return std::move(plan);
}

/// Stages the commit and stores it with the group, before its bytes may leave.
Result<void> stage(Core& core, Conversation& conversation, const OutboxItem& item, Plan plan) {
    const envelope::Seen seen{1, conversation.seq, conversation.chain};
    TRY(auto staged,
        conversation.group.stage_commit(plan.intents, codec::encode(seen), core.world.random));
    TRY_VOID(check_readers(conversation.group, staged.changes));
    conversation.group.spend_key_of(staged);
    TRY(const auto bundle, make_bundle(conversation, staged));
    const auto id = protocol::EntryId::random(core.world.random);
    const protocol::Epoch epoch{conversation.group.epoch().value};
    conversation.pending = PendingCommit{std::move(staged), id, codec::encode(bundle)};
    TRY(auto transaction, core.database.begin());
    TRY_VOID(Outbox::set_closed(transaction, item.ordinal, id, epoch, {}));
    TRY_VOID(Conversations::store(transaction, conversation));
    return std::move(transaction).commit();
}

/// Takes a change out of the outbox: done, or impossible. A conversation that never got a second
/// member because of it is closed, so that nothing is ever said into an empty room.
Result<void> finish(Core& core,
                    Conversation& conversation,
                    const OutboxItem& item,
                    const Error* failure) {
    const bool alone = conversation.group.roster().size() == 1 &&
                       conversation.row.kind != ConversationKind::Directory;
    TRY(auto transaction, core.database.begin());
    TRY_VOID(Outbox::remove(transaction, item.ordinal));
    if (failure != nullptr && alone) {
        conversation.row.state = ConversationState::Closed;
        TRY_VOID(transaction.run(
            "UPDATE timeline SET state = 3 WHERE log = ?1 AND kind = 0 AND seq IS NULL",
            conversation.row.log));
        TRY_VOID(Uploads::abandon(transaction, conversation.row.log));
        TRY_VOID(transaction.run("DELETE FROM outbox WHERE log = ?1", conversation.row.log));
        TRY_VOID(Conversations::store(transaction, conversation));
    }
    TRY_VOID(std::move(transaction).commit());
    if (failure != nullptr) core.failed_changes.emplace(item.ordinal, *failure);
    core.changed.notify_all();
    return {};
}

/// A bundle that the relay will never take, however often it is asked.
bool is_hopeless(Code code) {
    return code == Code::invalid_argument || code == Code::too_large || code == Code::log_full ||
           code == Code::unsupported || code == Code::id_reused;
}

/// Drops the staged commit and the change it was made for.
Result<void> abandon(Core& core, Conversation& conversation, const Error& failure) {
    const protocol::EntryId id = conversation.pending->id;
    TRY(const auto row,
        core.database.one<std::int64_t>(
            "SELECT ordinal FROM outbox WHERE log = ?1 AND entry = ?2", conversation.row.log, id));
    conversation.pending.reset();
    OutboxItem item;
    item.ordinal = row ? std::get<0>(*row) : 0;
    TRY(auto transaction, core.database.begin());
    TRY_VOID(Conversations::store(transaction, conversation));
    TRY_VOID(std::move(transaction).commit());
    return finish(core, conversation, item, &failure);
}

/// Worth trying again later, without anybody doing anything.
bool may_pass(Code code) {
    return code == Code::unreachable_peer || code == Code::deadline_passed ||
           code == Code::closing || code == Code::no_key_package || code == Code::disk_fault ||
           code == Code::disk_full || code == Code::too_many;
}

}  // namespace

net::Task<Progress> stage_change(Core& core,
                                 Session& session,
                                 protocol::LogId log,
                                 OutboxItem item) {
    CO_TRY(const auto change, codec::decode<Change>(item.body));
    auto plan = co_await plan_change(core, session, log, change);
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    if (!plan) {
        if (may_pass(plan.error().code)) co_return std::unexpected(plan.error());
        CO_TRY_VOID(finish(core, *conversation, item, &plan.error()));
        co_return Progress::Moved;
    }
    if (plan->added.empty() && plan->removed.empty()) {
        CO_TRY_VOID(finish(core, *conversation, item, nullptr));
        co_return Progress::Moved;
    }
    auto staged = stage(core, *conversation, item, *std::move(plan));
    if (!staged) {
        core.conversations.forget(log);
        if (may_pass(staged.error().code)) co_return std::unexpected(staged.error());
        CO_TRY(conversation, core.conversations.load(log));
        CO_TRY_VOID(finish(core, *conversation, item, &staged.error()));
    }
    co_return Progress::Moved;
}

net::Task<Progress> post_pending(Core& core, Session& session, protocol::LogId log) {
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    const protocol::EntryId id = conversation->pending->id;
    CO_TRY(auto bundle, codec::decode<protocol::SignedBundle>(conversation->pending->bundle));
    const auto answer = co_await session.ask<protocol::Posted>(
        protocol::PostBundle{id, std::move(bundle)}, core.world.loop.in(request_patience));
    const bool definite = answer.has_value() || answer.error().code == Code::stale ||
                          answer.error().code == Code::refused;
    if (!definite && is_hopeless(answer.error().code)) {
        CO_TRY(conversation, core.conversations.load(log));
        const auto abandoned = abandon(core, *conversation, answer.error());
        if (!abandoned) core.conversations.forget(log);
        CO_TRY_VOID(abandoned);
        co_return Progress::Moved;
    }
    if (!definite) co_return std::unexpected(answer.error());
    // The log tells who has won: we, or another whose commit makes us plan anew, or remove us.
    CO_TRY(const Progress progress, co_await catch_up(core, session, log));
    CO_TRY(conversation, core.conversations.load(log));
    const bool undecided = conversation->pending && conversation->pending->id == id;
    if (undecided && progress == Progress::Idle) {
        if (!answer) co_return std::unexpected(answer.error());
        co_return fail(Code::chain_broken, "the relay took a commit and does not show it");
    }
    co_return Progress::Moved;
}

}  // namespace cercle::client
