// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// KnownLogs: conversations that were written to lately, as they stand, and with which right. Most
// appends are another one by the same members: they are let in by what is remembered here. Nobody
// is kept out by it: whom it does not let in, the tables are asked about as if nothing had been
// remembered, so that a refusal takes as long for a log that is there as for one that is not.
//
// Whoever changes anything about a log but its entries' end forgets it here, and whoever undoes
// anything, everything. Private to this folder.

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "relay/log.h"

namespace cercle::relay {

class KnownLogs {
  public:
    /// Nothing if it has to be asked about.
    [[nodiscard]] std::optional<KnownLog> find(const LogId& id) const {
        const auto found = known_.find(id);
        return found == known_.end() ? std::nullopt : std::optional(found->second);
    }

    void remember(const KnownLog& known) {
        if (known_.size() >= most) known_.clear();
        known_.insert_or_assign(known.log.id, known);
    }

    /// An entry has come to its end.
    void grew(const LogId& id, const protocol::Entry& last) {
        const auto found = known_.find(id);
        if (found == known_.end()) return;
        Log& log = found->second.log;
        log.head = last.seq;
        log.chain = last.chain;
        log.bytes += last.payload.size();
    }

    void forget(const LogId& id) { known_.erase(id); }

    void forget_all() { known_.clear(); }

  private:
    static constexpr std::size_t most = 16'384;

    std::unordered_map<LogId, KnownLog> known_;
};

}  // namespace cercle::relay
