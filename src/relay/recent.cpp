// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/recent.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace cercle::relay {
namespace {

using Difference = std::vector<Arrival>::difference_type;

void append_to(Tail& tail, const Arrival& arrival) {
    const bool is_new = tail.by_id.emplace(arrival.id, arrival.seq).second;
    CHECK(is_new, "an id stands for two entries");
    tail.bytes += arrival.bytes;
    tail.arrivals.push_back(arrival);
}

}  // namespace

const Arrival* Tail::find(const EntryId& id) const {
    const auto found = by_id.find(id);
    if (found == by_id.end()) return nullptr;
    return &arrivals[found->second.value - arrivals.front().seq.value];
}

const Tail* Recent::find(const LogId& log) const {
    const auto found = places_.find(log);
    return found == places_.end() ? nullptr : found->second;
}

Tail& Recent::tail_of(const LogId& log) {
    const auto [place, is_new] = places_.try_emplace(log, nullptr);
    if (is_new) place->second = &tails_[log];
    return *place->second;
}

void Recent::drop_tail(const LogId& log) {
    places_.erase(log);
    tails_.erase(log);
}

void Recent::add(const LogId& log, const Arrival& arrival) {
    Tail& tail = tail_of(log);
    CHECK(tail.arrivals.empty() || tail.arrivals.back().seq.next() == arrival.seq,
          "a gap between a log's arrivals");
    CHECK(arrival.number >= next_, "an entry's number is given twice");
    next_ = arrival.number.next();
    append_to(tail, arrival);
    ++size_;
    undo_.push_back({log, {}});
}

void Recent::settle(const LogId& log, std::size_t count) {
    const auto found = places_.find(log);
    CHECK(count > 0 && found != places_.end() && count <= found->second->arrivals.size(),
          "more is settled than has come");
    Tail& tail = *found->second;
    const auto end = tail.arrivals.begin() + static_cast<Difference>(count);
    std::vector<Arrival> settled(tail.arrivals.begin(), end);
    tail.arrivals.erase(tail.arrivals.begin(), end);
    for (const Arrival& one : settled) {
        tail.by_id.erase(one.id);
        tail.bytes -= one.bytes;
    }
    if (tail.arrivals.empty()) drop_tail(log);
    size_ -= count;
    undo_.push_back({log, std::move(settled)});
}

void Recent::undo_to(Mark mark) {
    while (undo_.size() > mark) {
        Step step = std::move(undo_.back());
        undo_.pop_back();
        Tail& tail = tail_of(step.log);
        if (step.settled.empty()) {
            tail.by_id.erase(tail.arrivals.back().id);
            tail.bytes -= tail.arrivals.back().bytes;
            tail.arrivals.pop_back();
            --size_;
            if (tail.arrivals.empty()) drop_tail(step.log);
            continue;
        }
        size_ += step.settled.size();
        const std::vector<Arrival> later = std::exchange(tail.arrivals, {});
        tail = {};
        for (const Arrival& one : step.settled)
            append_to(tail, one);
        for (const Arrival& one : later)
            append_to(tail, one);
    }
}

void Recent::begin_round() {
    upto_ = next_.before();
    behind_.reset();
}

Recent::Plan Recent::plan(std::size_t most) const {
    Plan plan;
    auto at = behind_ ? tails_.upper_bound(*behind_) : tails_.begin();
    for (; at != tails_.end() && most > 0; ++at) {
        const auto& [log, tail] = *at;
        if (given_up_.contains(log)) continue;
        const auto later =
            std::ranges::upper_bound(tail.arrivals, upto_, std::less{}, &Arrival::number);
        const auto of_round = static_cast<std::size_t>(later - tail.arrivals.begin());
        const std::size_t count = std::min(of_round, most);
        if (count > 0) plan.pieces.push_back({log, count});
        most -= count;
    }
    plan.ends_round = at == tails_.end() && most > 0;
    if (plan.ends_round && given_up_.empty()) plan.settled = upto_;
    return plan;
}

void Recent::carried_out(const Plan& plan) {
    if (plan.ends_round) return begin_round();
    if (plan.pieces.empty()) return;
    // Of the last one something may be left.
    const LogId& last = plan.pieces.back().log;
    const Tail* const left = find(last);
    if (left == nullptr || left->arrivals.front().number > upto_) {
        behind_ = last;
    } else if (plan.pieces.size() > 1) {
        behind_ = plan.pieces[plan.pieces.size() - 2].log;
    }
}

}  // namespace cercle::relay
