// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Fan-out: which session hears of what. Hints only; the log is the truth, so nothing here is
// stored, and a hint that is lost costs its reader a poll.

#include <functional>
#include <unordered_map>
#include <vector>

#include "relay/group_commit.h"

namespace cercle::relay {

class Fanout {
  public:
    using Tell = std::function<void(SessionNumber)>;

    /// `session` hears of `log` from now on, as long as `reader` may read it. Again: no change.
    void subscribe(const LogId& log, SessionNumber session, const ReaderKey& reader);
    /// Until the exchange moves once.
    void watch(const ExchangeId& exchange, SessionNumber session);

    /// Calls `tell` for each session that subscribed to the log.
    void grew(const LogId& log, const Tell& tell) const;
    /// The same for an exchange; whoever watched has to ask again.
    void moved(const ExchangeId& exchange, const Tell& tell);

    /// Whoever subscribed under this key hears no more of the log.
    void drop(const LogId& log, const ReaderKey& reader);
    void leave(const LogId& log, SessionNumber session);
    void leave(const ExchangeId& exchange, SessionNumber session);

  private:
    struct Subscriber {
        SessionNumber session;
        ReaderKey reader;
    };

    std::unordered_map<LogId, std::vector<Subscriber>> subscribers_;
    std::unordered_map<ExchangeId, std::vector<SessionNumber>> watchers_;
};

}  // namespace cercle::relay
