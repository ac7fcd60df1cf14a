// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/timers.h"

namespace cercle::net {

Timer Timers::schedule(Deadline deadline, Call call) {
    if (deadline == Deadline::never()) return {};
    const Timer::Key key{deadline.at, scheduled_++};
    due_.emplace(key, std::move(call));
    rearm();
    return {this, key};
}

Deadline Timers::next() const {
    return due_.empty() ? Deadline::never() : Deadline{due_.begin()->first.first};
}

bool Timers::fire_one(SteadyTime now) {
    if (due_.empty() || due_.begin()->first.first > now) return false;
    // Taken out first: the call may schedule and cancel.
    auto first = due_.extract(due_.begin());
    first.mapped()();
    return true;
}

void Timers::forget(Timer::Key key) noexcept {
    due_.erase(key);
}

}  // namespace cercle::net
