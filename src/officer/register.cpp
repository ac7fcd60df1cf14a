// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/register.h"

#include <array>
#include <limits>
#include <utility>

#include "access/label.h"
#include "client/sight.h"
#include "codec/tls.h"
#include "officer/journal.h"

namespace cercle::officer {

namespace {

template <class Value>
Result<std::vector<InvitationRow>> read_invitations(store::Database& database,
                                                    store::Sql sql,
                                                    const Value& value) {
    std::vector<InvitationRow> rows;
    const auto keep = [&rows](protocol::ExchangeId exchange,
                              std::string name,
                              std::string role,
                              WallTime expires,
                              InvitationStage stage,
                              const Secret& saved,
                              std::optional<Bytes> step0,
                              std::optional<Bytes> step1,
                              std::optional<Bytes> step3,
                              std::optional<identity::DeviceId> device,
                              identity::SecondCode second_code,
                              std::optional<Bytes> step2,
                              std::optional<std::string> words,
                              std::uint32_t tries) -> Result<store::Visit> {
        TRY(auto admitter, identity::Admitter::load(saved.reveal()));
        rows.push_back({exchange,
                        std::move(name),
                        std::move(role),
                        expires,
                        stage,
                        std::move(admitter),
                        std::move(step0),
                        std::move(step1),
                        std::move(step3),
                        device,
                        second_code,
                        std::move(step2),
                        std::move(words),
                        tries});
        return store::Visit::Continue;
    };
    TRY_VOID((database.each<protocol::ExchangeId,
                            std::string,
                            std::string,
                            WallTime,
                            InvitationStage,
                            Secret,
                            std::optional<Bytes>,
                            std::optional<Bytes>,
                            std::optional<Bytes>,
                            std::optional<identity::DeviceId>,
                            identity::SecondCode,
                            std::optional<Bytes>,
                            std::optional<std::string>,
                            std::uint32_t>(keep, sql, value)));
    return rows;
}

/// The first of those ordered, since no later one may name what is another's.
template <class Source, class Fits>
Result<std::optional<protocol::AdmitDevice>> find_admission(Source& source, const Fits& fits) {
    TRY(const auto rows,
        source.template all<Bytes>("SELECT signed_order FROM orders ORDER BY number"));
    for (const auto& [encoded] : rows) {
        TRY(const auto signed_order, codec::decode<protocol::SignedOrder>(encoded));
        TRY(const auto order, codec::decode<protocol::Order>(signed_order.order));
        const auto* admission = std::get_if<protocol::AdmitDevice>(&order.act);
        if (admission != nullptr && fits(*admission)) return std::optional(*admission);
    }
    return std::optional<protocol::AdmitDevice>();
}

}  // namespace

Result<void> Register::prepare() {
    static constexpr std::array<store::Sql, 15> tables{{
        "CREATE TABLE IF NOT EXISTS authority ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,"
        "  circle_name TEXT NOT NULL, root BLOB NOT NULL, secret BLOB NOT NULL,"
        "  officer_key BLOB NOT NULL, claimed INTEGER NOT NULL) STRICT",
        "CREATE TABLE IF NOT EXISTS orders ("
        "  number INTEGER PRIMARY KEY, signed_order BLOB NOT NULL, given INTEGER NOT NULL) STRICT",
        "CREATE TABLE IF NOT EXISTS invitations ("
        "  exchange BLOB PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL,"
        "  expires INTEGER NOT NULL, stage INTEGER NOT NULL, admitter BLOB NOT NULL,"
        "  step0 BLOB, step1 BLOB, step3 BLOB, device BLOB) STRICT",
        "CREATE TABLE IF NOT EXISTS replacements ("
        "  exchange BLOB PRIMARY KEY, member BLOB NOT NULL) STRICT",
        // How many leaves of the transparency log the last page went up to, before there were
        // halls.
        "CREATE TABLE IF NOT EXISTS published ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL) STRICT",
        // Beside the invitations, whose table older builds have made.
        "CREATE TABLE IF NOT EXISTS requests ("
        "  exchange BLOB PRIMARY KEY, second_code INTEGER NOT NULL, step2 BLOB, words TEXT,"
        "  tries INTEGER NOT NULL) STRICT",
        // Certificates that were made anew and that their devices do not show yet, with when they
        // were spread last.
        "CREATE TABLE IF NOT EXISTS renewals ("
        "  device BLOB PRIMARY KEY, spread INTEGER NOT NULL) STRICT",
        // Newcomers who are not in the directory's conversation yet, with the last announcement of
        // an inbox that their first page knew.
        "CREATE TABLE IF NOT EXISTS newcomers ("
        "  device BLOB PRIMARY KEY, heard INTEGER NOT NULL) STRICT",
        // Up to which announcement of an inbox the other halls were told.
        "CREATE TABLE IF NOT EXISTS told_inboxes ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1), upto INTEGER NOT NULL) STRICT",
        // The last status that was said, and of which revocation.
        "CREATE TABLE IF NOT EXISTS said_daily ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL,"
        "  revocation INTEGER NOT NULL) STRICT",
        // The directory's conversations (halls.h): for whom, and how many leaves of the
        // transparency log the last page in it went up to. Which device stands in which.
        "CREATE TABLE IF NOT EXISTS halls ("
        "  log BLOB PRIMARY KEY, sections TEXT NOT NULL, published INTEGER NOT NULL) STRICT",
        "CREATE TABLE IF NOT EXISTS seats ("
        "  device BLOB PRIMARY KEY, hall BLOB NOT NULL) STRICT",
        // Of those who come with an invitation, if they come into any.
        "CREATE TABLE IF NOT EXISTS invited_sections ("
        "  exchange BLOB PRIMARY KEY, sections TEXT NOT NULL) STRICT",
        // And the picture that they are to have.
        "CREATE TABLE IF NOT EXISTS invited_pictures ("
        "  exchange BLOB PRIMARY KEY, picture BLOB NOT NULL) STRICT",
        // Members whose picture was set or taken away, and how many devices were certified by then:
        // the first pages of these had another one, or none.
        "CREATE TABLE IF NOT EXISTS portrayed ("
        "  member BLOB PRIMARY KEY, devices INTEGER NOT NULL) STRICT",
    }};
    TRY(auto transaction, database_.begin());
    for (const store::Sql& table : tables)
        TRY_VOID(transaction.run(table));
    TRY_VOID(prepare_journal(transaction));
    return std::move(transaction).commit();
}

Result<std::optional<AuthorityRow>> Register::authority() const {
    TRY(const auto row,
        (database_.one<std::string, Bytes, Secret, Secret, std::int64_t>(
            "SELECT circle_name, root, secret, officer_key, claimed FROM authority")));
    if (!row) return std::optional<AuthorityRow>();
    const auto& [name, root, secret, officer_secret, claimed] = *row;
    TRY(auto authority, identity::Authority::from(root, secret.reveal()));
    TRY(auto officer_key,
        crypto::SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519,
                                        officer_secret.reveal()));
    return std::optional<AuthorityRow>(
        AuthorityRow{name, std::move(authority), std::move(officer_key), claimed});
}

