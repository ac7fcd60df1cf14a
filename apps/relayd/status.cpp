// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/status.h"

#include "apps/relayd/control.h"
#include "apps/relayd/data_directory.h"
#include "relay/verify.h"

namespace cercle::relayd {
namespace {

/// Whether an earlier state of the disk, with fewer guesses counted, would be noticed.
std::string_view rollback_of(const relay::UnlockShares& shares) {
    switch (shares.standing()) {
        case relay::UnlockShares::Standing::Unanchored:
            return "not-resisted";
        case relay::UnlockShares::Standing::Anchored:
            return "resisted";
        case relay::UnlockShares::Standing::Frozen:
            return "frozen";
    }
    return "";
}

Exit print_serving_status(const std::filesystem::path& path) {
    net::Loop loop(net::Loop::Kind::Real);
    const auto answered = ask_serving(loop, path, "status");
    Object line{{"v", 1}, {"type", "status"}, {"serving", true}};
    if (!answered.has_value()) {
        // It is just starting or ending: it holds the directory, and says nothing.
        line["counts"] = nullptr;
        print_line(line.dump());
        return Exit::Done;
    }
    const Exit exit = exit_of(answered->object, "no status");
    if (exit != Exit::Done) return exit;
    line.update(answered->object.at("status"));
    print_line(line.dump());
    return Exit::Done;
}

}  // namespace

Result<nlohmann::ordered_json> status_of(relay::LogTables& tables) {
    TRY(const relay::Identity identity, tables.identity());
    TRY(const relay::Counts counts, tables.counts());
    std::string_view rollback;
    if (const auto* shares = tables.unlock_shares()) rollback = rollback_of(*shares);
    return Object{{"incarnation", identity.incarnation.hex()},
                  {"claimed", identity.officer.has_value()},
                  {"rollback", rollback},
                  {"counts",
                   {{"devices", counts.devices},
                    {"conversations", counts.conversations},
                    {"inboxes", counts.inboxes},
                    {"entries", counts.entries},
                    {"packages", counts.packages},
                    {"exchanges", counts.exchanges},
                    {"blobs", counts.blobs},
                    {"chunks", counts.chunks},
                    {"cards", counts.cards}}}};
}

Exit print_status(const std::filesystem::path& path, const AnchorPath& anchor) {
    auto data = open_data_directory(path, anchor);
    if (!data.has_value() && data.error().code == Code::busy) return print_serving_status(path);
    if (!data.has_value()) return report(data.error(), "no status");
    Object line{
        {"v", 1}, {"type", "status"}, {"serving", false}, {"key", data->identity.key().hex()}};
    const auto looked = data->logs->look([&line](relay::LogTables& tables) -> Result<void> {
        TRY(const auto shown, status_of(tables));
        line.update(shown);
        return {};
    });
    if (!looked.has_value()) return report(looked.error(), "no status");
    print_line(line.dump());
    return Exit::Done;
}

Exit verify_all(const std::filesystem::path& path, const AnchorPath& anchor) {
    auto data = open_data_directory(path, anchor);
    if (!data.has_value()) return report(data.error(), "cannot verify");
    if (const auto opened = data->logs->check_opening(); !opened.has_value()) {
        return report(opened.error(), "in doubt");
    }
    const auto verified = relay::verify(*data->logs);
    if (!verified.has_value()) return report(verified.error(), "in doubt");
    print_line(Object{{"v", 1},
                      {"type", "verified"},
                      {"logs", verified->logs},
                      {"entries", verified->entries},
                      {"blobs", verified->blobs},
                      {"chunks", verified->chunks},
                      {"cards", verified->cards},
                      {"shares", verified->shares}}
                   .dump());
    return Exit::Done;
}

}  // namespace cercle::relayd
