// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Pictures in the directory (decision 70): who has whose, from when on, and what it costs.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include "client/pictures.h"
#include "officer/halls.h"
#include "officer/pages.h"
#include "tests/must.h"
#include "tests/town/gallery.h"
#include "tests/town/people.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::Gallery;
using town::hash_of;
using town::people_town;
using town::Town;
using Pictures = std::map<std::string, std::string>;

const Bytes face = stage::jpeg(128, 128, 7'000, 1);
const Bytes other_face = stage::jpeg(128, 128, 6'000, 2);

bool is_shown(const identity::DirectoryMember& member) {
    return std::holds_alternative<Bytes>(member.portrait);
}

std::size_t shown_on(const officer::Pages& pages) {
    std::size_t count = 0;
    for (const identity::DirectoryPage& page : pages)
        count += static_cast<std::size_t>(std::ranges::count_if(page.members, is_shown));
    return count;
}

officer::Hall first_hall(store::Transaction& transaction) {
    return must(officer::halls::all(transaction)).front();
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Everybody in the officer's directory has a picture of the largest size, each another one.
void picture_everybody(Town& town) {
    client::Core& office = *town.core("officer");
    const auto people = must(office.people.all());
    auto transaction = must(office.database.begin());
    std::uint8_t filling = 0;
    for (const client::Person& person : people) {
        const Bytes largest = stage::jpeg(128, 128, identity::longest_picture, filling++);
        must(client::pictures::take(transaction, person.member, largest));
    }
    must(std::move(transaction).commit());
}

}  // namespace

TEST_CASE(
    "a picture reaches the phones of all who see its member, at once and whenever it changes") {
    const auto town = Town::with({"alice", "bertrand", "chloe"});
    Gallery gallery(*town);
    REQUIRE(gallery.set("alice", face).done());
    for (const std::string home : {"bertrand", "chloe", "officer"}) {
        INFO(home);
        CHECK(gallery.shown(home) == Pictures{{"alice", hash_of(face)}});
    }
    // She has it, too, and is no contact of her own.
    CHECK(gallery.shown("alice").empty());
    CHECK(gallery.kept("alice") == 1);
    REQUIRE(gallery.set("alice", other_face).done());
    REQUIRE(gallery.set("bertrand", face).done());
    CHECK(gallery.shown("chloe") ==
          Pictures{{"alice", hash_of(other_face)}, {"bertrand", hash_of(face)}});
    REQUIRE(gallery.remove("alice").done());
    CHECK(gallery.shown("chloe") == Pictures{{"bertrand", hash_of(face)}});
    CHECK(gallery.kept("chloe") == 1);
    CHECK(gallery.kept("officer") == 1);
    std::vector<std::string> acts;
    for (const auto& one :
         town->officer(officer::ShowJournal{}).of_officer<officer::JournalShown>()) {
        if (one.act == "picture") acts.push_back(one.name);
    }
    CHECK(acts == std::vector<std::string>{"alice", "alice", "bertrand", "alice"});
    CHECK(gallery.set("nobody", face).outcome.rule == "unknown");
    CHECK(town->play("chloe", client::ListAlarms{}).events.empty());
}

TEST_CASE("a new phone has every picture that its member is to see when it has joined") {
    const auto town = Town::in_sections(town::Roll{});
    people_town(*town, 200, {});
    picture_everybody(*town);
    const auto officers = town->core("officer")->self.member;
    REQUIRE(town->enrol("alice").done());
    client::Core& alice = *town->core("alice");
    const auto here = must(alice.people.all());
    CHECK(here.size() == 202);
    for (const client::Person& person : here)
        CHECK(person.picture.has_value() == (person.name != "alice"));
    CHECK(must(alice.people.find(officers))->picture.has_value());
    CHECK(town->play("alice", client::ListAlarms{}).events.empty());
}

TEST_CASE("who is invited with a picture has it for everybody from the beginning") {
    const auto town = Town::with({"alice"});
    Gallery gallery(*town);
    officer::Invite invite{"Denise", "minister"};
    invite.attendance = officer::Attendance::Unattended;
    invite.picture = gallery.file("denise.jpg", face);
    const auto made = town->officer(invite);
    REQUIRE(made.done());
    const auto invited = made.of_officer<officer::Invited>().front();
    REQUIRE(town->play("denise", client::Join{invited.text, invited.code.value_or("")}).done());
    CHECK(gallery.shown("alice") == Pictures{{"Denise", hash_of(face)}});
    CHECK(gallery.shown("officer") == Pictures{{"Denise", hash_of(face)}});
    CHECK(gallery.kept("denise") == 1);
    // Her next phone has it again; it is set by no invitation.
    REQUIRE(town->officer(officer::ReportLost{"Denise"}).done());
    officer::Invite again{{}, {}, 3600, officer::Attendance::Unattended, "Denise"};
    again.picture = gallery.file("other.jpg", other_face);
    CHECK(town->officer(again).outcome.rule == "invalid-argument");
    again.picture.clear();
    const auto returning = town->officer(again).of_officer<officer::Invited>().front();
    REQUIRE(
        town->play("denise2", client::Join{returning.text, returning.code.value_or("")}).done());
    CHECK(gallery.kept("denise2") == 1);
    CHECK(gallery.shown("alice") == Pictures{{"Denise", hash_of(face)}});
}

TEST_CASE("pictures of other sections come to no phone, and go with who is seen no more") {
    const auto town =
        Town::in_sections({{"alice", {"north"}}, {"bertrand", {"north"}}, {"chloe", {"south"}}});
    Gallery gallery(*town);
    REQUIRE(gallery.set("alice", face).done());
    REQUIRE(gallery.set("chloe", other_face).done());
    CHECK(gallery.shown("bertrand") == Pictures{{"alice", hash_of(face)}});
    CHECK(gallery.kept("bertrand") == 1);
    CHECK(gallery.shown("chloe").empty());
    CHECK(gallery.kept("chloe") == 1);
    // Who moves has those of his new section, and no longer those of the other.
    REQUIRE(town->officer(officer::SetSections{"bertrand", {"south"}, {"north"}}).done());
    CHECK(gallery.shown("bertrand") == Pictures{{"chloe", hash_of(other_face)}});
    CHECK(gallery.kept("bertrand") == 1);
    // A rule that brings both into sight brings their pictures, and its end takes them.
    REQUIRE(town->officer(officer::SetSight{"north", "south"}).done());
    CHECK(gallery.shown("chloe") == Pictures{{"alice", hash_of(face)}});
    CHECK(gallery.shown("alice") == Pictures{{"chloe", hash_of(other_face)}});
    REQUIRE(town->officer(officer::SetSight{"north", "south", officer::SetSight::Act::End}).done());
    CHECK(gallery.shown("chloe").empty());
    CHECK(gallery.kept("chloe") == 1);
}

TEST_CASE(
    "a picture that changes between a newcomer's first page and his hall is his all the same") {
    const auto town = Town::with({"alice", "bertrand", "chloe"});
    Gallery gallery(*town);
    // Set when Bertrand was certified, and Chloe was not; as if he had not been in his hall yet.
    REQUIRE(gallery.set("alice", face).done());
    for (const std::string home : {"bertrand", "chloe"})
        REQUIRE(town->play(home, client::Sync{0}).done());
    client::Core& office = *town->core("officer");
    auto transaction = must(office.database.begin());
    must(
        transaction.run("UPDATE portrayed SET devices = (SELECT rowid FROM devices WHERE device ="
                        " ?1)",
                        town->core("bertrand")->self.device));
    const officer::Hall hall = first_hall(transaction);
    const auto names = [&](const std::string& home) {
        std::set<std::string> shown;
        const auto pages =
            must(officer::directory_since(transaction, town->core(home)->self.device, hall));
        for (const identity::DirectoryMember& one : pages.front().members) {
            if (is_shown(one)) shown.insert(one.name);
        }
        return shown;
    };
    CHECK(names("bertrand") == std::set<std::string>{"alice"});
    CHECK(names("chloe").empty());
}

TEST_CASE("the page that repeats everything repeats no picture that its readers have been sent") {
    const auto town = Town::with({"alice", "bertrand", "chloe"});
    Gallery gallery(*town);
    REQUIRE(gallery.set("alice", face).done());
    REQUIRE(gallery.set("bertrand", other_face).done());
    client::Core& office = *town->core("officer");
    const auto alice = must(office.people.resolve("alice"));
    auto transaction = must(office.database.begin());
    const officer::Hall hall = first_hall(transaction);
    std::size_t whole = 0;
    for (int page = 0; page < 17; ++page) {
        const auto said = must(officer::revocations_alone(transaction, hall));
        CHECK(shown_on(said) == 0);
        for (const identity::DirectoryMember& one : said.front().members) {
            if (one.name != "alice") continue;
            ++whole;
            CHECK(one.portrait == identity::Portrait(crypto::sha256(face)));
        }
    }
    CHECK(whole == 1);
    // And one that stands in the place of a page with a picture shows that one.
    for (int page = 0; page < 17; ++page)
        CHECK(shown_on(must(officer::portrait_of(transaction, alice, hall))) == 1);
}

TEST_CASE(
    "a phone that has missed a picture shows none rather than an old one, until it is sent again") {
    const auto town = Town::with({"alice", "bertrand"});
    Gallery gallery(*town);
    REQUIRE(gallery.set("alice", face).done());
    CHECK(gallery.shown("bertrand") == Pictures{{"alice", hash_of(face)}});
    client::Core& core = *town->core("bertrand");
    const auto alice = must(core.people.resolve("alice"));
    const auto hear = [&](const identity::Portrait& portrait) {
        auto transaction = must(core.database.begin());
        must(client::pictures::take(transaction, alice, portrait));
        must(std::move(transaction).commit());
    };
    hear(crypto::sha256(face));
    CHECK(gallery.shown("bertrand") == Pictures{{"alice", hash_of(face)}});
    hear(crypto::sha256(other_face));
    CHECK(gallery.shown("bertrand").empty());
    REQUIRE(gallery.set("alice", face).done());
    CHECK(gallery.shown("bertrand") == Pictures{{"alice", hash_of(face)}});
}

TEST_CASE(
    "pictures go out as files that are called by what is in them, and nothing is written over") {
    const auto town = Town::with({"alice", "bertrand"});
    Gallery gallery(*town);
    const Bytes drawn = stage::png(64, 64);
    REQUIRE(gallery.set("alice", drawn).done());
    REQUIRE(gallery.set("Officer", face).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    Scratch album;
    const Bytes place = to_bytes(std::string_view(album.path().native()));
    REQUIRE(town->play("bertrand", client::ListContacts{place}).done());
    const auto of_alice = album / (hash_of(drawn) + ".png").c_str();
    const auto of_officer = album / (hash_of(face) + ".jpg").c_str();
    CHECK(content_of(of_alice) == to_text(drawn));
    CHECK(content_of(of_officer) == to_text(face));
    struct stat status{};
    REQUIRE(::stat(of_alice.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    std::ofstream(of_alice) << "mine";
    REQUIRE(town->play("bertrand", client::ListContacts{place}).done());
    CHECK(content_of(of_alice) == "mine");
    CHECK(std::distance(std::filesystem::directory_iterator(album.path()), {}) == 2);
    // One that an earlier build has kept, and this one would not, keeps back no other.
    client::Core& core = *town->core("bertrand");
    auto transaction = must(core.database.begin());
    must(transaction.run("UPDATE pictures SET picture = ?1 WHERE member = ?2",
                         to_bytes(std::string_view("GIF89a")),
                         must(core.people.resolve("alice"))));
    must(std::move(transaction).commit());
    Scratch second;
    const Bytes other_place = to_bytes(std::string_view(second.path().native()));
    REQUIRE(town->play("bertrand", client::ListContacts{other_place}).done());
    CHECK(content_of(second / (hash_of(face) + ".jpg").c_str()) == to_text(face));
    CHECK(std::distance(std::filesystem::directory_iterator(second.path()), {}) == 1);
    const Bytes nowhere = to_bytes(std::string_view((album / "nowhere").native()));
    CHECK(town->play("bertrand", client::ListContacts{nowhere}).outcome.rule == "not-found");
}
