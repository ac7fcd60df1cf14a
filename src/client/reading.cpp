// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/reading.h"

#include "store/transaction.h"

namespace cercle::client {

Result<Summary> Reading::summary(protocol::LogId log) const {
    Summary summary;
    TRY(const auto mark,
        database_.one<protocol::Seq>("SELECT seq FROM read_marks WHERE log = ?1", log));
    if (mark) summary.read_to = std::get<0>(*mark);
    TRY(const auto unread,
        database_.one<std::uint64_t>("SELECT count(*) FROM timeline WHERE log = ?1 AND seq > ?2"
                                     " AND kind = 0 AND member <> ?3",
                                     log,
                                     summary.read_to,
                                     self_));
    if (unread) summary.unread = std::get<0>(*unread);
    TRY(const auto newest,
        database_.one<std::int64_t>("SELECT max("
                                    " coalesce((SELECT max(ordinal) FROM timeline"
                                    "  WHERE log = ?1 AND seq IS NULL), 0),"
                                    " coalesce((SELECT ordinal FROM timeline"
                                    "  WHERE log = ?1 AND seq IS NOT NULL"
                                    "  ORDER BY seq DESC, ordinal DESC LIMIT 1), 0))",
                                    log));
    if (newest) summary.activity = std::get<0>(*newest);
    TRY(summary.last, Timeline(database_).last_text(log));
    return summary;
}

Result<bool> Reading::mark(protocol::LogId log, protocol::Seq seq) {
    TRY(const auto now,
        database_.one<protocol::Seq>("SELECT seq FROM read_marks WHERE log = ?1", log));
    if (now ? std::get<0>(*now) >= seq : seq == protocol::Seq{}) return false;
    TRY(auto transaction, database_.begin());
    TRY_VOID(
        transaction.run("INSERT INTO read_marks (log, seq) VALUES (?1, ?2)"
                        " ON CONFLICT (log) DO UPDATE SET seq = ?2",
                        log,
                        seq));
    TRY_VOID(std::move(transaction).commit());
    return true;
}

Result<void> Reading::keep_draft(std::string_view to, std::string_view text) {
    TRY(auto transaction, database_.begin());
    if (text.empty()) {
        TRY_VOID(transaction.run("DELETE FROM drafts WHERE place = ?1", to));
    } else {
        TRY_VOID(
            transaction.run("INSERT INTO drafts (place, text) VALUES (?1, ?2)"
                            " ON CONFLICT (place) DO UPDATE SET text = ?2",
                            to,
                            text));
    }
    return std::move(transaction).commit();
}

Result<std::vector<std::pair<std::string, std::string>>> Reading::drafts() const {
    TRY(auto rows,
        (database_.all<std::string, std::string>("SELECT place, text FROM drafts ORDER BY place")));
    std::vector<std::pair<std::string, std::string>> drafts;
    for (auto& [place, text] : rows)
        drafts.emplace_back(std::move(place), std::move(text));
    return drafts;
}

}  // namespace cercle::client