Result<void> Register::keep(store::Transaction& transaction, const AuthorityRow& row) {
    return transaction.run(
        "INSERT INTO authority (one, version, circle_name, root, secret, officer_key, claimed)"
        " VALUES (1, 1, ?1, ?2, ?3, ?4, ?5)",
        row.circle_name,
        row.authority.root().certificate().der,
        row.authority.key().secret(),
        row.officer_key.secret(),
        row.claimed);
}

Result<void> Register::set_claimed() {
    TRY(auto transaction, database_.begin());
    TRY_VOID(transaction.run("UPDATE authority SET claimed = 1"));
    return std::move(transaction).commit();
}

Result<protocol::OrderNumber> Register::order(store::Transaction& transaction,
                                              const crypto::SigningKey& officer_key,
                                              decltype(protocol::Order::act) act) {
    TRY(const auto last,
        transaction.one<protocol::OrderNumber>("SELECT coalesce(max(number), 0) FROM orders"));
    const protocol::Order order{last ? std::get<0>(*last).next() : protocol::OrderNumber{1},
                                std::move(act)};
    protocol::SignedOrder signed_order;
    signed_order.order = codec::encode(order);
    signed_order.signature = access::sign(officer_key, access::Label::Order, signed_order.order);
    TRY_VOID(transaction.run("INSERT INTO orders (number, signed_order, given) VALUES (?1, ?2, 0)",
                             order.number,
                             codec::encode(signed_order)));
    return order.number;
}

Result<std::vector<OrderRow>> Register::orders_to_give() const {
    TRY(auto rows,
        (database_.all<protocol::OrderNumber, Bytes>(
            "SELECT number, signed_order FROM orders WHERE given = 0 ORDER BY number")));
    std::vector<OrderRow> orders;
    for (auto& [number, signed_order] : rows)
        orders.push_back({number, std::move(signed_order)});
    return orders;
}

Result<void> Register::set_given(protocol::OrderNumber number) {
    TRY(auto transaction, database_.begin());
    TRY_VOID(transaction.run("UPDATE orders SET given = 1 WHERE number = ?1", number));
    return std::move(transaction).commit();
}

Result<bool> Register::all_given() const {
    TRY(const auto waiting, orders_to_give());
    return waiting.empty();
}

Result<std::optional<OrderRow>> Register::current_order() const {
    TRY(auto waiting, orders_to_give());
    if (!waiting.empty()) return std::optional(std::move(waiting.front()));
    return order_before({std::numeric_limits<std::int64_t>::max()});
}

Result<std::optional<OrderRow>> Register::order_before(protocol::OrderNumber number) const {
    TRY(auto row,
        (database_.one<protocol::OrderNumber, Bytes>(
            "SELECT number, signed_order FROM orders WHERE number < ?1"
            " ORDER BY number DESC LIMIT 1",
            number)));
    if (!row) return std::optional<OrderRow>{};
    return std::optional(OrderRow{std::get<0>(*row), std::get<1>(*std::move(row))});
}

