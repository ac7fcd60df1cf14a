// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/receive.h"

#include <string>
#include <utility>

#include "client/answering_inbox.h"
#include "client/commits.h"
#include "client/compose.h"
#include "client/contest.h"
#include "client/daily.h"
#include "client/judge.h"
#include "client/kept.h"
#include "client/lost.h"
#include "client/offices.h"
#include "client/pages.h"
#include "client/relay_word.h"
#include "client/rotation.h"
#include "client/unlisted.h"
#include "client/vigil.h"
#include "client/witness.h"
#include "codec/tls.h"
#include "crypto/hash.h"
#include "envelope/open.h"
#include "identity/page_revocations.h"
#include "protocol/chain.h"

namespace cercle::client {
namespace {

Line line_of(const Conversation& conversation,
             const protocol::Entry& entry,
             const identity::Passport& author,
             LineKind kind) {
    Line line;
    line.log = conversation.row.log;
    line.kind = kind;
    line.seq = entry.seq;
    line.epoch = entry.epoch;
    line.member = author.member;
    line.device = author.device;
    line.at = time_of(entry);
    return line;
}

/// Before what a message says stands what it shows about the log.
Result<void> take_testimony(store::Transaction& transaction,
                            Line line,
                            const envelope::Message& message) {
    TRY(const auto findings,
        witness::hear(transaction,
                      {line.log, line.device, message.content.counter, message.seen, *line.seq}));
    line.kind = LineKind::Gap;
    for (const Finding& finding : findings) {
        line.text = std::string(rule_name(finding.rule));
        line.after = finding.after;
        TRY_VOID(Timeline::add(transaction, line));
    }
    return {};
}

/// Whose words may not be his stands before them: they come from a device that is in no list, or
/// were read when it was known to be lost, whatever time they are said to be of.
Result<void> mark_author(Core& core,
                         store::Transaction& transaction,
                         Line line,
                         const identity::Passport& author) {
    line.kind = LineKind::Gap;
    line.after = line.seq->before();
    TRY(const bool stranger, unlisted::is_author(core.database, line.log, author));
    if (stranger) {
        line.text = std::string(unlisted::rule);
        TRY_VOID(Timeline::add(transaction, line));
    }
    TRY(const auto revoked, lost::revoked_at(core.database, author.device));
    if (!revoked) return {};
    line.text = std::string(rule_name(Code::revoked));
    return Timeline::add(transaction, line);
}

bool is_same(const std::optional<envelope::Attachment>& one,
             const std::optional<envelope::Attachment>& other) {
    if (!one || !other) return !one && !other;
    return one->blob == other->blob && one->size == other->size && one->sha256 == other->sha256 &&
           one->name == other->name && one->type == other->type &&
           equal_in_constant_time(one->key.reveal(), other->key.reveal());
}

/// Whether a message says other things than an earlier one of its author under the same id.
Result<bool> differs_from(Core& core, const Line& earlier, const envelope::Content& content) {
    TRY(const auto file, core.attachments.find(earlier.log, earlier.device, earlier.id));
    return earlier.text != envelope::readable(content) || earlier.answers != content.answers ||
           !is_same(file, content.attachment);
}

Result<void> take_text(Core& core,
                       store::Transaction& transaction,
                       Line line,
                       const envelope::Message& message) {
    const envelope::Content& content = message.content;
    TRY(const auto called, core.timeline.called(line.log, content.id));
    for (const Line& earlier : called) {
        if (earlier.device != line.device) continue;
        TRY(const bool differs, differs_from(core, earlier, content));
        // The author's device may have had to encrypt the same message twice. Other words under
        // the same id are not passed over: who came later has only them.
        if (!differs) return {};
        line.kind = LineKind::Gap;
        line.text = std::string(rule_name(Code::id_reused));
        line.after = line.seq->before();
        return Timeline::add(transaction, line);
    }
    line.id = content.id;
    line.text = envelope::readable(content);
    if (content.attachment) {
        TRY_VOID(
            Attachments::add(transaction, line.log, line.device, content.id, *content.attachment));
    }
    line.reference = reference_of(content, message.encoded, line.member, line.log);
    line.answers = content.answers;
    return Timeline::add(transaction, line);
}

/// They count whatever else is said on their page, which has to be the authority's.
Result<void> take_revocations(Core& core, store::Transaction& transaction, BytesView signed_page) {
    const auto revocations = identity::revocations_on(signed_page, core.self.root);
    if (!revocations) return {};
    for (const identity::Revocation& one : *revocations) {
        const auto taken = lost::take(transaction, one, {});
        if (taken) continue;
        if (is_of_the_disk(taken.error().code)) return taken;
        core.world.diary.fault(taken.error());
    }
    return lost::look(core, transaction);
}

Result<void> take_page(Core& core,
                       store::Transaction& transaction,
                       const Conversation& conversation,
                       const identity::Passport& author,
                       const envelope::Content& content,
                       WallTime at) {
    TRY(const bool in_office, offices::is_in_office(core.database, author.device));
    if (conversation.row.kind != ConversationKind::Directory ||
        author.role != identity::Role::Officer || !in_office) {
        return fail(Code::policy_violated, "a directory page from somebody who is no officer");
    }
    TRY_VOID(take_revocations(core, transaction, content.body));
    const auto page = identity::open_page(content.body, core.self.root, at);
    if (!page) {
        // The revocations on it stay; that it is missing shows by the next one.
        core.world.diary.fault(page.error());
        return {};
    }
    if (page->reader) return fail(Code::policy_violated, "a page for one device, said to all");
    return enter_page(core, transaction, *page, content.body, at);
}

Result<void> take_relay_word(Core& core,
                             store::Transaction& transaction,
                             const Conversation& conversation,
                             const identity::Passport& author,
                             const envelope::Content& content) {
    TRY(const bool in_office, offices::is_in_office(core.database, author.device));
    if (conversation.row.kind != ConversationKind::Directory ||
        author.role != identity::Role::Officer || !in_office) {
        return fail(Code::policy_violated, "a word on the relay from somebody who is no officer");
    }
    return relay_word::take(core, transaction, content.body);
}

/// Whose it is, the leaf has said that signed it, and nothing else does.
Result<void> take_inbox(Core& core,
                        store::Transaction& transaction,
                        const Conversation& conversation,
                        const identity::Passport& author,
                        const envelope::Content& content) {
    if (conversation.row.kind != ConversationKind::Directory) {
        return fail(Code::policy_violated, "an inbox announced elsewhere than in the directory");
    }
    return rotation::take_announcement(core, transaction, author.device, content);
}

Result<void> take_status(Core& core,
                         store::Transaction& transaction,
                         const Conversation& conversation,
                         const identity::Passport& author,
                         const envelope::Content& content) {
    TRY(const bool in_office, offices::is_in_office(core.database, author.device));
    if (conversation.row.kind != ConversationKind::Directory ||
        author.role != identity::Role::Officer || !in_office) {
        return fail(Code::policy_violated, "a circle's status from somebody who is no officer");
    }
    return daily::take(transaction, content, core.world.clock.wall());
}

Result<void> take_leave(store::Transaction& transaction,
                        Core& core,
                        Conversation& conversation,
                        Line line) {
    if (conversation.row.kind != ConversationKind::Group) {
        return fail(Code::policy_violated, "nobody leaves a direct conversation or the directory");
    }
    Change change;
    change.remove.push_back(line.member);
    change.take = protocol::EntryId::random(core.world.random);
    TRY_VOID(Outbox::add(transaction,
                         conversation.row.log,
                         OutboxKind::Change,
                         codec::encode(change),
                         std::nullopt));
    return Timeline::add(transaction, line);
}

Result<void> take_application(Core& core,
                              store::Transaction& transaction,
                              Conversation& conversation,
                              const protocol::Entry& entry) {
    const Judge judge(core.self.root, time_of(entry));
    TRY_VOID(envelope::check_declared(
        entry.payload, entry.kind, entry.epoch, conversation.group.group_id()));
    // A log is in order, so what belongs to an earlier epoch has no place here: its author may
    // have been removed since. Honest authors are told `stale` and write it again.
    if (entry.epoch.value != conversation.group.epoch().value) {
        return fail(Code::epoch_past, "a message that is out of its epoch's place");
    }
    TRY(auto received,
        conversation.group.receive(entry.payload, surroundings(judge, time_of(entry))));
    if (std::holds_alternative<mls::OwnMessage>(received)) {
        TRY(const auto misplaced,
            witness::note_own(
                transaction, conversation.row.log, entry.seq, crypto::sha256(entry.payload)));
        if (!misplaced) return {};
        return Timeline::set_durable(
            transaction, core.self.device, *misplaced, entry.seq, entry.epoch);
    }
    auto* application = std::get_if<mls::ApplicationMessage>(&received);
    if (application == nullptr) {
        return fail(Code::misdeclared, "not the application message it was declared to be");
    }
    TRY(const auto message, envelope::open(std::move(*application)));
    TRY(const auto author, judge.passport(message.sender.credential));
    TRY_VOID(
        lost::check_author(core, conversation.row.log, author.device, entry.seq, time_of(entry)));
    const Line line = line_of(conversation, entry, author, LineKind::Gap);
    TRY_VOID(take_testimony(transaction, line, message));
    if (message.content.type == envelope::directory_type) {
        return take_page(core, transaction, conversation, author, message.content, time_of(entry));
    }
    if (message.content.circle) {
        TRY_VOID(vigil::hear(
            transaction, author.device, *message.content.circle, core.world.clock.wall()));
    }
    if (message.content.type == envelope::relay_word_type) {
        return take_relay_word(core, transaction, conversation, author, message.content);
    }
    if (message.content.type == envelope::inbox_type) {
        return take_inbox(core, transaction, conversation, author, message.content);
    }
    if (message.content.type == envelope::status_type) {
        return take_status(core, transaction, conversation, author, message.content);
    }
    if (message.content.type == envelope::answering_type) {
        return take_answering_word(core, transaction, conversation, author, message.content.body);
    }
    if (message.content.type == envelope::leave_type) {
        return take_leave(
            transaction, core, conversation, line_of(conversation, entry, author, LineKind::Left));
    }
    TRY_VOID(mark_author(core, transaction, line, author));
    return take_text(
        core, transaction, line_of(conversation, entry, author, LineKind::Text), message);
}

/// One entry whose place is right. Errors are the disk's alone.
Result<void> take_entry(Core& core,
                        store::Transaction& transaction,
                        Conversation& conversation,
                        const protocol::Entry& entry) {
    if (is_beyond(conversation, entry)) return {};
    Result<void> taken;
    {
        TRY(auto savepoint, transaction.savepoint());
        taken = entry.kind == protocol::EntryKind::Bundle
                    ? take_bundle(core, transaction, conversation, entry)
                    : take_application(core, transaction, conversation, entry);
        if (taken) TRY_VOID(std::move(savepoint).keep());
    }
    if (taken) return {};
    Code code = taken.error().code;
    if (is_of_the_disk(code)) return taken;
    core.world.diary.fault(taken.error());
    if (entry.kind == protocol::EntryKind::Bundle) {
        code = note_passed_over(conversation, entry, code);
    }
    Line line = line_of(conversation, entry, {}, LineKind::Skipped);
    // Not the one that it declares, which may be none that any group will ever reach.
    line.epoch = {conversation.group.epoch().value};
    line.text = std::string(rule_name(code));
    return Timeline::add(transaction, line);
}

/// What the relay has called durable stands where it said, or a person must know.
Result<void> check_own(Core& core,
                       store::Transaction& transaction,
                       const Conversation& conversation,
                       const protocol::Entry& entry) {
    TRY(const bool kept, witness::keeps_its_word(transaction, conversation.row.log, entry.seq));
    if (kept) return {};
    return Timeline::add(transaction, own_gap(core, conversation.row.log, entry.seq));
}

Result<void> receive_all(Core& core,
                         Conversation& conversation,
                         const std::vector<protocol::Entry>& entries) {
    TRY(auto transaction, core.database.begin());
    for (const protocol::Entry& entry : entries) {
        if (conversation.row.state == ConversationState::Closed) break;
        TRY_VOID(check_next(conversation.seq, conversation.chain, conversation.row.log, entry));
        TRY_VOID(take_entry(core, transaction, conversation, entry));
        TRY_VOID(check_own(core, transaction, conversation, entry));
        conversation.seq = entry.seq;
        conversation.chain = entry.chain;
        TRY_VOID(witness::note_position(transaction, conversation.row.log, entry.seq, entry.chain));
        TRY_VOID(kept::note(transaction, conversation.row.log, entry));
    }
    TRY_VOID(Conversations::store(transaction, conversation));
    return std::move(transaction).commit();
}

}  // namespace

Line own_leave(const Core& core, protocol::LogId log, protocol::Seq position) {
    Line line;
    line.log = log;
    line.kind = LineKind::Left;
    line.seq = position;
    line.member = core.self.member;
    line.device = core.self.device;
    line.at = core.world.clock.wall();
    return line;
}

Line own_gap(const Core& core, protocol::LogId log, protocol::Seq position) {
    Line line;
    line.log = log;
    line.kind = LineKind::Gap;
    line.seq = position;
    line.after = position.before();
    line.member = core.self.member;
    line.device = core.self.device;
    line.text = std::string(rule_name(Code::message_withheld));
    line.at = core.world.clock.wall();
    return line;
}

WallTime time_of(const protocol::Entry& entry) {
    // A stamp beyond what a clock can say is shown as the beginning of time; nothing depends on it.
    constexpr std::uint64_t latest = 253402300799999;
    return WallTime{Duration{entry.stamp.value <= latest ? entry.stamp.value : 0}};
}

bool is_of_the_disk(Code code) {
    switch (code) {
        case Code::disk_fault:
        case Code::disk_full:
        case Code::store_corrupt:
        case Code::busy:
        case Code::permissions:
        case Code::wrong_key:
        // Nor are our libraries and our memory what was read.
        case Code::library_fault:
        case Code::locked_memory:
            return true;
        default:
            return false;
    }
}

protocol::ChainHash chain_after(protocol::ChainHash before,
                                protocol::LogId log,
                                const protocol::Entry& entry) {
    protocol::ChainLink link;
    link.before = before;
    link.log = log;
    link.seq = entry.seq;
    link.kind = entry.kind;
    link.epoch = entry.epoch;
    link.stamp = entry.stamp;
    link.payload_hash = crypto::sha256(entry.payload);
    return {crypto::sha256(codec::encode(link))};
}

Result<void> check_head(protocol::Seq read, protocol::Seq head) {
    if (head >= read) return {};
    return fail(Code::log_cut_short, "the relay's log ends before what was read of it here");
}

Result<void> check_next(protocol::Seq seq,
                        protocol::ChainHash chain,
                        protocol::LogId log,
                        const protocol::Entry& entry) {
    // Behind a gap, which a person was told of, the log may stand in any chain.
    const bool unknown = chain == unknown_chain && seq.value != 0;
    if (entry.chain == unknown_chain || entry.seq != seq.next() ||
        (!unknown && entry.chain != chain_after(chain, log, entry))) {
        return fail(Code::chain_broken, "the relay's log does not continue what was read before");
    }
    return {};
}

Result<void> receive_entries(Core& core,
                             protocol::LogId log,
                             const std::vector<protocol::Entry>& entries) {
    TRY(Conversation * conversation, core.conversations.load(log));
    auto received = receive_all(core, *conversation, entries);
    if (!received) core.conversations.forget(log);
    core.changed.notify_all();
    core.work.set();
    return received;
}

}  // namespace cercle::client
