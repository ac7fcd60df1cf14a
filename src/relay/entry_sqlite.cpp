// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/entry_sqlite.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "relay/chain.h"

namespace cercle::relay {
namespace {

using protocol::Entry;
using protocol::EntryKind;

constexpr Seq largest{static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())};

/// Entries one after the other, until there are enough.
class Reading {
  public:
    Reading(std::size_t most, std::size_t most_bytes)
        : most_(most),
          most_bytes_(most_bytes) {}

    store::Visit take(Entry entry) {
        bytes_ += entry.payload.size();
        full_ = !found_.empty() && bytes_ > most_bytes_;
        if (full_) return store::Visit::Stop;
        found_.push_back(std::move(entry));
        full_ = found_.size() == most_;
        return full_ ? store::Visit::Stop : store::Visit::Continue;
    }

    [[nodiscard]] bool is_full() const { return full_; }

    [[nodiscard]] std::vector<Entry> result() && { return std::move(found_); }

  private:
    std::size_t most_;
    std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    std::vector<Entry> found_;
    bool full_ = false;
};

/// In the order in which the tree of outcomes has them.
std::vector<const Arrival*> by_id(const Tail& tail, std::size_t count) {
    std::vector<const Arrival*> sorted;
    sorted.reserve(count);
    for (std::size_t at = 0; at < count; ++at)
        sorted.push_back(&tail.arrivals[at]);
    std::ranges::sort(sorted, std::less{}, &Arrival::id);
    return sorted;
}

}  // namespace

store::Transaction& SqliteEntries::writing() const {
    CHECK(transaction_ != nullptr, "a store that is only looked at is written");
    return *transaction_;
}

void SqliteEntries::complete(Log& log) const {
    const Tail* const tail = recent_.find(log.id);
    if (tail == nullptr) return;
    log.head = tail->arrivals.back().seq;
    log.chain = tail->arrivals.back().chain;
    log.bytes += tail->bytes;
}

