// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/settings.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle::relayd;

std::string complaint_of(std::string_view toml) {
    const auto settings = parse_settings(toml, "relay.toml");
    return settings.has_value() ? "" : settings.error().sentence;
}

bool says(const std::string& sentence, std::string_view part) {
    INFO(sentence);
    return sentence.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every setting has a default, so that an empty file is one") {
    const auto settings = parse_settings("", "relay.toml");
    REQUIRE(settings.has_value());
    REQUIRE(*settings == Settings{});
}

TEST_CASE("what is printed of the settings is read again as the same") {
    Settings settings;
    settings.data = "/srv/a \"quoted\" \\ place";
    settings.metrics = "[::1]:9100";
    settings.certificate = "/etc/one.pem";
    settings.key = "/etc/one.key";
    settings.confine = false;
    settings.connections = 12;
    settings.file_days = 3;
    const auto again = parse_settings(text_of(settings), "printed");
    INFO(text_of(settings));
    REQUIRE(again.has_value());
    REQUIRE(*again == settings);
}

TEST_CASE("an unknown setting is refused with its line") {
    REQUIRE(says(complaint_of("data = \"/a\"\n\nlisen = \"127.0.0.1:1\"\n"),
                 "relay.toml, line 3: `lisen` is no setting"));
    REQUIRE(says(complaint_of("[limits]\nconections = 3\n"),
                 "line 2: `limits.conections` is no setting"));
    REQUIRE(says(complaint_of("[limit]\nconnections = 3\n"), "line 1: `limit` is no setting"));
    REQUIRE(says(complaint_of("connections = 3\n"), "line 1: `connections` is no setting"));
    REQUIRE(says(complaint_of("limits = 3\n"), "line 1: `limits` is no setting"));
}

TEST_CASE("a setting of another type or out of its range is refused with its line") {
    REQUIRE(says(complaint_of("listen = 7443\n"), "line 1: `listen` wants a text"));
    REQUIRE(says(complaint_of("confine = \"no\"\n"), "line 1: `confine` wants true or false"));
    REQUIRE(says(complaint_of("[limits]\nconnections = \"many\"\n"),
                 "line 2: `limits.connections` wants a whole number from 1 to 19000"));
    REQUIRE(says(complaint_of("[limits]\nconnections = 20000\n"), "from 1 to 19000"));
    REQUIRE(says(complaint_of("[limits]\nconnections = 1.5\n"), "wants a whole number"));
    REQUIRE(says(complaint_of("[limits]\nfree_mebibytes = -1\n"), "wants a whole number"));
    REQUIRE(says(complaint_of("data = \"a\\u0007b\"\n"), "control characters"));
}

TEST_CASE("an operator cannot raise a bound of the relay") {
    REQUIRE(says(complaint_of("[limits]\nfile_places = 1048577\n"), "from 0 to 1048576"));
    REQUIRE(says(complaint_of("[retention]\nfile_days = 31\n"), "from 1 to 30"));
}

TEST_CASE("metrics are for this machine alone") {
    REQUIRE(says(complaint_of("metrics = \"0.0.0.0:9100\"\n"), "must be a loopback address"));
    REQUIRE(says(complaint_of("metrics = \"192.0.2.1:9100\"\n"), "must be a loopback address"));
    REQUIRE(says(complaint_of("metrics = \"localhost:9100\"\n"), "must be a loopback address"));
    REQUIRE(complaint_of("metrics = \"127.0.0.1:9100\"\n").empty());
}

TEST_CASE("what is no TOML is refused with its line") {
    REQUIRE(says(complaint_of("data = \"/a\"\nlisten = \n"), "relay.toml, line 2: not TOML"));
    REQUIRE(says(complaint_of("certificate = \"/a\"\n"), "given together"));
}

TEST_CASE("a file of settings that is not there is a sentence") {
    const auto settings = read_settings("/nowhere/relay.toml");
    REQUIRE_FALSE(settings.has_value());
    REQUIRE(says(settings.error().sentence, "/nowhere/relay.toml"));
}
