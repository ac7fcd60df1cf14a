// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/contest.h"

#include <algorithm>

#include "access/label.h"
#include "client/judge.h"
#include "client/receive.h"
#include "codec/tls.h"
#include "envelope/epoch_rights.h"

namespace cercle::client {
namespace {

struct Letter {
    protocol::SignedBundle letter;
    protocol::Bundle bundle;
};

Result<Letter> open_letter(const protocol::Entry& entry) {
    TRY(auto letter, codec::decode<protocol::SignedBundle>(entry.payload));
    TRY(auto bundle, codec::decode<protocol::Bundle>(letter.bundle));
    return Letter{std::move(letter), std::move(bundle)};
}

bool is_signed_under(BytesView epoch_key, const protocol::SignedBundle& letter) {
    return access::verify(
               epoch_key, access::Label::BundleEpoch, letter.bundle, letter.epoch_signature)
        .has_value();
}

bool is_of_a_member(const mls::Group& group, const Letter& one) {
    const bool known = std::ranges::any_of(group.roster(), [&one](const mls::Member& member) {
        const auto reader = reader_of(member);
        return reader.has_value() && *reader == one.bundle.author;
    });
    return known && access::verify(one.bundle.author.view(),
                                   access::Label::BundleAuthor,
                                   one.letter.bundle,
                                   one.letter.author_signature)
                        .has_value();
}

/// RFC 9420 section 7.6: each path secret is encrypted to a part of the members. All else of a
/// commit is the same for everybody who opens his.
bool is_of_our_own(Code rule) {
    return rule == Code::path_not_for_us || rule == Code::path_key_mismatch;
}

}  // namespace

Code note_passed_over(Conversation& conversation, const protocol::Entry& entry, Code rule) {
    const auto one = open_letter(entry);
    if (!one) return rule;
    Contest& contest = conversation.contest;
    const std::uint64_t epoch = conversation.group.epoch().value;
    if (one->bundle.epoch.value == epoch) {
        const Bytes key = envelope::rights_of(conversation.group).bundle_key.public_key();
        if (!is_signed_under(key, one->letter)) return rule;
        contest.passed_over = entry.seq;
        if (!is_of_our_own(rule)) return rule;
        if (!contest.doubt) contest.doubt = Doubt{one->bundle.author, one->bundle.next};
        return Code::commit_in_doubt;
    }
    if (!contest.doubt || one->bundle.epoch.value != epoch + 1) return rule;
    const bool is_another = one->bundle.author != contest.doubt->author &&
                            is_signed_under(contest.doubt->next.bundle.view(), one->letter) &&
                            is_of_a_member(conversation.group, *one);
    if (!is_another) return rule;
    contest.doubt->left_behind = 1;
    return Code::left_behind;
}

bool is_beyond(const Conversation& conversation, const protocol::Entry& entry) {
    const auto& doubt = conversation.contest.doubt;
    return doubt && doubt->left_behind != 0 && entry.epoch.value > conversation.group.epoch().value;
}

Result<std::optional<identity::MemberId>> author_in_doubt(const Core& core,
                                                          const Conversation& conversation) {
    const auto& doubt = conversation.contest.doubt;
    if (!doubt) return std::optional<identity::MemberId>();
    const Judge judge(core.self.root, core.world.clock.wall());
    for (const mls::Member& member : conversation.group.roster()) {
        const auto reader = reader_of(member);
        if (!reader.has_value() || *reader != doubt->author) continue;
        TRY(const auto passport, judge.passport(member.credential));
        return std::optional(passport.member);
    }
    return std::optional<identity::MemberId>();
}

namespace {

Result<void> store_left_behind(Core& core, Conversation& conversation) {
    conversation.contest.doubt = Doubt{{}, {}, 1};
    Line line;
    line.log = conversation.row.log;
    line.kind = LineKind::Skipped;
    line.seq = conversation.seq.next();  // behind the gap's line
    line.epoch = {conversation.group.epoch().value};
    line.text = std::string(rule_name(Code::left_behind));
    line.at = core.world.clock.wall();
    TRY(auto transaction, core.database.begin());
    TRY_VOID(Timeline::add(transaction, line));
    TRY_VOID(Conversations::store(transaction, conversation));
    return std::move(transaction).commit();
}

}  // namespace

Result<void> note_stale(Core& core, protocol::LogId log) {
    TRY(Conversation * conversation, core.conversations.load(log));
    TRY(const auto gap,
        core.database.one<std::int64_t>(
            "SELECT 1 FROM timeline WHERE log = ?1 AND kind = ?2 AND epoch = ?3 AND text = ?4",
            log,
            LineKind::Gap,
            conversation->group.epoch().value,
            rule_name(Code::log_begins_later)));
    if (!gap) return {};
    if (!conversation->contest.doubt) {
        auto stored = store_left_behind(core, *conversation);
        if (!stored) core.conversations.forget(log);
        TRY_VOID(std::move(stored));
        core.changed.notify_all();
    }
    TRY(conversation, core.conversations.load(log));
    return check_beyond_doubt(*conversation);
}

Result<void> check_beyond_doubt(const Conversation& conversation) {
    const auto& doubt = conversation.contest.doubt;
    if (!doubt) return {};
    if (doubt->left_behind != 0) {
        return fail(Code::left_behind,
                    "the others have gone on with a change that this device could not follow; one"
                    " of them takes you out of the group and in again");
    }
    return fail(Code::commit_in_doubt,
                "a member has made a change that this device cannot follow, and others may; what"
                " is written waits until one of them writes, or is asked to remove that member");
}

}  // namespace cercle::client
