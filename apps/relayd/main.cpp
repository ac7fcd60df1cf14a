// SPDX-License-Identifier: AGPL-3.0-or-later

// cercle-relay: the server of a circle. It keeps logs and inboxes in order and cannot read them.

#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/relayd/backup.h"
#include "apps/relayd/control.h"
#include "apps/relayd/data_directory.h"
#include "apps/relayd/identity.h"
#include "apps/relayd/outcome.h"
#include "apps/relayd/serve.h"
#include "apps/relayd/settings.h"
#include "apps/relayd/status.h"
#include "base/slab.h"

namespace {

using namespace cercle;
using relayd::Exit;

Exit init(const relayd::Settings& settings) {
    const auto data = relayd::make_data_directory(settings.data, settings.anchor_path());
    if (!data.has_value()) return relayd::report(data.error(), "no relay was made");
    relayd::print_line(
        nlohmann::ordered_json{{"v", 1}, {"type", "relay"}, {"key", data->identity.key().hex()}}
            .dump());
    return Exit::Done;
}

Exit serve(const relayd::Settings& settings) {
    const auto condition = relayd::condition_of(settings.data);
    if (!condition.has_value()) return relayd::report(condition.error(), "cannot serve");
    auto data = *condition == relayd::Condition::Complete
                    ? relayd::open_data_directory(settings.data, settings.anchor_path())
                    : relayd::make_data_directory(settings.data, settings.anchor_path());
    if (!data.has_value()) return relayd::report(data.error(), "cannot serve");
    if (!settings.certificate.empty()) {
        auto given = relayd::identity_of(settings);
        if (!given.has_value()) {
            return relayd::report(given.error(), "the given certificate and key are of no use");
        }
        data->identity = *std::move(given);
    }
    return relayd::serve(*std::move(data), settings);
}

Exit rotate_key(const relayd::Settings& settings) {
    constexpr std::string_view what_for = "the key stays as it is";
    std::string key;
    const auto data = relayd::open_data_directory(settings.data, settings.anchor_path());
    if (data.has_value()) {
        const auto next = relayd::rotate_key(settings);
        if (!next.has_value()) return relayd::report(next.error(), what_for);
        key = next->hex();
    } else if (data.error().code == Code::busy) {
        net::Loop loop(net::Loop::Kind::Real);
        const auto answered = relayd::ask_serving(loop, settings.data, "rotate-key");
        if (!answered.has_value()) return relayd::report(answered.error(), what_for);
        const Exit exit = relayd::exit_of(answered->object, what_for);
        if (exit != Exit::Done) return exit;
        key = answered->object.at("key").get<std::string>();
    } else {
        return relayd::report(data.error(), what_for);
    }
    relayd::print_line(nlohmann::ordered_json{{"v", 1}, {"type", "rotated"}, {"key", key}}.dump());
    return Exit::Done;
}

Exit print_settings(const relayd::Settings& settings) {
    std::fputs(relayd::text_of(settings).c_str(), stdout);
    return Exit::Done;
}

/// What was typed, beside the command itself.
struct Typed {
    std::string config;
    std::string data;
    std::string listen;
    std::string anchor;
    std::string target;
    std::string backup;
};

/// The file's settings, and over them what was typed.
std::optional<relayd::Settings> settings_of(const Typed& typed) {
    auto read = relayd::read_settings(typed.config);
    if (!read.has_value()) {
        std::fprintf(stderr, "cercle-relay: %s.\n", read.error().sentence.c_str());
        return std::nullopt;
    }
    if (!typed.data.empty()) read->data = typed.data;
    if (!typed.listen.empty()) read->listen = typed.listen;
    if (!typed.anchor.empty()) read->anchor = typed.anchor;
    if (net::Address::parse(read->listen).has_value()) return *std::move(read);
    std::fputs(
        "cercle-relay: --listen wants ADDRESS:PORT, for example 127.0.0.1:7443 or "
        "[::1]:7443.\n",
        stderr);
    return std::nullopt;
}

/// A command by its name, what it does, and what of `Typed` belongs to it.
class Commands {
  public:
    explicit Commands(CLI::App& app)
        : app_(app) {}

    CLI::App* add(const char* name,
                  const char* description,
                  std::function<Exit(const relayd::Settings&)> work) {
        CLI::App* const made = app_.add_subcommand(name, description);
        made->add_option("--config", typed.config, "A file of settings (TOML)")->type_name("FILE");
        made->add_option("--data", typed.data, "The relay's data directory (mode 0700)")
            ->type_name("DIR");
        made->add_option("--listen", typed.listen, "Where it listens; port 0 takes any free one")
            ->type_name("ADDRESS:PORT");
        made->add_option("--anchor",
                         typed.anchor,
                         "A file on another volume that notices when an earlier state of the data "
                         "directory is brought back")
            ->type_name("FILE");
        works_.emplace_back(made, std::move(work));
        return made;
    }

    Exit run() const {
        const auto settings = settings_of(typed);
        if (!settings) return Exit::Usage;
        for (const auto& [command, work] : works_) {
            if (command->parsed()) return work(*settings);
        }
        return Exit::Usage;
    }

    Typed typed;

  private:
    CLI::App& app_;
    std::vector<std::pair<const CLI::App*, std::function<Exit(const relayd::Settings&)>>> works_;
};

int run(int argc, char** argv) {
    using relayd::Settings;
    CLI::App app("The server of a circle: keeps its logs in order, and cannot read them.",
                 "cercle-relay");
    app.require_subcommand(1);
    app.footer("Exit codes: 0 done, 1 refused, 2 usage, 5 disk or store fault, 6 busy.");
    Commands commands(app);
    Typed& typed = commands.typed;
    commands.add("init", "Make a new relay in a directory that is empty or missing", init);
    commands.add("serve", "Serve until SIGTERM; makes the relay first if there is none", serve);
    commands.add("status", "Print what the relay holds", [](const Settings& settings) {
        return relayd::print_status(settings.data, settings.anchor_path());
    });
    commands.add(
        "verify", "Read everything, and fail on the slightest doubt", [](const Settings& settings) {
            return relayd::verify_all(settings.data, settings.anchor_path());
        });
    commands.add("config", "Print all settings, with their meaning", print_settings);
    commands
        .add("backup",
             "Copy all that the relay is into a new directory, also while it serves",
             [&typed](const Settings& settings) { return relayd::back_up(settings, typed.target); })
        ->add_option("--to", typed.target, "The new directory; it will hold the relay's key")
        ->required()
        ->type_name("DIR");
    commands.add("rotate-key",
                 "Replace the relay's key, also while it serves; devices follow by themselves",
                 rotate_key);
    commands
        .add("restore",
             "Make a relay out of a backup, in a directory that is empty or missing",
             [&typed](const Settings& settings) { return relayd::restore(settings, typed.backup); })
        ->add_option("--from", typed.backup, "The backup")
        ->required()
        ->type_name("DIR");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? static_cast<int>(Exit::Done) : static_cast<int>(Exit::Usage);
    }
    return static_cast<int>(commands.run());
}

}  // namespace

int main(int argc, char** argv) {
    cercle::harden_process();
    if (const auto opened = cercle::slab::open(); !opened.has_value()) {
        return static_cast<int>(relayd::report(opened.error(), "cannot start"));
    }
    try {
        return run(argc, argv);
    } catch (const std::exception&) {
        std::fputs("cercle-relay: a bug of ours: an exception reached main().\n", stderr);
        return 70;
    }
}
