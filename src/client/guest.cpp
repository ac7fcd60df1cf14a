// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/guest.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "client/beside.h"
#include "client/cards.h"
#include "client/guest_binding.h"
#include "client/guest_restored.h"
#include "client/receive.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

constexpr Duration dial_patience = 10s;
constexpr Duration first_pause = 200ms;
constexpr Duration longest_pause = 30s;
/// Nobody tells a claimant that he is bound; he looks.
constexpr Duration longest_silence = 60s;
/// So long who is shut out does not ask again by himself: each time is counted, and may alarm the
/// card's owner.
constexpr Duration pause_when_shut_out = 1h;

std::unexpected<Error> spent() {
    return fail(Code::invitation_spent,
                "this card was claimed by somebody else, closed or is unknown; ask for a new one");
}

std::unexpected<Error> not_let_through() {
    return fail(Code::refused,
                "the card does not let this through at the moment: it is outside of its hours,"
                " over the day's budget, or closed; it is kept, and sent again later");
}

std::unexpected<Error> shut_out() {
    return fail(Code::refused,
                "the relay says that this card is closed or unknown; what is written is kept, and"
                " it is asked again later");
}

bool is_of_the_connection(const Session& session, Code code) {
    return session.lost() || code == Code::closing || worth_another_connection(code) ||
           is_of_the_disk(code);
}

}  // namespace

Result<std::unique_ptr<Guest>> Guest::create(World& world, store::Database vault) {
    TRY(const auto known, load_guest(vault));
    if (!known) return fail(Code::home_missing, "this home is no guest's");
    return std::make_unique<Guest>(world, std::move(vault));
}

Guest::Guest(World& world, store::Database vault)
    : world_(world),
      database_(std::move(vault)),
      timeline_(database_),
      changed_(world.loop),
      work_(world.loop),
      hurry_(world.loop),
      tasks_(world.loop, world.diary) {}

Guest::~Guest() = default;

Result<void> Guest::start() {
    return tasks_.spawn(run());
}

net::Task<void> Guest::stop() {
    co_return co_await tasks_.close();
}

Result<GuestFile> Guest::file() {
    TRY(auto guest, load_guest(database_));
    if (!guest) return fail(Code::store_corrupt, "a guest's vault without its card");
    return *std::move(guest);
}

Result<void> Guest::set_stage(GuestStage stage) {
    TRY(auto transaction, database_.begin());
    TRY_VOID(transaction.run("UPDATE guest SET stage = ?1", stage));
    TRY_VOID(std::move(transaction).commit());
    changed_.notify_all();
    return {};
}

Result<void> Guest::write(envelope::MessageId id, std::string_view text) {
    if (text.empty()) return fail(Code::invalid_text, "there is nothing to send");
    if (text.size() > envelope::longest_letter_text) {
        return fail(Code::too_large, "the text is too long; 56,000 bytes go by a card");
    }
    if (!is_plain_text(text, envelope::longest_letter_text)) {
        return fail(Code::invalid_text, "what goes by a card is plain text: lines of characters");
    }
    TRY(const GuestFile guest, file());
    const protocol::LogId log = conversation_of(guest.card);
    TRY(const auto earlier, timeline_.own(guest.device(), id));
    if (earlier && earlier->text == text) return {};
    if (earlier) return fail(Code::id_reused, "this id already stands for another message");
    if (guest.stage == GuestStage::Closed) {
        return fail(Code::not_a_member, "this card is closed");
    }
    if (guest.stage != GuestStage::Bound) {
        return fail(Code::not_a_member,
                    "the owner has not confirmed you yet; tell him the six words");
    }
    Line line;
    line.log = log;
    line.id = id;
    line.member = guest.myself();
    line.device = guest.device();
    line.text = std::string(text);
    line.at = world_.clock.wall();
    line.state = LineState::Queued;
    TRY(auto transaction, database_.begin());
    TRY_VOID(card_talk::write(transaction,
                              guest.card,
                              {envelope::LetterWords::Kind::Text, id, std::string(text)},
                              world_.random));
    TRY_VOID(Timeline::add(transaction, line));
    TRY_VOID(std::move(transaction).commit());
    changed_.notify_all();
    work_.set();
    return {};
}

