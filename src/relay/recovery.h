// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Recovery: what a restored relay remembers of its logs' being given back what it has forgotten
// (decision 44). In memory: after another start devices declare themselves anew.

#include <set>
#include <unordered_map>
#include <unordered_set>

#include "protocol/incarnation.h"
#include "relay/bounds.h"

namespace cercle::relay {

class Recovery {
  public:
    explicit Recovery(protocol::IncarnationStatement statement,
                      Duration patience = bounds::patience_for_readers)
        : statement_(statement),
          until_(statement.since.value + static_cast<std::uint64_t>(patience.count())) {}

    [[nodiscard]] const protocol::IncarnationStatement& statement() const { return statement_; }

    /// Of the relay's former life.
    [[nodiscard]] bool is_of_before(protocol::Stamp stamp) const {
        return stamp < statement_.since;
    }

    /// Whether logs may still have to wait for their readers.
    [[nodiscard]] bool is_waiting(const protocol::LogId& log, protocol::Stamp now) const {
        return now < until_ && !complete_.contains(log);
    }

    /// Whether something may still be put into a log's past: not once its readers have said that
    /// they have nothing more, and not for ever.
    [[nodiscard]] bool takes_back(const protocol::LogId& log, protocol::Stamp now) const {
        constexpr auto longest =
            static_cast<std::uint64_t>(bounds::patience_for_giving_back.count());
        return now.value < statement_.since.value + longest && !complete_.contains(log);
    }

    void note_complete(const protocol::LogId& log) {
        complete_.insert(log);
        declared_.erase(log);
    }

    void declare(const protocol::LogId& log, const protocol::ReaderKey& reader) {
        declared_[log].insert(reader);
    }

    /// Those who have nothing more.
    [[nodiscard]] const std::set<protocol::ReaderKey>& declared(const protocol::LogId& log) {
        return declared_[log];
    }

  private:
    protocol::IncarnationStatement statement_;
    protocol::Stamp until_;
    std::unordered_map<protocol::LogId, std::set<protocol::ReaderKey>> declared_;
    std::unordered_set<protocol::LogId> complete_;
};

}  // namespace cercle::relay
