// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/courier.h"

#include <algorithm>
#include <utility>

#include "client/answering.h"
#include "client/beginning.h"
#include "client/beside.h"
#include "client/card_post.h"
#include "client/daily.h"
#include "client/drawer.h"
#include "client/inbox.h"
#include "client/letters.h"
#include "client/lost.h"
#include "client/lost_letters.h"
#include "client/offices.h"
#include "client/restored.h"
#include "client/rotation.h"
#include "client/unlisted.h"
#include "client/vigil.h"
#include "client/welcomes.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

constexpr Duration dial_patience = 10s;
constexpr Duration first_pause = 200ms;
constexpr Duration longest_pause = 30s;
// News are hints; without any, look for oneself now and then.
constexpr Duration longest_silence = 60s;
constexpr Duration pause_after_a_loss = 1h;
constexpr Duration pause_of_rotation = 5min;

/// Half of the pause at least, so that a thousand devices do not come back at once.
Duration jittered(Duration pause, Random& random) {
    std::array<std::uint8_t, 2> bytes{};
    random.fill(bytes);
    const auto part = static_cast<std::int64_t>(bytes[0] << 8U | bytes[1]);
    return pause / 2 + Duration{pause.count() / 2 * part / 65536};
}

/// Nothing that a conversation could be stalled by, and others not.
bool is_of_no_conversation(Code code) {
    return worth_another_connection(code) || code == Code::closing || code == Code::disk_fault ||
           code == Code::disk_full;
}

bool is_contradiction(Code code) {
    return code == Code::chain_broken || code == Code::log_cut_short;
}

/// The relay's disk reads as a relay that cannot be reached (protocol/refusal.h). What is surely of
/// our own disk: receive.h.
bool may_be_of_a_disk(Code code) {
    return code == Code::disk_fault || code == Code::disk_full || code == Code::unreachable_peer;
}

}  // namespace

std::uint64_t Courier::ask() {
    look_again_ = true;
    // What was in the way is tried again, and says so again if it still is.
    stalled_.clear();
    core_.refused_letters.clear();
    core_.refused_cards.clear();
    core_.work.set();
    hurry_.set();
    return ++asked_;
}

const Error* Courier::stalled(protocol::LogId log) const {
    const auto found = stalled_.find(log);
    return found == stalled_.end() ? nullptr : &found->second;
}

const Error* Courier::contradicted(protocol::LogId log) const {
    const Error* const error = stalled(log);
    return error != nullptr && is_contradiction(error->code) ? error : nullptr;
}

const Error* Courier::contradicted() const {
    for (const auto& [log, error] : stalled_) {
        if (is_contradiction(error.code)) return &error;
    }
    return nullptr;
}

net::Task<void> Courier::run() {
    Duration pause = first_pause;
    while (true) {
        const std::uint64_t asked = asked_;
        CO_TRY(const auto address, net::Address::parse(core_.self.relay));
        auto session = co_await Session::open(
            core_.world,
            address,
            {core_.self.relay_key.bytes},
            Session::Who::Device,
            &core_.self.device_key,
            [this](const News& news) { take_news(news); },
            core_.world.loop.in(dial_patience));
        if (session) {
            if (const auto successor = (*session)->relay_successor()) {
                CO_TRY_VOID(follow_relay(core_.database, core_.self, {successor->bytes}));
            }
            incarnation_ = (*session)->incarnation();
            online_ = true;
            core_.changed.notify_all();
            const auto served = co_await serve(**session);
            online_ = false;
            // A connection that broke is made anew at once. A disk that failed, the relay's or our
            // own, is not mended by that, and whoever waits for it is told.
            const bool broke = (*session)->lost();
            static_cast<void>(co_await (*session)->close());
            if (!served && served.error().code == Code::closing) co_return served;
            if (!served) failure_ = served.error();
            const bool of_a_disk = !served && !broke && may_be_of_a_disk(served.error().code);
            if (of_a_disk) failed_ = asked_;
            // Nor is one that refuses what comes first helped by all its devices knocking at once.
            if (came_to_rest_ || broke) pause = first_pause;
        } else {
            if (session.error().code == Code::closing) co_return std::unexpected(session.error());
            CO_TRY(failure_, lost::meaning_of(core_, session.error()));
            failed_ = std::max(failed_, asked);
        }
        core_.changed.notify_all();
        // Somebody who asks does not want to wait for the pause to end.
        if (asked_ > asked) continue;
        hurry_.reset();
        const auto rested =
            co_await hurry_.wait(core_.world.loop.in(jittered(pause, core_.world.random)));
        if (!rested && rested.error().code != Code::deadline_passed) co_return rested;
        pause = std::min(pause * 2, longest_pause);
    }
}

