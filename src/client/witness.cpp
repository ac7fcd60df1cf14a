// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/witness.h"

namespace cercle::client::witness {
namespace {

Result<std::optional<Finding>> count(store::Transaction& transaction, const Testimony& heard) {
    TRY(const auto before,
        (transaction.one<std::uint64_t, protocol::Seq>(
            "SELECT counter, seq FROM heard WHERE log = ?1 AND device = ?2",
            heard.log,
            heard.device)));
    std::optional<Finding> finding;
    if (before) {
        const auto& [counter, seq] = *before;
        if (heard.counter.value > counter + 1) finding = Finding{Code::message_withheld, seq};
        if (heard.counter.value <= counter) finding = Finding{Code::counter_repeated, seq};
    }
    TRY_VOID(transaction.run(
        "INSERT INTO heard (log, device, counter, seq) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET counter = max(counter, excluded.counter), seq = excluded.seq",
        heard.log,
        heard.device,
        heard.counter.value,
        heard.position));
    return finding;
}

Result<std::optional<Finding>> compare(store::Transaction& transaction, const Testimony& heard) {
    const protocol::Seq seen = heard.seen.seq;
    if (seen >= heard.position) {
        return std::optional(Finding{Code::log_forked, heard.position.before()});
    }
    TRY(const auto here,
        transaction.one<protocol::ChainHash>(
            "SELECT chain FROM positions WHERE log = ?1 AND seq = ?2", heard.log, seen));
    if (!here || std::get<0>(*here) == heard.seen.chain) return std::optional<Finding>();
    return std::optional(Finding{Code::log_forked, {}});
}

}  // namespace

Result<void> note_position(store::Transaction& transaction,
                           protocol::LogId log,
                           protocol::Seq seq,
                           protocol::ChainHash chain) {
    TRY_VOID(transaction.run(
        "INSERT OR REPLACE INTO positions (log, seq, chain) VALUES (?1, ?2, ?3)", log, seq, chain));
    if (seq.value <= positions_kept) return {};
    return transaction.run("DELETE FROM positions WHERE log = ?1 AND seq <= ?2",
                           log,
                           protocol::Seq{seq.value - positions_kept});
}

Result<std::vector<Finding>> hear(store::Transaction& transaction, const Testimony& testimony) {
    std::vector<Finding> findings;
    TRY(const auto counted, count(transaction, testimony));
    TRY(const auto compared, compare(transaction, testimony));
    if (counted) findings.push_back(*counted);
    if (compared) findings.push_back(*compared);
    return findings;
}

Result<std::optional<protocol::Seq>> note_told(store::Transaction& transaction,
                                               const OwnPost& post,
                                               protocol::Seq read) {
    TRY(const auto found,
        transaction.one<protocol::Seq>(
            "SELECT seq FROM posted WHERE log = ?1 AND payload = ?2 AND told = 0",
            post.log,
            post.payload));
    if (found) {
        TRY_VOID(transaction.run(
            "DELETE FROM posted WHERE log = ?1 AND payload = ?2", post.log, post.payload));
        return std::optional(std::get<0>(*found));
    }
    TRY_VOID(
        transaction.run("INSERT OR REPLACE INTO posted (log, payload, seq, message, told)"
                        " VALUES (?1, ?2, ?3, ?4, 1)",
                        post.log,
                        post.payload,
                        post.position,
                        post.message));
    if (post.position <= read) return std::optional<protocol::Seq>();
    return std::optional(post.position);
}

Result<std::optional<envelope::MessageId>> note_own(store::Transaction& transaction,
                                                    protocol::LogId log,
                                                    protocol::Seq position,
                                                    const crypto::Digest& payload) {
    TRY(const auto told,
        (transaction.one<protocol::Seq, envelope::MessageId>(
            "SELECT seq, message FROM posted WHERE log = ?1 AND payload = ?2 AND told = 1",
            log,
            payload)));
    if (!told) {
        TRY_VOID(
            transaction.run("INSERT OR REPLACE INTO posted (log, payload, seq, message, told)"
                            " VALUES (?1, ?2, ?3, ?4, 0)",
                            log,
                            payload,
                            position,
                            envelope::MessageId{}));
        return std::optional<envelope::MessageId>();
    }
    TRY_VOID(transaction.run("DELETE FROM posted WHERE log = ?1 AND payload = ?2", log, payload));
    if (std::get<0>(*told) == position) return std::optional<envelope::MessageId>();
    return std::optional(std::get<1>(*told));
}

Result<std::optional<protocol::Seq>> place_read(store::Database& database,
                                                protocol::LogId log,
                                                const crypto::Digest& payload) {
    TRY(const auto found,
        database.one<protocol::Seq>(
            "SELECT seq FROM posted WHERE log = ?1 AND payload = ?2 AND told = 0", log, payload));
    return found ? std::optional(std::get<0>(*found)) : std::nullopt;
}

Result<bool> keeps_its_word(store::Transaction& transaction,
                            protocol::LogId log,
                            protocol::Seq position) {
    TRY(const auto told,
        transaction.one<std::int64_t>(
            "SELECT 1 FROM posted WHERE log = ?1 AND seq = ?2 AND told = 1", log, position));
    return !told;
}

Result<void> note_arrival(store::Transaction& transaction,
                          protocol::LogId log,
                          identity::DeviceId device) {
    return transaction.run(
        "INSERT OR REPLACE INTO heard (log, device, counter, seq) VALUES (?1, ?2, 0, 0)",
        log,
        device);
}

Result<void> note_departure(store::Transaction& transaction,
                            protocol::LogId log,
                            identity::DeviceId device) {
    return transaction.run("DELETE FROM heard WHERE log = ?1 AND device = ?2", log, device);
}

Result<void> begin(store::Transaction& transaction, protocol::LogId log) {
    TRY_VOID(transaction.run("DELETE FROM heard WHERE log = ?1", log));
    TRY_VOID(transaction.run("DELETE FROM posted WHERE log = ?1", log));
    return transaction.run("DELETE FROM positions WHERE log = ?1", log);
}

}  // namespace cercle::client::witness