Result<void> Register::give_again_after(protocol::OrderNumber number) {
    TRY(auto transaction, database_.begin());
    TRY_VOID(transaction.run("UPDATE orders SET given = 0 WHERE number > ?1", number));
    return std::move(transaction).commit();
}

Result<std::optional<protocol::DeviceKey>> Register::device_key(store::Transaction& transaction,
                                                                protocol::LogId inbox) {
    TRY(const auto found, find_admission(transaction, [inbox](const auto& admission) {
            return admission.inbox == inbox;
        }));
    return found ? std::optional(found->device) : std::nullopt;
}

Result<bool> Register::has_admitted(const protocol::AdmitDevice& wanted) const {
    TRY(const auto found, find_admission(database_, [&wanted](const auto& admission) {
            return admission.inbox == wanted.inbox || admission.device == wanted.device ||
                   admission.reader == wanted.reader;
        }));
    return found.has_value();
}

Result<void> Register::set_replaced(store::Transaction& transaction,
                                    protocol::ExchangeId exchange,
                                    identity::MemberId member) {
    return transaction.run(
        "INSERT INTO replacements (exchange, member) VALUES (?1, ?2)", exchange, member);
}

Result<std::optional<identity::MemberId>> Register::replaced(protocol::ExchangeId exchange) const {
    TRY(const auto row,
        database_.one<identity::MemberId>("SELECT member FROM replacements WHERE exchange = ?1",
                                          exchange));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Result<void> Register::set_sections(store::Transaction& transaction,
                                    protocol::ExchangeId exchange,
                                    const identity::Sections& sections) {
    return transaction.run("INSERT INTO invited_sections (exchange, sections) VALUES (?1, ?2)",
                           exchange,
                           client::sight::to_text(sections));
}

Result<identity::Sections> Register::sections(protocol::ExchangeId exchange) const {
    TRY(const auto row,
        database_.one<std::string>("SELECT sections FROM invited_sections WHERE exchange = ?1",
                                   exchange));
    return row ? client::sight::sections_from(std::get<0>(*row)) : identity::Sections{};
}

Result<void> Register::set_picture(store::Transaction& transaction,
                                   protocol::ExchangeId exchange,
                                   BytesView picture) {
    return transaction.run(
        "INSERT INTO invited_pictures (exchange, picture) VALUES (?1, ?2)", exchange, picture);
}

Result<std::optional<Bytes>> Register::picture(protocol::ExchangeId exchange) const {
    TRY(auto row,
        database_.one<Bytes>("SELECT picture FROM invited_pictures WHERE exchange = ?1", exchange));
    return row ? std::optional(std::get<0>(*std::move(row))) : std::nullopt;
}

Result<void> Register::add(store::Transaction& transaction, const InvitationRow& row) {
    TRY_VOID(
        transaction.run("INSERT INTO invitations (exchange, name, role, expires, stage, admitter)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        row.exchange,
                        row.name,
                        row.role,
                        row.expires,
                        row.stage,
                        row.admitter.save()));
    return transaction.run("INSERT INTO requests (exchange, second_code, tries) VALUES (?1, ?2, 0)",
                           row.exchange,
                           row.second_code);
}

Result<void> Register::update(store::Transaction& transaction, const InvitationRow& row) {
    TRY_VOID(transaction.run(
        "UPDATE invitations SET stage = ?2, step0 = ?3, step1 = ?4, step3 = ?5, device = ?6"
        " WHERE exchange = ?1",
        row.exchange,
        row.stage,
        row.step0,
        row.step1,
        row.step3,
        row.device));
    return transaction.run(
        "INSERT OR REPLACE INTO requests (exchange, second_code, step2, words, tries)"
        " VALUES (?1, ?2, ?3, ?4, ?5)",
        row.exchange,
        row.second_code,
        row.step2,
        row.words,
        row.tries);
}

Result<std::vector<InvitationRow>> Register::open_invitations(WallTime now) const {
    return read_invitations(
        database_,
        "SELECT i.exchange, name, role, expires, stage, admitter, step0, step1, step3, device,"
        " coalesce(second_code, 0), step2, words, coalesce(tries, 0)"
        " FROM invitations i LEFT JOIN requests r ON r.exchange = i.exchange"
        " WHERE (stage IN (0, 1, 5) AND expires > ?1) OR stage IN (2, 6)"
        " ORDER BY expires, i.exchange",
        now);
}

Result<std::optional<InvitationRow>> Register::invitation(protocol::ExchangeId exchange) const {
    TRY(auto rows,
        read_invitations(
            database_,
            "SELECT i.exchange, name, role, expires, stage, admitter, step0, step1, step3, device,"
            " coalesce(second_code, 0), step2, words, coalesce(tries, 0)"
            " FROM invitations i LEFT JOIN requests r ON r.exchange = i.exchange"
            " WHERE i.exchange = ?1",
            exchange));
    if (rows.empty()) return std::optional<InvitationRow>();
    return std::optional(std::move(rows.front()));
}

}  // namespace cercle::officer
