// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/backup.h"

#include <system_error>

#include "apps/relayd/control.h"
#include "apps/relayd/data_directory.h"
#include "crypto/random.h"
#include "relay/backup.h"

namespace cercle::relayd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view no_backup = "no backup was made";

Exit complete(const fs::path& data, const fs::path& target) {
    const auto made = relay::complete_backup(data / copy_name, data, target);
    if (!made.has_value()) return report(made.error(), no_backup);
    print_line(Object{{"v", 1},
                      {"type", "backup"},
                      {"to", target.string()},
                      {"logs", made->logs},
                      {"entries", made->entries},
                      {"blobs", made->blobs},
                      {"chunks", made->chunks}}
                   .dump());
    return Exit::Done;
}

Exit back_up_serving(const fs::path& data, const fs::path& target) {
    net::Loop loop(net::Loop::Kind::Real);
    const auto answered = ask_serving(loop, data, "copy");
    if (!answered.has_value()) return report(answered.error(), no_backup);
    const Exit exit = exit_of(answered->object, no_backup);
    if (exit != Exit::Done) return exit;
    // The copy is there for as long as the channel is open.
    return complete(data, target);
}

Exit back_up_at_rest(const DataDirectory& directory,
                     const Settings& settings,
                     const fs::path& target) {
    const fs::path data = settings.data;
    const auto copied = [&]() -> Result<void> {
        TRY_VOID(check_room_for_copy(data, settings.free_mebibytes << 20U));
        TRY(const auto copy, directory.logs->begin_copy(data / copy_name));
        while (true) {
            TRY(const auto progress, copy->next());
            if (progress == relay::StoreCopy::Progress::Finished) return {};
        }
    }();
    if (!copied.has_value()) return report(copied.error(), no_backup);
    const Exit exit = complete(data, target);
    std::error_code ignored;
    fs::remove(data / copy_name, ignored);
    return exit;
}

}  // namespace

Exit back_up(const Settings& settings, const fs::path& target) {
    const auto directory = open_data_directory(settings.data, settings.anchor_path());
    if (directory.has_value()) return back_up_at_rest(*directory, settings, target);
    if (directory.error().code == Code::busy) return back_up_serving(settings.data, target);
    return report(directory.error(), no_backup);
}

Exit restore(const Settings& settings, const fs::path& backup) {
    constexpr std::string_view nothing = "nothing was restored";
    const fs::path data = settings.data;
    const auto lock = lock_bare_directory(data);
    if (!lock.has_value()) return report(lock.error(), nothing);
    crypto::SystemRandom random;
    const auto since = SystemClock().wall().time_since_epoch().count();
    const auto restored =
        relay::restore_backup(backup, data, {static_cast<std::uint64_t>(since)}, random);
    if (!restored.has_value()) {
        // What lies there serves nobody, and is in the way of the next try.
        if (restored.error().code != Code::already_exists) empty_bare_directory(data);
        return report(restored.error(), nothing);
    }
    print_line(Object{{"v", 1},
                      {"type", "restored"},
                      {"key", restored->key.hex()},
                      {"incarnation", restored->now.hex()},
                      {"before", restored->before.hex()},
                      {"logs", restored->verified.logs},
                      {"entries", restored->verified.entries},
                      {"blobs", restored->verified.blobs},
                      {"chunks", restored->verified.chunks}}
                   .dump());
    return Exit::Done;
}

}  // namespace cercle::relayd
