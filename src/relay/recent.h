// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Recent: what has been appended lately. Its entries lie in the database, one behind the other in
// the order in which they came, and are durable there; where they stand in their logs and what
// their ids stand for is known here alone, until they are settled: written into the database's
// trees, log by log, many of one log at a time. So an append touches the page at the end of the
// entries, and not a random one of each tree.
//
//     append -> (commit: durable) -> Recent -> settle, sorted -> positions, outcomes, logs
//
// Lost with the process, and made again from the entries when the store is opened. Follows the
// transactions of its store: what one of them changed here can be undone. Private to this folder.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "relay/log.h"

namespace cercle::relay {

/// Of an entry, in the order in which they came to the store, over all its logs; from 1.
using EntryNumber = Number<struct EntryNumberTag>;

/// An entry that is not settled, but for what can be read where it lies.
struct Arrival {
    EntryNumber number;
    Seq seq;
    EntryId id;
    ContentHash content;
    ChainHash chain;
    Stamp stamp;
    std::uint64_t bytes = 0;  // of its payload
};

/// The arrivals at the end of one log, without gaps; at least one.
struct Tail {
    std::vector<Arrival> arrivals;
    std::map<EntryId, Seq> by_id;
    std::uint64_t bytes = 0;

    /// Nothing if the id is not that of an arrival.
    [[nodiscard]] const Arrival* find(const EntryId& id) const;
};

/// The first so many arrivals of a log.
struct Piece {
    LogId log;
    std::size_t count = 0;
};

class Recent {
  public:
    using Mark = std::size_t;

    Recent() = default;
    Recent(Recent&&) = default;
    Recent& operator=(Recent&&) = default;
    Recent(const Recent&) = delete;
    Recent& operator=(const Recent&) = delete;
    ~Recent() = default;

    [[nodiscard]] const Tail* find(const LogId& log) const;

    /// Of all logs.
    [[nodiscard]] std::size_t size() const { return size_; }

    /// For the next entry that comes.
    [[nodiscard]] EntryNumber next_number() const { return next_; }

    /// No number up to there is given again.
    void number_after(EntryNumber last) { next_ = last.next(); }

    /// Right behind the log's last arrival, if it has one. With next_number(), or a later one.
    void add(const LogId& log, const Arrival& arrival);

    /// So many of a log's first arrivals are settled, or gone.
    void settle(const LogId& log, std::size_t count);

    // The store's transaction: undo what has changed since a mark, or keep all of it.
    [[nodiscard]] Mark mark() const { return undo_.size(); }

    void undo_to(Mark mark);

    void undo() { undo_to(0); }

    void keep() { undo_.clear(); }

    // Rounds: the logs in the order of their ids, each with what had come to it when the round
    // began, so that every arrival is settled some day, however much one log is written to.

    struct Plan {
        std::vector<Piece> pieces;
        bool ends_round = false;
        /// With these pieces, everything that came up to there is settled.
        std::optional<EntryNumber> settled{};
    };

    void begin_round();
    /// The next pieces, of at most so many arrivals together.
    [[nodiscard]] Plan plan(std::size_t most) const;
    /// They are settled, and that is kept.
    void carried_out(const Plan& plan);

    /// Is not settled any more: its rows are damaged.
    void give_up(const LogId& log) { given_up_.insert(log); }

  private:
    /// Undone by taking the last arrival away again, or by putting the settled ones back.
    struct Step {
        LogId log;
        std::vector<Arrival> settled;
    };

    [[nodiscard]] Tail& tail_of(const LogId& log);
    void drop_tail(const LogId& log);

    // Rounds go through them in order; everything else finds them by `places_`, where it takes one
    // step and not one for each doubling of the logs.
    std::map<LogId, Tail> tails_;
    std::unordered_map<LogId, Tail*> places_;
    std::size_t size_ = 0;
    EntryNumber next_{1};
    std::vector<Step> undo_;
    // The round: up to which number, and behind which log it goes on.
    EntryNumber upto_{};
    std::optional<LogId> behind_;
    std::set<LogId> given_up_;
};

}  // namespace cercle::relay