net::Task<void> Guest::settle(Patience patience, net::Deadline deadline) {
    look_again_ = true;
    refused_.reset();
    const std::uint64_t asked = ++asked_;
    work_.set();
    hurry_.set();
    while (settled_ < asked) {
        const bool failed = failed_ >= asked && failure_;
        // What no other connection mends, no waiting mends either.
        if (failed &&
            (patience == Patience::UntilUnreachable || !worth_another_connection(failure_->code))) {
            co_return std::unexpected(*failure_);
        }
        CO_TRY_VOID(co_await changed_.wait(deadline));
    }
    co_return Result<void>();
}

net::Task<void> Guest::run() {
    Duration pause = first_pause;
    while (true) {
        const std::uint64_t asked = asked_;
        CO_TRY(const GuestFile guest, file());
        CO_TRY(const auto address, net::Address::parse(guest.relay));
        auto session = co_await Session::open(
            world_,
            address,
            {guest.relay_key.bytes},
            Session::Who::Holder,
            &guest.holder,
            [this](const News& /*news*/) { work_.set(); },
            world_.loop.in(dial_patience));
        if (session) {
            if (const auto successor = (*session)->relay_successor()) {
                CO_TRY(auto transaction, database_.begin());
                CO_TRY_VOID(transaction.run("UPDATE guest SET relay_key = ?1",
                                            identity::RelayFingerprint{successor->bytes}));
                CO_TRY_VOID(std::move(transaction).commit());
            }
            online_ = true;
            opened_ = false;
            came_to_rest_ = false;
            const auto served = co_await serve(**session);
            online_ = false;
            static_cast<void>(co_await (*session)->close());
            if (!served && served.error().code == Code::closing) co_return served;
            if (!served) failure_ = served.error();
            if (!served && served.error().code != Code::unreachable_peer) failed_ = asked_;
            if (came_to_rest_) pause = first_pause;
        } else {
            if (session.error().code == Code::closing) co_return std::unexpected(session.error());
            failure_ = session.error();
            failed_ = std::max(failed_, asked);
        }
        changed_.notify_all();
        if (asked_ > asked) continue;
        hurry_.reset();
        // What is spent stays so; somebody who asks looks once more.
        const bool over = failure_ && failure_->code == Code::invitation_spent;
        const auto rested =
            co_await hurry_.wait(over ? net::Deadline::never() : world_.loop.in(pause));
        if (!rested && rested.error().code != Code::deadline_passed) co_return rested;
        pause = std::min(pause * 2, longest_pause);
    }
}

net::Task<void> Guest::serve(Session& session) {
    CO_TRY_VOID(co_await guest_restored::look_at_incarnation(world_, database_, session));
    while (true) {
        work_.reset();
        if (session.lost()) co_return fail(Code::unreachable_peer, "the relay has gone away");
        const std::uint64_t taking = asked_;
        if (std::exchange(look_again_, false)) refused_.reset();
        CO_TRY(const Progress progress, co_await step(session));
        if (progress == Progress::Moved) continue;
        came_to_rest_ = true;
        if (settled_ < taking) {
            settled_ = taking;
            changed_.notify_all();
        }
        const auto woken = co_await work_.wait(world_.loop.in(longest_silence));
        if (!woken && woken.error().code != Code::deadline_passed) co_return woken;
    }
}

