// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/halls.h"

#include <utility>

#include "client/compose.h"
#include "client/sight.h"
#include "client/transparency.h"

namespace cercle::officer::halls {
namespace {

namespace sight = client::sight;
using Rows = std::vector<std::tuple<protocol::LogId, std::string>>;

std::vector<Hall> halls_of(const Rows& rows) {
    std::vector<Hall> halls;
    for (const auto& [log, sections] : rows)
        halls.push_back({log, sight::sections_from(sections)});
    return halls;
}

constexpr store::Sql all_halls =
    "SELECT h.log, sections FROM halls h JOIN conversations c ON c.log = h.log ORDER BY h.rowid";

Result<protocol::LogId> noted_with_room(client::Core& core,
                                        const identity::Sections& sections,
                                        std::int64_t devices) {
    TRY(const auto row,
        core.database.one<protocol::LogId>(
            "SELECT log FROM halls WHERE sections = ?1 AND ?2 >= ?3 +"
            " (SELECT count(*) FROM seats s JOIN devices d ON d.device = s.device"
            "  WHERE s.hall = log AND d.revoked IS NULL) ORDER BY rowid LIMIT 1",
            sight::to_text(sections),
            room,
            devices));
    if (row) return std::get<0>(*row);
    const auto log = protocol::LogId::random(core.world.random);
    TRY(auto transaction, core.database.begin());
    // Whoever comes in has the log as it is now; but for those who come from the halls of an office
    // on another machine, who may have any part of it.
    TRY_VOID(transaction.run(
        "INSERT INTO halls (log, sections, published) VALUES (?1, ?2, iif(EXISTS (SELECT 1 FROM"
        " succession WHERE stage < ?3), 0, (SELECT count(*) FROM transparency_leaves)))",
        log,
        sight::to_text(sections),
        SuccessionStage::Done));
    TRY_VOID(std::move(transaction).commit());
    return log;
}

}  // namespace

Result<void> adopt(store::Transaction& transaction) {
    TRY(const auto there, transaction.one<std::int64_t>("SELECT 1 FROM halls LIMIT 1"));
    if (there) return {};
    TRY_VOID(
        transaction.run("INSERT INTO halls (log, sections, published)"
                        " SELECT log, '', (SELECT coalesce(max(size), 0) FROM published)"
                        " FROM conversations WHERE kind = ?1 LIMIT 1",
                        client::ConversationKind::Directory));
    if (transaction.changed() == 0) return {};
    TRY_VOID(
        transaction.run("INSERT INTO seats (device, hall) SELECT device, (SELECT log FROM halls)"
                        " FROM devices WHERE member <> (SELECT member FROM self)"));
    return transaction.run(
        "UPDATE members SET sections = ?1 WHERE member = (SELECT member FROM self)",
        sight::to_text({std::string(identity::everybody)}));
}

Result<std::vector<Hall>> all(store::Transaction& transaction) {
    TRY(const Rows rows, (transaction.all<protocol::LogId, std::string>(all_halls)));
    return halls_of(rows);
}

Result<std::vector<Hall>> all(store::Database& database) {
    TRY(const Rows rows, (database.all<protocol::LogId, std::string>(all_halls)));
    return halls_of(rows);
}

Result<std::optional<Hall>> of(store::Transaction& transaction, identity::DeviceId device) {
    TRY(const auto row,
        (transaction.one<protocol::LogId, std::string>(
            "SELECT log, sections FROM halls JOIN seats ON hall = log WHERE device = ?1", device)));
    if (!row) return std::optional<Hall>();
    return std::optional(Hall{std::get<0>(*row), sight::sections_from(std::get<1>(*row))});
}

Result<Hall> with_room(client::Core& core,
                       const identity::Sections& sections,
                       std::int64_t devices) {
    // Noted first: what is begun and not noted would never be written to.
    TRY(const auto log, noted_with_room(core, sections, devices));
    TRY_VOID(client::begin_conversation(
        core, {log, {1, client::ConversationKind::Directory, {}}, std::nullopt, {}}));
    return Hall{log, sections};
}

Result<void> seat(store::Transaction& transaction,
                  identity::DeviceId device,
                  protocol::LogId hall) {
    return transaction.run(
        "INSERT OR REPLACE INTO seats (device, hall) VALUES (?1, ?2)", device, hall);
}

Result<void> write_to_all(client::Core& core,
                          store::Transaction& transaction,
                          std::string_view type,
                          BytesView body) {
    TRY(const auto halls, all(transaction));
    for (const Hall& hall : halls)
        TRY_VOID(client::write_content(core, transaction, hall.log, type, body));
    return {};
}

Result<void> publish(client::Core& core,
                     store::Transaction& transaction,
                     const identity::Authority& authority,
                     const Hall& hall,
                     const std::vector<identity::DirectoryPage>& pages) {
    for (const identity::DirectoryPage& page : pages) {
        const Secret signed_page = identity::sign_page(page, authority);
        TRY_VOID(client::write_content(
            core, transaction, hall.log, envelope::directory_type, signed_page.reveal()));
    }
    return {};
}

}  // namespace cercle::officer::halls
