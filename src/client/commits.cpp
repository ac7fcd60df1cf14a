// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/commits.h"

#include <algorithm>
#include <set>
#include <utility>

#include "access/label.h"
#include "client/acknowledgement.h"
#include "client/judge.h"
#include "client/lost.h"
#include "client/receive.h"
#include "client/unlisted.h"
#include "client/witness.h"
#include "codec/tls.h"
#include "crypto/hash.h"
#include "envelope/epoch_rights.h"
#include "envelope/inbox_letter.h"
#include "envelope/open.h"
#include "mls/any_time.h"

namespace cercle::client {
namespace {

using identity::Passport;

std::set<identity::MemberId> members_of(const std::vector<Passport>& passports) {
    std::set<identity::MemberId> members;
    for (const Passport& passport : passports)
        members.insert(passport.member);
    return members;
}

Result<std::vector<Passport>> passports_of(const Judge& judge,
                                           const std::vector<mls::Member>& members) {
    std::vector<Passport> passports;
    for (const mls::Member& member : members) {
        TRY(const Passport passport, judge.passport(member.credential));
        passports.push_back(passport);
    }
    return passports;
}

bool same_readers(std::vector<protocol::ReaderKey> left, std::vector<protocol::ReaderKey> right) {
    std::ranges::sort(left);
    std::ranges::sort(right);
    return left == right;
}

/// What the bundle tells the relay must be what the commit does, or members would be locked out
/// of their log, or strangers let in.
Result<void> check_declarations(const protocol::Bundle& bundle,
                                const mls::Group& group,
                                const mls::Member& author,
                                const mls::Changes& changes,
                                const mls::NextEpoch& next) {
    TRY_VOID(check_readers(group, changes));
    const protocol::Verifier verifier = envelope::rights_of(next).verifier();
    TRY(const auto author_reader, reader_of(author));
    TRY(const auto added, readers_of(changes.added));
    TRY(const auto removed, readers_of(changes.removed));
    const bool fits = bundle.next.token == verifier.token &&
                      bundle.next.bundle == verifier.bundle && bundle.author == author_reader &&
                      same_readers(bundle.readers_added, added) &&
                      same_readers(bundle.readers_dropped, removed);
    if (!fits) {
        return fail(Code::bundle_mismatch_rule,
                    "a bundle declares other than what its commit does");
    }
    return {};
}

bool is_pending(const PendingCommit& pending, const protocol::SignedBundle& arrived) {
    const auto own = codec::decode<protocol::SignedBundle>(pending.bundle);
    return own && own->bundle == arrived.bundle;
}

struct Event {
    protocol::Seq seq;
    protocol::ChainHash chain;
    protocol::Epoch epoch;
    WallTime at;
};

Result<void> add_lines(Core& core,
                       store::Transaction& transaction,
                       const Conversation& conversation,
                       const Event& event,
                       const Passport& author,
                       const std::set<identity::MemberId>& subjects,
                       LineKind kind) {
    if (conversation.row.kind == ConversationKind::Directory) return {};
    for (const identity::MemberId& subject : subjects) {
        if (kind == LineKind::Removed) {
            TRY(const auto left,
                core.database.one<std::int64_t>(
                    "SELECT 1 FROM timeline WHERE log = ?1 AND kind = 3 AND member = ?2"
                    " AND ordinal > (SELECT coalesce(max(ordinal), 0) FROM timeline"
                    " WHERE log = ?1 AND kind = 1 AND subject = ?2)",
                    conversation.row.log,
                    subject));
            if (left) continue;  // who left was already said to have left
        }
        Line line;
        line.log = conversation.row.log;
        line.kind = kind;
        line.seq = event.seq;
        line.epoch = event.epoch;
        line.member = author.member;
        line.device = author.device;
        line.subject = subject;
        line.at = event.at;
        TRY_VOID(Timeline::add(transaction, line));
    }
    return {};
}

/// Messages that were written before somebody unexpected came in wait until their author has
/// seen who reads along.
Result<void> hold_messages(store::Transaction& transaction, protocol::LogId log) {
    TRY_VOID(
        transaction.run("UPDATE timeline SET state = 2 WHERE kind = 0 AND state = 0 AND id IN"
                        " (SELECT message FROM outbox WHERE log = ?1 AND kind = 0)",
                        log));
    TRY_VOID(Uploads::hold(transaction, log));
    return transaction.run(
        "UPDATE outbox SET held = 1 WHERE log = ?1 AND kind = 0"
        " AND message IN (SELECT id FROM timeline WHERE log = ?1 AND kind = 0)",
        log);
}

Result<void> note_changes(Core& core,
                          store::Transaction& transaction,
                          const Conversation& conversation,
                          const Event& event,
                          const Passport& author,
                          const std::vector<Passport>& before,
                          const std::vector<Passport>& added,
                          const std::vector<Passport>& removed) {
    const bool ours = author.device == core.self.device;
    for (const Passport& one : removed) {
        TRY_VOID(witness::note_departure(transaction, conversation.row.log, one.device));
        TRY_VOID(lost::note_departure(transaction,
                                      conversation.row.log,
                                      one,
                                      ours ? lost::By::Us : lost::By::Others,
                                      event.at));
        // A letter that has not come to who is out by now needs not come any more.
        TRY_VOID(
            transaction.run("DELETE FROM deposits WHERE log = ?1 AND inbox ="
                            " (SELECT inbox FROM devices WHERE device = ?2)",
                            conversation.row.log,
                            one.device));
    }
    TRY_VOID(unlisted::look_in(core, transaction, conversation.row, conversation.group));
    std::set<identity::MemberId> replaced;
    for (const Passport& one : added) {
        TRY_VOID(witness::note_arrival(transaction, conversation.row.log, one.device));
        TRY(const auto arrival, lost::note_arrival(transaction, conversation.row.log, one));
        if (arrival == lost::Arrival::Replaced) replaced.insert(one.member);
    }
    const auto members_before = members_of(before);
    std::set<identity::MemberId> newcomers = members_of(added);
    std::erase_if(newcomers, [&](const auto& member) {
        return members_before.contains(member) || replaced.contains(member);
    });
    TRY_VOID(add_lines(core, transaction, conversation, event, author, newcomers, LineKind::Added));
    TRY_VOID(
        add_lines(core, transaction, conversation, event, author, replaced, LineKind::Replaced));
    TRY_VOID(add_lines(
        core, transaction, conversation, event, author, members_of(removed), LineKind::Removed));
    // What was written to somebody goes to nobody who has come in his place, unless its author says
    // so; the others of a group were never to be without it.
    const bool another = !replaced.empty() && conversation.row.kind == ConversationKind::Direct;
    if (another || (!ours && !(newcomers.empty() && replaced.empty()))) {
        return hold_messages(transaction, conversation.row.log);
    }
    return {};
}

/// Puts the Welcome into the inbox of everybody whom our commit has added.
Result<void> queue_welcomes(Core& core,
                            store::Transaction& transaction,
                            const Conversation& conversation,
                            const Event& event,
                            const mls::StagedCommit& staged,
                            const std::vector<Passport>& added) {
    for (const Passport& passport : added) {
        TRY(const auto device, core.people.device(passport.device));
        if (!device) return fail(Code::unknown, "a device that the directory does not know");
        const auto keys = identity::inbox_keys(device->inbox_secret);
        const envelope::WelcomeLetter letter{
            1, conversation.row.log, event.seq, event.chain, staged.welcome};
        TRY_VOID(transaction.run(
            "INSERT INTO deposits (log, inbox, token, entry, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
            conversation.row.log,
            device->inbox,
            keys.deposit_token,
            protocol::EntryId::random(core.world.random),
            envelope::close_letter(keys.closing_key, letter, core.world.random)));
    }
    return {};
}

Result<void> enter_own(Core& core,
                       store::Transaction& transaction,
                       Conversation& conversation,
                       const Event& event,
                       const Judge& judge) {
    PendingCommit pending = std::move(*conversation.pending);
    conversation.pending.reset();
    TRY(const auto before, passports_of(judge, conversation.group.roster()));
    TRY(const auto added, passports_of(judge, pending.staged.changes.added));
    TRY(const auto removed, passports_of(judge, pending.staged.changes.removed));
    TRY_VOID(queue_welcomes(core, transaction, conversation, event, pending.staged, added));
    TRY_VOID(conversation.group.merge(std::move(pending.staged)));
    TRY_VOID(acknowledgement::follow(transaction, conversation.row.log, event.seq));
    conversation.contest = {};
    const Passport author{core.self.member, core.self.device, {}, {}};
    TRY_VOID(note_changes(core, transaction, conversation, event, author, before, added, removed));
    return transaction.run("DELETE FROM outbox WHERE log = ?1 AND kind = 1 AND entry = ?2",
                           conversation.row.log,
                           pending.id);
}

Result<void> close_conversation(Core& core,
                                store::Transaction& transaction,
                                Conversation& conversation,
                                const Event& event,
                                const Passport& author) {
    conversation.row.state = ConversationState::Closed;
    conversation.pending.reset();
    TRY_VOID(lost::end(transaction, conversation.row.log));
    TRY_VOID(add_lines(
        core, transaction, conversation, event, author, {core.self.member}, LineKind::Removed));
    return Outbox::abandon(transaction, conversation.row.log);
}

Result<void> enter_others(Core& core,
                          store::Transaction& transaction,
                          Conversation& conversation,
                          const protocol::Bundle& bundle,
                          const Event& event,
                          const Judge& judge) {
    TRY_VOID(envelope::check_declared(
        bundle.commit, protocol::EntryKind::Bundle, bundle.epoch, conversation.group.group_id()));
    TRY(auto received,
        conversation.group.receive(bundle.commit, surroundings(judge, mls::any_time)));
    if (const auto* eviction = std::get_if<mls::Eviction>(&received)) {
        TRY(const auto author, judge.passport(eviction->sender.credential));
        TRY(const auto members, passports_of(judge, conversation.group.roster()));
        const Passport own{core.self.member, core.self.device, {}, {}};
        TRY_VOID(check_policy(conversation.row.kind, author, members, {}, {own}));
        TRY_VOID(acknowledgement::follow(transaction, conversation.row.log, event.seq));
        return close_conversation(core, transaction, conversation, event, author);
    }
    auto* staged = std::get_if<mls::StagedEpoch>(&received);
    if (staged == nullptr) {
        return fail(Code::misdeclared, "a bundle whose commit is none, or our own from before");
    }
    TRY(const auto author, judge.passport(staged->sender.credential));
    TRY(const auto before, passports_of(judge, conversation.group.roster()));
    TRY(const auto added, passports_of(judge, staged->changes.added));
    TRY(const auto removed, passports_of(judge, staged->changes.removed));
    TRY_VOID(check_policy(conversation.row.kind, author, before, added, removed));
    if (staged->changes.context_changed) {
        return fail(Code::policy_violated, "what a conversation is cannot be changed");
    }
    TRY_VOID(check_declarations(
        bundle, conversation.group, staged->sender, staged->changes, staged->next));
    TRY_VOID(conversation.group.apply(std::move(*staged)));
    TRY_VOID(acknowledgement::follow(transaction, conversation.row.log, event.seq));
    conversation.contest = {};
    TRY_VOID(drop_pending(transaction, conversation));
    return note_changes(core, transaction, conversation, event, author, before, added, removed);
}

}  // namespace

Result<void> drop_pending(store::Transaction& transaction, Conversation& conversation) {
    if (!conversation.pending) return {};
    TRY_VOID(
        transaction.run("UPDATE outbox SET entry = NULL, epoch = NULL, payload = NULL"
                        " WHERE log = ?1 AND kind = 1 AND entry = ?2",
                        conversation.row.log,
                        conversation.pending->id));
    conversation.pending.reset();
    return {};
}

// Reader keys are a leaf's for good, and one leaf's alone: otherwise who is removed would leave
// somebody else's key to be dropped, or none.
Result<void> check_readers(const mls::Group& group, const mls::Changes& changes) {
    std::set<protocol::ReaderKey> taken;
    for (const mls::Member& member : group.roster()) {
        TRY(const auto reader, reader_of(member));
        taken.insert(reader);
    }
    for (const mls::Member& member : changes.updated) {
        TRY(const auto after, reader_of(member));
        const auto before = group.member(member.index);
        if (!before) return fail(Code::policy_violated, "an update of a leaf that was not there");
        TRY(const auto reader, reader_of(*before));
        if (after != reader) return fail(Code::policy_violated, "a leaf changed its reader key");
    }
    for (const mls::Member& member : changes.added) {
        TRY(const auto reader, reader_of(member));
        if (!taken.insert(reader).second) {
            return fail(Code::policy_violated, "a new leaf with somebody else's reader key");
        }
    }
    return {};
}

Result<void> check_policy(ConversationKind kind,
                          const Passport& author,
                          const std::vector<Passport>& members,
                          const std::vector<Passport>& added,
                          const std::vector<Passport>& removed) {
    if (added.empty() && removed.empty()) return {};
    if (kind == ConversationKind::Group) return {};
    if (kind == ConversationKind::Directory) {
        if (author.role == identity::Role::Officer) return {};
        return fail(Code::policy_violated, "only an officer changes the directory's members");
    }
    // A direct conversation has two members for good. Each may take out any device: whether one is
    // lost is not for a rule to ask that all have to judge alike (decision 46).
    auto all = members_of(members);
    all.merge(members_of(added));
    if (all.size() <= 2) return {};
    return fail(Code::policy_violated, "a direct conversation keeps its two members");
}

Result<void> take_bundle(Core& core,
                         store::Transaction& transaction,
                         Conversation& conversation,
                         const protocol::Entry& entry) {
    TRY(const auto signed_bundle, codec::decode<protocol::SignedBundle>(entry.payload));
    TRY(const auto bundle, codec::decode<protocol::Bundle>(signed_bundle.bundle));
    if (bundle.log != conversation.row.log || bundle.epoch != entry.epoch) {
        return fail(Code::misdeclared, "a bundle filed under another log or epoch");
    }
    // Decided already: this one came too late, and its author knows.
    if (bundle.epoch.value < conversation.group.epoch().value) return {};

    const auto rights = envelope::rights_of(conversation.group);
    TRY_VOID(access::verify(rights.bundle_key.public_key(),
                            access::Label::BundleEpoch,
                            signed_bundle.bundle,
                            signed_bundle.epoch_signature));
    TRY_VOID(access::verify(bundle.author.view(),
                            access::Label::BundleAuthor,
                            signed_bundle.bundle,
                            signed_bundle.author_signature));
    // Or nobody could be found who has made it.
    TRY(const auto readers, readers_of(conversation.group.roster()));
    if (!std::ranges::contains(readers, bundle.author)) {
        return fail(Code::bundle_mismatch_rule, "a bundle of somebody who is no member");
    }
    const Event event{entry.seq, entry.chain, entry.epoch, time_of(entry)};
    // Without dates: its author has looked at those, and a relay's stamp, by which he enters his
    // own commit whatever it is, must not part him from all others.
    const Judge judge = Judge::of_those_present(core.self.root);
    // Ours to the last byte: somebody else's bundle around our commit would tell the relay other
    // readers and rights, and all others refuse it.
    if (conversation.pending && is_pending(*conversation.pending, signed_bundle)) {
        auto entered = enter_own(core, transaction, conversation, event, judge);
        if (entered) return entered;
        // Everybody else enters it: passing it over would part us from them for good.
        return fail(Code::store_corrupt, "our own commit has won and cannot be entered here");
    }
    return enter_others(core, transaction, conversation, bundle, event, judge);
}

Result<protocol::SignedBundle> make_bundle(const Conversation& conversation,
                                           const mls::StagedCommit& staged) {
    protocol::Bundle bundle;
    bundle.log = conversation.row.log;
    bundle.epoch = {conversation.group.epoch().value};
    bundle.commit = staged.commit;
    bundle.next = envelope::rights_of(staged.next).verifier();
    TRY(bundle.readers_added, readers_of(staged.changes.added));
    TRY(bundle.readers_dropped, readers_of(staged.changes.removed));
    if (!staged.welcome.empty()) bundle.welcomes.push_back({crypto::sha256(staged.welcome)});
    bundle.author = public_id<protocol::ReaderKey>(conversation.reader);

    protocol::SignedBundle signed_bundle;
    signed_bundle.bundle = codec::encode(bundle);
    signed_bundle.epoch_signature = access::sign(envelope::rights_of(conversation.group).bundle_key,
                                                 access::Label::BundleEpoch,
                                                 signed_bundle.bundle);
    signed_bundle.author_signature =
        access::sign(conversation.reader, access::Label::BundleAuthor, signed_bundle.bundle);
    return signed_bundle;
}

}  // namespace cercle::client
