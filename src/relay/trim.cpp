// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/trim.h"

#include <algorithm>

namespace cercle::relay {
namespace {

std::optional<Duration> retention_of(const Log& log, const Retention& retention) {
    if (log.keeping == Keeping::Recorded) return retention.records;
    return retention.entries;
}

/// In a stamp's unit; however an operator has put it, there is an end to it.
std::uint64_t span_of(Duration retention) {
    constexpr Duration longest = std::chrono::years{1'000};
    return static_cast<std::uint64_t>(std::clamp(retention, Duration{0}, longest).count());
}

/// What was stamped before that goes by its age; 0, which nothing was stamped before, if none does.
Stamp oldest_kept(const std::optional<Duration>& retention, Stamp now) {
    if (!retention) return {};
    const std::uint64_t span = span_of(*retention);
    return {now.value > span ? now.value - span : 0};
}

/// How much may still go in this piece.
struct Room {
    std::size_t entries = bounds::entries_per_trim;
    std::uint64_t bytes = bounds::bytes_per_trim;

    [[nodiscard]] bool is_used_up() const { return entries == 0 || bytes == 0; }
};

/// What one log need not keep.
class Trimming {
  public:
    Trimming(LogTables& tables, const Log& log, const Retention& retention, Stamp now)
        : tables_(tables),
          log_(log),
          retention_(retention_of(log, retention)),
          now_(now) {}

    /// Whether there is anything. Reads only.
    [[nodiscard]] Result<bool> is_due() {
        if (forgets_now()) return true;
        if (log_.base == log_.head) return false;
        TRY(const auto kept, kept());
        if (kept > log_.base) return true;
        TRY(const auto first, tables_.first_sizes(log_.id, 1));
        return !first.empty() && first.front().stamp < oldest_kept(retention_, now_);
    }

    /// As much as there is room for; the room is used up if there may be more.
    Result<void> carry_out(Room& room) {
        TRY(const Seq base, trim(room));
        if (forgets_now()) {
            const std::size_t most = room.entries;
            TRY(const std::size_t forgotten, tables_.forget_ids(log_.id, log_.forgets, most));
            room.entries -= forgotten;
            if (forgotten == most) return {};
            TRY_VOID(tables_.set_forgetting(log_.id, {}, {}));
        } else if (log_.forgets.value != 0) {
            return {};
        }
        if (base == log_.forgets || !retention_) return {};
        return tables_.set_forgetting(log_.id, base, {now_.value + span_of(*retention_)});
    }

  private:
    [[nodiscard]] bool forgets_now() const {
        return log_.forgets.value != 0 && log_.forgets_at <= now_;
    }

    /// Up to where its readers need nothing.
    [[nodiscard]] Result<Seq> kept() {
        if (log_.keeping == Keeping::Recorded) return Seq{};
        TRY(const auto by_all,
            tables_.kept_by_all(log_.id, oldest_kept(bounds::patience_for_the_dropped, now_)));
        return by_all ? std::min(*by_all, log_.head) : Seq{};
    }

    /// Where the log begins now. A piece takes one entry at least, however large.
    [[nodiscard]] Result<Seq> trim(Room& room) {
        TRY(const Seq kept_to, kept());
        const Stamp oldest = oldest_kept(retention_, now_);
        TRY(const auto sizes, tables_.first_sizes(log_.id, room.entries));
        Seq upto = log_.base;
        for (const EntrySize& entry : sizes) {
            const bool goes = entry.seq <= kept_to || entry.stamp < oldest;
            if (!goes) break;
            if (upto != log_.base && entry.bytes > room.bytes) {
                room.bytes = 0;
                break;
            }
            room.bytes -= std::min(room.bytes, entry.bytes);
            --room.entries;
            upto = entry.seq;
        }
        if (upto > log_.base) TRY_VOID(tables_.trim(log_.id, upto));
        return upto;
    }

    LogTables& tables_;
    const Log& log_;
    std::optional<Duration> retention_;
    Stamp now_;
};

}  // namespace

Result<Trimmed> trim_once(LogStore& store,
                          const Retention& retention,
                          std::optional<LogId> behind,
                          Stamp now) {
    Trimmed trimmed{false, behind};
    std::vector<Log> due;
    // Usually nothing has to go; that is seen without a transaction.
    TRY_VOID(store.look([&](LogTables& tables) -> Result<void> {
        TRY(const auto logs, tables.logs_after(behind, bounds::logs_per_look));
        for (const Log& log : logs) {
            TRY(const bool is_due, Trimming(tables, log, retention, now).is_due());
            if (is_due) due.push_back(log);
        }
        trimmed.again = logs.size() == bounds::logs_per_look;
        if (!logs.empty()) trimmed.behind = logs.back().id;
        return {};
    }));
    if (due.empty()) return trimmed;
    const auto done = store.transact([&](LogTables& tables) -> Result<void> {
        Room room;
        for (const Log& seen : due) {
            // Something may have been appended since.
            TRY(const auto log, tables.find_log(seen.id));
            if (!log) continue;
            TRY_VOID(Trimming(tables, *log, retention, now).carry_out(room));
            if (!room.is_used_up()) continue;
            // The walk stays where it was until nothing is left to do there.
            trimmed = {true, behind};
            return {};
        }
        return {};
    });
    TRY_VOID(done);
    TRY_VOID(store.give_back());
    return trimmed;
}

}  // namespace cercle::relay
