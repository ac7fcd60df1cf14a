// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/outbox.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "codec/tls.h"

namespace cercle::client {

Result<std::vector<OutboxItem>> Outbox::next(protocol::LogId log,
                                             std::int64_t limit,
                                             std::int64_t behind) const {
    std::vector<OutboxItem> items;
    const auto keep = [&items](auto... column) -> Result<store::Visit> {
        items.push_back(OutboxItem{std::move(column)...});
        return store::Visit::Continue;
    };
    // What was held after it was closed still needs the relay's answer.
    TRY_VOID((database_.each<std::int64_t,
                             OutboxKind,
                             Bytes,
                             std::optional<envelope::MessageId>,
                             std::int64_t,
                             std::optional<protocol::EntryId>,
                             std::optional<protocol::Epoch>,
                             std::optional<Bytes>>(
        keep,
        "SELECT ordinal, kind, body, message, held, entry, epoch, payload FROM outbox"
        " WHERE log = ?1 AND ordinal > ?3 AND (held = 0 OR payload IS NOT NULL)"
        " ORDER BY ordinal LIMIT ?2",
        log,
        limit,
        behind)));
    return items;
}

Result<std::optional<OutboxItem>> Outbox::removal(protocol::LogId log,
                                                  std::optional<identity::MemberId> member) const {
    if (!member) return std::optional<OutboxItem>();
    TRY(auto items, next(log, std::numeric_limits<std::int64_t>::max()));
    for (OutboxItem& item : items) {
        if (item.kind != OutboxKind::Change) continue;
        TRY(const auto change, codec::decode<Change>(item.body));
        if (std::ranges::contains(change.remove, *member)) return std::optional(std::move(item));
    }
    return std::optional<OutboxItem>();
}

Result<std::vector<protocol::LogId>> Outbox::busy() const {
    TRY(const auto rows,
        database_.all<protocol::LogId>(
            "SELECT log FROM outbox WHERE held = 0 OR payload IS NOT NULL"
            " GROUP BY log ORDER BY min(ordinal)"));
    std::vector<protocol::LogId> logs;
    for (const auto& [log] : rows)
        logs.push_back(log);
    return logs;
}

Result<bool> Outbox::has(std::int64_t ordinal) const {
    TRY(const auto row,
        database_.one<std::int64_t>("SELECT 1 FROM outbox WHERE ordinal = ?1", ordinal));
    return row.has_value();
}

Result<std::optional<std::int64_t>> Outbox::first_change(protocol::LogId log) const {
    TRY(const auto row,
        database_.one<std::int64_t>(
            "SELECT ordinal FROM outbox WHERE log = ?1 AND kind = 1 ORDER BY ordinal LIMIT 1",
            log));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Result<std::int64_t> Outbox::add(store::Transaction& transaction,
                                 protocol::LogId log,
                                 OutboxKind kind,
                                 BytesView body,
                                 std::optional<envelope::MessageId> message) {
    TRY_VOID(
        transaction.run("INSERT INTO outbox (log, kind, body, message) VALUES (?1, ?2, ?3, ?4)",
                        log,
                        kind,
                        body,
                        message));
    return transaction.last_row();
}

Result<void> Outbox::set_closed(store::Transaction& transaction,
                                std::int64_t ordinal,
                                protocol::EntryId entry,
                                protocol::Epoch epoch,
                                BytesView payload) {
    return transaction.run(
        "UPDATE outbox SET entry = ?1, epoch = ?2, payload = ?3 WHERE ordinal = ?4",
        entry,
        epoch,
        payload,
        ordinal);
}

Result<void> Outbox::hold(store::Transaction& transaction, std::int64_t ordinal) {
    return transaction.run("UPDATE outbox SET held = 1 WHERE ordinal = ?1", ordinal);
}

Result<void> Outbox::reopen(store::Transaction& transaction, protocol::LogId log) {
    return transaction.run(
        "UPDATE outbox SET entry = NULL, epoch = NULL, payload = NULL WHERE log = ?1", log);
}

Result<void> Outbox::remove(store::Transaction& transaction, std::int64_t ordinal) {
    return transaction.run("DELETE FROM outbox WHERE ordinal = ?1", ordinal);
}

Result<void> Outbox::abandon(store::Transaction& transaction, protocol::LogId log) {
    TRY_VOID(
        transaction.run("UPDATE timeline SET state = 3"
                        " WHERE log = ?1 AND kind = 0 AND seq IS NULL AND state IN (0, 2)",
                        log));
    TRY_VOID(transaction.run("UPDATE uploads SET state = 2 WHERE log = ?1", log));
    return transaction.run("DELETE FROM outbox WHERE log = ?1", log);
}

}  // namespace cercle::client
