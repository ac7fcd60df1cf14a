// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/switchboard.h"

#include <utility>

#include "access/label.h"
#include "relay/bounds.h"

namespace cercle::relay {

Switchboard::Switchboard(net::Loop& loop,
                         const Clock& clock,
                         LogStore& store,
                         Diary& diary,
                         const Identity& identity,
                         Terms terms)
    : diary_(diary),
      incarnation_(identity.incarnation),
      officer_(identity.officer),
      paces_(terms.rate),
      loop_(loop),
      commit_(
          loop,
          clock,
          store,
          diary,
          [this](const Job& job, Lane lane, Result<Answer> answer) {
              deliver(job, lane, std::move(answer));
          },
          std::move(terms)),
      left_(loop) {}

Result<void> Switchboard::enter(Session& session) {
    if (draining_) return fail(Code::closing, "the relay is going away");
    if (before_hello_ >= bounds::sessions_before_hello || held_ > bounds::bytes_of_all_sessions) {
        return fail(Code::too_many, "too many sessions that have said nothing");
    }
    ++before_hello_;
    ++tally().sessions_begun;
    last_ = last_.next();
    session.number = last_;
    sessions_.emplace(last_.value, &session);
    return {};
}

Result<void> Switchboard::admit(Session& session) {
    if (draining_) return fail(Code::closing, "the relay is going away");
    const Asker& asker = session.asker;
    const bool of_officer = asker.kind == Asker::Kind::Officer && officer_ == asker.officer;
    session.stranger = asker.kind != Asker::Kind::Device && !of_officer;
    if (session.stranger && strangers_ >= bounds::strangers) {
        return fail(Code::too_many, "too many sessions of strangers");
    }
    session.admitted = true;
    --before_hello_;
    if (session.stranger) ++strangers_;
    const SteadyTime now = loop_.clock().steady();
    if (asker.kind == Asker::Kind::Device) {
        session.pace = &paces_.enter(asker.device, now);
        // A device that comes back is right about which of its sessions lives: the new one.
        end_sessions_of(asker.device, bounds::sessions_per_device - 1);
        by_device_[asker.device].push_back(session.number);
    } else {
        constexpr Rate of_strangers{bounds::requests_of_stranger_per_second,
                                    bounds::bytes_of_stranger_per_second};
        session.pace =
            &session.own_pace.emplace(session.stranger ? of_strangers : paces_.rate(), now);
    }
    return {};
}

void Switchboard::leave(Session& session) {
    session.forget();
    for (const auto& [log, reader] : session.opened)
        fanout_.leave(log, session.number);
    for (const ExchangeId& exchange : session.watched)
        fanout_.leave(exchange, session.number);
    if (const auto found = by_device_.find(session.asker.device); found != by_device_.end()) {
        std::erase(found->second, session.number);
        if (found->second.empty()) by_device_.erase(found);
    }
    if (!session.admitted) --before_hello_;
    if (session.admitted && session.asker.kind == Asker::Kind::Device) {
        session.pace = nullptr;
        paces_.leave(session.asker.device);
    }
    if (session.stranger && session.admitted) --strangers_;
    sessions_.erase(session.number.value);
    left_.notify_all();
}

net::Task<void> Switchboard::look_up_device(DeviceKey device) {
    co_return co_await commit_.work_beside([this, device] {
        return commit_.store().look(
            [&device](LogTables& tables) { return relay::admit(tables, device); });
    });
}

Result<void> Switchboard::submit(Session& session, Job job) {
    if (held_ > 2 * bounds::bytes_of_all_sessions) {
        return fail(Code::too_many, "too much memory is in use");
    }
    const bool opens = std::holds_alternative<protocol::OpenLog>(job.request);
    if (opens && session.opened.size() + session.opening >= bounds::opened_logs_per_session) {
        return fail(Code::too_many, "too many open logs");
    }
    // What a session asks is answered in its order as far as it matters: a look behind its own
    // write goes the write's way.
    const Lane lane = only_looks(job.request) && session.writing == 0 ? Lane::Look : Lane::Write;
    TRY_VOID(commit_.submit(std::move(job), lane));
    ++session.under_way;
    if (lane == Lane::Write) ++session.writing;
    if (opens) ++session.opening;
    return {};
}

void Switchboard::drain() {
    draining_ = true;
    commit_.close();
}

void Switchboard::finish_sessions() {
    for (const auto& [number, session] : sessions_)
        session->finish();
}

net::Task<void> Switchboard::wait_until_empty(net::Deadline deadline) {
    while (!sessions_.empty())
        CO_TRY_VOID(co_await left_.wait(deadline));
    co_return Result<void>{};
}

void Switchboard::count(const Result<Answer>& answer) {
    Tally& tally = this->tally();
    if (!answer.has_value()) {
        ++tally.refusals[static_cast<std::size_t>(refusal_for(answer.error().code))];
        return;
    }
    ++tally.answers;
    if (const auto* posted = std::get_if<protocol::Posted>(&answer->body)) {
        tally.appended += posted->positions.size();
    }
}

void Switchboard::deliver(const Job& job, Lane lane, Result<Answer> answer) {
    Session* const asker = find(job.session);
    if (asker != nullptr) {
        --asker->under_way;
        if (lane == Lane::Write) --asker->writing;
        if (std::holds_alternative<protocol::OpenLog>(job.request)) --asker->opening;
    }
    count(answer);
    if (answer.has_value() && key_) {
        // Of what is committed already. Never before, since a signature cannot be taken back.
        if (auto* const said = std::get_if<protocol::SignedCheckpoint>(&answer->body)) {
            said->signature = access::sign(*key_, access::Label::Checkpoint, said->checkpoint);
        }
        if (auto* const said = std::get_if<protocol::SignedIncarnation>(&answer->body)) {
            said->key = key_->public_key();
            said->signature = access::sign(*key_, access::Label::Incarnation, said->statement);
        }
    }
    // What was committed is news even if who asked for it has gone.
    if (answer.has_value()) {
        for (const Effect& effect : answer->effects)
            follow(effect, asker);
    }
    if (asker == nullptr) return;
    asker->respond(
        job.number,
        answer.has_value()
            ? std::move(answer->body)
            : protocol::ResponseBody{protocol::Refused{refusal_for(answer.error().code)}},
        Session::cost_of(job.request, job.size));
}

namespace {

template <class... Known>
struct OneOf : Known... {
    using Known::operator()...;
};

}  // namespace

void Switchboard::follow(const Effect& effect, Session* asker) {
    std::visit(OneOf{
                   [&](const LogGrew& grown) {
                       fanout_.grew(grown.log, [&](SessionNumber number) {
                           if (Session* const session = find(number)) {
                               session->tell_grew(grown.log, grown.head);
                           }
                       });
                   },
                   [&](const ReaderDropped& dropped) { fanout_.drop(dropped.log, dropped.reader); },
                   [&](const LogOpened& opened) {
                       if (asker == nullptr) return;
                       asker->opened.insert_or_assign(opened.log, opened.reader);
                       fanout_.subscribe(opened.log, asker->number, opened.reader);
                   },
                   [&](const ExchangeMoved& moved) {
                       fanout_.moved(moved.exchange, [&](SessionNumber number) {
                           if (Session* const session = find(number))
                               session->tell_moved(moved.exchange);
                       });
                   },
                   [&](const ExchangeWatched& watched) {
                       if (asker == nullptr ||
                           asker->watched.size() >= bounds::watched_exchanges_per_session) {
                           return;
                       }
                       asker->watched.insert(watched.exchange);
                       fanout_.watch(watched.exchange, asker->number);
                   },
                   [&](const DeviceDropped& dropped) { end_sessions_of(dropped.device, 0); },
                   [&](const RelayClaimed& claimed) { officer_ = claimed.officer; },
               },
               effect);
}

Session* Switchboard::find(SessionNumber number) {
    const auto found = sessions_.find(number.value);
    return found == sessions_.end() ? nullptr : found->second;
}

void Switchboard::end_sessions_of(const DeviceKey& device, std::size_t all_but) {
    const auto found = by_device_.find(device);
    if (found == by_device_.end()) return;
    auto& numbers = found->second;
    while (numbers.size() > all_but) {
        if (Session* const session = find(numbers.front())) session->end();
        numbers.erase(numbers.begin());
    }
    if (numbers.empty()) by_device_.erase(found);
}

}  // namespace cercle::relay
