// SPDX-License-Identifier: AGPL-3.0-or-later

// cercle-relay: the server of a circle. It keeps logs and inboxes in order and cannot read them.

#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/relayd/data_directory.h"
#include "apps/relayd/outcome.h"
#include "apps/relayd/serve.h"
#include "apps/relayd/status.h"
#include "base/slab.h"

namespace {

using namespace cercle;
using relayd::Exit;

Exit init(const std::string& path) {
    const auto data = relayd::make_data_directory(path);
    if (!data.has_value()) return relayd::report(data.error(), "no relay was made");
    relayd::print_line(
        nlohmann::ordered_json{{"v", 1}, {"type", "relay"}, {"key", data->identity.key().hex()}}
            .dump());
    return Exit::Done;
}

Exit serve(const std::string& path, const std::string& listen) {
    const auto address = net::Address::parse(listen);
    if (!address.has_value()) {
        std::fputs(
            "cercle-relay: --listen wants ADDRESS:PORT, for example 127.0.0.1:7443 or "
            "[::1]:7443.\n",
            stderr);
        return Exit::Usage;
    }
    const auto condition = relayd::condition_of(path);
    if (!condition.has_value()) return relayd::report(condition.error(), "cannot serve");
    auto data = *condition == relayd::Condition::Complete ? relayd::open_data_directory(path)
                                                          : relayd::make_data_directory(path);
    if (!data.has_value()) return relayd::report(data.error(), "cannot serve");
    return relayd::serve(*std::move(data), *address);
}

int run(int argc, char** argv) {
    CLI::App app("The server of a circle: keeps its logs in order, and cannot read them.",
                 "cercle-relay");
    app.require_subcommand(1);
    app.footer("Exit codes: 0 done, 1 refused, 2 usage, 5 disk or store fault, 6 busy.");
    std::string path;
    std::string listen = "127.0.0.1:7443";
    const auto command = [&](const char* name, const char* description) {
        CLI::App* const made = app.add_subcommand(name, description);
        made->add_option("--data", path, "The relay's data directory (mode 0700)")
            ->required()
            ->type_name("DIR");
        return made;
    };
    const CLI::App* const init_command =
        command("init", "Make a new relay in a directory that is empty or missing");
    CLI::App* const serve_command =
        command("serve", "Serve until SIGTERM; makes the relay first if there is none");
    serve_command->add_option("--listen", listen, "Where to listen; port 0 takes any free one")
        ->type_name("ADDRESS:PORT")
        ->capture_default_str();
    const CLI::App* const status_command = command("status", "Print what the relay holds");
    const CLI::App* const verify_command =
        command("verify", "Read everything, and fail on the slightest doubt");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? static_cast<int>(Exit::Done) : static_cast<int>(Exit::Usage);
    }
    Exit exit = Exit::Usage;
    if (init_command->parsed()) exit = init(path);
    if (serve_command->parsed()) exit = serve(path, listen);
    if (status_command->parsed()) exit = relayd::print_status(path);
    if (verify_command->parsed()) exit = relayd::verify_all(path);
    return static_cast<int>(exit);
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
