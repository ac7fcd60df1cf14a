// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/timeline.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cercle::client {
namespace {

template <class... Value>
Result<std::vector<Line>> lines(store::Database& database, store::Sql sql, const Value&... values) {
    std::vector<Line> found;
    const auto keep = [&found](auto... column) -> Result<store::Visit> {
        found.push_back(Line{std::move(column)...});
        return store::Visit::Continue;
    };
    TRY_VOID((database.each<std::int64_t,
                            protocol::LogId,
                            LineKind,
                            envelope::MessageId,
                            std::optional<protocol::Seq>,
                            protocol::Epoch,
                            identity::MemberId,
                            identity::DeviceId,
                            std::optional<identity::MemberId>,
                            std::string,
                            WallTime,
                            LineState,
                            std::optional<protocol::Seq>,
                            std::optional<envelope::Reference>,
                            std::optional<envelope::Reference>>(keep, sql, values...)));
    return found;
}

template <class... Value>
Result<std::optional<Line>> first_line(store::Database& database,
                                       store::Sql sql,
                                       const Value&... values) {
    TRY(auto found, lines(database, sql, values...));
    if (found.empty()) return std::optional<Line>();
    return std::optional<Line>(std::move(found.front()));
}

}  // namespace

Result<std::vector<Line>> Timeline::read(protocol::LogId log, Part part) const {
    std::vector<Line> waiting;
    if (!part.before) {
        TRY(waiting,
            lines(database_,
                  "SELECT * FROM timeline WHERE log = ?1 AND seq IS NULL ORDER BY ordinal",
                  log));
    }
    if (part.limit != 0 && waiting.size() >= part.limit) {
        waiting.erase(waiting.begin(), waiting.end() - part.limit);
        return waiting;
    }
    const std::int64_t most =
        part.limit == 0 ? -1 : part.limit - static_cast<std::int64_t>(waiting.size());
    TRY(auto durable,
        lines(database_,
              "SELECT * FROM timeline WHERE log = ?1 AND seq > ?2 AND (?3 IS NULL OR seq < ?3)"
              " AND seq >= (SELECT coalesce(min(seq), 0) FROM (SELECT seq FROM timeline"
              "  WHERE log = ?1 AND seq > ?2 AND (?3 IS NULL OR seq < ?3)"
              "  ORDER BY seq DESC LIMIT ?4))"
              " ORDER BY seq DESC, ordinal DESC",
              log,
              part.after,
              part.before,
              most));
    std::ranges::reverse(durable);
    std::ranges::move(waiting, std::back_inserter(durable));
    return durable;
}

Result<std::vector<Line>> Timeline::called(protocol::LogId log, envelope::MessageId id) const {
    return lines(
        database_, "SELECT * FROM timeline WHERE id = ?2 AND log = ?1 AND kind = 0", log, id);
}

Result<std::optional<Line>> Timeline::referred_to(protocol::LogId log,
                                                  envelope::Reference reference) const {
    return first_line(database_,
                      "SELECT * FROM timeline WHERE reference = ?2 AND log = ?1 AND kind = 0",
                      log,
                      reference);
}

Result<std::optional<Line>> Timeline::last_text(protocol::LogId log) const {
    TRY(auto waiting,
        first_line(database_,
                   "SELECT * FROM timeline WHERE log = ?1 AND seq IS NULL AND kind = 0"
                   " ORDER BY ordinal DESC LIMIT 1",
                   log));
    TRY(auto durable,
        first_line(database_,
                   "SELECT * FROM timeline WHERE log = ?1 AND seq IS NOT NULL AND kind = 0"
                   " ORDER BY seq DESC, ordinal DESC LIMIT 1",
                   log));
    // Others may pass what waits: a file takes its time.
    const bool passed = waiting && durable && durable->ordinal > waiting->ordinal;
    return waiting && !passed ? waiting : durable;
}

Result<std::vector<Line>> Timeline::learnt_after(std::int64_t ordinal) const {
    return lines(database_,
                 "SELECT * FROM timeline WHERE ordinal > ?1 AND seq IS NOT NULL ORDER BY ordinal",
                 ordinal);
}

Result<std::int64_t> Timeline::newest_durable() const {
    TRY(const auto row,
        database_.one<std::int64_t>(
            "SELECT coalesce(max(ordinal), 0) FROM timeline WHERE seq IS NOT NULL"));
    return row ? std::get<0>(*row) : 0;
}

Result<std::optional<Line>> Timeline::own(identity::DeviceId device, envelope::MessageId id) const {
    return first_line(
        database_, "SELECT * FROM timeline WHERE device = ?1 AND id = ?2 AND kind = 0", device, id);
}

Result<bool> Timeline::knows(envelope::MessageId id) const {
    TRY(const auto row,
        database_.one<std::int64_t>("SELECT 1 FROM timeline WHERE id = ?1 AND kind = 0", id));
    return row.has_value();
}

Result<std::vector<Line>> Timeline::waiting(identity::DeviceId device) const {
    return lines(
        database_,
        "SELECT * FROM timeline WHERE device = ?1 AND seq IS NULL AND kind = 0 ORDER BY ordinal",
        device);
}

Result<void> Timeline::add(store::Transaction& transaction, const Line& line) {
    return transaction.run(
        "INSERT INTO timeline"
        " (log, kind, id, seq, epoch, member, device, subject, text, at, state, after, reference,"
        "  answers)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        line.log,
        line.kind,
        line.id,
        line.seq,
        line.epoch,
        line.member,
        line.device,
        line.subject,
        line.text,
        line.at,
        line.state,
        line.after,
        line.reference,
        line.answers);
}

Result<void> Timeline::set_durable(store::Transaction& transaction,
                                   identity::DeviceId device,
                                   envelope::MessageId id,
                                   protocol::Seq seq,
                                   protocol::Epoch epoch) {
    return transaction.run(
        "UPDATE timeline SET seq = ?1, epoch = ?2, state = 1,"
        " ordinal = (SELECT max(ordinal) + 1 FROM timeline)"
        " WHERE device = ?3 AND id = ?4 AND kind = 0",
        seq,
        epoch,
        device,
        id);
}

Result<void> Timeline::set_reference(store::Transaction& transaction,
                                     identity::DeviceId device,
                                     envelope::MessageId id,
                                     envelope::Reference reference) {
    return transaction.run(
        "UPDATE timeline SET reference = ?1 WHERE device = ?2 AND id = ?3 AND kind = 0",
        reference,
        device,
        id);
}

Result<void> Timeline::set_state(store::Transaction& transaction,
                                 identity::DeviceId device,
                                 envelope::MessageId id,
                                 LineState state) {
    return transaction.run(
        "UPDATE timeline SET state = ?1 WHERE device = ?2 AND id = ?3 AND kind = 0",
        state,
        device,
        id);
}

}  // namespace cercle::client
