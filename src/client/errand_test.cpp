// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/errand.h"

#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::client;

std::string_view said_after(std::initializer_list<FileProgress::Act> acts) {
    Interruption interruption;
    interruption.see(Sent{});
    for (const auto act : acts)
        interruption.see(FileProgress{act, 1, 2});
    return interruption.sentence();
}

}  // namespace

TEST_CASE("paths are made whole and messages named before a command goes elsewhere") {
    vectors::SeededRandom random(1);
    const auto here = std::filesystem::current_path();
    const auto send = std::get<Send>(ready(Send{"b", "text", {}, to_bytes("a/../file")}, random));
    CHECK(to_text(send.file) == (here / "file").native());
    CHECK(send.id.size() == 32);
    const auto again = std::get<Send>(ready(Send{"b", "", "id", to_bytes("/x/\xff")}, random));
    CHECK(again.id == "id");
    CHECK(to_text(again.file) == "/x/\xff");
    const auto fetch = std::get<Fetch>(ready(Fetch{"m", to_bytes("out")}, random));
    CHECK(to_text(fetch.out) == (here / "out").native());
    const auto contacts = std::get<ListContacts>(ready(ListContacts{to_bytes("faces")}, random));
    CHECK(to_text(contacts.pictures) == (here / "faces").native());
    CHECK(std::get<ListContacts>(ready(ListContacts{}, random)).pictures.empty());
}

TEST_CASE("a text without a name gets one, and no file") {
    vectors::SeededRandom random(1);
    const auto send = std::get<Send>(ready(Send{"b", "text"}, random));
    CHECK(send.id.size() == 32);
    CHECK(send.file.empty());
    CHECK(std::get<Send>(ready(Send{"b", "text", "id"}, random)).id == "id");
}

TEST_CASE("a group is named before a command goes elsewhere") {
    vectors::SeededRandom random(1);
    const auto group = std::get<CreateGroup>(ready(CreateGroup{"cellule", {"b"}}, random));
    CHECK(group.id.size() == 32);
    CHECK(std::get<CreateGroup>(ready(group, random)).id == group.id);
    CHECK(std::get<CreateGroup>(ready(CreateGroup{"cellule", {"b"}}, random)).id != group.id);
}

TEST_CASE("what sends or fetches a file may be done anew, and a text may not") {
    CHECK(may_be_repeated(Fetch{}));
    CHECK(may_be_repeated(Send{"b", "text", "id", to_bytes("/file")}));
    CHECK_FALSE(may_be_repeated(Send{"b", "text"}));
    CHECK_FALSE(may_be_repeated(Sync{0}));
    CHECK(may_be_repeated(Sync{1}));
    CHECK(may_be_repeated(Watch{}));
}

TEST_CASE("who interrupts is told what stays") {
    using Act = FileProgress::Act;
    CHECK(said_after({}) == "the command was ended");
    CHECK(said_after({Act::Reading}).starts_with("stopped before"));
    CHECK(said_after({Act::Reading, Act::Sending}).find("goes on") != std::string_view::npos);
    CHECK(said_after({Act::Receiving}).find("same command") != std::string_view::npos);
}
