// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/rate.h"

#include <algorithm>

#include "base/check.h"

namespace cercle::relay {
namespace {

constexpr std::int64_t thousandths = 1'000;

}  // namespace

// What fills up in a second is also what it holds: a thousand milliseconds' worth.
Bucket::Bucket(std::uint64_t a_second, SteadyTime now)
    : a_millisecond_(static_cast<std::int64_t>(a_second)),
      level_(a_millisecond_ * thousandths),
      at_(now) {
    CHECK(a_second != 0, "a rate of nothing");
}

std::int64_t Bucket::level(SteadyTime now) const {
    const std::int64_t full = a_millisecond_ * thousandths;
    const std::int64_t lacking = full - level_;
    const std::int64_t past = std::max<std::int64_t>((now - at_).count(), 0);
    // Not multiplied before it is known to fit.
    return past > lacking / a_millisecond_ ? full : level_ + past * a_millisecond_;
}

void Bucket::take(std::uint64_t count, SteadyTime now) {
    level_ = level(now) - static_cast<std::int64_t>(count) * thousandths;
    at_ = now;
}

Duration Bucket::wait(SteadyTime now) const {
    const std::int64_t owed = -level(now);
    if (owed <= 0) return Duration{0};
    return Duration{(owed + a_millisecond_ - 1) / a_millisecond_};
}

bool Bucket::is_full(SteadyTime now) const {
    return level(now) == a_millisecond_ * thousandths;
}

void Pace::take_request(std::size_t bytes, SteadyTime now) {
    requests_.take(1, now);
    bytes_.take(bytes, now);
}

void Pace::take_answer(std::size_t bytes, SteadyTime now) {
    bytes_.take(bytes, now);
}

Duration Pace::wait(SteadyTime now) const {
    return std::max(requests_.wait(now), bytes_.wait(now));
}

bool Pace::has_rested(SteadyTime now) const {
    return requests_.is_full(now) && bytes_.is_full(now);
}

Pace& Paces::enter(const protocol::DeviceKey& device, SteadyTime now) {
    if (known_.size() >= sweep_at_) {
        std::erase_if(known_, [now](const auto& one) {
            return one.second.sessions == 0 && one.second.pace.has_rested(now);
        });
        sweep_at_ = std::max<std::size_t>(64, 2 * known_.size());
    }
    Known& known = known_.try_emplace(device, Known{Pace(rate_, now)}).first->second;
    ++known.sessions;
    return known.pace;
}

void Paces::leave(const protocol::DeviceKey& device) {
    const auto found = known_.find(device);
    CHECK(found != known_.end() && found->second.sessions != 0, "a device that never came");
    --found->second.sessions;
}

}  // namespace cercle::relay
