// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A message's id is its author's, within one conversation: what anybody says elsewhere, or somebody
// else under the same id, takes nothing away.

#include "tests/journeys/file_story.h"

namespace {

using namespace cercle;
using namespace cercle::town;

std::vector<client::Gap> gaps(Town& town, const std::string& home, const std::string& of) {
    std::vector<client::Gap> found;
    for (const auto& event : town.play(home, client::Read{of}).events) {
        if (const auto* gap = std::get_if<client::Gap>(&event)) found.push_back(*gap);
    }
    return found;
}

std::string device_of(Town& town, const std::string& home) {
    return town.play(home, client::ListDevices{}).first<client::DeviceShown>().device;
}

/// A client that has been changed: it forgets what it has said.
void forget_texts(Town& town, const std::string& home) {
    auto transaction = town.core(home)->database.begin();
    REQUIRE(transaction.has_value());
    REQUIRE(transaction->run("DELETE FROM timeline WHERE kind = 0").has_value());
    REQUIRE(std::move(*transaction).commit().has_value());
}

std::unique_ptr<Town> cell() {
    auto town = Town::with({"alice", "bertrand", "mallory"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "mallory"}}).done());
    REQUIRE(town->play("mallory", client::Sync{0}).done());
    return town;
}

}  // namespace

TEST_CASE("attack: an id that was used elsewhere hides no message from who has seen it there") {
    const auto town = cell();
    REQUIRE(town->play("mallory", client::Send{"bertrand", "coucou", message}).done());
    REQUIRE(town->read("bertrand", "mallory") == std::vector<std::string>{"coucou"});
    forget_texts(*town, "mallory");
    REQUIRE(town->play("mallory", client::Send{"cellule", "à l'aube", message}).done());
    for (const char* const home : {"alice", "bertrand"}) {
        CHECK(town->read(home, "cellule") == std::vector<std::string>{"à l'aube"});
        CHECK(gaps(*town, home, "cellule").empty());
    }
}

TEST_CASE(
    "attack: other words under an id of the same conversation are not passed over in silence") {
    const auto town = cell();
    REQUIRE(town->play("mallory", client::Send{"cellule", "à midi", message}).done());
    forget_texts(*town, "mallory");
    REQUIRE(town->play("mallory", client::Send{"cellule", "à l'aube", message}).done());
    for (const char* const home : {"alice", "bertrand"}) {
        CHECK(town->read(home, "cellule") == std::vector<std::string>{"à midi"});
        const auto found = gaps(*town, home, "cellule");
        REQUIRE(found.size() == 1);
        CHECK(found.front().reason == "id-reused");
        CHECK(found.front().name == "mallory");
    }
}

TEST_CASE("attack: who gives a file another's message id keeps nobody from fetching the other's") {
    const Desktop desktop;
    const std::string plan = content_of(1000);
    write_file(desktop / "plan.pdf", plan);
    write_file(desktop / "other.pdf", content_of(10));
    const auto town = cell();
    REQUIRE(
        town->play("alice", client::Send{"cellule", "", message, path_bytes(desktop / "plan.pdf")})
            .done());
    REQUIRE(town->play("mallory",
                       client::Send{"cellule", "", message, path_bytes(desktop / "other.pdf")})
                .done());
    const client::Fetch whose{message, path_bytes(desktop / "a")};
    CHECK(town->play("bertrand", whose).outcome.rule == "ambiguous");
    client::Fetch fetch = whose;
    fetch.from = "alice";
    REQUIRE(town->play("bertrand", fetch).done());
    CHECK(read_file(desktop / "a") == plan);
    fetch = {message, path_bytes(desktop / "b"), {}, device_of(*town, "alice")};
    REQUIRE(town->play("bertrand", fetch).done());
    CHECK(read_file(desktop / "b") == plan);
    // And she her own.
    fetch = {message, path_bytes(desktop / "c"), {}, "alice"};
    REQUIRE(town->play("alice", fetch).done());
    CHECK(read_file(desktop / "c") == plan);
    fetch = {message, path_bytes(desktop / "d"), {}, "nobody"};
    CHECK(town->play("bertrand", fetch).outcome.rule == "unknown");
    fetch = {message, path_bytes(desktop / "d"), "no id", {}};
    CHECK(town->play("bertrand", fetch).outcome.rule == "invalid-argument");
    fetch = {message, path_bytes(desktop / "d"), std::string(32, '0'), {}};
    CHECK_FALSE(town->play("bertrand", fetch).done());
}