net::Task<Progress> Guest::step(Session& session) {
    CO_TRY(GuestFile guest, file());
    switch (guest.stage) {
        case GuestStage::Begun:
            CO_TRY_VOID(co_await make_claim(session, std::move(guest)));
            co_return Progress::Moved;
        case GuestStage::Made:
            CO_TRY_VOID(co_await send_claim(session, std::move(guest)));
            co_return Progress::Moved;
        case GuestStage::Claimed:
            co_return co_await read_answers(session, std::move(guest));
        case GuestStage::Bound:
            break;
        case GuestStage::Closed:
            // Somebody who asks wants to know anew.
            if (refused_ && world_.loop.clock().steady() < shut_out_until_) {
                co_return Progress::Idle;
            }
            break;
    }
    CO_TRY(const Progress read, co_await read_answers(session, std::move(guest)));
    CO_TRY(GuestFile now, file());
    if (now.stage != GuestStage::Bound) co_return read;
    CO_TRY(const Progress sent, co_await send_next(session, std::move(now)));
    co_return read == Progress::Moved ? read : sent;
}

net::Task<void> Guest::make_claim(Session& session, GuestFile guest) {
    auto answer = co_await session.ask<protocol::CardFace>(
        protocol::ReadCard{guest.card, guest.token.copy()}, world_.loop.in(request_patience));
    if (!answer && answer.error().code == Code::refused) co_return spent();
    CO_TRY(const auto shown, std::move(answer));
    CO_TRY(const auto face,
           identity::open_face(shown.face, guest.card, guest.card_key, guest.face));
    CO_TRY(auto transaction, database_.begin());
    CO_TRY(Bytes key, card_talk::add_key(transaction, guest.card, world_.random));
    const envelope::ClaimWords words{1, guest.key(), std::move(key), guest.introduction};
    CO_TRY(
        const Bytes claim,
        envelope::close_claim(
            {guest.card, envelope::CardWay::Claim}, face.key, guest.holder, words, world_.random));
    if (face.answering) {
        guest.answering = face.answering->key;
        guest.names = face.answering->names;
    }
    CO_TRY_VOID(card_talk::begin(transaction,
                                 guest.card,
                                 {envelope::CardWay::ToOwner,
                                  guest.holder.copy(),
                                  to_bytes(guest.author().view()),
                                  face.key}));
    CO_TRY_VOID(transaction.run(
        "UPDATE guest SET stage = ?1, claim = ?2, words = ?3, answering = ?4, names = ?5",
        GuestStage::Made,
        claim,
        cards::words_of_claim(guest.author(), guest.key(), claim),
        guest.answering,
        guest.names));
    CO_TRY_VOID(std::move(transaction).commit());
    changed_.notify_all();
    co_return Result<void>();
}

net::Task<void> Guest::send_claim(Session& session, GuestFile guest) {
    if (!guest.claim) co_return fail(Code::store_corrupt, "a claim that is not there");
    const auto answer = co_await session.ask<protocol::Done>(
        protocol::ClaimCard{guest.card, guest.token.copy(), {guest.entry, *guest.claim}},
        world_.loop.in(request_patience));
    if (!answer && answer.error().code == Code::refused) co_return spent();
    CO_TRY_VOID(answer);
    co_return set_stage(GuestStage::Claimed);
}

Result<Progress> Guest::be_shut_out() {
    TRY(const GuestFile guest, file());
    if (guest.stage == GuestStage::Claimed) return Progress::Idle;
    refused_ = shut_out().error();
    shut_out_until_ = world_.loop.clock().steady() + pause_when_shut_out;
    if (guest.stage != GuestStage::Closed) TRY_VOID(set_stage(GuestStage::Closed));
    return Progress::Idle;
}

net::Task<Progress> Guest::open_answers(Session& session, GuestFile guest) {
    const auto opened = co_await session.ask<protocol::Opened>(
        protocol::OpenAnswers{guest.card, guest.token.copy()}, world_.loop.in(request_patience));
    if (!opened && opened.error().code == Code::refused) co_return be_shut_out();
    CO_TRY_VOID(opened);
    if (guest.stage == GuestStage::Closed) {
        refused_.reset();
        CO_TRY_VOID(set_stage(GuestStage::Bound));
    }
    CO_TRY_VOID(co_await guest_restored::rewind_answers(world_, database_, session, *opened));
    CO_TRY(guest, file());
    // Bound a moment ago, and nothing is written yet.
    if (opened->head == protocol::Seq{}) co_return Progress::Idle;
    CO_TRY_VOID(check_head(guest.seq, opened->head));
    opened_ = true;
    co_return Progress::Moved;
}