net::Task<void> Courier::serve(Session& session) {
    opened_.clear();
    heads_.clear();
    stalled_.clear();
    core_.refused_letters.clear();
    core_.refused_cards.clear();
    topped_up_ = false;
    came_to_rest_ = false;
    readmitted_ = false;
    look_again_ = true;
    kept_ = {core_.self.inbox};
    given_back_.clear();
    CO_TRY_VOID(co_await restored::look_at_incarnation(core_, session));
    CO_TRY(const auto inbox_opened,
           co_await session.open_log(
               core_.self.inbox, core_.self.inbox_reader, core_.world.loop.in(request_patience)));
    CO_TRY_VOID(co_await restored::rewind_inbox(core_, session, inbox_opened));
    CO_TRY_VOID(take_beginning_of_inbox(core_, inbox_opened));
    bool look_into_inbox = true;
    auto occasion = acknowledgement::Occasion::Now;
    while (true) {
        core_.work.reset();
        if (session.lost()) co_return fail(Code::unreachable_peer, "the relay has gone away");
        const std::uint64_t taking = asked_;
        if (std::exchange(look_again_, false)) {
            heads_.clear();
            stalled_.clear();
            core_.refused_letters.clear();
            core_.refused_cards.clear();
            look_into_inbox = true;
            topped_up_ = false;
            occasion = acknowledgement::Occasion::Now;
        }
        Progress inbox = Progress::Idle;
        if (std::exchange(look_into_inbox, false) || std::exchange(inbox_grew_, false)) {
            const auto looked = co_await read_inbox(core_, session);
            if (!looked && note(session, core_.self.inbox, looked.error())) {
                co_return std::unexpected(looked.error());
            }
            inbox = looked ? *looked : Progress::Idle;
            if (inbox == Progress::Moved) kept_.insert(core_.self.inbox);
            look_into_inbox = inbox == Progress::Moved;
        }
        CO_TRY_VOID(co_await turn_inbox(session));
        if (!std::exchange(topped_up_, true) || inbox == Progress::Moved) {
            const auto topped_up = co_await top_up_packages(core_, session);
            if (!topped_up && note(session, core_.self.inbox, topped_up.error())) {
                co_return topped_up;
            }
        }
        CO_TRY(const Progress looked, co_await look_at_all(session));
        if (std::exchange(core_.inboxes_turned, false)) {
            core_.refused_letters.clear();
            std::erase_if(stalled_,
                          [](const auto& one) { return one.second.code == Code::refused; });
        }
        if (looked == Progress::Moved) {
            CO_TRY(const bool kept, are_welcomes_kept(core_));
            look_into_inbox = look_into_inbox || kept;
        }
        CO_TRY(const Progress sent, co_await send_all(session));
        if (inbox == Progress::Moved || looked == Progress::Moved || sent == Progress::Moved) {
            continue;
        }
        if (!std::exchange(readmitted_, true)) {
            CO_TRY_VOID(lost::readmit_all(core_));
            continue;
        }
        const auto listed = co_await unlisted::await_list(core_, session);
        if (!listed) {
            CO_TRY(const auto directory, core_.conversations.directory());
            const protocol::LogId log = directory ? directory->log : core_.self.inbox;
            if (note(session, log, listed.error())) co_return std::unexpected(listed.error());
        }
        if (listed && *listed == Progress::Moved) continue;
        CO_TRY(const Progress moved, offices::move(core_));
        if (moved == Progress::Moved) continue;
        CO_TRY_VOID(vigil::look(core_));
        CO_TRY(const Progress drawn, rotation::draw(core_));
        if (drawn == Progress::Moved) continue;
        CO_TRY(const Progress reported, lost::report(core_));
        if (reported == Progress::Moved) continue;
        CO_TRY(const Progress told, drawer::report(core_));
        if (told == Progress::Moved) continue;
        CO_TRY(const Progress answered, answering::report(core_));
        if (answered == Progress::Moved) continue;
        CO_TRY_VOID(co_await acknowledge_all(
            session, std::exchange(occasion, acknowledgement::Occasion::InPassing)));
        came_to_rest_ = true;
        CO_TRY_VOID(daily::note_rest(core_));
        if (settled_ < taking) {
            settled_ = taking;
            core_.changed.notify_all();
        }
        const net::Deadline silence = core_.world.loop.in(longest_silence);
        const auto turn = yielding_.next(core_.world.clock);
        // Apart from the wait: GCC 14 evaluates both sides of a choice within co_await.
        const net::Deadline soonest = turn ? silence.but_at_most(*turn) : silence;
        const auto woken = co_await core_.work.wait(soonest);
        if (!woken && woken.error().code != Code::deadline_passed) co_return woken;
        if (!woken && silence.passed(core_.world.clock)) look_again_ = true;
    }
}

