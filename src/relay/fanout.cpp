// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/fanout.h"

#include <algorithm>

namespace cercle::relay {
namespace {

template <class Map, class Predicate>
void erase_from(Map& map, const typename Map::key_type& key, Predicate predicate) {
    const auto found = map.find(key);
    if (found == map.end()) return;
    std::erase_if(found->second, predicate);
    if (found->second.empty()) map.erase(found);
}

}  // namespace

void Fanout::subscribe(const LogId& log, SessionNumber session, const ReaderKey& reader) {
    auto& subscribers = subscribers_[log];
    const auto known = std::ranges::find(subscribers, session, &Subscriber::session);
    if (known == subscribers.end()) {
        subscribers.push_back({session, reader});
    } else {
        known->reader = reader;
    }
}

void Fanout::watch(const ExchangeId& exchange, SessionNumber session) {
    auto& watchers = watchers_[exchange];
    if (!std::ranges::contains(watchers, session)) watchers.push_back(session);
}

void Fanout::grew(const LogId& log, const Tell& tell) const {
    const auto found = subscribers_.find(log);
    if (found == subscribers_.end()) return;
    for (const Subscriber& subscriber : found->second)
        tell(subscriber.session);
}

void Fanout::moved(const ExchangeId& exchange, const Tell& tell) {
    const auto found = watchers_.find(exchange);
    if (found == watchers_.end()) return;
    const std::vector<SessionNumber> sessions = std::move(found->second);
    watchers_.erase(found);
    for (const SessionNumber session : sessions)
        tell(session);
}

void Fanout::drop(const LogId& log, const ReaderKey& reader) {
    erase_from(subscribers_, log, [&](const Subscriber& one) { return one.reader == reader; });
}

void Fanout::leave(const LogId& log, SessionNumber session) {
    erase_from(subscribers_, log, [&](const Subscriber& one) { return one.session == session; });
}

void Fanout::leave(const ExchangeId& exchange, SessionNumber session) {
    erase_from(watchers_, exchange, [&](SessionNumber one) { return one == session; });
}

}  // namespace cercle::relay