Result<std::optional<Seq>> SqliteEntries::head_of(const LogId& log) {
    if (const Tail* const tail = recent_.find(log)) {
        return std::optional(tail->arrivals.back().seq);
    }
    TRY(const auto row, database_.one<Seq>("SELECT head FROM logs WHERE id = ?1", log));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Result<void> SqliteEntries::append(const LogId& log,
                                   const Entry& entry,
                                   const EntryId& id,
                                   const ContentHash& content) {
    TRY(const auto head, head_of(log));
    if (!head || head->next() != entry.seq) {
        return fail(Code::already_exists, "an entry out of its log's order");
    }
    if (const Tail* const tail = recent_.find(log); tail != nullptr && tail->find(id) != nullptr) {
        return fail(Code::already_exists, "an id that stands for an entry already");
    }
    const EntryNumber number = recent_.next_number();
    TRY_VOID(writing().run(
        "INSERT INTO entries (number, log, seq, kind, epoch, stamp, payload, chain, id)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        number,
        log,
        entry.seq,
        entry.kind,
        entry.epoch,
        entry.stamp,
        entry.payload,
        entry.chain,
        id));
    recent_.add(log,
                {number, entry.seq, id, content, entry.chain, entry.stamp, entry.payload.size()});
    // What trimming asks of bundles, it asks of settled ones.
    return entry.kind == EntryKind::Bundle ? settle_to(log, entry.seq) : Result<void>{};
}

Result<std::vector<Entry>> SqliteEntries::read(
    const LogId& log, Seq first, Seq last, std::size_t most, std::size_t most_bytes) {
    if (first > largest || first > last || most == 0) return std::vector<Entry>{};
    last = std::min(last, largest);
    Reading reading(most, most_bytes);
    const auto keep = [&reading](Seq seq,
                                 EntryKind kind,
                                 Epoch epoch,
                                 Stamp stamp,
                                 Bytes payload,
                                 ChainHash chain) -> Result<store::Visit> {
        return reading.take({seq, kind, epoch, stamp, std::move(payload), chain});
    };
    TRY_VOID((database_.each<Seq, EntryKind, Epoch, Stamp, Bytes, ChainHash>(
        keep,
        "SELECT entries.seq, kind, epoch, stamp, payload, chain FROM positions"
        " JOIN entries ON entries.number = positions.entry"
        " WHERE positions.log = ?1 AND positions.seq BETWEEN ?2 AND ?3 AND entries.log = ?1"
        " ORDER BY positions.seq",
        log,
        first,
        last)));
    const Tail* const tail = recent_.find(log);
    if (tail == nullptr) return std::move(reading).result();
    for (const Arrival& one : tail->arrivals) {
        if (one.seq < first) continue;
        if (one.seq > last || reading.is_full()) break;
        TRY_VOID((database_.each<Seq, EntryKind, Epoch, Stamp, Bytes, ChainHash>(
            keep,
            "SELECT seq, kind, epoch, stamp, payload, chain FROM entries WHERE number = ?1",
            one.number)));
    }
    return std::move(reading).result();
}

Result<std::optional<Seq>> SqliteEntries::kept_by_all(const LogId& log, Stamp dropped_since) {
    const Tail* const tail = recent_.find(log);
    const Seq settled = tail == nullptr ? largest : tail->arrivals.front().seq.before();
    TRY(const auto row,
        database_.one<std::optional<Seq>>(
            "SELECT min(max(acknowledged, since - 1)) FROM readers WHERE log = ?1 AND"
            " (dropped_at IS NULL OR (max(acknowledged, since - 1) < dropped_at AND"
            " (dropped_at > ?3 OR EXISTS"
            " (SELECT 1 FROM positions JOIN entries ON entries.number = positions.entry"
            " WHERE positions.log = ?1 AND positions.seq = dropped_at AND stamp >= ?2))))",
            log,
            dropped_since,
            settled));
    return row ? std::get<0>(*row) : std::nullopt;
}

Result<std::vector<EntrySize>> SqliteEntries::first_sizes(const LogId& log, std::size_t most) {
    std::vector<EntrySize> found;
    const auto keep = [&found](Seq seq, Stamp stamp, std::uint64_t bytes) {
        found.push_back({seq, stamp, bytes});
        return Result<store::Visit>(store::Visit::Continue);
    };
    TRY_VOID((database_.each<Seq, Stamp, std::uint64_t>(
        keep,
        "SELECT entries.seq, stamp, length(payload) FROM positions"
        " JOIN entries ON entries.number = positions.entry WHERE positions.log = ?1"
        " ORDER BY positions.seq LIMIT ?2",
        log,
        most)));
    if (const Tail* const tail = recent_.find(log)) {
        for (const Arrival& one : tail->arrivals) {
            if (found.size() == most) break;
            found.push_back({one.seq, one.stamp, one.bytes});
        }
    }
    return found;
}

Result<void> SqliteEntries::trim(const LogId& log, Seq upto) {
    TRY_VOID(settle_to(log, upto));
    // A bundle begins the next epoch; one that was passed over may begin an earlier one.
    TRY_VOID(writing().run(
        "UPDATE logs SET base = ?2, base_chain = last.chain,"
        " base_epoch = max(base_epoch, gone.newest), bytes = bytes - gone.size FROM"
        " (SELECT chain FROM positions JOIN entries ON entries.number = positions.entry"
        "  WHERE positions.log = ?1 AND positions.seq = ?2) AS last,"
        " (SELECT max(epoch + (kind = 2)) AS newest, sum(length(payload)) AS size FROM positions"
        "  JOIN entries ON entries.number = positions.entry"
        "  WHERE positions.log = ?1 AND positions.seq <= ?2) AS gone"
        " WHERE id = ?1",
        log,
        upto));
    if (writing().changed() != 1) {
        return fail(Code::store_corrupt, "an entry is missing from a log");
    }
    TRY_VOID(
        writing().run("DELETE FROM entries WHERE number IN"
                      " (SELECT entry FROM positions WHERE log = ?1 AND seq <= ?2)",
                      log,
                      upto));
    return writing().run("DELETE FROM positions WHERE log = ?1 AND seq <= ?2", log, upto);
}

Result<void> SqliteEntries::remove_all(const LogId& log) {
    TRY_VOID(settle_to(log, largest));
    return writing().run(
        "DELETE FROM entries WHERE number IN (SELECT entry FROM positions WHERE log = ?1)", log);
}

Result<std::optional<Outcome>> SqliteEntries::find_outcome(const LogId& log, const EntryId& id) {
    if (const Tail* const tail = recent_.find(log)) {
        if (const Arrival* const one = tail->find(id)) {
            return std::optional(Outcome{one->content, one->seq});
        }
    }
    TRY(auto row,
        (database_.one<ContentHash, Seq>(
            "SELECT content, seq FROM outcomes WHERE log = ?1 AND id = ?2", log, id)));
    if (!row) return std::optional<Outcome>{};
    return std::optional(Outcome{std::get<0>(*row), std::get<1>(*row)});
}

Result<void> SqliteEntries::each_outcome(const LogId& log,
                                         const std::function<void(const Outcome&)>& visit) {
    const auto pass_on = [&visit](ContentHash content, Seq seq) -> Result<store::Visit> {
        visit({content, seq});
        return store::Visit::Continue;
    };
    TRY_VOID((database_.each<ContentHash, Seq>(
        pass_on, "SELECT content, seq FROM outcomes WHERE log = ?1", log)));
    if (const Tail* const tail = recent_.find(log)) {
        for (const Arrival& one : tail->arrivals)
            visit({one.content, one.seq});
    }
    return {};
}

Result<std::size_t> SqliteEntries::forget_ids(const LogId& log, Seq upto, std::size_t most) {
    TRY_VOID(
        writing().run("DELETE FROM outcomes WHERE log = ?1 AND id IN"
                      " (SELECT id FROM outcomes WHERE log = ?1 AND seq <= ?2 LIMIT ?3)",
                      log,
                      upto,
                      most));
    return static_cast<std::size_t>(writing().changed());
}

// ---- settling -----------------------------------------------------------------------------

Result<void> SqliteEntries::settle_to(const LogId& log, Seq upto) {
    const Tail* const tail = recent_.find(log);
    if (tail == nullptr) return {};
    const auto later = std::ranges::upper_bound(tail->arrivals, upto, std::less{}, &Arrival::seq);
    const auto count = static_cast<std::size_t>(later - tail->arrivals.begin());
    return count == 0 ? Result<void>{} : settle({log, count});
}

Result<void> SqliteEntries::settle(const Piece& piece) {
    auto done = write_down(piece);
    if (done.has_value()) {
        recent_.settle(piece.log, piece.count);
    } else if (done.error().code == Code::already_exists) {
        return fail(Code::store_corrupt, "where an entry belongs, something stands already");
    }
    return done;
}

Result<void> SqliteEntries::write_down(const Piece& piece) {
    const Tail* const tail = recent_.find(piece.log);
    CHECK(tail != nullptr && piece.count <= tail->arrivals.size(), "a piece of what has come");
    std::uint64_t bytes = 0;
    for (std::size_t at = 0; at < piece.count; ++at) {
        const Arrival& one = tail->arrivals[at];
        bytes += one.bytes;
        TRY_VOID(writing().run("INSERT INTO positions (log, seq, entry) VALUES (?1, ?2, ?3)",
                               piece.log,
                               one.seq,
                               one.number));
    }
    for (const Arrival* const one : by_id(*tail, piece.count)) {
        TRY_VOID(
            writing().run("INSERT INTO outcomes (log, id, content, seq) VALUES (?1, ?2, ?3, ?4)",
                          piece.log,
                          one->id,
                          one->content,
                          one->seq));
    }
    const Arrival& last = tail->arrivals[piece.count - 1];
    TRY_VOID(
        writing().run("UPDATE logs SET head = ?2, chain = ?3, bytes = bytes + ?4"
                      " WHERE id = ?1 AND head = ?5",
                      piece.log,
                      last.seq,
                      last.chain,
                      bytes,
                      tail->arrivals.front().seq.before()));
    if (writing().changed() == 1) return {};
    return fail(Code::store_corrupt, "entries that do not go on from their log");
}

Result<void> SqliteEntries::note_settled(EntryNumber number) {
    return writing().run("UPDATE relay SET settled = ?1", number);
}

Result<Recent> load_recent(store::Database& database) {
    Recent recent;
    TRY(const auto known, database.one<EntryNumber>("SELECT settled FROM relay"));
    if (!known) return fail(Code::store_corrupt, "the store does not say what is settled");
    const EntryNumber settled = std::get<0>(*known);
    recent.number_after(settled);
    const auto take = [&recent](EntryNumber number,
                                LogId log,
                                std::optional<Seq> head,
                                Seq seq,
                                EntryKind kind,
                                Epoch epoch,
                                Stamp stamp,
                                Bytes payload,
                                ChainHash chain,
                                std::optional<EntryId> id) -> Result<store::Visit> {
        if (!head) return fail(Code::store_corrupt, "an entry belongs to no log");
        if (seq <= *head) {
            recent.number_after(number);
            return store::Visit::Continue;
        }
        const Tail* const tail = recent.find(log);
        const Seq before = tail == nullptr ? *head : tail->arrivals.back().seq;
        if (seq != before.next() || !id || (tail != nullptr && tail->find(*id) != nullptr)) {
            return fail(Code::store_corrupt, "an entry is missing from a log");
        }
        const std::uint64_t bytes = payload.size();
        const Entry entry{seq, kind, epoch, stamp, std::move(payload), chain};
        recent.add(log, {number, seq, *id, content_hash(entry), chain, stamp, bytes});
        return store::Visit::Continue;
    };
    TRY_VOID((database.each<EntryNumber,
                            LogId,
                            std::optional<Seq>,
                            Seq,
                            EntryKind,
                            Epoch,
                            Stamp,
                            Bytes,
                            ChainHash,
                            std::optional<EntryId>>(
        take,
        "SELECT number, log, (SELECT head FROM logs WHERE logs.id = log), seq, kind, epoch, stamp,"
        " payload, chain, id FROM entries WHERE number > ?1 ORDER BY number",
        settled)));
    recent.keep();
    recent.begin_round();
    return recent;
}

}  // namespace cercle::relay
