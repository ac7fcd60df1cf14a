// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/backup_passphrase.h"

#include <utility>

#include <unistd.h>

#include "apps/cli/passphrase.h"

namespace cercle::cli {
namespace {

Secret* wanted_by(officer::Command& command) {
    if (auto* backup = std::get_if<officer::MakeBackup>(&command)) return &backup->passphrase;
    if (auto* restore = std::get_if<officer::Restore>(&command)) return &restore->passphrase;
    if (auto* over = std::get_if<officer::HandOver>(&command)) return &over->passphrase;
    return nullptr;
}

client::Outcome refused(const char* sentence) {
    return {client::Exit::Usage, "usage", sentence};
}

}  // namespace

std::optional<client::Outcome> add_backup_passphrase(Arguments& arguments) {
    auto* command = std::get_if<officer::Command>(&arguments.command);
    Secret* const wanted = command == nullptr ? nullptr : wanted_by(*command);
    if (wanted == nullptr) return std::nullopt;
    const bool asks = !arguments.backup_pass_file && isatty(STDERR_FILENO) != 0;
    auto given = asks ? passphrase_from_terminal("Passphrase of the backup: ")
                      : passphrase_from_file(arguments.backup_pass_file.value_or(""));
    if (!given) {
        return refused(
            "a backup has a passphrase of its own; give it by --backup-pass-file or in a"
            " terminal");
    }
    const bool is_new = !std::holds_alternative<officer::Restore>(*command);
    if (asks && is_new) {
        const auto again = passphrase_from_terminal("The same once more: ");
        if (!again || !equal_in_constant_time(given->reveal(), again->reveal()))
            return refused("the two were not the same; nothing was done");
    }
    *wanted = *std::move(given);
    return std::nullopt;
}

}  // namespace cercle::cli
