// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/status.h"

#include <nlohmann/json.hpp>

#include "apps/relayd/data_directory.h"
#include "relay/verify.h"

namespace cercle::relayd {

Exit print_status(const std::filesystem::path& path) {
    auto data = open_data_directory(path);
    if (!data.has_value() && data.error().code == Code::busy) {
        // The serving process alone reads its store; a second reader would break the rule that
        // keeps commits safe (one connection, ever).
        print_line(nlohmann::ordered_json{
            {"v", 1}, {"type", "status"}, {"serving", true}, {"counts", nullptr}}
                       .dump());
        return Exit::Done;
    }
    if (!data.has_value()) return report(data.error(), "no status");
    relay::Identity identity{};
    relay::Counts counts;
    const auto looked = data->logs->look([&](relay::LogTables& tables) -> Result<void> {
        TRY(identity, tables.identity());
        TRY(counts, tables.counts());
        return {};
    });
    if (!looked.has_value()) return report(looked.error(), "no status");
    print_line(nlohmann::ordered_json{{"v", 1},
                                      {"type", "status"},
                                      {"serving", false},
                                      {"key", data->identity.key().hex()},
                                      {"incarnation", identity.incarnation.hex()},
                                      {"claimed", identity.officer.has_value()},
                                      {"counts",
                                       {{"devices", counts.devices},
                                        {"conversations", counts.conversations},
                                        {"inboxes", counts.inboxes},
                                        {"entries", counts.entries},
                                        {"packages", counts.packages},
                                        {"exchanges", counts.exchanges},
                                        {"blobs", counts.blobs},
                                        {"chunks", counts.chunks}}}}
                   .dump());
    return Exit::Done;
}

Exit verify_all(const std::filesystem::path& path) {
    auto data = open_data_directory(path);
    if (!data.has_value()) return report(data.error(), "cannot verify");
    const auto verified = relay::verify(*data->logs);
    if (!verified.has_value()) return report(verified.error(), "in doubt");
    print_line(nlohmann::ordered_json{{"v", 1},
                                      {"type", "verified"},
                                      {"logs", verified->logs},
                                      {"entries", verified->entries},
                                      {"blobs", verified->blobs},
                                      {"chunks", verified->chunks}}
                   .dump());
    return Exit::Done;
}

}  // namespace cercle::relayd