net::Task<void> Courier::turn_inbox(Session& session) {
    if (!no_rotation_before_.passed(core_.world.clock)) co_return Result<void>();
    const auto told = co_await rotation::tell(core_, session);
    if (told) {
        if (*told == Progress::Moved) topped_up_ = false;
        co_return Result<void>();
    }
    // A relay that is too old for this ends the session over it.
    if (session.lost()) no_rotation_before_ = core_.world.loop.in(pause_of_rotation);
    if (note(session, core_.self.inbox, told.error())) co_return std::unexpected(told.error());
    co_return Result<void>();
}

net::Task<Progress> Courier::look_at_all(Session& session) {
    Progress progress = Progress::Idle;
    CO_TRY(const auto rows, core_.conversations.all());
    for (const ConversationRow& row : rows) {
        if (row.state != ConversationState::Open || stalled_.contains(row.log)) continue;
        const auto looked = co_await look_at(session, row.log);
        if (!looked && note(session, row.log, looked.error())) co_return looked;
        if (looked && *looked == Progress::Moved) progress = Progress::Moved;
    }
    co_return progress;
}

net::Task<Progress> Courier::look_at(Session& session, protocol::LogId log) {
    CO_TRY(Conversation * conversation, core_.conversations.load(log));
    const Bytes reader = conversation->reader.public_key();
    const auto opened_as = opened_.find(log);
    if (opened_as == opened_.end() || opened_as->second != reader) {
        CO_TRY(const auto opened, co_await open(session, log));
        opened_.insert_or_assign(log, reader);
        heads_[log] = opened.head;
        kept_.insert(log);
        CO_TRY_VOID(take_beginning(core_, log, opened));
        if (!given_back_.contains(log)) CO_TRY_VOID(restored::mark_new(core_, log));
    }
    CO_TRY_VOID(co_await give_back(session, log));
    CO_TRY(conversation, core_.conversations.load(log));
    const auto head = heads_.find(log);
    // A head before that is looked at all the same: it is a contradiction, and reading says so.
    if (head != heads_.end() && head->second == conversation->seq) co_return Progress::Idle;
    CO_TRY(const Progress progress, co_await catch_up(core_, session, log));
    if (progress == Progress::Moved) {
        kept_.insert(log);
    } else {
        CO_TRY(conversation, core_.conversations.load(log));
        heads_[log] = conversation->seq;
    }
    co_return progress;
}

net::Task<protocol::Opened> Courier::open(Session& session, protocol::LogId log) {
    CO_TRY(Conversation * conversation, core_.conversations.load(log));
    auto opened =
        co_await session.open_log(log, conversation->reader, core_.world.loop.in(request_patience));
    if (opened || opened.error().code != Code::refused) co_return opened;
    CO_TRY(const bool marked, restored::is_marked(core_, log));
    if (!marked) co_return opened;
    CO_TRY_VOID(co_await restored::found_again(core_, session, log));
    CO_TRY(conversation, core_.conversations.load(log));
    co_return co_await session.open_log(
        log, conversation->reader, core_.world.loop.in(request_patience));
}

