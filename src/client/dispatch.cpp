// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/dispatch.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "client/changes.h"
#include "client/compose.h"
#include "client/contest.h"
#include "client/lost.h"
#include "client/receive.h"
#include "client/resets.h"
#include "client/restored.h"
#include "client/transparency.h"
#include "client/witness.h"
#include "codec/tls.h"
#include "crypto/hash.h"
#include "envelope/close.h"
#include "envelope/epoch_rights.h"

namespace cercle::client {
namespace {

/// So many messages are closed in one transaction and posted in one request.
constexpr std::int64_t batch_size = 64;
/// And so many bytes of content, well below a frame.
constexpr std::size_t batch_bytes = std::size_t{256} << 10U;

struct Closed {
    std::vector<OutboxItem> items;
    protocol::Epoch epoch;
};

/// Contents at the head of the outbox that are closed already: they went out together, and go
/// out together again.
Closed already_closed(std::vector<OutboxItem>& items) {
    Closed closed;
    for (OutboxItem& item : items) {
        if (item.kind != OutboxKind::Content || !item.payload || !item.entry || !item.epoch) break;
        closed.epoch = *item.epoch;
        closed.items.push_back(std::move(item));
    }
    return closed;
}

/// Closes contents at the head of the outbox. They leave this function only once the ratchet
/// that made them is on disk.
Result<store::Durable<Closed>> close_batch(Core& core,
                                           Conversation& conversation,
                                           std::vector<OutboxItem> items) {
    TRY(auto transaction, core.database.begin());
    Closed closed;
    closed.epoch = {conversation.group.epoch().value};
    const envelope::Seen seen = conversation.seen();
    TRY(const auto circle, transparency::head(transaction));
    std::size_t bytes = 0;
    for (OutboxItem& item : items) {
        if (item.kind != OutboxKind::Content || bytes > batch_bytes) break;
        TRY(auto content, envelope::decode_content(item.body));
        content.counter = {++conversation.counter};
        content.circle = {circle.size.value, circle.root.bytes};
        TRY(item.payload, envelope::close(conversation.group, content, seen, core.world.random));
        if (item.message) {
            TRY_VOID(Timeline::set_reference(transaction,
                                             core.self.device,
                                             *item.message,
                                             reference_of(content,
                                                          envelope::encode_content(content),
                                                          core.self.member,
                                                          conversation.row.log)));
        }
        item.entry = protocol::EntryId::random(core.world.random);
        item.epoch = closed.epoch;
        bytes += item.payload->size();
        TRY_VOID(Outbox::set_closed(
            transaction, item.ordinal, *item.entry, closed.epoch, *item.payload));
        closed.items.push_back(std::move(item));
    }
    TRY_VOID(Conversations::store(transaction, conversation));
    return std::move(transaction).commit(std::move(closed));
}

/// The relay has called them durable.
Result<void> settle(Core& core,
                    Conversation& conversation,
                    const Closed& closed,
                    const std::vector<protocol::Seq>& positions) {
    if (positions.size() != closed.items.size()) {
        return fail(Code::malformed, "the relay answered for another number of messages");
    }
    TRY(auto transaction, core.database.begin());
    // The relay has taken something of this epoch: nobody has gone on from it.
    if (conversation.contest.doubt && conversation.contest.doubt->is_of_a_gap()) {
        conversation.contest.doubt.reset();
        TRY_VOID(Conversations::store(transaction, conversation));
    }
    bool left = false;
    for (std::size_t at = 0; at < closed.items.size(); ++at) {
        const OutboxItem& item = closed.items[at];
        TRY(const auto content, envelope::decode_content(item.body));
        const witness::OwnPost own{
            conversation.row.log, positions[at], crypto::sha256(*item.payload), content.id};
        TRY(const auto place, witness::note_told(transaction, own, conversation.seq));
        TRY_VOID(Timeline::set_durable(transaction,
                                       core.self.device,
                                       content.id,
                                       place.value_or(positions[at]),
                                       closed.epoch));
        TRY_VOID(Outbox::remove(transaction, item.ordinal));
        if (!place) {
            TRY_VOID(
                Timeline::add(transaction, own_gap(core, conversation.row.log, positions[at])));
        }
        if (content.type == envelope::leave_type) {
            left = true;
            TRY_VOID(Timeline::add(
                transaction, own_leave(core, conversation.row.log, place.value_or(positions[at]))));
        }
    }
    if (left) {
        TRY_VOID(Outbox::abandon(transaction, conversation.row.log));
        TRY_VOID(transaction.run("UPDATE conversations SET state = ?2 WHERE log = ?1",
                                 conversation.row.log,
                                 ConversationState::Closed));
    }
    TRY_VOID(std::move(transaction).commit());
    if (left) core.conversations.forget(conversation.row.log);
    core.changed.notify_all();
    return {};
}

Result<void> take_back_in(store::Transaction& transaction,
                          Conversation& conversation,
                          const Closed& closed) {
    TRY_VOID(Outbox::reopen(transaction, conversation.row.log));
    // Nobody has seen how these were counted, so the next ones are counted as they were.
    conversation.counter -= closed.items.size();
    return transaction.run("UPDATE conversations SET counter = ?2 WHERE log = ?1",
                           conversation.row.log,
                           conversation.counter);
}

/// Messages that the relay definitely has not taken are intents again.
Result<void> take_back(Core& core, protocol::LogId log, const Closed& closed) {
    TRY(Conversation * conversation, core.conversations.load(log));
    TRY(auto transaction, core.database.begin());
    auto done = take_back_in(transaction, *conversation, closed);
    if (done) done = std::move(transaction).commit();
    if (!done) core.conversations.forget(log);
    core.changed.notify_all();
    return done;
}

/// Where they stand in the log, if this device has read them there.
Result<std::optional<std::vector<protocol::Seq>>> places_read(Core& core,
                                                              protocol::LogId log,
                                                              const Closed& closed) {
    std::vector<protocol::Seq> places;
    for (const OutboxItem& item : closed.items) {
        TRY(const auto place,
            witness::place_read(core.database, log, crypto::sha256(*item.payload)));
        if (!place) return std::optional<std::vector<protocol::Seq>>();
        places.push_back(*place);
    }
    return std::optional(std::move(places));
}

/// The relay says that it has not taken them. The log tells whether that is true: if it is, they
/// are closed anew, counted as they were; if it is not, they stand where it has them.
net::Task<Progress> look_whether_taken(
    Core& core, Session& session, protocol::LogId log, Closed closed, Error refusal) {
    CO_TRY(Progress progress, co_await catch_up(core, session, log));
    while (progress == Progress::Moved) {
        CO_TRY(progress, co_await catch_up(core, session, log));
    }
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    if (conversation->row.state != ConversationState::Open) co_return Progress::Moved;
    CO_TRY(const auto places, places_read(core, log, closed));
    if (places) {
        CO_TRY_VOID(settle(core, *conversation, closed, *places));
        co_return Progress::Moved;
    }
    const bool moved_on = closed.epoch.value < conversation->group.epoch().value;
    CO_TRY_VOID(take_back(core, log, closed));
    if (refusal.code == Code::id_reused) co_return std::unexpected(refusal);
    if (moved_on) co_return Progress::Moved;
    CO_TRY_VOID(note_stale(core, log));
    co_return fail(Code::stale, "the relay is in an epoch that its log does not lead to");
}

net::Task<Progress> post(Core& core, Session& session, protocol::LogId log, Closed closed) {
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    protocol::Post request;
    request.log = log;
    request.epoch = closed.epoch;
    // The token of an epoch that is over is gone, but the relay knows what it took by its id.
    request.token = envelope::rights_of(conversation->group).append_token.copy();
    for (const OutboxItem& item : closed.items) {
        request.entries.push_back({*item.entry, *item.payload});
    }
    auto answer = co_await session.ask<protocol::Posted>(std::move(request),
                                                         core.world.loop.in(request_patience));
    // The conversation may have been read anew while we waited.
    CO_TRY(conversation, core.conversations.load(log));
    if (answer) {
        CO_TRY_VOID(settle(core, *conversation, closed, answer->positions));
        co_return Progress::Moved;
    }
    // The token is of the epoch we are in now. For one that is over it is refused, which says no
    // more than stale does, since the ids were looked up before it. An id of ours that stands for
    // something else was put there by the relay itself.
    const Code code = answer.error().code;
    const bool outdated = closed.epoch.value != conversation->group.epoch().value;
    if (code == Code::id_reused || code == Code::stale || (code == Code::refused && outdated)) {
        co_return co_await look_whether_taken(
            core, session, log, std::move(closed), answer.error());
    }
    // Whatever else it says, it may say it untruly: what was written waits, and the person is told.
    co_return std::unexpected(answer.error());
}

net::Task<void> make_log(Core& core, Session& session, protocol::LogId log) {
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    protocol::CreateLog request;
    request.log = log;
    request.verifier = envelope::rights_of(conversation->group).verifier();
    request.readers.push_back(public_id<protocol::ReaderKey>(conversation->reader));
    CO_TRY_VOID(
        co_await session.ask<protocol::Done>(request, core.world.loop.in(request_patience)));
    CO_TRY(conversation, core.conversations.load(log));
    conversation->row.state = ConversationState::Open;
    CO_TRY(auto transaction, core.database.begin());
    auto stored = Conversations::store(transaction, *conversation);
    if (stored) stored = restored::note_founding(transaction, request);
    if (stored) stored = std::move(transaction).commit();
    if (!stored) core.conversations.forget(log);
    co_return stored;
}

/// The other member's device was lost, and its replacement is not here yet: what is said now would
/// be said to nobody.
bool is_alone_in_direct(const Conversation& conversation) {
    return conversation.row.kind == ConversationKind::Direct &&
           conversation.group.roster().size() == 1;
}

/// Nothing is said before who is in it has changed: he comes in, or whoever it waits for goes out.
net::Task<Progress> dispatch_change(Core& core, Session& session, protocol::LogId log) {
    CO_TRY(auto items, core.outbox.next(log, std::numeric_limits<std::int64_t>::max()));
    const auto change = std::ranges::find(items, OutboxKind::Change, &OutboxItem::kind);
    if (change == items.end()) co_return Progress::Idle;
    co_return co_await stage_change(core, session, log, std::move(*change));
}

/// Nothing goes out but what a person has decided: that the author of the commit is put out.
net::Task<Progress> dispatch_in_doubt(Core& core, Session& session, protocol::LogId log) {
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    CO_TRY(const auto author, author_in_doubt(core, *conversation));
    CO_TRY(auto removal, core.outbox.removal(log, author));
    if (!removal) {
        CO_TRY_VOID(check_beyond_doubt(*conversation));
        co_return Progress::Idle;
    }
    if (!conversation->pending) {
        co_return co_await stage_change(core, session, log, *std::move(removal));
    }
    if (removal->entry == conversation->pending->id) {
        co_return co_await post_pending(core, session, log);
    }
    CO_TRY_VOID(withdraw_pending(core, log));
    co_return Progress::Moved;
}

/// Posts the commit that waits. If it was a renewal and has lost, the others go first.
net::Task<Progress> post_ours(Core& core,
                              Session& session,
                              protocol::LogId log,
                              Yielding& yielding) {
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    const std::size_t members = conversation->group.roster().size();
    CO_TRY(const auto renewal, renewal_under_way(core, log, conversation->pending->id));
    CO_TRY(const Progress progress, co_await post_pending(core, session, log));
    if (!renewal) co_return progress;
    CO_TRY(const bool is_left, core.outbox.has(*renewal));
    CO_TRY(conversation, core.conversations.load(log));
    if (is_left && !conversation->pending) yielding.lose(core, log, members);
    co_return progress;
}

}  // namespace

net::Task<Progress> catch_up(Core& core, Session& session, protocol::LogId log) {
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    if (conversation->row.state != ConversationState::Open) co_return Progress::Idle;
    CO_TRY(const auto entries,
           co_await session.ask<protocol::Entries>(protocol::Read{log, conversation->seq},
                                                   core.world.loop.in(request_patience)));
    CO_TRY_VOID(check_head(conversation->seq, entries.head));
    if (entries.entries.empty()) co_return Progress::Idle;
    CO_TRY_VOID(receive_entries(core, log, entries.entries));
    co_return Progress::Moved;
}

net::Task<Progress> dispatch_next(Core& core,
                                  Session& session,
                                  protocol::LogId log,
                                  Yielding& yielding) {
    CO_TRY(Conversation * conversation, core.conversations.load(log));
    // Before anything else: nothing is closed to a device that was reported lost.
    CO_TRY(const bool evicts, lost::stands_in(core.database, log));
    if (conversation->row.state == ConversationState::New) {
        CO_TRY_VOID(co_await make_log(core, session, log));
        co_return Progress::Moved;
    }
    if (conversation->row.state == ConversationState::Closed) co_return Progress::Idle;
    const auto& doubt = conversation->contest.doubt;
    if (doubt && !doubt->is_of_a_gap()) co_return co_await dispatch_in_doubt(core, session, log);
    if (conversation->pending) co_return co_await post_ours(core, session, log, yielding);
    if (evicts) co_return stage_eviction(core, log);
    CO_TRY(auto items, core.outbox.next(log, batch_size));
    if (items.empty()) co_return Progress::Idle;
    const bool contested = conversation->contest.passed_over.value != 0;
    if (contested && items.front().kind != OutboxKind::Change) {
        CO_TRY_VOID(stage_renewal(core, log));
        co_return Progress::Moved;
    }
    while (items.front().kind == OutboxKind::Change) {
        const std::int64_t ordinal = items.front().ordinal;
        CO_TRY(const bool bare, is_bare_renewal(items.front()));
        // One that a contested epoch waits for is what mends it.
        if (bare && !contested && yielding.yields(core.world.clock, log)) {
            CO_TRY(items, core.outbox.next(log, batch_size, ordinal));
            if (items.empty()) co_return Progress::Idle;
            continue;
        }
        auto staged = co_await stage_change(core, session, log, std::move(items.front()));
        // Refused is one whose inbox has another token by now than is known here.
        const bool away = !staged && (staged.error().code == Code::no_key_package ||
                                      staged.error().code == Code::refused);
        if (!away) co_return staged;
        CO_TRY(conversation, core.conversations.load(log));
        // A newcomer who never came keeps nobody else waiting: neither who comes after him, nor
        // those who are to hear of a lost device. He is asked for again each time, and that he is
        // not there is no reason to leave the conversation alone for a while.
        if (conversation->row.kind != ConversationKind::Directory) co_return staged;
        CO_TRY(items, core.outbox.next(log, batch_size, ordinal));
        if (items.empty()) co_return Progress::Idle;
    }
    CO_TRY(const bool reset, resets::stands_in(core, *conversation));
    if (reset) co_return co_await dispatch_change(core, session, log);
    Closed again = already_closed(items);
    if (!again.items.empty()) {
        // What stands in the log needs no asking, and a relay that was restored knows no ids of
        // before.
        CO_TRY(const auto places, places_read(core, log, again));
        if (places) {
            CO_TRY_VOID(settle(core, *conversation, again, *places));
            co_return Progress::Moved;
        }
        co_return co_await post(core, session, log, std::move(again));
    }
    if (is_alone_in_direct(*conversation)) {
        co_return co_await dispatch_change(core, session, log);
    }
    auto closed = close_batch(core, *conversation, std::move(items));
    if (!closed) {
        core.conversations.forget(log);
        co_return std::unexpected(closed.error());
    }
    co_return co_await post(core, session, log, std::move(*closed).take());
}

}  // namespace cercle::client
