// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/compose.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "client/circle_policy.h"
#include "codec/tls.h"

namespace cercle::client {
namespace {

void announce(Core& core) {
    core.changed.notify_all();
    core.work.set();
}

/// Files a message, in the transaction of the caller. It is counted when it is closed, since until
/// then it may be passed by others or never be sent.
Result<std::int64_t> enqueue(store::Transaction& transaction,
                             protocol::LogId log,
                             envelope::Content content) {
    content.counter = {1};
    const Bytes body = envelope::encode_content(content);
    return Outbox::add(transaction, log, OutboxKind::Content, body, content.id);
}

/// What was begun under that id, by an owner of this home that ended before it could say so.
Result<std::optional<Begun>> begun_before(Core& core, const NewConversation& wanted) {
    TRY(const auto rows, core.conversations.all());
    const auto row = std::ranges::find(rows, wanted.log, &ConversationRow::log);
    if (row == rows.end()) return std::optional<Begun>();
    if (row->kind != wanted.policy.kind || row->name != wanted.policy.name) {
        return fail(Code::id_reused, "this id already stands for another conversation");
    }
    TRY_VOID(writable(core, wanted.log));
    TRY(const auto change, core.outbox.first_change(wanted.log));
    return std::optional(Begun{wanted.log, change});
}

/// Whoever was to come in and has not is not taken in any more: nobody else can say so of an
/// addition that waits.
Result<void> withdraw_additions(store::Transaction& transaction,
                                protocol::LogId log,
                                const std::vector<identity::MemberId>& members) {
    TRY(const auto waiting,
        (transaction.all<std::int64_t, Bytes>(
            "SELECT ordinal, body FROM outbox WHERE log = ?1 AND kind = 1 AND entry IS NULL",
            log)));
    for (const auto& [ordinal, body] : waiting) {
        TRY(auto change, codec::decode<Change>(body));
        const auto withdrawn = std::erase_if(change.add, [&members](const auto& member) {
            return std::ranges::contains(members, member);
        });
        if (withdrawn == 0) continue;
        TRY_VOID(transaction.run(
            "UPDATE outbox SET body = ?2 WHERE ordinal = ?1", ordinal, codec::encode(change)));
    }
    return {};
}

}  // namespace

Result<Conversation*> writable(Core& core, protocol::LogId log) {
    TRY(Conversation * conversation, core.conversations.load(log));
    if (conversation->row.state == ConversationState::Closed) {
        return fail(Code::not_a_member, "you are no longer in this conversation");
    }
    return conversation;
}

envelope::Reference reference_of(const envelope::Content& content,
                                 BytesView encoded,
                                 identity::MemberId author,
                                 protocol::LogId log) {
    return envelope::reference_of(
        content, encoded, identity::member_uri(author), "urn:cercle:conversation:" + log.hex());
}

Result<void> check_text(std::string_view text) {
    if (!is_utf8(text)) return fail(Code::invalid_text, "the text is not UTF-8");
    if (text.size() > envelope::longest_text) {
        return fail(Code::too_large, "the text is too long; 64 KiB can be sent at once");
    }
    return {};
}

Line own_line(Core& core, protocol::LogId log, const NewText& text, LineState state) {
    Line line;
    line.log = log;
    line.id = text.id;
    line.member = core.self.member;
    line.device = core.self.device;
    line.text = std::string(text.text);
    line.at = core.world.clock.wall();
    line.state = state;
    line.answers = text.answers;
    return line;
}

bool is_same(const Line& earlier, protocol::LogId log, const NewText& text) {
    return earlier.log == log && earlier.text == text.text && earlier.answers == text.answers;
}

Result<void> write_text(Core& core, protocol::LogId log, const NewText& text) {
    TRY_VOID(check_text(text.text));
    if (text.text.empty()) return fail(Code::invalid_text, "there is nothing to send");
    TRY(const auto earlier, core.timeline.own(core.self.device, text.id));
    if (earlier) {
        TRY(const auto file, core.attachments.find(earlier->log, core.self.device, text.id));
        if (is_same(*earlier, log, text) && !file) return {};
        return fail(Code::id_reused, "this id already stands for another message");
    }
    TRY_VOID(writable(core, log));
    TRY(auto transaction, core.database.begin());
    envelope::Content content;
    content.id = text.id;
    content.type = envelope::text_type;
    content.body = to_bytes(text.text);
    content.answers = text.answers;
    TRY_VOID(enqueue(transaction, log, std::move(content)));
    TRY_VOID(Timeline::add(transaction, own_line(core, log, text, LineState::Queued)));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return {};
}

Result<void> write_file_message(Core& core, const Upload& upload, protocol::Stamp until) {
    TRY(const auto line, core.timeline.own(core.self.device, upload.message));
    TRY(auto attachment, core.attachments.find(upload.log, core.self.device, upload.message));
    if (!line || !attachment) {
        return fail(Code::store_corrupt, "a file on its way without its message");
    }
    TRY_VOID(writable(core, upload.log));
    // A relay that says it keeps things for ever says nothing.
    const std::uint64_t seconds = until.value / 1000;
    attachment->expires =
        std::in_range<std::uint32_t>(seconds) ? static_cast<std::uint32_t>(seconds) : 0;
    TRY(auto transaction, core.database.begin());
    TRY_VOID(Attachments::set_expiry(
        transaction, upload.log, core.self.device, upload.message, attachment->expires));
    envelope::Content content;
    content.id = upload.message;
    content.type = envelope::text_type;
    content.body = to_bytes(line->text);
    content.attachment = std::move(attachment);
    content.answers = line->answers;
    TRY(const std::int64_t ordinal, enqueue(transaction, upload.log, std::move(content)));
    if (line->state == LineState::Held) TRY_VOID(Outbox::hold(transaction, ordinal));
    TRY_VOID(Uploads::set_over(transaction, upload.number));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return {};
}

Result<std::int64_t> write_content(Core& core,
                                   protocol::LogId log,
                                   std::string_view type,
                                   BytesView body) {
    TRY(auto transaction, core.database.begin());
    TRY(const std::int64_t ordinal, write_content(core, transaction, log, type, body));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return ordinal;
}

Result<std::int64_t> write_content(Core& core,
                                   store::Transaction& transaction,
                                   protocol::LogId log,
                                   std::string_view type,
                                   BytesView body) {
    TRY_VOID(writable(core, log));
    return enqueue(
        transaction,
        log,
        {envelope::MessageId::random(core.world.random), {}, std::string(type), to_bytes(body)});
}

Result<Begun> begin_conversation(Core& core, NewConversation wanted) {
    const auto& [log, policy, peer, members] = wanted;
    if (policy.kind == ConversationKind::Group && !is_name(policy.name)) {
        return fail(Code::invalid_text,
                    "a group's name is 1 to 200 bytes of visible characters, without tricks");
    }
    TRY(const auto earlier, begun_before(core, wanted));
    if (earlier) return *earlier;
    if (policy.kind == ConversationKind::Group) TRY_VOID(circle_policy::check_group(core));
    auto& random = core.world.random;
    auto reader = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    TRY(const mls::Suite* suite, suite_of(core.self.suite));
    TRY(auto group,
        mls::Group::create(
            *suite,
            log.view(),
            core.self.signature_key,
            leaf_profile(core.self.credential(), public_id<protocol::ReaderKey>(reader)),
            policy_context(policy),
            random));
    Conversation conversation{{log, policy.kind, ConversationState::New, policy.name, peer},
                              std::move(group),
                              std::move(reader),
                              {},
                              {},
                              0,
                              std::nullopt};
    Begun begun{log, std::nullopt};
    TRY(auto transaction, core.database.begin());
    TRY_VOID(core.conversations.add(transaction, std::move(conversation)));
    // The intent stands there even without members: it makes the log at the relay.
    Change change;
    change.add = members;
    change.take = protocol::EntryId::random(random);
    auto added =
        Outbox::add(transaction, log, OutboxKind::Change, codec::encode(change), std::nullopt);
    if (added) begun.change = *added;
    auto done =
        added ? std::move(transaction).commit() : Result<void>(std::unexpected(added.error()));
    if (!done) {
        core.conversations.forget(log);
        return std::unexpected(done.error());
    }
    announce(core);
    return begun;
}

Result<protocol::LogId> direct_conversation(Core& core, identity::MemberId member) {
    if (member == core.self.member) {
        return fail(Code::invalid_argument, "that is you; a note to yourself is not there yet");
    }
    TRY(const auto there, core.conversations.direct_with(member));
    if (there) return there->log;
    TRY(const auto begun,
        begin_conversation(core,
                           {protocol::LogId::random(core.world.random),
                            {1, ConversationKind::Direct, {}},
                            member,
                            {member}}));
    return begun.log;
}

Result<std::int64_t> write_change(Core& core, protocol::LogId log, Change change) {
    TRY(auto transaction, core.database.begin());
    TRY(const std::int64_t ordinal, write_change(core, transaction, log, std::move(change)));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return ordinal;
}

Result<std::int64_t> write_change(Core& core,
                                  store::Transaction& transaction,
                                  protocol::LogId log,
                                  Change change) {
    TRY_VOID(writable(core, log));
    change.take = protocol::EntryId::random(core.world.random);
    TRY_VOID(withdraw_additions(transaction, log, change.remove));
    return Outbox::add(transaction, log, OutboxKind::Change, codec::encode(change), std::nullopt);
}

Result<void> release(Core& core, envelope::MessageId id) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE outbox SET held = 0 WHERE message = ?1 AND held = 1", id));
    const bool written = transaction.changed() != 0;
    TRY(const bool on_its_way, Uploads::release(transaction, id));
    if (!written && !on_its_way) {
        return fail(Code::unknown, "no message of that id is held");
    }
    TRY_VOID(Timeline::set_state(transaction, core.self.device, id, LineState::Queued));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return {};
}

}  // namespace cercle::client
