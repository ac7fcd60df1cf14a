// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

struct Play : Desk {
    Play() {
        admit(ana);
        admit(ben);
    }

    protocol::PutKeyPackages put(std::vector<Bytes> packages) const {
        return {ben.inbox, std::move(packages)};
    }

    protocol::TakeKeyPackage take(const EntryId& id) const {
        return {ben.inbox, ben.deposit.copy(), id};
    }

    std::string taken(const EntryId& id) {
        const auto answer = ask(ana.asker(), take(id));
        if (!answer.has_value()) return std::string(rule_name(answer.error().code));
        return to_text(std::get<protocol::Package>(answer->body).package);
    }

    std::uint32_t left() {
        return std::get<protocol::Count>(
                   ask(ben.reading(), protocol::CountKeyPackages{ben.inbox}).value().body)
            .left;
    }

    Actor ana{};
    Actor ben{};
};

EntryId new_id() {
    return EntryId::random(chance());
}

}  // namespace

TEST_CASE("a key package is handed out once, and again only to the id that took it") {
    Play play;
    REQUIRE(play.ask(play.ben.reading(), play.put({to_bytes("one"), to_bytes("two")})).has_value());
    const EntryId first = new_id();
    CHECK(play.taken(first) == "one");
    CHECK(play.taken(first) == "one");
    CHECK(play.taken(new_id()) == "two");
    CHECK(play.taken(new_id()) == "no-key-package");
    CHECK(play.left() == 0);
}

TEST_CASE("a key package that was taken does not come back by being put again") {
    Play play;
    REQUIRE(play.ask(play.ben.reading(), play.put({to_bytes("one")})).has_value());
    REQUIRE(play.taken(new_id()) == "one");
    REQUIRE(play.ask(play.ben.reading(), play.put({to_bytes("one")})).has_value());
    CHECK(play.left() == 0);
}

TEST_CASE("key packages are taken by who may deposit, and put by who reads the inbox") {
    Play play;
    CHECK(play.refusal(play.ben.asker(), play.put({to_bytes("one")})) == Code::refused);
    CHECK(play.refusal(play.ana.reading(), play.put({to_bytes("one")})) == Code::refused);
    REQUIRE(play.ask(play.ben.reading(), play.put({to_bytes("one")})).has_value());
    auto forged = play.take(new_id());
    forged.token = new_token();
    CHECK(play.refusal(play.ana.asker(), std::move(forged)) == Code::refused);
    CHECK(play.left() == 1);
}

TEST_CASE("no more than a hundred key packages wait beside an inbox") {
    Play play;
    std::vector<Bytes> packages;
    for (std::uint32_t at = 0; at < bounds::packages_per_inbox; ++at) {
        packages.push_back(to_bytes(std::to_string(at)));
    }
    CHECK(play.ask(play.ben.reading(), play.put(packages)).has_value());
    CHECK(play.ask(play.ben.reading(), play.put(packages)).has_value());
    CHECK(play.refusal(play.ben.reading(), play.put({to_bytes("more")})) == Code::too_many);
    CHECK(play.left() == bounds::packages_per_inbox);
    CHECK(play.refusal(play.ben.reading(), play.put({Bytes(bounds::longest_package + 1)})) ==
          Code::too_large);
    CHECK(play.refusal(play.ben.reading(), play.put({Bytes{}})) == Code::malformed);
}
