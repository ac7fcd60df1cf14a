// SPDX-License-Identifier: AGPL-3.0-or-later
//
// cercle: a member's device and the officer's machine, from the command line (7-contract).

#include <cstdio>
#include <optional>

#include <unistd.h>

#include "apps/cli/arguments.h"
#include "apps/cli/backup_passphrase.h"
#include "apps/cli/chat.h"
#include "apps/cli/passphrase.h"
#include "apps/cli/picture_file.h"
#include "apps/cli/print.h"
#include "apps/cli/qr.h"

namespace {

using namespace cercle;

client::Outcome perform(const cli::Arguments& arguments) {
    const bool json = arguments.format == cli::Format::Json;
    const auto show = [json](const auto& event) {
        if (json) {
            cli::print_json(event);
        } else {
            cli::print_text(event);
        }
    };
    if (const auto* command = std::get_if<client::Command>(&arguments.command)) {
        return client::perform(
            arguments.settings, *command, [&show](const client::Event& event) { show(event); });
    }
    std::optional<cli::PictureFile> picture;
    if (arguments.picture) {
        auto made = cli::PictureFile::make(*arguments.picture);
        if (!made) return made.error();
        picture.emplace(*std::move(made));
    }
    client::Outcome drawn;
    const auto done = officer::perform(arguments.settings,
                                       std::get<officer::Command>(arguments.command),
                                       [&](const officer::Event& event) {
                                           const auto* made = std::get_if<officer::Invited>(&event);
                                           if (picture && made != nullptr) {
                                               drawn = picture->write(made->text);
                                           }
                                           show(event);
                                       });
    return done.rule.empty() ? drawn : done;
}

}  // namespace

int main(int count, char** words) {
    if (const auto prepared = client::prepare_process(); !prepared.rule.empty()) {
        cli::print_outcome(cli::Format::Text, prepared);
        return static_cast<int>(prepared.exit);
    }
    auto read = cli::read_arguments(count, words);
    if (const auto* end = std::get_if<client::Exit>(&read)) return static_cast<int>(*end);
    auto& arguments = std::get<cli::Arguments>(read);
    arguments.settings.passphrase = [file = arguments.pass_file] {
        if (file) return cli::passphrase_from_file(*file);
        return isatty(STDERR_FILENO) != 0 ? cli::passphrase_from_terminal() : std::nullopt;
    };
    if (const auto* code = std::get_if<cli::ShowQr>(&arguments.command)) {
        std::puts(cli::terminal_qr(code->text).c_str());
        return 0;
    }
    if (const auto end = cli::add_backup_passphrase(arguments)) {
        cli::print_outcome(arguments.format, *end);
        return static_cast<int>(end->exit);
    }
    const client::Outcome outcome = std::holds_alternative<cli::OpenChat>(arguments.command)
                                        ? cli::chat_in_terminal(arguments.settings)
                                        : perform(arguments);
    cli::print_outcome(arguments.format, outcome);
    return static_cast<int>(outcome.exit);
}
