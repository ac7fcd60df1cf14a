// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What pictures in the directory do not give away, and what none of them gets in by.

#include <algorithm>
#include <map>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tests/attacks/coup.h"
#include "tests/town/gallery.h"

namespace {

using namespace cercle;
using namespace cercle::attacks;
using town::Gallery;
using town::hash_of;
using Pictures = std::map<std::string, std::string>;

const Bytes face = stage::jpeg(128, 128, 7'000, 1);

/// Bytes that stand in one picture and nowhere else.
Bytes marked_face() {
    const std::string mark = "the minister's left eye is green";
    Bytes marked = face;
    std::ranges::copy(mark, marked.begin() + 3'000);
    return marked;
}

/// A page on which Alice has this picture, as the officer's key signs it.
void publish(Coup& coup, identity::Portrait portrait) {
    const auto alice = must(coup.office().database.one<std::string, Bytes>(
        "SELECT role, blind FROM members WHERE member = ?1", coup.member("alice")));
    identity::DirectoryPage page;
    page.members.push_back(
        {coup.member("alice"), "alice", std::get<0>(*alice), std::get<1>(*alice)});
    page.members.back().portrait = std::move(portrait);
    coup.publish(std::move(page), {});
}

}  // namespace

TEST_CASE("attack: the relay's disk holds no picture, and no hash of one") {
    const auto town = Town::with({"alice", "bertrand"});
    Gallery gallery(*town);
    const Bytes marked = marked_face();
    REQUIRE(gallery.set("alice", marked).done());
    REQUIRE(gallery.shown("bertrand") == Pictures{{"alice", hash_of(marked)}});
    std::string stored;
    for (const auto& [path, content] : town->relay_machine().disk.image())
        stored += to_text(content);
    CHECK(stored.size() > 10'000);
    CHECK(stored.find("left eye") == std::string::npos);
    CHECK(stored.find(to_text(BytesView(marked).first(64))) == std::string::npos);
    CHECK(stored.find(to_text(crypto::sha256(marked))) == std::string::npos);
    // Nor is it on a phone's disk in the clear.
    std::string locked;
    for (const auto& [path, content] : town->machine("bertrand").disk.image())
        locked += to_text(content);
    CHECK(locked.size() > 10'000);
    CHECK(locked.find("left eye") == std::string::npos);
}

TEST_CASE(
    "attack: an officer's machine takes no picture that is too large, of no kind, or says more") {
    const auto town = Town::with({"alice", "bertrand"});
    Gallery gallery(*town);
    REQUIRE(gallery.set("alice", face).done());
    const Bytes where = to_bytes(std::string_view("Exif\0\0 48.8704 N 2.3167 E", 25));
    for (const Bytes& unfit : {stage::jpeg(128, 128, identity::longest_picture + 1),
                               stage::jpeg(128, 128, 1'000'000),
                               stage::jpeg(8'000, 8'000),
                               stage::jpeg(128, 128, 300, 1, stage::segment(0xe1, where)),
                               to_bytes(std::string_view("GIF89a")),
                               Bytes{}}) {
        CHECK(gallery.set("alice", unfit).outcome.rule == "picture-unfit");
        officer::Invite invite{"Denise", {}};
        invite.picture = gallery.file("unfit", unfit);
        CHECK(town->officer(invite).outcome.rule == "picture-unfit");
    }
    const Bytes nowhere = to_bytes(std::string_view("/nowhere/face.jpg"));
    CHECK(town->officer(officer::SetPicture{"alice", nowhere}).outcome.rule == "not-found");
    const Bytes place = to_bytes(std::string_view(gallery.place().native()));
    CHECK(town->officer(officer::SetPicture{"alice", place}).outcome.rule == "invalid-argument");
    // What was there stays, and nothing was invited.
    CHECK(gallery.shown("bertrand") == Pictures{{"alice", hash_of(face)}});
    std::size_t acts = 0;
    for (const auto& one :
         town->officer(officer::ShowJournal{}).of_officer<officer::JournalShown>()) {
        if (one.act == "picture" || one.name == "Denise") ++acts;
    }
    CHECK(acts == 1);
}

TEST_CASE("attack: a signed picture that is unfit gets onto no phone, and stops no page") {
    Coup coup;
    Gallery gallery(*coup.town);
    const Bytes where = to_bytes(std::string_view("Exif\0\0 48.8704 N 2.3167 E", 25));
    for (const Bytes& unfit : {stage::jpeg(128, 128, identity::longest_picture + 1),
                               stage::jpeg(128, 128, 100'000),
                               stage::jpeg(4'000, 128),
                               stage::jpeg(128, 128, 300, 1, stage::segment(0xe1, where)),
                               to_bytes(std::string_view("GIF89a")),
                               Bytes{}}) {
        publish(coup, face);
        REQUIRE(gallery.shown("bertrand") == Pictures{{"alice", hash_of(face)}});
        // Nor does the one before stay, which is not hers any more.
        publish(coup, unfit);
        CHECK(gallery.shown("bertrand").empty());
        CHECK(gallery.kept("bertrand") == 0);
    }
    // Whoever comes in now is shown one on his first page, and comes in.
    client::Core& office = coup.office();
    auto transaction = must(office.database.begin());
    must(transaction.run("INSERT INTO pictures (member, digest, picture) VALUES (?1, ?2, ?3)",
                         coup.member("alice"),
                         crypto::sha256(where),
                         where));
    must(std::move(transaction).commit());
    REQUIRE(coup.town->enrol("denise").done());
    CHECK(gallery.shown("denise").empty());
    CHECK(gallery.kept("denise") == 0);
    CHECK(coup.town->play("denise", client::ListContacts{}).events.size() == 4);
    CHECK(coup.alarms("bertrand").empty());
}

TEST_CASE("attack: no phone shows a picture under the hash of another") {
    Coup coup;
    Gallery gallery(*coup.town);
    publish(coup, face);
    REQUIRE(gallery.shown("bertrand") == Pictures{{"alice", hash_of(face)}});
    // A page says one or the other, so that they cannot differ; another hash takes the picture
    // away.
    publish(coup, crypto::sha256(marked_face()));
    CHECK(gallery.shown("bertrand").empty());
    CHECK(gallery.kept("bertrand") == 0);
}