net::Task<void> Courier::give_back(Session& session, protocol::LogId log) {
    CO_TRY(const bool marked, restored::is_marked(core_, log));
    if (!marked) co_return Result<void>();
    CO_TRY_VOID(co_await restored::give_back(core_, session, log));
    given_back_.insert(log);
    CO_TRY(const Conversation* conversation, core_.conversations.load(log));
    heads_[log] = conversation->seq;
    co_return Result<void>();
}

Result<bool> Courier::asks_in_vain(protocol::LogId log, const Error& error) {
    if (error.code != Code::relay_restored || given_back_.contains(log)) return true;
    TRY_VOID(restored::mark(core_, log));
    return false;
}

net::Task<Progress> Courier::send_all(Session& session) {
    Progress progress = Progress::Idle;
    CO_TRY(auto busy, core_.outbox.busy());
    CO_TRY(const auto standing, lost::standing(core_.database));
    for (const protocol::LogId& log : standing) {
        if (!std::ranges::contains(busy, log)) busy.push_back(log);
    }
    for (const protocol::LogId& log : busy) {
        if (stalled_.contains(log)) continue;
        auto sent = co_await dispatch_next(core_, session, log, yielding_);
        if (!sent) {
            CO_TRY(const bool in_vain, asks_in_vain(log, sent.error()));
            if (!in_vain) sent = Progress::Moved;
        }
        if (!sent && note(session, log, sent.error())) co_return sent;
        if (sent && *sent == Progress::Moved) progress = Progress::Moved;
    }
    CO_TRY(const Progress deposited, co_await deposit_next(core_, session));
    if (deposited == Progress::Moved) progress = Progress::Moved;
    CO_TRY(const Progress told, co_await post_for_cards(core_, session));
    if (told == Progress::Moved) progress = Progress::Moved;
    co_return progress;
}

Result<protocol::Seq> Courier::kept_of(protocol::LogId log) {
    if (log != core_.self.inbox) {
        TRY(const Conversation* conversation, core_.conversations.load(log));
        return conversation->seq;
    }
    TRY(const auto row, core_.database.one<protocol::Seq>("SELECT inbox_seq FROM self"));
    return row ? std::get<0>(*row) : protocol::Seq{};
}

net::Task<void> Courier::acknowledge_all(Session& session, acknowledgement::Occasion occasion) {
    if (!no_acknowledgement_before_.passed(core_.world.clock)) co_return Result<void>();
    const std::vector<protocol::LogId> logs(kept_.begin(), kept_.end());
    for (const protocol::LogId& log : logs) {
        CO_TRY(const protocol::Seq kept, kept_of(log));
        CO_TRY(const auto due, acknowledgement::due(core_.database, log, kept));
        if (due && due->occasion == acknowledgement::Occasion::Now &&
            occasion == acknowledgement::Occasion::InPassing) {
            continue;
        }
        kept_.erase(log);
        if (!due) continue;
        const auto told = co_await session.ask<protocol::Done>(
            due->request, core_.world.loop.in(request_patience));
        if (told) {
            CO_TRY_VOID(acknowledgement::note_told(core_.database, due->request));
            continue;
        }
        if (session.lost()) {
            no_acknowledgement_before_ = core_.world.loop.in(pause_after_a_loss);
            co_return std::unexpected(told.error());
        }
        core_.world.diary.fault(told.error());
    }
    co_return Result<void>();
}

bool Courier::note(const Session& session, protocol::LogId log, const Error& error) {
    if (session.lost() || is_of_no_conversation(error.code)) return true;
    core_.world.diary.fault(error);
    stalled_.insert_or_assign(log, error);
    core_.changed.notify_all();
    return false;
}

void Courier::take_news(const News& news) {
    if (const auto* grew = std::get_if<protocol::Grew>(&news)) {
        inbox_grew_ = inbox_grew_ || grew->log == core_.self.inbox;
        const auto known = heads_.find(grew->log);
        if (known != heads_.end()) known->second = std::max(known->second, grew->head);
        stalled_.erase(grew->log);
    }
    core_.work.set();
}

}  // namespace cercle::client
