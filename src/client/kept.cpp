// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/kept.h"

#include <cstdint>
#include <utility>

namespace cercle::client::kept {
namespace {

using protocol::Seq;

// Below what one frame and one request hold.
constexpr std::uint64_t most_at_once = 256;
constexpr std::size_t bytes_at_once = std::size_t{512} << 10U;

/// From the oldest on, which is looked at alone: this is done for every message that is read.
Result<void> make_room(store::Transaction& transaction, protocol::LogId log, std::uint64_t upto) {
    while (true) {
        TRY(const auto oldest,
            (transaction.one<Seq, std::uint64_t>(
                "SELECT seq, total FROM kept_entries WHERE log = ?1 ORDER BY seq LIMIT 1", log)));
        if (!oldest || std::get<1>(*oldest) > upto) return {};
        TRY_VOID(transaction.run(
            "DELETE FROM kept_entries WHERE log = ?1 AND seq = ?2", log, std::get<0>(*oldest)));
    }
}

}  // namespace

Result<void> note(store::Transaction& transaction,
                  protocol::LogId log,
                  const protocol::Entry& entry) {
    // No honest relay has an entry of which the vault cannot hold this; it is not given back.
    if (!std::in_range<std::int64_t>(entry.epoch.value) ||
        !std::in_range<std::int64_t>(entry.stamp.value)) {
        return {};
    }
    TRY(const auto last,
        transaction.one<std::uint64_t>(
            "SELECT total FROM kept_entries WHERE log = ?1 ORDER BY seq DESC LIMIT 1", log));
    const std::uint64_t total = (last ? std::get<0>(*last) : 0) + entry.payload.size();
    TRY_VOID(
        transaction.run("INSERT OR REPLACE INTO kept_entries"
                        " (log, seq, kind, epoch, stamp, payload, chain, total)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                        log,
                        entry.seq,
                        entry.kind,
                        entry.epoch,
                        entry.stamp,
                        entry.payload,
                        entry.chain,
                        total));
    TRY_VOID(transaction.run("DELETE FROM kept_entries WHERE log = ?1 AND seq <= ?2",
                             log,
                             entry.seq.value - std::min(entry.seq.value, most_entries)));
    return make_room(transaction, log, total - std::min(total, most_bytes));
}

Result<std::vector<protocol::Entry>> behind(store::Database& database,
                                            protocol::LogId log,
                                            Seq position) {
    TRY(auto rows,
        (database.all<Seq,
                      protocol::EntryKind,
                      protocol::Epoch,
                      protocol::Stamp,
                      Bytes,
                      protocol::ChainHash>(
            "SELECT seq, kind, epoch, stamp, payload, chain FROM kept_entries"
            " WHERE log = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
            log,
            position,
            most_at_once)));
    std::vector<protocol::Entry> entries;
    std::size_t bytes = 0;
    for (auto& [seq, kind, epoch, stamp, payload, chain] : rows) {
        if (seq != position.next() || bytes > bytes_at_once) break;
        position = seq;
        bytes += payload.size();
        entries.push_back({seq, kind, epoch, stamp, std::move(payload), chain});
    }
    return entries;
}

Result<std::optional<protocol::ChainHash>> chain_at(store::Database& database,
                                                    protocol::LogId log,
                                                    Seq position) {
    if (position.value == 0) return std::optional(protocol::ChainHash{});
    TRY(const auto row,
        database.one<protocol::ChainHash>(
            "SELECT chain FROM kept_entries WHERE log = ?1 AND seq = ?2"
            " UNION ALL SELECT chain FROM positions WHERE log = ?1 AND seq = ?2 LIMIT 1",
            log,
            position));
    if (!row) return std::optional<protocol::ChainHash>();
    return std::optional(std::get<0>(*row));
}

}  // namespace cercle::client::kept