net::Task<Progress> Guest::read_answers(Session& session, GuestFile guest) {
    if (!opened_) co_return co_await open_answers(session, std::move(guest));
    auto answer = co_await session.ask<protocol::Entries>(
        protocol::Read{protocol::answers_of(guest.card), guest.seq},
        world_.loop.in(request_patience));
    if (!answer && answer.error().code == Code::refused) {
        // The log has gone meanwhile: whether the card has, too, the next question tells.
        opened_ = false;
        co_return Progress::Moved;
    }
    CO_TRY(const auto read, std::move(answer));
    if (read.entries.empty()) co_return Progress::Idle;
    CO_TRY_VOID(take_answers(guest, read.entries));
    CO_TRY_VOID(co_await session.ask<protocol::Done>(
        protocol::Acknowledge{protocol::answers_of(guest.card), guest.seq, {}},
        world_.loop.in(request_patience)));
    co_return Progress::Moved;
}

Result<void> Guest::take_answers(GuestFile& guest, const std::vector<protocol::Entry>& entries) {
    TRY(auto transaction, database_.begin());
    for (const protocol::Entry& entry : entries) {
        TRY_VOID(check_next(guest.seq, guest.chain, protocol::answers_of(guest.card), entry));
        guest.seq = entry.seq;
        guest.chain = entry.chain;
        TRY_VOID(take_one(transaction, guest, entry));
    }
    TRY_VOID(transaction.run("UPDATE guest SET seq = ?1, chain = ?2", guest.seq, guest.chain));
    TRY_VOID(std::move(transaction).commit());
    changed_.notify_all();
    return {};
}

Result<void> Guest::take_one(store::Transaction& transaction,
                             const GuestFile& guest,
                             const protocol::Entry& entry) {
    Result<Heard> heard = fail(Code::unknown, "not read yet");
    {
        TRY(auto savepoint, transaction.savepoint());
        heard = card_talk::hear(transaction, guest.card, entry.payload);
        if (heard) {
            const auto fits = guest_binding::check(guest, heard->words);
            if (!fits) heard = std::unexpected(fits.error());
        }
        if (heard) TRY_VOID(std::move(savepoint).keep());
    }
    if (!heard && is_of_the_disk(heard.error().code)) return std::unexpected(heard.error());
    if (!heard) {
        return card_talk::show_skipped(
            transaction, guest.card, guest.owner_id(), heard.error().code, time_of(entry));
    }
    if (heard->words.kind != envelope::LetterWords::Kind::Text) {
        if (heard->gap) {
            TRY_VOID(card_talk::show_skipped(
                transaction, guest.card, guest.owner_id(), Code::message_withheld, time_of(entry)));
        }
        return guest_binding::take(transaction, heard->words);
    }
    return card_talk::show_heard(transaction, guest.card, guest.owner_id(), *heard, time_of(entry));
}

net::Task<Progress> Guest::send_next(Session& session, GuestFile guest) {
    if (refused_) co_return Progress::Idle;
    CO_TRY(const auto letter, card_talk::next_post(database_, guest.card));
    if (!letter) co_return Progress::Idle;
    const auto answer = co_await session.ask<protocol::Done>(
        protocol::UseCard{guest.card, guest.token.copy(), {letter->entry, letter->payload}},
        world_.loop.in(request_patience));
    if (!answer) {
        if (is_of_the_connection(session, answer.error().code)) {
            co_return std::unexpected(answer.error());
        }
        refused_ =
            answer.error().code == Code::refused ? not_let_through().error() : answer.error();
        changed_.notify_all();
        co_return Progress::Idle;
    }
    CO_TRY(auto transaction, database_.begin());
    CO_TRY_VOID(card_talk::posted(transaction, *letter, guest.device()));
    CO_TRY_VOID(std::move(transaction).commit());
    changed_.notify_all();
    co_return Progress::Moved;
}

}  // namespace cercle::client
